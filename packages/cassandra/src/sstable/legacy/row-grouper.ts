// Groups the atoms of one clustering into a row: cells, its row marker, its own deletion and those of its collections.
// Source of the rules: LegacyLayout.CellGrouper of Cassandra 3.11.

import { cassandraError } from '../../errors.ts';
import { BOUND_CLUSTERING } from '../../model/cursor.ts';
import { CELL_DELETED, DeletionTime, NO_TIMESTAMP_HI, NO_TIMESTAMP_LO, compareTimestamps } from '../../model/row.ts';
import type { Row } from '../../model/row.ts';
import { qualifiedName } from '../../model/table-metadata.ts';
import type { DataWindow } from '../data-window.ts';
import { AtomName, sameBytes } from './atom-name.ts';
import { CellBody, FLAG_RANGE_TOMBSTONE } from './cell-body.ts';
import { ColumnSearch } from './column-search.ts';
import type { LegacyColumn, LegacyLayout } from './layout.ts';
import type { OpenRanges, RangeTombstone } from './open-ranges.ts';
import type { TombstoneAtom } from './range-tombstone.ts';
import { StorageOrder } from './storage-order.ts';

/** A row marker that had expired was compacted to a tombstone, without its TTL: any will do for a liveness that is over (CASSANDRA-13320). */
const TTL_OF_DEAD_MARKER = 1;

export class RowGrouper {
  readonly #input: DataWindow;
  readonly #layout: LegacyLayout;
  readonly #isCompound: boolean;
  readonly #isDense: boolean;
  /** Bytes between the last clustering value and the column: the mark, if there is a clustering. */
  readonly #markLength: number;
  readonly #name: AtomName;
  readonly #tombstone: TombstoneAtom;
  readonly #body = new CellBody();
  readonly #columns: ColumnSearch;
  readonly #staticOrder: StorageOrder;
  readonly #regularOrder: StorageOrder;
  /** What is deleted by the partition or by an open range. */
  readonly #cover = new DeletionTime();
  /** Whether there is that, or a deletion of the row. */
  #hasDeletions = false;
  /** Of the collection `#deletedColumn`. */
  readonly #collectionDeletion = new DeletionTime();
  #deletedColumn = -1;
  #lastOrdinal = -1;
  #isSorted = true;
  /** The name of the row's first atom, up to its last clustering value; length -1 before it. */
  #prefixStart = 0;
  #prefixLength = -1;
  /** The end of the last clustering value in the name at hand. */
  #prefixEnd = 0;

  constructor(input: DataWindow, layout: LegacyLayout, tombstone: TombstoneAtom) {
    this.#input = input;
    this.#layout = layout;
    this.#isCompound = layout.isCompound;
    this.#isDense = layout.isDense;
    this.#markLength = layout.isCompound && layout.clusteringCount > 0 ? 1 : 0;
    this.#name = new AtomName(layout);
    this.#tombstone = tombstone;
    this.#columns = new ColumnSearch(layout.columns);
    this.#staticOrder = new StorageOrder(layout.staticCount);
    this.#regularOrder = new StorageOrder(layout.regularCount);
  }

  /**
   * Reads the atoms of the row that begins at the window's position; leaves the position at the first atom that is not part of it.
   * Cells that something in the same partition deletes are left out. `behind` takes what is left of range tombstones in the middle of the row.
   */
  read(row: Row, isStatic: boolean, partitionDeletion: DeletionTime, ranges: OpenRanges | undefined, behind: RangeTombstone[]): void {
    const input = this.#input;
    this.#start(row, isStatic, partitionDeletion, ranges?.deletion);
    behind.length = 0;
    for (;;) {
      const start = input.position;
      const nameLength = input.readUnsignedShort();
      const nameStart = nameLength === 0 ? 0 : input.take(nameLength);
      const isOfRow = nameLength > 0 && this.#readAtom(row, nameStart, nameStart + nameLength, input.readUnsignedByte(), ranges, behind);
      if (!isOfRow) {
        input.position = start;
        break;
      }
    }
    row.endPosition = input.offset();
    this.#finish(row, isStatic);
  }

  /**
   * Reads all cells of a partition whose names are columns, and keeps those that the schema declares. Returns whether there are others;
   * leaves the position behind the partition's last atom.
   */
  readDeclared(row: Row, partitionDeletion: DeletionTime): boolean {
    const input = this.#input;
    this.#start(row, true, partitionDeletion, undefined);
    let hasOthers = false;
    for (;;) {
      const start = input.position;
      const nameLength = input.readUnsignedShort();
      if (nameLength === 0) {
        input.position = start;
        break;
      }
      const nameStart = input.take(nameLength);
      const flags = input.readUnsignedByte();
      if (flags === FLAG_RANGE_TOMBSTONE) {
        throw cassandraError('SSTABLE_UNSUPPORTED', 'A range tombstone in a compact table without clustering columns', { file: input.file, offset: input.offset() });
      }
      const column = this.#columns.find(input.bytes, nameStart, nameStart + nameLength);
      this.#body.read(input, flags);
      if (column) this.#addCell(row, column, -1, -1);
      else hasOthers = true;
    }
    this.#finish(row, true);
    return hasOthers;
  }

