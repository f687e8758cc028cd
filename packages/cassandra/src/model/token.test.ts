import { describe, expect, it } from 'vitest';
import { rangesOfCuts, ringOf, tokenOfBigInt, unwrapped } from './token-range.ts';
import { comparePartitions, compareTokens, partitionOfKey, tokenToBigInt } from './token.ts';

const int = (value: number) => Uint8Array.from([value >>> 24, value >>> 16, value >>> 8, value]);

describe('tokens', () => {
  // SELECT token(k) of a Cassandra node with Murmur3Partitioner.
  it.each([[1, -4069959284402364209n], [2, -3248873570005575792n], [3, 9010454139840013625n], [4, -2729420104000364805n]])('of int %i', (key, token) => {
    expect(tokenToBigInt('murmur3', partitionOfKey('murmur3', int(key)))).toBe(token);
  });

  it('of keys with bytes beyond ASCII keep the sign extension that Cassandra is bound to', () => {
    // The BigInt transcription of MurmurHash3 with signed tail bytes gives this for "ÿé" in UTF-8.
    expect(tokenToBigInt('murmur3', partitionOfKey('murmur3', Buffer.from('ÿé')))).toBe(referenceToken(Buffer.from('ÿé')));
  });

  it('of any length agree with a transcription in BigInt', () => {
    for (let length = 1; length < 80; length++) {
      const key = Uint8Array.from({ length }, (_, i) => (i * 37 + length * 101) & 0xff);
      expect(tokenToBigInt('murmur3', partitionOfKey('murmur3', key)), `length ${length}`).toBe(referenceToken(key));
    }
  });

  it('of RandomPartitioner are the absolute value of the MD5', () => {
    // MD5("message digest") = f96b697d7cb7938d525a2f31aaf161d0: negative as a signed number.
    expect(tokenToBigInt('random', partitionOfKey('random', Buffer.from('message digest')))).toBe((1n << 128n) - 0xf96b697d7cb7938d525a2f31aaf161d0n);
  });

  it('of an empty key, as materialized views can have, are the smallest', () => {
    expect(tokenToBigInt('murmur3', partitionOfKey('murmur3', new Uint8Array(0)))).toBe(-(1n << 63n));
    expect(comparePartitions(partitionOfKey('random', new Uint8Array(0)), partitionOfKey('random', int(1)))).toBeLessThan(0);
  });

  it('survive the way through their words', () => {
    for (const token of [0n, -1n, 1n, -(1n << 63n), (1n << 63n) - 1n, 0x1234_5678_9abc_def0n]) {
      expect(tokenToBigInt('murmur3', tokenOfBigInt('murmur3', token))).toBe(token);
    }
    expect(tokenToBigInt('random', tokenOfBigInt('random', (1n << 127n) - 7n))).toBe((1n << 127n) - 7n);
  });

  it('of empty keys survive it too, and what lies beyond the ring counts as its end', () => {
    for (const partitioner of ['murmur3', 'random'] as const) {
      const empty = partitionOfKey(partitioner, new Uint8Array(0));
      const { first, last } = ringOf(partitioner)!;
      expect(tokenToBigInt(partitioner, empty)).toBe(first);
      for (const below of [first, first - 1n]) expect(compareTokens(tokenOfBigInt(partitioner, below), empty)).toBe(0);
      expect(tokenToBigInt(partitioner, tokenOfBigInt(partitioner, last + 1n))).toBe(last);
    }
    expect(() => tokenOfBigInt('byte-ordered', 0n)).toThrow(expect.objectContaining({ code: 'SSTABLE_UNSUPPORTED' }));
  });

  it('order partitions, and keys do where tokens are equal', () => {
    const [a, b] = [partitionOfKey('byte-ordered', int(1)), partitionOfKey('byte-ordered', int(2))];
    expect(comparePartitions(a, b)).toBeLessThan(0);
    expect(comparePartitions(a, a)).toBe(0);
  });
});

it('cuts make ranges that together are the ring', () => {
  expect(rangesOfCuts([])).toEqual([{}]);
  expect(rangesOfCuts([1n, 5n])).toEqual([{ end: 1n }, { start: 1n, end: 5n }, { start: 5n }]);
});

it('a range that goes round is unwound in the order of the ring', () => {
  for (const range of [{}, { start: 1n }, { end: 1n }, { start: 1n, end: 2n }]) expect(unwrapped(range)).toEqual([range]);
  expect(unwrapped({ start: 2n, end: 1n })).toEqual([{ end: 1n }, { start: 2n }]);
  expect(unwrapped({ start: 2n, end: 2n })).toEqual([{ end: 2n }, { start: 2n }]);
});

const MASK = (1n << 64n) - 1n;

function referenceToken(bytes: Uint8Array): bigint {
  const [c1, c2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn];
  const rotate = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & MASK;
  const block = (at: number) => Buffer.from(bytes).readBigUInt64LE(at);
  const signed = (byte: number) => BigInt.asUintN(64, BigInt((byte << 24) >> 24));
  const final = (x: bigint) => {
    let k = x;
    for (const factor of [0xff51afd7ed558ccdn, 0xc4ceb9fe1a85ec53n]) k = ((k ^ (k >> 33n)) * factor) & MASK;
    return k ^ (k >> 33n);
  };
  let h1 = 0n;
  let h2 = 0n;
  const blocks = bytes.length >> 4;
  for (let i = 0; i < blocks; i++) {
    h1 ^= (rotate((block(i * 16) * c1) & MASK, 31n) * c2) & MASK;
    h1 = (((rotate(h1, 27n) + h2) & MASK) * 5n + 0x52dce729n) & MASK;
    h2 ^= (rotate((block(i * 16 + 8) * c2) & MASK, 33n) * c1) & MASK;
    h2 = (((rotate(h2, 31n) + h1) & MASK) * 5n + 0x38495ab5n) & MASK;
  }
  let k1 = 0n;
  let k2 = 0n;
  const tail = bytes.subarray(blocks * 16);
  tail.forEach((byte, i) => {
    if (i < 8) k1 ^= (signed(byte) << BigInt(i * 8)) & MASK;
    else k2 ^= (signed(byte) << BigInt((i - 8) * 8)) & MASK;
  });
  h2 ^= (rotate((k2 * c2) & MASK, 33n) * c1) & MASK;
  h1 ^= (rotate((k1 * c1) & MASK, 31n) * c2) & MASK;
  h1 ^= BigInt(bytes.length);
  h2 ^= BigInt(bytes.length);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  return BigInt.asIntN(64, final(h1) + final(h2));
}
