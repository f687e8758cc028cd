// Data.db of versions ma to oa and da: partitions of rows and range tombstone markers (docs/formats/data.md).
//
//   partition  := key deletion staticRow? unfiltered* END_OF_PARTITION
//   unfiltered := flags extendedFlags? clustering size previousSize body
//
// Parsing is synchronous inside the window. Whatever needs bytes that are not there yet unwinds to the start of its unfiltered
// (or partition) and is parsed again after a fill: that happens once per batch of chunks, not per row.

import { BOUND_EXCL_END, BOUND_EXCL_END_INCL_START, BOUND_EXCL_START, BOUND_INCL_END, BOUND_INCL_END_EXCL_START, BOUND_INCL_START,
  END, MARKER, Marker, PARTITION, PENDING, Partition, ROW } from '../model/cursor.ts';
import type { Fragment, UnfilteredCursor } from '../model/cursor.ts';
import { CELL_DELETED, CELL_EXPIRING, NO_DELETION_TIME, Row, compareTimestamps } from '../model/row.ts';
import type { DeletionTime } from '../model/row.ts';
import { assignToken, compareTokens } from '../model/token.ts';
import type { Token } from '../model/token.ts';
import { readClusteringValues } from './clustering-values.ts';
import { ColumnSubset } from './column-subset.ts';
import { NEED_MORE } from './data-window.ts';
import type { DataWindow } from './data-window.ts';
import { isNoTimestamp, readPartitionDeletion } from './partition-deletion.ts';
import type { ColumnLayout, RowLayout } from './row-layout.ts';
import type { SerializationHeader } from './serialization-header.ts';
import type { SSTableVersion } from './version.ts';

const END_OF_PARTITION = 0x01;
const IS_MARKER = 0x02;
const HAS_TIMESTAMP = 0x04;
const HAS_TTL = 0x08;
const HAS_DELETION = 0x10;
const HAS_ALL_COLUMNS = 0x20;
const HAS_COMPLEX_DELETION = 0x40;
const EXTENSION_FLAG = 0x80;

const IS_STATIC = 0x01;
const HAS_SHADOWABLE_DELETION = 0x02;

const CELL_HAS_EMPTY_VALUE = 0x04;
const CELL_USE_ROW_TIMESTAMP = 0x08;
const CELL_USE_ROW_TTL = 0x10;
const CELL_KNOWN_FLAGS = 0x1f;

/** Read, but nothing that the cursor's user sees. */
const PASSED_OVER = PENDING;

/** Cassandra refuses partition keys above an unsigned short, and clustering prefixes above the number of clustering columns. */
const MAX_CLUSTERING = 0xffff;

export interface RowReaderOptions {
  readonly version: SSTableVersion;
  readonly end: number;
  /** See ScanOptions. */
  readonly firstKey: Uint8Array | undefined;
  readonly endKey: Uint8Array | undefined;
  readonly upTo: Token | undefined;
  readonly onClose: () => Promise<void>;
}

export class RowReader implements UnfilteredCursor {
  readonly partition = new Partition();
  readonly row = new Row();
  readonly marker = new Marker();
  readonly file: string;

  readonly #input: DataWindow;
  readonly #layout: RowLayout;
  readonly #end: number;
  /** Expected of the first partition; undefined once it was seen. */
  #firstKey: Uint8Array | undefined;
  /** Expected of the partition that follows. */
  readonly #endKey: Uint8Array | undefined;
  readonly #upTo: Token | undefined;
  readonly #minTimestampHi: number;
  readonly #minTimestampLo: number;
  readonly #minLocalDeletionTime: number;
  readonly #minTtl: number;
  readonly #hasUnsignedDeletionTimes: boolean;
  readonly #onClose: () => Promise<void>;
  #inPartition = false;
  #windowLimit = 0;
  readonly #present = new ColumnSubset();

