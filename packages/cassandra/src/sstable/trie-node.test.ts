import { describe, expect, it } from 'vitest';
import { TrieNode } from './trie-node.ts';

const HERE = 0x10_0000_0000;
const node = (hex: string, position = HERE) => new TrieNode(Buffer.from(hex.replaceAll(' ', ''), 'hex'), position, 'Partitions.db');
/** [byte, distance] of each child. */
const children = (one: TrieNode) => Array.from({ length: one.slots }, (_, slot) => [one.byteOf(slot), one.child(slot)] as const)
  .flatMap(([byte, child]) => (child === undefined ? [] : [[byte, one.position - child]]));

describe('nodes of every type', () => {
  it.each<[string, string, number[][], number]>([
    ['single 4', '1d 41', [[0x41, 13]], 0],
    ['single 8', '28 41 ff  09', [[0x41, 255]], 3],
    ['single 12', '3a bc 41', [[0x41, 0xabc]], 0],
    ['single 16', '40 41 1234', [[0x41, 0x1234]], 4],
    ['sparse 8', '59 02 1020 0a0b', [[0x10, 10], [0x20, 11]], 6],
    ['sparse 12', '60 03 102030 abc 123 456 0', [[0x10, 0xabc], [0x20, 0x123], [0x30, 0x456]], 10],
    ['sparse 16', '70 02 1020 0a0b 0c0d', [[0x10, 0x0a0b], [0x20, 0x0c0d]], 8],
    ['sparse 24', '80 01 10 0a0b0c', [[0x10, 0x0a0b0c]], 6],
    ['sparse 40', '90 01 10 010a0b0c0d', [[0x10, 0x010a0b0c0d]], 8],
    ['dense 12', 'a0 10 02 abc 000 456 0', [[0x10, 0xabc], [0x12, 0x456]], 8],
    ['dense 16', 'b0 10 01 0a0b 0c0d', [[0x10, 0x0a0b], [0x11, 0x0c0d]], 7],
    ['dense 24', 'c0 10 00 0a0b0c', [[0x10, 0x0a0b0c]], 6],
    ['dense 32', 'd0 10 01 00000000 ea0b0c0d', [[0x11, 0xea0b0c0d]], 11],
    ['dense 40', 'e0 10 00 010a0b0c0d', [[0x10, 0x010a0b0c0d]], 8],
    ['dense 64', 'f0 ff 00 000000010a0b0c0d', [[0xff, 0x010a0b0c0d]], 11],
  ])('%s', (_name, hex, expected, payloadAt) => {
    const one = node(hex);
    expect(children(one)).toEqual(expected);
    if (payloadAt > 0) expect(one.payloadAt).toBe(payloadAt);
  });

  it('carry payloads, with a byte of hash or without', () => {
    expect(node('08 aa fe').payload(8)).toBe(-2);
    expect(node('0b aa 00010203').payload(8)).toBe(0x10203);
    expect(node('02 fffe').payload(8)).toBe(-2);
    expect(node('28 41 ff 09 7f').payload(8)).toBe(0x7f);
    expect(node('1d 41').payloadFlags).toBe(0);
  });

  it.each([['a distance of nothing', '20 41 00', HERE], ['a distance beyond the start', '20 41 20', 0x1f], ['a huge distance', 'f0 ff 00 ff000001 0a0b0c0d', HERE]])('refuse %s', (_name, hex, position) => {
    expect(() => node(hex, position).child(0)).toThrow(expect.objectContaining({ code: 'SSTABLE_CORRUPT' }));
  });

  it('are cut off', () => {
    expect(() => node('')).toThrow(expect.objectContaining({ code: 'SSTABLE_TRUNCATED' }));
    expect(() => node('60 03 1020').byteOf(2)).toThrow(expect.objectContaining({ code: 'SSTABLE_TRUNCATED' }));
    expect(() => node('0f aa 0001').payload(8)).toThrow(expect.objectContaining({ code: 'SSTABLE_TRUNCATED' }));
    expect(() => node('0f aa 7fffffffffffffff').payload(8)).toThrow(expect.objectContaining({ code: 'SSTABLE_CORRUPT' }));
  });
});
