// A slice of the ring: all tokens after `start`, up to and including `end`. A missing bound is open. As in Cassandra, a range whose
// start is not before its end goes round: over the end of the ring to its beginning.

import { cassandraError } from '../errors.ts';
import type { Partitioner } from './table-metadata.ts';
import type { Token } from './token.ts';

export interface TokenRange {
  /** Exclusive. */
  readonly start?: bigint;
  /** Inclusive. */
  readonly end?: bigint;
}

/** The smallest and the largest token that a partition can have. The smallest is that of empty keys only, which views can have. */
export interface Ring {
  readonly first: bigint;
  readonly last: bigint;
}

/** Partitioners that hash keys, and so have token ranges; the others order partitions by the keys themselves. */
const RINGS: Partial<Record<Partitioner, Ring>> = {
  murmur3: { first: -(1n << 63n), last: (1n << 63n) - 1n },
  random: { first: -1n, last: 1n << 127n },
};

/** Undefined for a partitioner that has no tokens. */
export function ringOf(partitioner: Partitioner): Ring | undefined {
  return RINGS[partitioner];
}

/** Throws SSTABLE_UNSUPPORTED for a partitioner whose ring cannot be cut at tokens. */
export function requireTokens(partitioner: Partitioner): Ring {
  const ring = RINGS[partitioner];
  if (!ring) throw cassandraError('SSTABLE_UNSUPPORTED', `A token range was asked for, but with a ${partitioner} partitioner the keys themselves are the order`);
  return ring;
}

/** The words of a token (see Partition). A token beyond the ring counts as its nearest end. */
export function tokenOfBigInt(partitioner: Partitioner, token: bigint): Token {
  const { first, last } = requireTokens(partitioner);
  if (partitioner === 'random' && token <= first) return { tokenHi: -1, tokenLo: 0, tokenExtraHi: 0, tokenExtraLo: 0 };
  const within = token < first ? first : token > last ? last : token;
  const word = (shift: bigint) => Number((within >> shift) & 0xffff_ffffn);
  if (partitioner === 'random') return { tokenHi: word(96n), tokenLo: word(64n), tokenExtraHi: word(32n), tokenExtraLo: word(0n) };
  return { tokenHi: Number(BigInt.asIntN(32, within >> 32n)), tokenLo: word(0n), tokenExtraHi: 0, tokenExtraLo: 0 };
}

/** Cuts the ring at the given tokens (ascending, no duplicates): one more range than cuts, together all of the ring. */
export function rangesOfCuts(cuts: readonly bigint[]): TokenRange[] {
  return Array.from({ length: cuts.length + 1 }, (_, i) => ({
    ...(i > 0 ? { start: cuts[i - 1] } : {}),
    ...(i < cuts.length ? { end: cuts[i] } : {}),
  }));
}

/** The range as slices that do not go round, in the order of the ring; a range from a token to itself is all of it. */
export function unwrapped(range: TokenRange): TokenRange[] {
  const { start, end } = range;
  return start === undefined || end === undefined || start < end ? [range] : [{ end }, { start }];
}
