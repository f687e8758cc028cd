// A slice of the ring: all tokens after `start`, up to and including `end`. A missing bound is open.

import type { Partitioner } from './table-metadata.ts';
import type { Token } from './token.ts';

export interface TokenRange {
  /** Exclusive. */
  readonly start?: bigint;
  /** Inclusive. */
  readonly end?: bigint;
}

/** The words of a token (see Partition). */
export function tokenOfBigInt(partitioner: Partitioner, token: bigint): Token {
  const word = (shift: bigint) => Number((token >> shift) & 0xffff_ffffn);
  if (partitioner === 'random') return { tokenHi: word(96n), tokenLo: word(64n), tokenExtraHi: word(32n), tokenExtraLo: word(0n) };
  return { tokenHi: Number(BigInt.asIntN(32, token >> 32n)), tokenLo: word(0n), tokenExtraHi: 0, tokenExtraLo: 0 };
}

/** Cuts the ring at the given tokens (ascending, no duplicates): one more range than cuts, together all of the ring. */
export function rangesOfCuts(cuts: readonly bigint[]): TokenRange[] {
  return Array.from({ length: cuts.length + 1 }, (_, i) => ({
    ...(i > 0 ? { start: cuts[i - 1] } : {}),
    ...(i < cuts.length ? { end: cuts[i] } : {}),
  }));
}