  /** Reads partitions from where the window stands up to the uncompressed offset `end`. */
  constructor(input: DataWindow, header: SerializationHeader, layout: RowLayout, options: RowReaderOptions) {
    this.#input = input;
    this.file = input.file;
    this.#layout = layout;
    this.#end = options.end;
    this.#firstKey = options.firstKey;
    this.#endKey = options.endKey;
    this.#upTo = options.upTo;
    this.#minTimestampHi = header.minTimestampHi;
    this.#minTimestampLo = header.minTimestampLo;
    this.#minLocalDeletionTime = header.minLocalDeletionTime;
    this.#minTtl = header.minTtlSeconds;
    this.#hasUnsignedDeletionTimes = options.version.hasUnsignedDeletionTimes;
    this.#onClose = options.onClose;
  }

  advance(): Fragment {
    const input = this.#input;
    const start = input.position;
    this.#windowLimit = input.limit;
    try {
      for (;;) {
        const fragment = this.#inPartition ? this.#readUnfiltered() : this.#readPartition();
        if (fragment !== PASSED_OVER) return fragment;
      }
    } catch (error) {
      input.bounded = false;
      input.limit = this.#windowLimit;
      if (error !== NEED_MORE) throw error;
      // A partition end that was passed before the bytes ran out stays passed.
      input.position = this.#safePosition > start ? this.#safePosition : start;
      return PENDING;
    }
  }

  /** Where the last completely parsed piece of the current `advance` ends. */
  #safePosition = 0;

  async fill(): Promise<void> {
    await this.#input.fill();
    this.#safePosition = 0;
  }

  async close(): Promise<void> {
    await this.#onClose();
  }

