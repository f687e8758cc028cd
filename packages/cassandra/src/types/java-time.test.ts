// Expected texts were printed by Java 8 and Joda-Time 2.4, as Cassandra 3.11.2 ships it.

import { describe, expect, test } from 'vitest';
import { instantOfMicros, instantOfSeconds, javaDateText, javaDurationText, javaTimeOfDayText, javaTimestampText } from './java-time.ts';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

test.each<[bigint, string]>([
  [0n, '1970-01-01T00:00:00Z'], [1_500_000n, '1970-01-01T00:00:01.500Z'], [1_001_000n, '1970-01-01T00:00:01.001Z'], [1_795_374_763_589_307n, '2026-11-22T19:12:43.589307Z'],
  [-1n, '1970-01-01T00:00:00.999999Z'], [-1_000_000n, '1969-12-31T23:59:59Z'], [-1_500_000n, '1969-12-31T23:59:59.500Z'],
  [9_223_372_036_854_775n, '2262-04-11T23:47:16.854775Z'], [9_223_372_036_854_776n, '2262-04-11T23:47:16.854775807Z'], [253_402_300_800_000_000n, '+10000-01-01T00:00:00.854775807Z'],
  [MIN, '-290308-12-21T19:59:06.145224192Z'], [MAX, '+294247-01-10T04:00:54.854775807Z'],
])('microseconds %s', (micros, text) => expect(instantOfMicros(Number(micros >> 32n), Number(micros & 0xffff_ffffn))).toBe(text));

test.each([[0, '1970-01-01T00:00:00Z'], [2_147_483_647, '2038-01-19T03:14:07Z'], [-2_147_483_648, '1901-12-13T20:45:52Z']])('seconds %i', (seconds, text) => {
  expect(instantOfSeconds(seconds)).toBe(text);
});

test.each([
  [0, '1970-01-01'], [-719_528, '0000-01-01'], [-719_529, '-0001-12-31'], [2_932_897, '10000-01-01'], [-2_147_483_648, '-5877641-06-23'], [2_147_483_647, '5881580-07-11'], [11_016, '2000-02-29'],
])('day %i', (days, text) => expect(javaDateText(days)).toBe(text));

test.each<[bigint, string]>([
  [0n, '1970-01-01 00:00:00.000Z'], [-1n, '1969-12-31 23:59:59.999Z'], [-12_219_292_800_000n, '1582-10-15 00:00:00.000Z'], [-12_219_292_800_001n, '1582-10-04 23:59:59.999Z'],
  [-62_135_596_800_000n, '0001-01-03 00:00:00.000Z'], [-62_135_769_600_000n, '0001-01-01 00:00:00.000Z'], [-62_135_769_600_001n, '0001-12-31 23:59:59.999Z'], [253_402_300_799_999n, '9999-12-31 23:59:59.999Z'],
  [MIN, '292269055-12-02 16:47:04.192Z'], [MAX, '292278994-08-17 07:12:55.807Z'],
])('milliseconds %s: Gregorian from 1582-10-15 on, Julian before, no sign for BC', (millis, text) => {
  expect(javaTimestampText(millis, 'millis')).toBe(text);
  expect(javaTimestampText(millis, 'minutes')).toBe(`${text.replace(/:\d\d\.\d+Z$/, '')}Z`);
});

test('times of day', () => {
  expect(javaTimeOfDayText(0n)).toBe('00:00:00.000000000');
  expect(javaTimeOfDayText(86_399_999_999_999n)).toBe('23:59:59.999999999');
});

describe('durations', () => {
  test.each<[bigint, bigint, bigint, string]>([
    [0n, 0n, 0n, ''], [14n, 3n, 14_706_007_008_009n, '1y2mo3d4h5m6s7ms8us9ns'], [0n, 0n, 3_600_000_000_000n, '1h'], [-1n, -2n, -3n, '-1mo2d3ns'], [0n, 0n, MIN, '-2562047h47m16s854ms775us808ns'],
  ])('%s %s %s', (months, days, nanos, text) => expect(javaDurationText({ months, days, nanos })).toBe(text));
});
