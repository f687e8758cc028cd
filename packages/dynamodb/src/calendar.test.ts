import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIRST_PLAIN_DAY, LAST_PLAIN_DAY, parsePlainDate, writeDate, writeTime, writeTimestamp, writeUuidTime } from './calendar.ts';

const out = new Uint8Array(64);
const text = (end: number) => new TextDecoder().decode(out.subarray(0, end));

describe('calendar', () => {
  test('timestamps agree with the platform wherever it has dates', () => {
    fc.assert(fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (ms) =>
      text(writeTimestamp(out, 0, ms)) === new Date(ms).toISOString()), { numRuns: 2000 });
  });

  test('dates', () => {
    fc.assert(fc.property(fc.integer({ min: FIRST_PLAIN_DAY, max: LAST_PLAIN_DAY }), (days) => {
      const date = text(writeDate(out, 0, days));
      return date === new Date(days * 86_400_000).toISOString().slice(0, 10) && parsePlainDate(date) === days;
    }), { numRuns: 2000 });
    expect(text(writeDate(out, 0, FIRST_PLAIN_DAY))).toBe('0000-01-01');
    expect(text(writeDate(out, 0, FIRST_PLAIN_DAY - 1))).toBe('-0001-12-31');
    expect(text(writeDate(out, 0, LAST_PLAIN_DAY + 1))).toBe('+10000-01-01');
    // The ends of the CQL type: Cassandra documents them as -5877641-06-23 and 5881580-07-11.
    expect(text(writeDate(out, 0, -(2 ** 31)))).toBe('-5877641-06-23');
    expect(text(writeDate(out, 0, 2 ** 31 - 1))).toBe('+5881580-07-11');
  });

  test('time of day', () => {
    expect(text(writeTime(out, 0, 86_399_999_999_999))).toBe('23:59:59.999999999');
    expect(text(writeTime(out, 0, 1))).toBe('00:00:00.000000001');
  });

  test('time of version 1 UUIDs', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 60n) - 1n }), (ticks) => {
      const millis = Number(ticks / 10_000n - 12_219_292_800_000n);
      const expected = `${new Date(millis).toISOString().slice(0, -1)}${String(ticks % 10_000n).padStart(4, '0')}Z`;
      return text(writeUuidTime(out, 0, Number(ticks >> 32n), Number(ticks & 0xffffffffn))) === expected;
    }), { numRuns: 2000 });
  });
});
