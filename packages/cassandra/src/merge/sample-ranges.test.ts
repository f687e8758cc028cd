import { expect, test } from 'vitest';
import { ringOf, unwrapped } from '../model/token-range.ts';
import { sampleRanges, seededRandom } from './sample-ranges.ts';

test.each(['murmur3', 'random'] as const)('every part of the ring of %s is sampled as often as any other', (partitioner) => {
  const { first, last } = ringOf(partitioner)!;
  const random = seededRandom(1);
  const parts = 37n;
  const probes = Array.from({ length: 37 }, (_, i) => first + (last - first) * BigInt(i) / parts + 5n);
  const hits = probes.map(() => 0);
  for (let round = 0; round < 400; round++) {
    const ranges = sampleRanges(partitioner, 8, 0.2, random).flatMap((range) => unwrapped(range));
    probes.forEach((token, i) => {
      if (ranges.some(({ start, end }) => (start === undefined || token > start) && (end === undefined || token <= end))) hits[i]++;
    });
  }
  // A fifth of the ring each time: 80 of 400, with a standard deviation of 8.
  for (const count of hits) expect(Math.abs(count - 80)).toBeLessThan(40);
});

test('the same seed gives the same ranges, another one others', () => {
  const ranges = (seed: number) => sampleRanges('murmur3', 4, 0.01, seededRandom(seed));
  expect(ranges(7)).toEqual(ranges(7));
  expect(ranges(7)).not.toEqual(ranges(8));
});
