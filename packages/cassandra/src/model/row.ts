// Rows are the unit of the hot path, so a Row is one reusable structure of typed arrays, not a tree of objects: reading the next
// row overwrites it, and nothing is allocated per cell. Values stay bytes: a cell knows where in `bytes` its value lies.
//
// 64-bit timestamps are kept as two 32-bit halves (hi signed, lo unsigned): exact for every value, and no BigInt on the way.

const EMPTY_BYTES = new Uint8Array(0);

/** Cassandra's LivenessInfo.NO_TIMESTAMP / DeletionTime.LIVE: Long.MIN_VALUE, lower than any real timestamp. */
export const NO_TIMESTAMP_HI = -0x80000000;
export const NO_TIMESTAMP_LO = 0;
/**
 * localDeletionTime of a cell that neither expires nor is deleted, and of "no deletion": later than any real one of every format, so not the
 * 0x7fffffff that files up to version nb say it with.
 */
export const NO_DELETION_TIME = 0xffffffff;

/** Compares two 64-bit values in halves: negative, zero or positive. */
export function compareTimestamps(aHi: number, aLo: number, bHi: number, bLo: number): number {
  return aHi !== bHi ? aHi - bHi : aLo - bLo;
}

/** The halves as one exact integer, for output and tests; not for hot paths. */
export function timestampToBigInt(hi: number, lo: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}

/** When and how far something was deleted: everything with a timestamp <= markedForDeleteAt is void. Mutable, reused. */
export class DeletionTime {
  hi = NO_TIMESTAMP_HI;
  lo = NO_TIMESTAMP_LO;
  /** Seconds since the epoch, by the clock of the node that deleted; NO_DELETION_TIME when live. */
  localDeletionTime = NO_DELETION_TIME;

  isLive(): boolean {
    return this.hi === NO_TIMESTAMP_HI && this.lo === NO_TIMESTAMP_LO && this.localDeletionTime === NO_DELETION_TIME;
  }
  reset(): void {
    this.hi = NO_TIMESTAMP_HI;
    this.lo = NO_TIMESTAMP_LO;
    this.localDeletionTime = NO_DELETION_TIME;
  }
  set(hi: number, lo: number, localDeletionTime: number): void {
    this.hi = hi;
    this.lo = lo;
    this.localDeletionTime = localDeletionTime;
  }
  copy(other: DeletionTime): void {
    this.set(other.hi, other.lo, other.localDeletionTime);
  }
  /** True when something written at this timestamp is void. */
  deletes(hi: number, lo: number): boolean {
    return hi !== this.hi ? hi < this.hi : lo <= this.lo;
  }
  /** True when this deletion wins over the other: later timestamp, then later local time. */
  supersedes(other: DeletionTime): boolean {
    const byTimestamp = compareTimestamps(this.hi, this.lo, other.hi, other.lo);
    return byTimestamp > 0 || (byTimestamp === 0 && this.localDeletionTime > other.localDeletionTime);
  }
}

/** `Row.cellFlags` bits. */
export const CELL_DELETED = 1;
export const CELL_EXPIRING = 2;

/**
 * One row of one SSTable, or of a merge: clustering, primary key liveness, row deletion, cells, deletions of multi-cell columns.
 *
 * Cells are in storage order: by column ordinal, then by cell path. A static row has no clustering.
 * Offsets are into `bytes`; they are valid until the cursor that filled the row advances.
 */
export class Row {
  bytes: Uint8Array = EMPTY_BYTES;
  isStatic = false;
  /** Offsets in the uncompressed Data.db at which the row starts and ends; meaningless after a merge. */
  position = 0;
  endPosition = 0;

  clusteringCount = 0;
  /** Start and end of each clustering value; start -1 means null (compact tables may have such). Empty values have start = end. */
  clusteringStart = new Int32Array(8);
  clusteringEnd = new Int32Array(8);

  /** Primary key liveness (INSERT); livenessHi/Lo is NO_TIMESTAMP when the row has none (UPDATE, compact tables). */
  livenessHi = NO_TIMESTAMP_HI;
  livenessLo = NO_TIMESTAMP_LO;
  /** 0 when the row does not expire. */
  livenessTtl = 0;
  /** Seconds since the epoch at which the liveness expires; NO_DELETION_TIME when it does not. */
  livenessExpiry = NO_DELETION_TIME;

