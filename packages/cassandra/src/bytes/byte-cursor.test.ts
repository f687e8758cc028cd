import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../errors.ts';
import { ByteCursor } from './byte-cursor.ts';

/** VIntCoding.writeUnsignedVInt, slowly. */
function vint(value: bigint): number[] {
  let extra = 0;
  while (extra < 8 && value >> BigInt(7 * (extra + 1)) !== 0n) extra++;
  const bytes = Array.from({ length: extra + 1 }, (_, i) => Number((value >> BigInt(8 * (extra - i))) & 0xffn));
  bytes[0] |= extra === 8 ? 0xff : (0xff00 >> extra) & 0xff;
  return bytes;
}

describe('unsigned vints', () => {
  it('read any 64-bit value back, and stop where it ends', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.integer({ min: 0, max: 63 }), (any, shift) => {
      const value = any >> BigInt(shift);
      const bytes = vint(value);
      const cursor = new ByteCursor(Uint8Array.from([...bytes, 0xff]));
      cursor.readUnsignedVInt64();
      expect((BigInt.asUintN(32, BigInt(cursor.hi)) << 32n) | BigInt(cursor.lo)).toBe(value);
      expect(cursor.position).toBe(bytes.length);
    }));
  });

  it('are refused as lengths when nothing can be that long', () => {
    const cursor = new ByteCursor(Uint8Array.from(vint(1n << 60n)));
    expect(() => cursor.readUnsignedVInt()).toThrow(CodedError);
  });

  it('that are cut off are truncated input', () => {
    const bytes = vint((1n << 63n) + 5n);
    for (let length = 0; length < bytes.length; length++) {
      const cursor = new ByteCursor(Uint8Array.from(bytes), 0, length);
      expect(() => cursor.readUnsignedVInt64()).toThrow(expect.objectContaining({ code: 'SSTABLE_TRUNCATED' }));
    }
  });
});

it('reads integers with their sign', () => {
  const cursor = new ByteCursor(Uint8Array.from([0xff, 0xfe, 0xff, 0xff, 0xff, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1]));
  expect(cursor.readUnsignedShort()).toBe(0xfffe);
  expect(cursor.readInt32()).toBe(-2);
  expect(cursor.readBigInt64()).toBe(-(1n << 63n) + 1n);
  expect(cursor.remaining()).toBe(0);
});
