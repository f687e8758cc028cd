// A table as all of its SSTables together hold it: opened once, then read in token ranges.

import type { FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';
import type { UnfilteredCursor } from '../model/cursor.ts';
import type { Partitioner, TableMetadata } from '../model/table-metadata.ts';
import { ringOf, unwrapped } from '../model/token-range.ts';
import type { TokenRange } from '../model/token-range.ts';
import { partitionOfKey, tokenToBigInt } from '../model/token.ts';
import { SSTable } from '../sstable/sstable.ts';
import { LiveRows } from './live-rows.ts';
import type { Position } from './live-rows.ts';
import { planSplits } from './split-planner.ts';
import type { PlannedSplit } from './split-planner.ts';
import { estimateTable, largestPartitions } from './table-estimate.ts';
import type { LargePartition, TableEstimate } from './table-estimate.ts';

/** Uncompressed bytes that all cursors of one scan together read at a time; a few of them are alive at once. */
const BATCH_BYTES_OF_SCAN = 8 * 1024 * 1024;
const MAX_BATCH_BYTES = 512 * 1024;
const MIN_BATCH_BYTES = 64 * 1024;

export interface LiveRowsQuery {
  /** What counts as expired: seconds since the epoch. */
  readonly nowSeconds: number;
  /** All partitions by default. */
  readonly range?: TokenRange;
  readonly resumeAfter?: Position;
}

export class TableReader {
  readonly table: TableMetadata;
  readonly sstables: readonly SSTable[];
  readonly partitioner: Partitioner;

  private constructor(table: TableMetadata, sstables: readonly SSTable[], partitioner: Partitioner) {
    this.table = table;
    this.sstables = sstables;
    this.partitioner = partitioner;
  }

  /** Opens the given Data.db files (any number of nodes') as one table. `table` is in storage form, not the CQL view. */
  static async open(files: FileSystem, table: TableMetadata, dataFiles: readonly string[]): Promise<TableReader> {
    const sstables: SSTable[] = [];
    for (const file of dataFiles) sstables.push(await SSTable.open(files, file, table));
    const partitioners = new Set(sstables.map((sstable) => sstable.partitioner));
    if (partitioners.size > 1) {
      throw cassandraError('SCHEMA_MISMATCH', `SSTables of one table come from different partitioners: ${[...partitioners].join(', ')}`, { file: dataFiles[0] });
    }
    return new TableReader(table, sstables, [...partitioners][0] ?? 'murmur3');
  }

  /** Live rows in token and clustering order. Close the cursor after use. */
  async liveRows(query: LiveRowsQuery): Promise<LiveRows> {
    const batchBytes = Math.max(MIN_BATCH_BYTES, Math.min(MAX_BATCH_BYTES, Math.floor(BATCH_BYTES_OF_SCAN / Math.max(1, this.sstables.length))));
    const cursors = await this.#scan(unwrapped(query.range ?? {}).flatMap((part) => this.#narrow(part, query.resumeAfter)), batchBytes);
    return new LiveRows(cursors, this.table, {
      nowSeconds: query.nowSeconds, partitioner: this.partitioner, emptyInDesc: this.#emptyInDesc(), hasTimelessTies: this.#hasTimelessTies(),
      deletesCountersForGood: this.sstables.every(({ descriptor }) => descriptor.version.deletesCountersForGood), ...(query.resumeAfter ? { resumeAfter: query.resumeAfter } : {}),
    });
  }

  async #scan(ranges: readonly TokenRange[], batchBytes: number): Promise<UnfilteredCursor[]> {
    const cursors: UnfilteredCursor[] = [];
    try {
      for (const range of ranges) {
        for (const sstable of this.sstables) {
          const cursor = await sstable.scanRange(range, batchBytes);
          if (cursor) cursors.push(cursor);
        }
      }
      return cursors;
    } catch (error) {
      await Promise.all(cursors.map((cursor) => cursor.close()));
      throw error;
    }
  }

  /** A resumed scan need not read what lies before its position. */
  #narrow(range: TokenRange, resumeAfter: Position | undefined): TokenRange[] {
    const ring = ringOf(this.partitioner);
    if (!resumeAfter || !ring) return [range];
    const before = tokenToBigInt(this.partitioner, partitionOfKey(this.partitioner, resumeAfter.partitionKey)) - 1n;
    if (before < ring.first || (range.start !== undefined && range.start >= before)) return [range];
    return range.end !== undefined && range.end <= before ? [] : [{ ...range, start: before }];
  }

  /** The newest file tells which version reads the table: after an upgrade its rules are those for old files as well. */
  #hasTimelessTies(): boolean {
    return this.sstables.some(({ descriptor }) => descriptor.version.hasTimelessTies);
  }

  #emptyInDesc(): 'first' | 'last' | 'mixed' {
    const kinds = new Set(this.sstables.map(({ descriptor }) => descriptor.version.putsEmptyFirstInDesc));
    return kinds.size > 1 ? 'mixed' : kinds.has(true) ? 'first' : 'last';
  }

  /** What the table holds, by what its SSTables say of themselves. */
  estimate(): TableEstimate {
    return estimateTable(this.sstables);
  }

  /** See `largestPartitions`. */
  largestPartitions(count: number): Promise<LargePartition[]> {
    return largestPartitions(this.sstables, count);
  }

  /**
   * Cuts the table into at most `count` token ranges of about equal bytes on disk (see `planSplits`). Tables of few partitions give fewer
   * ranges; those of a partitioner without tokens one, since what is ordered by keys is read as a whole.
   */
  async planSplits(count: number): Promise<PlannedSplit[]> {
    if (count <= 1 || !ringOf(this.partitioner)) return [{ range: {}, sizeBytes: this.estimate().sizeBytes }];
    return planSplits(this.sstables, this.partitioner, count);
  }
}
