// Data.db of versions ka, la and lb: partitions of atoms, cells and range tombstones by name (docs/formats/legacy-data.md), as the partitions, rows
// and markers that later versions store.
//
//   partition := key deletion atom* END
//   atom      := name flags body
//
// A row is what has the same clustering, and knows neither its length nor its end before the next atom. As in RowReader, parsing is
// synchronous inside the window, and unwinds to the start of the row (or of the partition) when bytes are missing.
// Source of the rules: LegacyLayout and UnfilteredDeserializer of Cassandra 3.0 and 3.11, which convert the same files.

import { cassandraError } from '../../errors.ts';
import { BOUND_CLUSTERING, END, MARKER, Marker, PARTITION, PENDING, Partition, ROW } from '../../model/cursor.ts';
import type { Fragment, UnfilteredCursor } from '../../model/cursor.ts';
import { Row } from '../../model/row.ts';
import { assignToken, compareTokens } from '../../model/token.ts';
import type { Token } from '../../model/token.ts';
import { NEED_MORE } from '../data-window.ts';
import type { DataWindow } from '../data-window.ts';
import { readPartitionDeletion } from '../partition-deletion.ts';
import type { RowReaderOptions } from '../row-reader.ts';
import { AtomName } from './atom-name.ts';
import { FLAG_RANGE_TOMBSTONE } from './cell-body.ts';
import type { LegacyLayout } from './layout.ts';
import { OpenRanges } from './open-ranges.ts';
import type { RangeTombstone } from './open-ranges.ts';
import { LastRowDeletion, TombstoneAtom } from './range-tombstone.ts';
import { RowGrouper } from './row-grouper.ts';

/** Read, but nothing that the cursor's user sees. */
const PASSED_OVER = PENDING;
/** Range tombstones that are kept until a row tells that their start is reached. A partition can have millions without a row among them. */
const MAX_UPCOMING = 1000;
/** The columns of a static compact partition lie among its other cells: it is passed through before it is told, and must fit into memory. */
const MAX_STATIC_COMPACT_PARTITION = 256 * 1024 * 1024;

export class LegacyReader implements UnfilteredCursor {
  readonly partition = new Partition();
  readonly row = new Row();
  readonly marker = new Marker();
  readonly file: string;

  readonly #input: DataWindow;
  readonly #layout: LegacyLayout;
  readonly #end: number;
  readonly #onClose: () => Promise<void>;
  /** Expected of the first partition; undefined once it was seen. */
  #firstKey: Uint8Array | undefined;
  /** Expected of the partition that follows. */
  readonly #endKey: Uint8Array | undefined;
  readonly #upTo: Token | undefined;
  #inPartition = false;
  /** Where the last completely parsed piece of the current `advance` ends. */
  #safePosition = 0;
  readonly #ranges: OpenRanges;
  /** Range tombstones that are read but not open yet, by their start: some files have them long before it. */
  #upcoming: RangeTombstone[] = [];
  /** What is left of those that were met in the middle of a row: they start right behind it. */
  readonly #behindRow: RangeTombstone[] = [];
  readonly #rowDeletions = new LastRowDeletion();
  readonly #name: AtomName;
  readonly #tombstone: TombstoneAtom;
  readonly #grouper: RowGrouper;

  /** Reads partitions from where the window stands up to the uncompressed offset `end`. */
  constructor(input: DataWindow, layout: LegacyLayout, options: RowReaderOptions) {
    this.#input = input;
    this.file = input.file;
    this.#layout = layout;
    this.#end = options.end;
    this.#firstKey = options.firstKey;
    this.#endKey = options.endKey;
    this.#upTo = options.upTo;
    this.#onClose = options.onClose;
    this.#ranges = new OpenRanges(layout.order);
    this.#name = new AtomName(layout);
    this.#tombstone = new TombstoneAtom(layout);
    this.#grouper = new RowGrouper(input, layout, this.#tombstone);
  }

