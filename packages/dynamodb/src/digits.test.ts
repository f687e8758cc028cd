import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeBase64, writeHex, writeInt64, writePadded, writeUint32, writeUint64 } from './digits.ts';

const out = new Uint8Array(4096);
const text = (end: number) => new TextDecoder().decode(out.subarray(0, end));

describe('digits', () => {
  test('unsigned 32 bits', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (n) => text(writeUint32(out, 0, n)) === String(n)));
    for (let power = 1; power < 1e10; power *= 10) {
      expect(text(writeUint32(out, 0, power))).toBe(String(power));
      expect(text(writeUint32(out, 0, power - 1))).toBe(String(power - 1));
    }
  });

  test('padded', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 1, max: 10 }), (n, width) =>
      text(writePadded(out, 0, n, width)) === String(n).padStart(width, '0').slice(-width)));
  });

  test('signed and unsigned 64 bits', () => {
    const longs = fc.oneof(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), fc.bigInt({ min: -1000n, max: 1000n }),
      fc.constantFrom(-(1n << 63n), (1n << 63n) - 1n, -(1n << 53n), 1n << 53n, -(1n << 32n), 1n << 32n, -(1n << 31n), 999999999n, -1000000000n));
    fc.assert(fc.property(longs, (n) => {
      const hi = Number(BigInt.asIntN(32, n >> 32n));
      const lo = Number(BigInt.asUintN(32, n));
      return text(writeInt64(out, 0, hi, lo)) === String(n)
        && text(writeUint64(out, 0, hi >>> 0, lo, 20)) === String(BigInt.asUintN(64, n)).padStart(20, '0')
        && text(writeUint64(out, 0, hi >>> 1, lo, 19)) === String((BigInt(hi >>> 1) << 32n) | BigInt(lo)).padStart(19, '0');
    }), { numRuns: 2000 });
  });

  test('hex and base64', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) =>
      text(writeHex(out, 0, bytes, 0, bytes.length)) === Buffer.from(bytes).toString('hex')
      && text(writeBase64(out, 0, bytes, 0, bytes.length)) === Buffer.from(bytes).toString('base64')));
  });
});