  readonly deletion = new DeletionTime();
  /** A materialized view's shadowable deletion: void once a newer liveness is there. */
  deletionIsShadowable = false;

  cellCount = 0;
  /** Ordinal of the cell's column in the table's regularColumns, or staticColumns for a static row. */
  cellColumn = new Int32Array(16);
  cellFlags = new Uint8Array(16);
  /** All flags that any of the cells has (or had, before cells were taken out): 0 when none is deleted or expires. */
  cellFlagsUnion = 0;
  cellHi = new Int32Array(16);
  cellLo = new Uint32Array(16);
  /** Seconds; 0 when the cell does not expire. */
  cellTtl = new Int32Array(16);
  /** Local deletion time of a deleted cell, expiry of an expiring one; seconds since the epoch. Float64: later formats have 32 unsigned bits. */
  cellLocalDeletionTime = new Float64Array(16);
  valueStart = new Int32Array(16);
  valueEnd = new Int32Array(16);
  /** The cell path of an element of a multi-cell column (map key, set element, list timeuuid, UDT field index); pathStart -1 for simple cells. */
  pathStart = new Int32Array(16);
  pathEnd = new Int32Array(16);

  /** Deletions of whole multi-cell columns, by ordinal. */
  complexCount = 0;
  complexColumn = new Int32Array(4);
  complexHi = new Int32Array(4);
  complexLo = new Uint32Array(4);
  complexLocalDeletionTime = new Float64Array(4);

  /** Forgets everything but the arrays. */
  reset(bytes: Uint8Array, isStatic: boolean): void {
    this.bytes = bytes;
    this.isStatic = isStatic;
    this.clusteringCount = 0;
    this.livenessHi = NO_TIMESTAMP_HI;
    this.livenessLo = NO_TIMESTAMP_LO;
    this.livenessTtl = 0;
    this.livenessExpiry = NO_DELETION_TIME;
    this.deletion.reset();
    this.deletionIsShadowable = false;
    this.cellCount = 0;
    this.cellFlagsUnion = 0;
    this.complexCount = 0;
  }

  hasLiveness(): boolean {
    return this.livenessHi !== NO_TIMESTAMP_HI || this.livenessLo !== NO_TIMESTAMP_LO;
  }

  /** Makes room for one more cell and returns its index. */
  addCell(): number {
    if (this.cellCount === this.cellColumn.length) this.#growCells();
    return this.cellCount++;
  }

  addComplexDeletion(column: number, hi: number, lo: number, localDeletionTime: number): void {
    if (this.complexCount === this.complexColumn.length) this.#growComplex();
    const i = this.complexCount++;
    this.complexColumn[i] = column;
    this.complexHi[i] = hi;
    this.complexLo[i] = lo;
    this.complexLocalDeletionTime[i] = localDeletionTime;
  }