  #start(row: Row, isStatic: boolean, partitionDeletion: DeletionTime, open: DeletionTime | undefined): void {
    row.reset(this.#input.bytes, isStatic);
    row.position = this.#input.offset();
    this.#cover.copy(partitionDeletion);
    if (open?.supersedes(partitionDeletion)) this.#cover.copy(open);
    this.#hasDeletions = !this.#cover.isLive();
    this.#columns.reset();
    this.#deletedColumn = -1;
    this.#lastOrdinal = -1;
    this.#isSorted = true;
    this.#prefixLength = -1;
  }

  /** False when the atom is of another row (and nothing happened). */
  #readAtom(row: Row, nameStart: number, nameEnd: number, flags: number, ranges: OpenRanges | undefined, behind: RangeTombstone[]): boolean {
    if (flags === FLAG_RANGE_TOMBSTONE) return this.#readTombstone(row, nameStart, nameEnd, ranges, behind);
    if (this.#prefixLength < 0) this.#begin(row, nameStart, nameEnd);
    else if (!this.#hasPrefix(nameStart, nameEnd) && !this.#hasEqualClustering(row, nameStart, nameEnd)) return false;

    if (this.#isDense) {
      this.#body.read(this.#input, flags);
      this.#keepValue(row);
    } else if (this.#isCompound) {
      this.#readNamedCell(row, nameEnd, flags);
    } else {
      const isDeclared = this.#columns.find(this.#input.bytes, nameStart, nameEnd) !== undefined;
      this.#body.read(this.#input, flags);
      // What is declared was read at the start of the partition.
      if (!isDeclared) this.#keepValue(row);
    }
    return true;
  }

  /** Takes the row's clustering from the name of its first atom. */
  #begin(row: Row, nameStart: number, nameEnd: number): void {
    const name = this.#name;
    const problem = name.parse(this.#input.bytes, nameStart, nameEnd) ?? name.wrongLength();
    if (problem !== undefined) throw this.#input.corrupt(problem);
    if (name.endMark !== 0) throw this.#input.corrupt(`The name of a cell ends with ${name.endMark}`);
    this.#beginWith(row, name, nameStart);
  }

  #beginWith(row: Row, name: AtomName, nameStart: number): void {
    const count = this.#layout.clusteringCount;
    if (name.isStatic !== row.isStatic) throw this.#input.corrupt(name.isStatic ? 'A static cell where none may be' : 'Another cell where a static one should be');
    this.#prefixStart = nameStart;
    this.#prefixLength = name.prefixEnd - nameStart;
    this.#prefixEnd = name.prefixEnd;
    if (row.isStatic) return;
    // Only names of dense tables may leave clustering values out.
    if (name.clusteringCount < count && !this.#layout.isDense) throw this.#input.corrupt(`A name has ${name.clusteringCount} of ${count} clustering values`);
    row.clusteringCount = count;
    row.ensureClustering(count);
    for (let i = 0; i < count; i++) {
      row.clusteringStart[i] = i < name.clusteringCount ? name.clusteringStart[i] : -1;
      row.clusteringEnd[i] = i < name.clusteringCount ? name.clusteringEnd[i] : -1;
    }
  }

  #hasPrefix(nameStart: number, nameEnd: number): boolean {
    const length = this.#prefixLength;
    const rest = nameEnd - nameStart - length;
    // Behind the prefix stands its mark, then the column; in dense tables nothing more.
    const mark = this.#markLength;
    if (this.#isDense || !this.#isCompound ? rest !== mark : rest <= mark) return false;
    const { bytes } = this.#input;
    if (!sameBytes(bytes, this.#prefixStart, this.#prefixStart + length, bytes, nameStart, nameStart + length)) return false;
    if (mark === 1 && bytes[nameStart + length] !== 0) throw this.#input.corrupt('The clustering in the name of a cell does not end with 0');
    this.#prefixEnd = nameStart + length;
    return true;
  }

  #hasEqualClustering(row: Row, nameStart: number, nameEnd: number): boolean {
    if (!this.#layout.hasLooseClustering || this.#layout.isDense || row.isStatic) return false;
    const name = this.#name;
    const problem = name.parse(this.#input.bytes, nameStart, nameEnd);
    if (problem !== undefined) throw this.#input.corrupt(problem);
    if (name.endMark !== 0) throw this.#input.corrupt(`The name of a cell ends with ${name.endMark}`);
    this.#prefixEnd = name.prefixEnd;
    return this.#isOfRow(name, row);
  }

  #isOfRow(name: AtomName, row: Row): boolean {
    if (name.hasClusteringOf(row)) return true;
    return this.#layout.hasLooseClustering && name.clusteringCount === row.clusteringCount && this.#layout.order(name, BOUND_CLUSTERING, row, BOUND_CLUSTERING) === 0;
  }

  /** Of a table whose names have clustering, column and element. */
  #readNamedCell(row: Row, nameEnd: number, flags: number): void {
    const input = this.#input;
    const { bytes } = input;
    const at = this.#prefixEnd + this.#markLength;
    if (nameEnd - at < 3) throw input.corrupt('A name has no column');
    const columnStart = at + 2;
    const columnEnd = columnStart + ((bytes[at] << 8) | bytes[at + 1]);
    if (columnEnd >= nameEnd || bytes[columnEnd] !== 0) throw input.corrupt('The column in a name does not end with 0');
    let elementStart = -1;
    let elementEnd = -1;
    if (columnEnd + 1 < nameEnd) {
      elementStart = columnEnd + 3;
      elementEnd = nameEnd - 1;
      if (elementEnd < elementStart || ((bytes[columnEnd + 1] << 8) | bytes[columnEnd + 2]) !== elementEnd - elementStart || bytes[elementEnd] !== 0) {
        throw input.corrupt('The element in a name does not fill it');
      }
    }
    if (columnEnd === columnStart) {
      if (elementStart >= 0) throw input.corrupt('A row marker has an element');
      this.#readRowMarker(row, flags);
      return;
    }
    const column = this.#columns.find(bytes, columnStart, columnEnd);
    this.#body.read(input, flags);
    if (column) this.#addCell(row, column, elementStart, elementEnd);
    else if (!this.#layout.ignoresUnknown) throw this.#unknown(columnStart, columnEnd);
  }

  #readRowMarker(row: Row, flags: number): void {
    const body = this.#body;
    body.read(this.#input, flags);
    if (body.valueEnd !== body.valueStart) throw this.#input.corrupt('A row marker has a value');
    if (row.isStatic) throw this.#input.corrupt('A row marker of static cells');
    if (this.#isVoid(row)) return;
    const isDeleted = (body.flags & CELL_DELETED) !== 0;
    row.livenessHi = body.hi;
    row.livenessLo = body.lo;
    row.livenessTtl = isDeleted ? TTL_OF_DEAD_MARKER : body.ttl;
    row.livenessExpiry = body.localDeletionTime;
  }

  #addCell(row: Row, column: LegacyColumn, elementStart: number, elementEnd: number): void {
    const body = this.#body;
    if (column.ordinal < 0 || isDropped(column, body.hi, body.lo)) return;
    if (column.isStatic !== row.isStatic) throw this.#input.corrupt('A static column among the others, or the other way round');
    if (column.isComplex !== elementStart >= 0) throw this.#input.corrupt(column.isComplex ? 'A cell of a collection has no element' : 'A cell of a single value has an element');
    if (this.#deletedColumn === column.ordinal && this.#collectionDeletion.deletes(body.hi, body.lo)) return;
    this.#requireLength(column.fixedLength, body.valueEnd - body.valueStart);
    this.#keep(row, column.ordinal, elementStart, elementEnd);
  }

  /** The cell of a table whose names do not tell the column. */
  #keepValue(row: Row): void {
    this.#requireLength(this.#layout.valueLength, this.#body.valueEnd - this.#body.valueStart);
    this.#keep(row, 0, -1, -1);
  }

  /** Lengths are written even of types that need none; any value may also be empty. */
  #requireLength(fixed: number, length: number): void {
    if (fixed >= 0 && length !== fixed && length !== 0) throw this.#input.corrupt(`A value of ${length} bytes, not ${fixed}`);
  }

  /** Adds the cell of the last body, unless it is deleted. */
  #keep(row: Row, ordinal: number, elementStart: number, elementEnd: number): void {
    if (this.#isVoid(row)) return;
    if (ordinal <= this.#lastOrdinal && (ordinal < this.#lastOrdinal || elementStart < 0)) this.#isSorted = false;
    this.#lastOrdinal = ordinal;
    this.#body.addTo(row, ordinal, elementStart, elementEnd);
  }

  #isVoid(row: Row): boolean {
    if (!this.#hasDeletions) return false;
    const { hi, lo } = this.#body;
    return this.#cover.deletes(hi, lo) || row.deletion.deletes(hi, lo);
  }

  #readTombstone(row: Row, nameStart: number, nameEnd: number, ranges: OpenRanges | undefined, behind: RangeTombstone[]): boolean {
    const tombstone = this.#tombstone;
    tombstone.read(this.#input, nameStart, nameEnd);
    const { start, deletion, isRow, isCollection } = tombstone;
    if (isRow || isCollection) {
      if (this.#prefixLength < 0) this.#beginWith(row, start, nameStart);
      else if (start.isStatic !== row.isStatic || (!row.isStatic && !this.#isOfRow(start, row))) return false;
      if (this.#cover.deletes(deletion.hi, deletion.lo)) return true;
      if (isRow) this.#deleteRow(row, deletion);
      else this.#deleteCollection(row, start, deletion);
      return true;
    }
    if (row.isStatic) return false;
    const range = tombstone.range();
    if (this.#layout.order(range.start, range.start.kind, row, BOUND_CLUSTERING) > 0) return false;
    // One that is written again although it has ended.
    if (this.#layout.order(range.stop, range.stop.kind, row, BOUND_CLUSTERING) < 0) return true;
    // A range that was opened before this row and is written again, or a piece that starts in the middle of the row and so means all of it.
    if (this.#cover.deletes(deletion.hi, deletion.lo) && ranges?.covers(range) !== false) return true;
    this.#deleteRow(row, deletion);
    const rest = tombstone.rangeAfter(row);
    if (this.#layout.order(rest.start, rest.start.kind, rest.stop, rest.stop.kind) < 0) behind.push(rest);
    return true;
  }

  #deleteRow(row: Row, deletion: DeletionTime): void {
    if (deletion.supersedes(row.deletion)) row.deletion.copy(deletion);
    this.#hasDeletions = true;
  }

  #deleteCollection(row: Row, name: AtomName, deletion: DeletionTime): void {
    const column = this.#columns.find(name.bytes, name.columnStart, name.columnEnd);
    if (!column) {
      if (this.#layout.ignoresUnknown) return;
      throw this.#unknown(name.columnStart, name.columnEnd);
    }
    if (column.ordinal < 0 || isDropped(column, deletion.hi, deletion.lo)) return;
    if (!column.isComplex || column.isStatic !== row.isStatic) throw this.#input.corrupt('A range tombstone of a collection names another column');
    row.addComplexDeletion(column.ordinal, deletion.hi, deletion.lo, deletion.localDeletionTime);
    if (row.deletion.isLive() || deletion.supersedes(row.deletion)) {
      this.#deletedColumn = column.ordinal;
      this.#collectionDeletion.copy(deletion);
    }
  }

  #finish(row: Row, isStatic: boolean): void {
    if (row.complexCount > 1) sortComplexDeletions(row);
    if (this.#isSorted) return;
    (isStatic ? this.#staticOrder : this.#regularOrder).sort(row);
    for (let i = 1; i < row.cellCount; i++) {
      if (row.cellColumn[i] === row.cellColumn[i - 1] && row.pathStart[i] < 0) throw this.#input.corrupt('A row has two cells of one column');
    }
  }

  #unknown(start: number, end: number): Error {
    const { bytes, file } = this.#input;
    const name = Buffer.from(bytes.subarray(start, end)).toString('utf8');
    return cassandraError('SCHEMA_MISMATCH', `Column "${name}" of the SSTable is neither in ${qualifiedName(this.#layout.table)} nor was it dropped from it`, { file, offset: this.#input.offset() });
  }
}

function isDropped(column: LegacyColumn, hi: number, lo: number): boolean {
  if (column.droppedHi === NO_TIMESTAMP_HI && column.droppedLo === NO_TIMESTAMP_LO) return false;
  return compareTimestamps(hi, lo, column.droppedHi, column.droppedLo) <= 0;
}

/** By column, the newest of each: a collection's tombstone is repeated where a block of the index begins inside it. */
function sortComplexDeletions(row: Row): void {
  const order = Array.from({ length: row.complexCount }, (_, i) => i).sort((a, b) => row.complexColumn[a] - row.complexColumn[b]
    || compareTimestamps(row.complexHi[b], row.complexLo[b], row.complexHi[a], row.complexLo[a]));
  const sorted = order.map((i) => [row.complexColumn[i], row.complexHi[i], row.complexLo[i], row.complexLocalDeletionTime[i]] as const);
  row.complexCount = 0;
  sorted.forEach(([column, hi, lo, localDeletionTime], i) => {
    if (i === 0 || column !== sorted[i - 1][0]) row.addComplexDeletion(column, hi, lo, localDeletionTime);
  });
}
