// Which of two versions of a cell wins: exactly as Cassandra decides, or the copy differs from what its clients read.
// Source of the rules: Conflicts.resolveRegular and resolveCounter, Cells.reconcile, LivenessInfo.supersedes of Cassandra 3.0 to 3.11
// (the same in all of them); Cells.resolveRegular of 4.0 to 5.0, which decides ties of timestamps otherwise (CASSANDRA-14592).

import { CELL_EXPIRING, CELL_DELETED, compareTimestamps } from '../model/row.ts';
import type { Row } from '../model/row.ts';
import { compareBytes } from '../types/compare.ts';

/** Whether a cell can be read at `now`: neither deleted nor expired. */
export function isCellLive(row: Row, i: number, nowSeconds: number): boolean {
  const flags = row.cellFlags[i];
  if (flags === 0) return true;
  return (flags & CELL_DELETED) === 0 && (flags & CELL_EXPIRING) !== 0 && nowSeconds < row.cellLocalDeletionTime[i];
}

/** True when cell `i` of `a` wins over cell `j` of `b` (same column, same path). */
export type CellRule = (a: Row, i: number, b: Row, j: number, nowSeconds: number) => boolean;

/**
 * The rule of 4.0 and later, that `now` has no part in. Later timestamp; then what is deleted or will expire; then what is deleted; then the
 * later deletion time; then the shorter TTL (late 4.0 versions only; such a tie takes two writes at different seconds that expire at the
 * same one); then the larger value (by unsigned bytes).
 */
export function cellWinsTimeless(a: Row, i: number, b: Row, j: number): boolean {
  const byTimestamp = compareTimestamps(a.cellHi[i], a.cellLo[i], b.cellHi[j], b.cellLo[j]);
  if (byTimestamp !== 0) return byTimestamp > 0;
  const aFlags = a.cellFlags[i];
  const bFlags = b.cellFlags[j];
  if ((aFlags | bFlags) !== 0) {
    if (aFlags === 0 || bFlags === 0) return aFlags !== 0;
    const aIsDeleted = (aFlags & CELL_DELETED) !== 0;
    if (aIsDeleted !== ((bFlags & CELL_DELETED) !== 0)) return aIsDeleted;
    if (a.cellLocalDeletionTime[i] !== b.cellLocalDeletionTime[j]) return a.cellLocalDeletionTime[i] > b.cellLocalDeletionTime[j];
    if (!aIsDeleted && a.cellTtl[i] !== b.cellTtl[j]) return a.cellTtl[i] < b.cellTtl[j];
  }
  return compareBytes(a.bytes, a.valueStart[i], a.valueEnd[i], b.bytes, b.valueStart[j], b.valueEnd[j]) >= 0;
}

/**
 * The rule up to 3.11. Later timestamp; then the one that is no longer live;
 * then the larger value (by signed bytes, as Java's ByteBuffer compares); then the later deletion time.
 */
export function cellWins(a: Row, i: number, b: Row, j: number, nowSeconds: number): boolean {
  const byTimestamp = compareTimestamps(a.cellHi[i], a.cellLo[i], b.cellHi[j], b.cellLo[j]);
  if (byTimestamp !== 0) return byTimestamp > 0;
  const aLive = isCellLive(a, i, nowSeconds);
  if (aLive !== isCellLive(b, j, nowSeconds)) return !aLive;
  const byValue = compareSignedBytes(a.bytes, a.valueStart[i], a.valueEnd[i], b.bytes, b.valueStart[j], b.valueEnd[j]);
  if (byValue !== 0) return byValue > 0;
  return a.cellLocalDeletionTime[i] >= b.cellLocalDeletionTime[j];
}

function compareSignedBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = ((a[aStart + i] << 24) >> 24) - ((b[bStart + i] << 24) >> 24);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

/** What reconciling two counter cells says: one of them, or a merge of their contexts. */
export type CounterResolution = 'left' | 'right' | 'merge';

/** A deletion of a counter wins whatever its timestamp (CASSANDRA-7346); live ones merge shard by shard. */
export function resolveCounter(a: Row, i: number, b: Row, j: number, nowSeconds: number): CounterResolution {
  const leftIsLater = compareTimestamps(a.cellHi[i], a.cellLo[i], b.cellHi[j], b.cellLo[j]) > 0;
  const rightLive = isCellLive(b, j, nowSeconds);
  if (!isCellLive(a, i, nowSeconds)) return rightLive || leftIsLater ? 'left' : 'right';
  if (!rightLive) return 'right';
  const rightHasValue = b.valueEnd[j] > b.valueStart[j];
  if (a.valueEnd[i] === a.valueStart[i]) return rightHasValue || leftIsLater ? 'left' : 'right';
  return rightHasValue ? 'merge' : 'right';
}

/** TTL that materialized views give to a liveness which a deletion of the base row expired (LivenessInfo.EXPIRED_LIVENESS_TTL). */
export const EXPIRED_LIVENESS_TTL = 0x7fffffff;

/** True when the primary key liveness of `a` supersedes that of `b`. */
export function livenessSupersedes(a: Row, b: Row): boolean {
  const byTimestamp = compareTimestamps(a.livenessHi, a.livenessLo, b.livenessHi, b.livenessLo);
  if (byTimestamp !== 0) return byTimestamp > 0;
  const aExpired = a.livenessTtl === EXPIRED_LIVENESS_TTL;
  if (aExpired !== (b.livenessTtl === EXPIRED_LIVENESS_TTL)) return aExpired;
  const aExpiring = a.livenessTtl !== 0;
  if (aExpiring === (b.livenessTtl !== 0)) return a.livenessExpiry > b.livenessExpiry;
  return aExpiring;
}

/** Whether the row's primary key liveness makes it exist at `now`. */
export function isLivenessLive(row: Row, nowSeconds: number): boolean {
  if (!row.hasLiveness()) return false;
  return row.livenessTtl === 0 || (row.livenessTtl !== EXPIRED_LIVENESS_TTL && nowSeconds < row.livenessExpiry);
}
