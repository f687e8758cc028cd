// What comes after the name of a cell before 3.0 (docs/formats/legacy-data.md).
//
//   regular, deleted := timestamp: int64, value: int_bytes           a deleted one's value is its local deletion time
//   expiring         := ttl: int32, expiry: int32, timestamp: int64, value: int_bytes
//   counter          := last delete: int64, timestamp: int64, context: int_bytes

import { CELL_DELETED, CELL_EXPIRING, NO_DELETION_TIME } from '../../model/row.ts';
import type { Row } from '../../model/row.ts';
import type { DataWindow } from '../data-window.ts';

const FLAG_DELETED = 0x01;
const FLAG_EXPIRING = 0x02;
const FLAG_COUNTER = 0x04;
export const FLAG_RANGE_TOMBSTONE = 0x10;

/** The body that was read last. Reused. */
export class CellBody {
  /** CELL_DELETED, CELL_EXPIRING or 0. */
  flags = 0;
  hi = 0;
  lo = 0;
  ttl = 0;
  localDeletionTime = NO_DELETION_TIME;
  valueStart = 0;
  valueEnd = 0;

  read(input: DataWindow, flags: number): void {
    this.flags = 0;
    this.ttl = 0;
    this.localDeletionTime = NO_DELETION_TIME;
    switch (flags) {
      case 0:
      case FLAG_DELETED:
        break;
      case FLAG_EXPIRING:
        this.flags = CELL_EXPIRING;
        this.ttl = input.readInt32();
        this.localDeletionTime = input.readInt32();
        if (this.ttl <= 0) throw input.corrupt(`A cell expires after ${this.ttl} seconds`);
        break;
      case FLAG_COUNTER:
        input.take(8);
        break;
      default:
        throw input.corrupt(`Cell flags ${flags} are not known`);
    }
    input.readInt64();
    this.hi = input.hi;
    this.lo = input.lo;
    const length = input.readInt32();
    if (length < 0) throw input.corrupt(`A value of ${length} bytes`);
    this.valueStart = input.take(length);
    this.valueEnd = this.valueStart + length;
    if (flags !== FLAG_DELETED) return;
    if (length !== 4) throw input.corrupt(`A deletion time of ${length} bytes`);
    const at = this.valueStart;
    const { bytes } = input;
    this.flags = CELL_DELETED;
    this.localDeletionTime = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    this.valueEnd = at;
  }

  /** Makes it a cell of a row. A path of -1 is none. */
  addTo(row: Row, column: number, pathStart: number, pathEnd: number): void {
    const i = row.addCell();
    row.cellColumn[i] = column;
    row.cellFlags[i] = this.flags;
    row.cellFlagsUnion |= this.flags;
    row.cellHi[i] = this.hi;
    row.cellLo[i] = this.lo;
    row.cellTtl[i] = this.ttl;
    row.cellLocalDeletionTime[i] = this.localDeletionTime;
    row.valueStart[i] = this.valueStart;
    row.valueEnd[i] = this.valueEnd;
    row.pathStart[i] = pathStart;
    row.pathEnd[i] = pathEnd;
  }
}
