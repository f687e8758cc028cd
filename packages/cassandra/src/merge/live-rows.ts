// The k-way merge: many SSTables of one table, of one node or of several, become one stream of live rows.
//
// Sources are merged by token and key, within a partition by clustering. A deletion (of a partition, a range, a row, a collection)
// hides what any source wrote before it; what is expired at `now` hides as a deletion does. Memory: one row a source.

import { cassandraError } from '../errors.ts';
import { BOUND_CLUSTERING, END, MARKER, Marker, PARTITION, PENDING, Partition, ROW } from '../model/cursor.ts';
import type { Fragment, UnfilteredCursor } from '../model/cursor.ts';
import { DeletionTime, Row } from '../model/row.ts';
import type { Partitioner, TableMetadata } from '../model/table-metadata.ts';
import { comparePartitions, partitionOfKey } from '../model/token.ts';
import { clusteringOrderOf } from './clustering-order.ts';
import type { ClusteringOrder, Clustered } from './clustering-order.ts';
import { Heap } from './heap.ts';
import { RowMerger } from './row-merger.ts';

/**
 * A place in the stream of live rows: the last one that was dealt with. Without clustering: the partition was announced (and its
 * static row dealt with), no row of it yet.
 */
export interface Position {
  readonly partitionKey: Uint8Array;
  /** Values by clustering column, null where a compact table leaves one out. */
  readonly clustering?: readonly (Uint8Array | null)[];
}

export interface LiveRowsOptions {
  /** What counts as expired: seconds since the epoch. */
  readonly nowSeconds: number;
  readonly partitioner: Partitioner;
  /** See `clusteringOrderOf`. */
  readonly emptyInDesc?: 'first' | 'last' | 'mixed';
  /** By which rule ties of timestamps are decided: see SSTableVersion.hasTimelessTies. */
  readonly hasTimelessTies?: boolean;
  /** See SSTableVersion.deletesCountersForGood. */
  readonly deletesCountersForGood?: boolean;
  /** Shows only what comes after this place; the partition it lies in is announced again. */
  readonly resumeAfter?: Position;
}

/** One input and where it stands. */
interface Source {
  readonly cursor: UnfilteredCursor;
  at: Fragment;
  /** The range deletion that is open in this source's partition. */
  readonly open: DeletionTime;
}

/** Fragments are PARTITION (with its live static row) and ROW. A partition in which nothing is live never appears; markers neither. */
export class LiveRows implements UnfilteredCursor {
  readonly partition = new Partition();
  row = new Row();
  readonly marker = new Marker();

  readonly #order: ClusteringOrder;
  readonly #sources: readonly Source[];
  readonly #rowMerger: RowMerger;
  readonly #staticMerger: RowMerger;
  readonly #isStaticCompact: boolean;
  /** Sources that stand at the start of a partition. */
  readonly #partitions: Heap<Source>;
  /** Sources that stand at a row or marker of the current partition, unless it comes from one source alone. */
  readonly #rows: Heap<Source>;
  /** Sources whose current fragment is used up. */
  #toAdvance: Source[];
  /** Sources of the current partition; empty between two. */
  readonly #members: Source[] = [];
  /** The later of the partition's deletion and of all ranges that are open. */
  readonly #active = new DeletionTime();
  readonly #merging: Source[] = [];
  readonly #mergingRows: Row[] = [];
  #isAnnounced = false;
  /** The row is there, but its PARTITION had to come first. */
  #holdsRow = false;
  #isStarted = false;
  /** Partitions before this one, and rows of it up to the clustering, were dealt with before. Undefined once it is passed. */
  #resumePartition: Partition | undefined;
  readonly #resumeClustering: Clustered | undefined;

