import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { integerSize, numberSize } from './item-size.ts';
import { decimalParts, readDouble, readFloat, writeDouble, writeFloat, writeParts } from './number-text.ts';

const out = new Uint8Array(512);
const text = (end: number) => new TextDecoder().decode(out.subarray(0, end));
const ascii = (s: string) => new TextEncoder().encode(s);

describe('numbers', () => {
  test('doubles read back, with no more digits than JavaScript needs', () => {
    const doubles = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 })).map(([m, k]) => m / 10 ** k));
    fc.assert(fc.property(doubles, (value) => {
      const end = writeDouble(out, 0, value);
      const size = Math.abs(value);
      if (size !== 0 && (size >= 1e126 || size < 1e-130)) return end === -1;
      const digits = (s: string) => s.replace(/e.*/, '').replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
      return Number(text(end)) === value && digits(text(end)) === digits(String(value)) && !text(end).startsWith('-0e');
    }), { numRuns: 5000 });
  });

  test('floats read back', () => {
    fc.assert(fc.property(fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -1e7, max: 1e7 }).map((n) => Math.fround(n / 100))), (value) => {
      const end = writeFloat(out, 0, value);
      return Math.fround(Number(text(end))) === value;
    }), { numRuns: 5000 });
    expect(text(writeFloat(out, 0, Math.fround(0.1)))).toBe('0.1');
    expect(text(writeFloat(out, 0, Math.fround(3.4028235e38)))).toBe('3.4028235e+38');
    expect(text(writeFloat(out, 0, Math.fround(1e-45)))).toBe('1e-45');
  });

  test('what N cannot hold', () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      expect(writeDouble(out, 0, value)).toBe(-1);
      expect(writeFloat(out, 0, value)).toBe(-1);
    }
    expect(text(writeDouble(out, 0, -0))).toBe('0');
    expect(text(writeFloat(out, 0, -0))).toBe('0');
    expect(text(writeParts(out, 0, decimalParts('9'.repeat(38), -88)))).toBe(`9.${'9'.repeat(37)}E+125`);
    expect(writeParts(out, 0, decimalParts('9'.repeat(38), -89))).toBe(-1);
    expect(writeParts(out, 0, decimalParts('1'.repeat(39), 0))).toBe(-1);
    expect(text(writeParts(out, 0, decimalParts(`${'1'.repeat(38)}000`, 3)))).toBe('1'.repeat(38));
    expect(text(writeParts(out, 0, decimalParts('1', 130)))).toBe('1E-130');
    expect(writeParts(out, 0, decimalParts('1', 131))).toBe(-1);
    expect(writeParts(out, 0, decimalParts('1', 2147483647))).toBe(-1);
  });

  test('decimals keep their value', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }), fc.integer({ min: -80, max: 100 }), (unscaled, scale) => {
      const end = writeParts(out, 0, decimalParts(String(unscaled), scale));
      // Compare as exact fractions: written = m x 10^e.
      const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]\d+))?$/.exec(text(end))!;
      const m = BigInt(`${sign}${whole}${fraction}`);
      const shift = Number(exponent) - fraction.length + scale;
      return shift >= 0 ? m * 10n ** BigInt(shift) === unscaled : m === unscaled * 10n ** BigInt(-shift);
    }), { numRuns: 2000 });
  });

  test('bits', () => {
    fc.assert(fc.property(fc.double(), (value) => {
      const bytes = Buffer.alloc(12);
      bytes.writeDoubleBE(value, 3);
      return Object.is(readDouble(bytes, 3), value);
    }));
    fc.assert(fc.property(fc.float(), (value) => {
      const bytes = Buffer.alloc(12);
      bytes.writeFloatBE(value, 5);
      return Object.is(readFloat(bytes, 5), value);
    }));
  });
});

test('sizes of numbers', () => {
  // Pairs of digits as they stand around the decimal point, plus one, plus one for the sign.
  const cases: [string, number][] = [['0', 1], ['1', 2], ['12', 2], ['123', 3], ['100', 2], ['1000', 2], ['1200', 2], ['-5', 3], ['12.3', 3], ['123.4', 4],
    ['0.1', 2], ['0.01', 2], ['0.001', 2], ['1E+125', 2], ['1.5E-7', 2], ['0.0', 1], ['-0.00012', 4], [`${'9'.repeat(38)}`, 20], [`9.${'9'.repeat(37)}`, 21]];
  for (const [number, size] of cases) expect([number, numberSize(ascii(number), 0, number.length)]).toEqual([number, size]);
  fc.assert(fc.property(fc.maxSafeInteger(), (n) => {
    const bytes = ascii(String(n));
    return integerSize(bytes, 0, bytes.length) === numberSize(bytes, 0, bytes.length);
  }));
});
