import { expect, test } from 'vitest';
import { costOf } from './cost.ts';

test('the examples of the price notes: a million items of 1 KB, and of 100 B', () => {
  const dollars = (itemBytes: number, lineBytes: number) =>
    Object.fromEntries(costOf([{ items: 1e6, itemBytes: itemBytes * 1e6, writeUnits: 1e6, lineBytes: lineBytes * 1e6 }]).ways.map((way) => [way.name, Number(way.dollars.toFixed(3))]));
  expect(dollars(1024, 1200)).toEqual({ 'S3 import': 0.168, 'built-in, provisioned': 0.226, 'built-in, on-demand': 0.625, 'AWS DMS': 0.625 });
  expect(dollars(100, 200)).toMatchObject({ 'S3 import': 0.028, 'built-in, on-demand': 0.625 });
  expect(costOf([]).ways.every((way) => way.dollars === 0)).toBe(true);
});