  constructor(cursors: readonly UnfilteredCursor[], table: TableMetadata, options: LiveRowsOptions) {
    const { nowSeconds, resumeAfter, hasTimelessTies = false, deletesCountersForGood = false } = options;
    this.#order = clusteringOrderOf(table, options.emptyInDesc);
    this.#sources = cursors.map((cursor) => ({ cursor, at: PENDING, open: new DeletionTime() }));
    this.#partitions = new Heap((a, b) => comparePartitions(a.cursor.partition, b.cursor.partition));
    this.#rows = new Heap((a, b) => this.#compareSources(a, b));
    this.#toAdvance = [...this.#sources];
    this.#rowMerger = new RowMerger(table.regularColumns, nowSeconds, { needsLiveness: table.enforcesStrictLiveness, hasTimelessTies, deletesCountersForGood });
    this.#staticMerger = new RowMerger(table.staticColumns, nowSeconds, { hasTimelessTies, deletesCountersForGood });
    this.#isStaticCompact = table.isStaticCompact;
    this.#resumePartition = resumeAfter && partitionOfKey(options.partitioner, resumeAfter.partitionKey);
    this.#resumeClustering = resumeAfter?.clustering && clusteredOf(resumeAfter.clustering);
  }

  advance(): Fragment {
    if (this.#holdsRow) {
      this.#holdsRow = false;
      return ROW;
    }
    for (;;) {
      if (!this.#advanceSources()) return PENDING;
      if (this.#members.length === 0) {
        if (this.#partitions.size === 0) return END;
        if (this.#enterPartition()) return PARTITION;
        continue;
      }
      const row = this.#nextRow();
      if (!row) continue;
      this.row = row;
      if (this.#isAnnounced) return ROW;
      this.#isAnnounced = true;
      this.#holdsRow = true;
      return PARTITION;
    }
  }

  async fill(): Promise<void> {
    await Promise.all(this.#toAdvance.map((source) => source.cursor.fill()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.cursor.close()));
  }

  /** Moves every source that was used up; false when some of them have to be filled first. */
  #advanceSources(): boolean {
    const waiting = this.#toAdvance;
    if (waiting.length === 0) return true;
    let pending = 0;
    for (const source of waiting) {
      source.at = source.cursor.advance();
      if (source.at === PENDING) waiting[pending++] = source;
      else this.#place(source);
    }
    waiting.length = pending;
    return pending === 0;
  }

  #place(source: Source): void {
    switch (source.at) {
      case PARTITION:
        if (this.#isStarted && comparePartitions(source.cursor.partition, this.partition) <= 0) throw outOfOrder(source.cursor);
        this.#leave(source);
        this.#partitions.push(source);
        break;
      case END:
        this.#leave(source);
        break;
      default:
        if (this.#members.length > 1) this.#rows.push(source);
    }
  }

  #leave(source: Source): void {
    const index = this.#members.indexOf(source);
    if (index < 0) return;
    this.#members.splice(index, 1);
    if (!source.open.isLive()) {
      source.open.reset();
      this.#recomputeActive();
    }
    // What is left of the partition comes from one source: it stands in the heap, and no longer needs to.
    if (this.#members.length === 1 && this.#rows.size === 1) this.#rows.pop();
  }

  /** Gathers the sources of the next partition. True when it is announced at once, for its static row. */
  #enterPartition(): boolean {
    const partition = this.partition;
    const first = this.#partitions.pop();
    copyPartition(first.cursor.partition, partition);
    this.#members.push(first);
    while (this.#partitions.size > 0 && comparePartitions(this.#partitions.top().cursor.partition, partition) === 0) {
      const other = this.#partitions.pop();
      this.#members.push(other);
      if (other.cursor.partition.deletion.supersedes(partition.deletion)) partition.deletion.copy(other.cursor.partition.deletion);
    }
    this.#isStarted = true;
    this.#active.copy(partition.deletion);
    this.#toAdvance.push(...this.#members);
    this.#side = this.#sideOfResume();
    // The one row of a static compact partition is behind every position in that partition.
    const isPassed = this.#side < 0 || (this.#side === 0 && this.#isStaticCompact);
    const staticRow = isPassed ? undefined : this.#mergeStaticRows();
    partition.hasStaticRow = staticRow !== undefined && !this.#isStaticCompact;
    this.#isAnnounced = staticRow !== undefined;
    if (staticRow && this.#isStaticCompact) {
      this.row = partition.staticRow;
      this.#holdsRow = true;
    }
    return this.#isAnnounced;
  }

  /** The live static cells of all members, in bytes of their own: the sources move on while the partition is read. */
  #mergeStaticRows(): Row | undefined {
    const rows = this.#mergingRows;
    let count = 0;
    for (const source of this.#members) if (source.cursor.partition.hasStaticRow) rows[count++] = source.cursor.partition.staticRow;
    if (count === 0) return undefined;
    const merged = this.#staticMerger.merge(rows, count, this.#active);
    if (!merged || merged.cellCount === 0) return undefined;
    this.partition.staticRow.copy(merged);
    return this.partition.staticRow;
  }

  /** The next live row of the partition; undefined when what came next shows nothing (or the partition is over). */
  #nextRow(): Row | undefined {
    const alone = this.#members.length === 1;
    const source = alone ? this.#members[0] : this.#rows.pop();
    this.#toAdvance.push(source);
    if (source.at === MARKER) {
      source.open.copy(source.cursor.marker.opens);
      this.#recomputeActive();
      return undefined;
    }
    if (alone) return this.#show(source.cursor.row) && this.#rowMerger.keepLive(source.cursor.row, this.#active) ? source.cursor.row : undefined;

    const merging = this.#merging;
    let count = 0;
    merging[count++] = source;
    while (this.#rows.size > 0 && this.#rows.top().at === ROW && this.#compareSources(this.#rows.top(), source) === 0) {
      const other = this.#rows.pop();
      this.#toAdvance.push(other);
      merging[count++] = other;
    }
    if (!this.#show(source.cursor.row)) return undefined;
    if (count === 1) return this.#rowMerger.keepLive(source.cursor.row, this.#active) ? source.cursor.row : undefined;
    for (let i = 0; i < count; i++) this.#mergingRows[i] = merging[i].cursor.row;
    return this.#rowMerger.merge(this.#mergingRows, count, this.#active);
  }

  #recomputeActive(): void {
    this.#active.copy(this.partition.deletion);
    for (const source of this.#members) if (source.open.supersedes(this.#active)) this.#active.copy(source.open);
  }

  #compareSources(a: Source, b: Source): number {
    return this.#order(a.at === ROW ? a.cursor.row : a.cursor.marker, a.at === ROW ? BOUND_CLUSTERING : a.cursor.marker.kind,
      b.at === ROW ? b.cursor.row : b.cursor.marker, b.at === ROW ? BOUND_CLUSTERING : b.cursor.marker.kind);
  }

  /** Whether rows of this clustering are to be shown: not those that static compact tables hide, nor those before the resume position. */
  #show(row: Row): boolean {
    if (this.#isStaticCompact || this.#side < 0) return false;
    if (this.#side > 0 || !this.#resumeClustering) return true;
    return this.#order(row, BOUND_CLUSTERING, this.#resumeClustering, BOUND_CLUSTERING) > 0;
  }

  /** Where the current partition stands to the resume position: before it (-1), at it (0) or after it (1). */
  #side = 1;

  #sideOfResume(): number {
    if (!this.#resumePartition) return 1;
    const side = comparePartitions(this.partition, this.#resumePartition);
    if (side > 0) this.#resumePartition = undefined;
    return Math.sign(side);
  }
}

function copyPartition(from: Partition, to: Partition): void {
  if (to.key.length < from.keyLength) to.key = new Uint8Array(from.keyLength * 2);
  to.key.set(from.key.subarray(0, from.keyLength));
  to.keyLength = from.keyLength;
  to.tokenHi = from.tokenHi;
  to.tokenLo = from.tokenLo;
  to.tokenExtraHi = from.tokenExtraHi;
  to.tokenExtraLo = from.tokenExtraLo;
  to.deletion.copy(from.deletion);
}

function clusteredOf(values: readonly (Uint8Array | null)[]): Clustered {
  const starts = new Int32Array(values.length);
  const ends = new Int32Array(values.length);
  let at = 0;
  values.forEach((value, i) => {
    starts[i] = value ? at : -1;
    at += value?.length ?? 0;
    ends[i] = value ? at : -1;
  });
  return { bytes: Buffer.concat(values.filter((value) => value !== null)), clusteringCount: values.length, clusteringStart: starts, clusteringEnd: ends };
}

function outOfOrder(cursor: UnfilteredCursor): Error {
  return cassandraError('SSTABLE_CORRUPT', 'Partitions are not in the order of their tokens', { ...(cursor.file === undefined ? {} : { file: cursor.file }), offset: cursor.partition.position });
}
