// Small token ranges from all over the ring, by chance: what they hold, divided by their share of the ring, estimates what the whole ring
// holds, without bias however keys and sizes are spread (Horvitz and Thompson).

import { requireTokens } from '../model/token-range.ts';
import type { TokenRange } from '../model/token-range.ts';
import type { Partitioner } from '../model/table-metadata.ts';

/** 2^53, the resolution of `random`. */
const RESOLUTION = 2 ** 53;

/**
 * One range from each of `count` equal parts of the ring, together `share` (0 to 1) of it; each begins at a random place of its part, and may reach
 * into the next one or round the ring, so that every token is as likely as any other. `random` gives numbers from 0 to below 1.
 * Throws SSTABLE_UNSUPPORTED for a partitioner without tokens.
 */
export function sampleRanges(partitioner: Partitioner, count: number, share: number, random: () => number): TokenRange[] {
  const { first, last } = requireTokens(partitioner);
  const ring = last - first + 1n;
  const scaled = (part: number): bigint => ring * BigInt(Math.floor(part * RESOLUTION)) / BigInt(RESOLUTION);
  const width = scaled(share / count);
  return Array.from({ length: count }, (_, i) => {
    const start = first + scaled((i + random()) / count);
    const end = start + width;
    return { start, end: end > last ? end - ring : end };
  });
}

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32, T. Ettinger, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
