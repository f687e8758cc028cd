import { expect, test } from 'vitest';
import { bytes, count, duration, percent, plural } from './format.ts';

test('numbers are grouped, sizes have a unit', () => {
  expect([count(0), count(1_234_567.8), plural(1, 'table'), plural(2_000, 'table')]).toEqual(['0', '1,234,568', '1 table', '2,000 tables']);
  expect([0, 1023, 1024, 1536, 102_400, 5 * 1024 ** 3].map(bytes)).toEqual(['0 B', '1,023 B', '1.0 KB', '1.5 KB', '100 KB', '5.0 GB']);
});

test('durations read like a clock', () => {
  expect([0, 999, 7_000, 760_000, 3_723_000, 273_600_000, -5].map(duration)).toEqual(['0:00', '0:00', '0:07', '12:40', '1:02:03', '3 d 4:00:00', '0:00']);
});

test('nothing is at 100 % before it is done, or at 0 % once something is', () => {
  expect([-1, 0, 0.0001, 0.5, 0.9999, 1, 1.1].map(percent)).toEqual([0, 0, 1, 50, 99, 100, 100]);
});
