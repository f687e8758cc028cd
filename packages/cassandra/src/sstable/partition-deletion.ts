// The deletion of a whole partition, as it stands behind its key in Data.db (docs/formats/data.md).

import { NO_TIMESTAMP_HI, NO_TIMESTAMP_LO } from '../model/row.ts';
import type { DeletionTime } from '../model/row.ts';
import type { DataWindow } from './data-window.ts';

/** What says that nothing is deleted, where deletion times are signed. */
const NO_SIGNED_DELETION_TIME = 0x7fffffff;
/** The whole of it where nothing is deleted (oa, da). Timestamps are not negative there, so none starts with this byte. */
const IS_LIVE = 0x80;

export function readPartitionDeletion(input: DataWindow, isUnsigned: boolean, into: DeletionTime): void {
  if (!isUnsigned) {
    const localDeletionTime = input.readInt32();
    input.readInt64();
    if (localDeletionTime === NO_SIGNED_DELETION_TIME && isNoTimestamp(input.hi, input.lo)) into.reset();
    else into.set(input.hi, input.lo, localDeletionTime);
    return;
  }
  const first = input.readUnsignedByte();
  if (first < IS_LIVE) {
    input.position--;
    input.readInt64();
    into.set(input.hi, input.lo, input.readInt32() >>> 0);
    return;
  }
  if (first !== IS_LIVE) throw input.corrupt(`The deletion of a partition starts with ${first}`);
  into.reset();
}

/** The timestamp of "nothing is deleted", which no deletion can have: it deletes nothing. */
export function isNoTimestamp(hi: number, lo: number): boolean {
  return hi === NO_TIMESTAMP_HI && lo === NO_TIMESTAMP_LO;
}