  #readPartition(): Fragment {
    const input = this.#input;
    const offset = input.offset();
    if (offset >= this.#end) {
      if (offset > this.#end) throw input.corrupt(`A partition runs past byte ${this.#end}, where the index says that it ends`);
      if (this.#endKey) input.requireKey(this.#endKey);
      return END;
    }
    if (this.#firstKey) input.requireKey(this.#firstKey);
    this.#firstKey = undefined;
    const partition = this.partition;
    const keyLength = input.readUnsignedShort();
    const keyStart = input.take(keyLength);
    readPartitionDeletion(input, this.#hasUnsignedDeletionTimes, partition.deletion);
    if (partition.key.length < keyLength) partition.key = new Uint8Array(keyLength * 2);
    partition.key.set(input.bytes.subarray(keyStart, keyStart + keyLength));
    partition.keyLength = keyLength;
    partition.position = offset;
    assignToken(this.#layout.partitioner, partition);
    if (this.#upTo && compareTokens(partition, this.#upTo) > 0) throw input.corrupt('A partition lies behind the range that the index gave it to');
    partition.hasStaticRow = false;
    if (this.#layout.staticColumns.length > 0) this.#readStaticRow(partition);
    this.#inPartition = true;
    return PARTITION;
  }

  #readStaticRow(partition: Partition): void {
    const input = this.#input;
    const position = input.offset();
    const flags = input.readUnsignedByte();
    if ((flags & (END_OF_PARTITION | IS_MARKER)) !== 0 || (flags & EXTENSION_FLAG) === 0) throw input.corrupt(`A static row has flags ${flags}`);
    const extended = this.#readExtendedFlags();
    if ((extended & IS_STATIC) === 0) throw input.corrupt('The first row of a partition with static columns is not static');
    const row = partition.staticRow;
    row.reset(input.bytes, true);
    row.position = position;
    this.#readBody(row, flags, extended, this.#layout.staticColumns);
    row.detach();
    partition.hasStaticRow = !isEmpty(row);
  }

  #readExtendedFlags(): number {
    const extended = this.#input.readUnsignedByte();
    if ((extended & ~(IS_STATIC | HAS_SHADOWABLE_DELETION)) !== 0) throw this.#input.corrupt(`Extended flags ${extended} are not known`);
    return extended;
  }

  /** The next row or marker; PASSED_OVER after the end of the partition or a row without content (only dropped columns). */
  #readUnfiltered(): Fragment {
    const input = this.#input;
    const position = input.offset();
    const flags = input.readUnsignedByte();
    if ((flags & END_OF_PARTITION) !== 0) {
      this.#inPartition = false;
      this.#safePosition = input.position;
      return PASSED_OVER;
    }
    const extended = (flags & EXTENSION_FLAG) === 0 ? 0 : this.#readExtendedFlags();
    if ((flags & IS_MARKER) !== 0) {
      this.#readMarker();
      this.marker.position = position;
      this.marker.endPosition = input.offset();
      return MARKER;
    }
    if ((extended & IS_STATIC) !== 0) throw input.corrupt('A static row where none may be');
    const row = this.row;
    row.reset(input.bytes, false);
    row.position = position;
    row.clusteringCount = this.#layout.clusteringFixedLengths.length;
    row.ensureClustering(row.clusteringCount);
    readClusteringValues(input, this.#layout.clusteringFixedLengths, row.clusteringCount, row.clusteringStart, row.clusteringEnd);
    this.#readBody(row, flags, extended, this.#layout.regularColumns);
    row.endPosition = input.offset();
    if (!isEmpty(row)) return ROW;
    this.#safePosition = input.position;
    return PASSED_OVER;
  }

  #readBody(row: Row, flags: number, extended: number, columns: readonly ColumnLayout[]): void {
    const input = this.#input;
    const size = input.readUnsignedVInt();
    if (size > input.limit - input.position) input.underflow(size);
    const end = input.position + size;
    input.limit = end;
    input.bounded = true;
    input.readUnsignedVInt(); // size of the previous unfiltered: for reading backwards

    if ((flags & HAS_TIMESTAMP) !== 0) {
      this.#readTimestamp();
      row.livenessHi = input.hi;
      row.livenessLo = input.lo;
      if ((flags & HAS_TTL) !== 0) {
        row.livenessTtl = this.#readTtl();
        row.livenessExpiry = this.#readLocalDeletionTime();
      }
    }
    if ((flags & HAS_DELETION) !== 0) {
      this.#readDeletionTime(row.deletion);
      row.deletionIsShadowable = (extended & HAS_SHADOWABLE_DELETION) !== 0;
    }
    if ((flags & HAS_ALL_COLUMNS) !== 0) {
      for (let i = 0; i < columns.length; i++) this.#readColumn(row, columns[i], flags);
    } else {
      const present = this.#present;
      present.read(input, columns.length);
      for (let i = 0; i < present.count; i++) this.#readColumn(row, columns[present.indexes[i]], flags);
    }
    if (input.position !== end) throw input.corrupt(`A row ends ${end - input.position} bytes before the size that is written before it`);
    input.limit = this.#windowLimit;
    input.bounded = false;
  }

  #readColumn(row: Row, column: ColumnLayout, flags: number): void {
    if (!column.isComplex) {
      this.#readCell(row, column, false);
      return;
    }
    const input = this.#input;
    if ((flags & HAS_COMPLEX_DELETION) !== 0) {
      this.#readTimestamp();
      const hi = input.hi;
      const lo = input.lo;
      const localDeletionTime = this.#readLocalDeletionTime();
      if (!isNoTimestamp(hi, lo) && column.ordinal >= 0 && compareTimestamps(hi, lo, column.droppedHi, column.droppedLo) > 0) {
        row.addComplexDeletion(column.ordinal, hi, lo, localDeletionTime);
      }
    }
    const count = input.readUnsignedVInt();
    if (count > input.remaining()) throw input.corrupt(`${count} cells do not fit into the row`);
    for (let i = 0; i < count; i++) this.#readCell(row, column, true);
  }

  #readCell(row: Row, column: ColumnLayout, hasPath: boolean): void {
    const input = this.#input;
    const flags = input.readUnsignedByte();
    if ((flags & ~CELL_KNOWN_FLAGS) !== 0) throw input.corrupt(`Cell flags ${flags} are not known`);
    const i = row.addCell();
    const useRowTtl = (flags & CELL_USE_ROW_TTL) !== 0;
    if ((flags & CELL_USE_ROW_TIMESTAMP) !== 0) {
      input.hi = row.livenessHi;
      input.lo = row.livenessLo;
    } else {
      this.#readTimestamp();
    }
    const hi = input.hi;
    const lo = input.lo;
    row.cellHi[i] = hi;
    row.cellLo[i] = lo;
    row.cellColumn[i] = column.ordinal;
    row.cellFlags[i] = flags & (CELL_DELETED | CELL_EXPIRING);
    if ((flags & (CELL_DELETED | CELL_EXPIRING)) === 0) {
      row.cellLocalDeletionTime[i] = NO_DELETION_TIME;
      row.cellTtl[i] = 0;
    } else {
      row.cellFlagsUnion |= flags & (CELL_DELETED | CELL_EXPIRING);
      row.cellLocalDeletionTime[i] = useRowTtl ? row.livenessExpiry : this.#readLocalDeletionTime();
      row.cellTtl[i] = useRowTtl ? row.livenessTtl : (flags & CELL_EXPIRING) !== 0 ? this.#readTtl() : 0;
    }
    if (hasPath) {
      const length = input.readUnsignedVInt();
      const at = input.take(length);
      row.pathStart[i] = at;
      row.pathEnd[i] = at + length;
    } else {
      row.pathStart[i] = -1;
    }
    if ((flags & CELL_HAS_EMPTY_VALUE) !== 0) {
      row.valueStart[i] = input.position;
      row.valueEnd[i] = input.position;
    } else {
      const length = column.fixedLength >= 0 ? column.fixedLength : input.readUnsignedVInt();
      const at = input.take(length);
      row.valueStart[i] = at;
      row.valueEnd[i] = at + length;
    }
    if (column.ordinal < 0 || compareTimestamps(hi, lo, column.droppedHi, column.droppedLo) <= 0) row.cellCount--;
  }

  #readMarker(): void {
    const input = this.#input;
    const marker = this.marker;
    const kind = input.readUnsignedByte();
    marker.kind = kind;
    marker.bytes = input.bytes;
    const count = input.readUnsignedShort();
    if (count > Math.min(MAX_CLUSTERING, this.#layout.clusteringFixedLengths.length)) throw input.corrupt(`A range tombstone bound has ${count} clustering values`);
    marker.clusteringCount = count;
    if (marker.clusteringStart.length < count) {
      marker.clusteringStart = new Int32Array(count);
      marker.clusteringEnd = new Int32Array(count);
    }
    readClusteringValues(input, this.#layout.clusteringFixedLengths, count, marker.clusteringStart, marker.clusteringEnd);
    const size = input.readUnsignedVInt();
    if (size > input.limit - input.position) input.underflow(size);
    const end = input.position + size;
    input.limit = end;
    input.bounded = true;
    input.readUnsignedVInt(); // size of the previous unfiltered
    marker.closes.reset();
    marker.opens.reset();
    switch (kind) {
      case BOUND_EXCL_END_INCL_START: case BOUND_INCL_END_EXCL_START:
        this.#readDeletionTime(marker.closes);
        this.#readDeletionTime(marker.opens);
        break;
      case BOUND_INCL_START: case BOUND_EXCL_START:
        this.#readDeletionTime(marker.opens);
        break;
      case BOUND_INCL_END: case BOUND_EXCL_END:
        this.#readDeletionTime(marker.closes);
        break;
      default:
        throw input.corrupt(`Range tombstone bound of kind ${kind} is not known`);
    }
    if (input.position !== end) throw input.corrupt('A range tombstone bound does not end where its size says');
    input.limit = this.#windowLimit;
    input.bounded = false;
  }

  /** Into `hi` and `lo` of the input: the difference to the header's smallest timestamp, modulo 2^64. */
  #readTimestamp(): void {
    const input = this.#input;
    input.readUnsignedVInt64();
    const lo = input.lo + this.#minTimestampLo;
    input.hi = (input.hi + this.#minTimestampHi + (lo > 0xffffffff ? 1 : 0)) | 0;
    input.lo = lo >>> 0;
  }

  #readTtl(): number {
    this.#input.readUnsignedVInt64();
    return (this.#input.lo + this.#minTtl) | 0;
  }

  #readLocalDeletionTime(): number {
    this.#input.readUnsignedVInt64();
    const time = this.#input.lo + this.#minLocalDeletionTime;
    return this.#hasUnsignedDeletionTimes ? time >>> 0 : time | 0;
  }

  #readDeletionTime(into: DeletionTime): void {
    this.#readTimestamp();
    const { hi, lo } = this.#input;
    into.set(hi, lo, this.#readLocalDeletionTime());
  }
}

function isEmpty(row: Row): boolean {
  return row.cellCount === 0 && row.complexCount === 0 && !row.hasLiveness() && row.deletion.isLive();
}