  /** Moves the row's content into bytes of its own, so that it outlives the window that it was read from. */
  detach(): void {
    let start = this.bytes.length;
    let end = 0;
    for (let i = 0; i < this.cellCount; i++) {
      start = Math.min(start, this.pathStart[i] >= 0 ? this.pathStart[i] : this.valueStart[i]);
      end = Math.max(end, this.valueEnd[i]);
    }
    const length = Math.max(0, end - start);
    if (this.#own.length < length) this.#own = new Uint8Array(length * 2);
    this.#own.set(this.bytes.subarray(start, start + length));
    for (let i = 0; i < this.cellCount; i++) {
      this.valueStart[i] -= start;
      this.valueEnd[i] -= start;
      if (this.pathStart[i] >= 0) {
        this.pathStart[i] -= start;
        this.pathEnd[i] -= start;
      }
    }
    this.bytes = this.#own;
  }

  /** Becomes a copy of another static row (no clustering), in bytes of its own. */
  copy(other: Row): void {
    this.reset(other.bytes, other.isStatic);
    this.position = other.position;
    this.livenessHi = other.livenessHi;
    this.livenessLo = other.livenessLo;
    this.livenessTtl = other.livenessTtl;
    this.livenessExpiry = other.livenessExpiry;
    this.deletion.copy(other.deletion);
    this.deletionIsShadowable = other.deletionIsShadowable;
    for (let i = 0; i < other.cellCount; i++) this.appendCell(other, i);
    for (let i = 0; i < other.complexCount; i++) {
      this.addComplexDeletion(other.complexColumn[i], other.complexHi[i], other.complexLo[i], other.complexLocalDeletionTime[i]);
    }
    this.detach();
  }

  /** Adds a cell like cell `i` of another row, whose offsets must be into the same bytes. */
  appendCell(from: Row, i: number): void {
    this.setCell(this.addCell(), from, i);
  }

  /** Makes cell `k` like cell `i` of another row (or this one), whose offsets must be into the same bytes. */
  setCell(k: number, from: Row, i: number): void {
    this.cellColumn[k] = from.cellColumn[i];
    this.cellFlags[k] = from.cellFlags[i];
    this.cellFlagsUnion |= from.cellFlags[i];
    this.cellHi[k] = from.cellHi[i];
    this.cellLo[k] = from.cellLo[i];
    this.cellTtl[k] = from.cellTtl[i];
    this.cellLocalDeletionTime[k] = from.cellLocalDeletionTime[i];
    this.valueStart[k] = from.valueStart[i];
    this.valueEnd[k] = from.valueEnd[i];
    this.pathStart[k] = from.pathStart[i];
    this.pathEnd[k] = from.pathEnd[i];
  }

  /** Takes another row's cells and gives it these; both rows' offsets must be into the same bytes. */
  exchangeCells(other: Row): void {
    const { cellCount, cellColumn, cellFlags, cellHi, cellLo, cellTtl, cellLocalDeletionTime, valueStart, valueEnd, pathStart, pathEnd } = this;
    this.cellCount = other.cellCount;
    other.cellCount = cellCount;
    this.cellColumn = other.cellColumn;
    other.cellColumn = cellColumn;
    this.cellFlags = other.cellFlags;
    other.cellFlags = cellFlags;
    this.cellHi = other.cellHi;
    other.cellHi = cellHi;
    this.cellLo = other.cellLo;
    other.cellLo = cellLo;
    this.cellTtl = other.cellTtl;
    other.cellTtl = cellTtl;
    this.cellLocalDeletionTime = other.cellLocalDeletionTime;
    other.cellLocalDeletionTime = cellLocalDeletionTime;
    this.valueStart = other.valueStart;
    other.valueStart = valueStart;
    this.valueEnd = other.valueEnd;
    other.valueEnd = valueEnd;
    this.pathStart = other.pathStart;
    other.pathStart = pathStart;
    this.pathEnd = other.pathEnd;
    other.pathEnd = pathEnd;
  }

  #own: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  ensureClustering(count: number): void {
    if (this.clusteringStart.length >= count) return;
    this.clusteringStart = grownInt32(this.clusteringStart, count);
    this.clusteringEnd = grownInt32(this.clusteringEnd, count);
  }

  #growCells(): void {
    const capacity = this.cellColumn.length * 2;
    this.cellColumn = grownInt32(this.cellColumn, capacity);
    const flags = new Uint8Array(capacity);
    flags.set(this.cellFlags);
    this.cellFlags = flags;
    this.cellHi = grownInt32(this.cellHi, capacity);
    const lo = new Uint32Array(capacity);
    lo.set(this.cellLo);
    this.cellLo = lo;
    this.cellTtl = grownInt32(this.cellTtl, capacity);
    this.cellLocalDeletionTime = grownFloat64(this.cellLocalDeletionTime, capacity);
    this.valueStart = grownInt32(this.valueStart, capacity);
    this.valueEnd = grownInt32(this.valueEnd, capacity);
    this.pathStart = grownInt32(this.pathStart, capacity);
    this.pathEnd = grownInt32(this.pathEnd, capacity);
  }

  #growComplex(): void {
    const capacity = this.complexColumn.length * 2;
    this.complexColumn = grownInt32(this.complexColumn, capacity);
    this.complexHi = grownInt32(this.complexHi, capacity);
    const lo = new Uint32Array(capacity);
    lo.set(this.complexLo);
    this.complexLo = lo;
    this.complexLocalDeletionTime = grownFloat64(this.complexLocalDeletionTime, capacity);
  }
}



function grownInt32(from: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const to = new Int32Array(capacity);
  to.set(from);
  return to;
}

function grownFloat64(from: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const to = new Float64Array(capacity);
  to.set(from);
  return to;
}