  advance(): Fragment {
    const input = this.#input;
    const start = input.position;
    try {
      for (;;) {
        const fragment = this.#inPartition ? this.#readUnfiltered() : this.#readPartition();
        if (fragment !== PASSED_OVER) return fragment;
        this.#safePosition = input.position;
      }
    } catch (error) {
      if (error !== NEED_MORE) throw error;
      // What was passed over before the bytes ran out stays passed.
      input.position = this.#safePosition > start ? this.#safePosition : start;
      // A row that did not fit is parsed from its start again: twice as much each time, lest that happen often.
      input.suggest(2 * Math.max(0, input.limit - input.position));
      return PENDING;
    }
  }

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
    const partition = this.partition;
    const keyLength = input.readUnsignedShort();
    const keyStart = input.take(keyLength);
    readPartitionDeletion(input, false, partition.deletion);
    if (partition.key.length < keyLength) partition.key = new Uint8Array(keyLength * 2);
    partition.key.set(input.bytes.subarray(keyStart, keyStart + keyLength));
    partition.keyLength = keyLength;
    partition.position = offset;
    assignToken(this.#layout.partitioner, partition);
    if (this.#upTo && compareTokens(partition, this.#upTo) > 0) throw input.corrupt('A partition lies behind the range that the index gave it to');
    this.#ranges.reset();
    this.#upcoming = [];
    this.#rowDeletions.forget();
    partition.hasStaticRow = false;
    if (this.#layout.isStaticCompact) this.#readDeclaredColumns(partition);
    else if (this.#layout.isCompound) this.#readStaticCells(partition);
    this.#firstKey = undefined;
    this.#inPartition = true;
    return PARTITION;
  }

  /** Static cells come first. */
  #readStaticCells(partition: Partition): void {
    const input = this.#input;
    const start = input.position;
    const nameLength = input.readUnsignedShort();
    const nameStart = input.take(nameLength);
    input.position = start;
    if (nameLength < 2 || input.bytes[nameStart] !== 0xff || input.bytes[nameStart + 1] !== 0xff) return;
    this.#grouper.read(partition.staticRow, true, partition.deletion, undefined, this.#behindRow);
    if (isEmpty(partition.staticRow)) return;
    partition.staticRow.detach();
    partition.hasStaticRow = true;
  }

  /** Goes through the whole partition for the cells that the schema declares, and back to its start when there are others. */
  #readDeclaredColumns(partition: Partition): void {
    const input = this.#input;
    const start = input.position;
    const row = partition.staticRow;
    if (input.limit - start > MAX_STATIC_COMPACT_PARTITION) {
      throw cassandraError('SSTABLE_UNSUPPORTED', 'A partition of a compact table without clustering columns is larger than 256 MiB', { file: this.file, offset: partition.position });
    }
    row.reset(input.bytes, true);
    row.position = input.offset();
    const hasOthers = this.#grouper.readDeclared(row, partition.deletion);
    row.endPosition = input.offset();
    if (hasOthers) input.position = start;
    if (isEmpty(row)) return;
    row.detach();
    partition.hasStaticRow = true;
  }

  /** The next row or marker; PASSED_OVER after the end of the partition, or what shows nothing. */
  #readUnfiltered(): Fragment {
    const input = this.#input;
    const start = input.position;
    if (this.#upcoming.length > MAX_UPCOMING) return this.#openNext(start);
    const nameLength = input.readUnsignedShort();
    if (nameLength === 0) {
      if (this.#upcoming.length > 0) return this.#openNext(start);
      if (this.#ranges.nextMarker(this.marker)) return this.#rewind(start, MARKER);
      this.#inPartition = false;
      return PASSED_OVER;
    }
    const nameStart = input.take(nameLength);
    const flags = input.readUnsignedByte();
    if (flags === FLAG_RANGE_TOMBSTONE) {
      this.#tombstone.read(input, nameStart, nameStart + nameLength);
      if (!this.#tombstone.isRow && !this.#tombstone.isCollection) {
        this.#insert(this.#tombstone.range());
        return PASSED_OVER;
      }
    }
    if (this.#upcoming.length > 0 || !this.#ranges.isEmpty) {
      const problem = this.#name.parse(input.bytes, nameStart, nameStart + nameLength);
      if (problem !== undefined) throw input.corrupt(problem);
      const row = { at: this.#name, kind: BOUND_CLUSTERING };
      const next = this.#upcoming.at(0)?.start;
      if (next && this.#layout.order(next, next.kind, row.at, row.kind) < 0) return this.#openNext(start);
      if (this.#ranges.nextMarker(this.marker, row)) return this.#rewind(start, MARKER);
      if (this.#ranges.startAfter(row)) {
        if (flags === FLAG_RANGE_TOMBSTONE && this.#rowDeletions.isLast(this.#tombstone)) return PASSED_OVER;
        throw input.corrupt('A row comes after a range tombstone that it should come before');
      }
    }
    if (flags === FLAG_RANGE_TOMBSTONE && this.#tombstone.isRow) this.#rowDeletions.keep(this.#tombstone);
    input.position = start;
    this.#grouper.read(this.row, false, this.partition.deletion, this.#ranges, this.#behindRow);
    for (const rest of this.#behindRow) this.#insert(rest);
    return isEmpty(this.row) ? PASSED_OVER : ROW;
  }

  #insert(tombstone: RangeTombstone): void {
    const { start } = tombstone;
    let i = this.#upcoming.length;
    while (i > 0 && this.#layout.order(this.#upcoming[i - 1].start, this.#upcoming[i - 1].start.kind, start, start.kind) > 0) i--;
    this.#upcoming.splice(i, 0, tombstone);
  }

  /** Opens the first of the upcoming range tombstones, or tells a marker that comes before it. What is at `start` is read again. */
  #openNext(start: number): Fragment {
    const [tombstone] = this.#upcoming;
    if (this.#ranges.nextMarker(this.marker, { at: tombstone.start, kind: tombstone.start.kind })) return this.#rewind(start, MARKER);
    this.#input.position = start;
    this.#upcoming.shift();
    const { hi, lo } = tombstone.deletion;
    if (!this.partition.deletion.deletes(hi, lo) && !this.#ranges.covers(tombstone)) this.#ranges.add(tombstone);
    return PASSED_OVER;
  }

  /** A marker that comes before the atom at hand: that is read again then. */
  #rewind(start: number, fragment: typeof MARKER): Fragment {
    this.#input.position = start;
    this.marker.position = this.#input.offset();
    this.marker.endPosition = this.marker.position;
    return fragment;
  }
}

function isEmpty(row: Row): boolean {
  return row.cellCount === 0 && row.complexCount === 0 && !row.hasLiveness() && row.deletion.isLive();
}
