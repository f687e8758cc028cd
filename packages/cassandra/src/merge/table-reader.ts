// A table as all of its SSTables together hold it: opened once, then read in token ranges.

import type { FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';
import type { Partitioner, TableMetadata } from '../model/table-metadata.ts';
import { rangesOfCuts } from '../model/token-range.ts';
import type { TokenRange } from '../model/token-range.ts';
import { partitionOfKey, tokenToBigInt } from '../model/token.ts';
import { SSTable } from '../sstable/sstable.ts';
import type { ScanOptions } from '../sstable/sstable.ts';
import { readIndexEntries } from '../sstable/index-entries.ts';
import { offsetsOfRange, readSummary } from '../sstable/token-search.ts';
import { LiveRows } from './live-rows.ts';
import type { Position } from './live-rows.ts';

/** Uncompressed bytes that all cursors of one scan together read at a time; a few of them are alive at once. */
const BATCH_BYTES_OF_SCAN = 8 * 1024 * 1024;
const MAX_BATCH_BYTES = 512 * 1024;
const MIN_BATCH_BYTES = 64 * 1024;
/** More samples than this make splits no better. */
const MAX_SAMPLES = 100_000;

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
  readonly #files: FileSystem;

  private constructor(files: FileSystem, table: TableMetadata, sstables: readonly SSTable[], partitioner: Partitioner) {
    this.#files = files;
    this.table = table;
    this.sstables = sstables;
    this.partitioner = partitioner;
  }

  /** Opens the given Data.db files (any number of nodes') as one table. `table` is in storage form, not the CQL view. */
  static async open(files: FileSystem, table: TableMetadata, dataFiles: readonly string[]): Promise<TableReader> {
    const sstables: SSTable[] = [];
    for (const file of dataFiles) sstables.push(await SSTable.open(files, file, table));
    const partitioners = new Set(sstables.map((sstable) => sstable.layout.partitioner));
    if (partitioners.size > 1) {
      throw cassandraError('SCHEMA_MISMATCH', `SSTables of one table come from different partitioners: ${[...partitioners].join(', ')}`, { file: dataFiles[0] });
    }
    return new TableReader(files, table, sstables, [...partitioners][0] ?? 'murmur3');
  }

  /** Live rows in token and clustering order. Close the cursor after use. */
  async liveRows(query: LiveRowsQuery): Promise<LiveRows> {
    const batchBytes = Math.max(MIN_BATCH_BYTES, Math.min(MAX_BATCH_BYTES, Math.floor(BATCH_BYTES_OF_SCAN / Math.max(1, this.sstables.length))));
    const range = this.#narrow(query);
    const cursors = [];
    for (const sstable of this.sstables) {
      const isWhole = range.start === undefined && range.end === undefined;
      const bounds: ScanOptions = isWhole
        ? {}
        : await offsetsOfRange(this.#files, sstable.descriptor, this.partitioner, sstable.dataLength, range);
      if (bounds.start !== undefined && bounds.end !== undefined && bounds.start >= bounds.end) continue;
      cursors.push(await sstable.scan({ ...bounds, batchBytes }));
    }
    return new LiveRows(cursors, this.table, {
      nowSeconds: query.nowSeconds, partitioner: this.partitioner, emptyInDesc: this.#emptyInDesc(), ...(query.resumeAfter ? { resumeAfter: query.resumeAfter } : {}),
    });
  }

  /** A resumed scan need not read what lies before its position. */
  #narrow({ range = {}, resumeAfter }: LiveRowsQuery): TokenRange {
    if (!resumeAfter || !this.#hasOrderedTokens()) return range;
    const before = tokenToBigInt(this.partitioner, partitionOfKey(this.partitioner, resumeAfter.partitionKey)) - 1n;
    return { ...range, start: range.start === undefined || before > range.start ? before : range.start };
  }

  #emptyInDesc(): 'first' | 'last' | 'mixed' {
    const kinds = new Set(this.sstables.map(({ descriptor }) => descriptor.version.putsEmptyFirstInDesc));
    return kinds.size > 1 ? 'mixed' : kinds.has(true) ? 'first' : 'last';
  }

  #hasOrderedTokens(): boolean {
    return this.partitioner === 'murmur3' || this.partitioner === 'random';
  }

  /** Uncompressed bytes of all Data.db files. */
  get dataLength(): number {
    return this.sstables.reduce((sum, sstable) => sum + sstable.dataLength, 0);
  }

  /**
   * Cuts the table into at most `count` token ranges of about equal bytes, by the keys that the summaries sample (an SSTable without
   * a summary: by its index). Tables of few partitions, or of a partitioner without tokens, give fewer ranges.
   */
  async planRanges(count: number): Promise<TokenRange[]> {
    if (count <= 1 || !this.#hasOrderedTokens()) return [{}];
    const samples: { token: bigint; bytes: number }[] = [];
    for (const sstable of this.sstables) {
      const keys = await this.#sampledKeys(sstable);
      const bytes = sstable.dataLength / Math.max(1, keys.length);
      for (const key of keys) samples.push({ token: tokenToBigInt(this.partitioner, partitionOfKey(this.partitioner, key)), bytes });
    }
    samples.sort((a, b) => (a.token < b.token ? -1 : a.token > b.token ? 1 : 0));
    const target = this.dataLength / count;
    const cuts: bigint[] = [];
    let bytes = 0;
    for (const sample of samples) {
      bytes += sample.bytes;
      if (bytes < target * (cuts.length + 1) || cuts.length >= count - 1) continue;
      if (cuts.length === 0 || cuts[cuts.length - 1] < sample.token) cuts.push(sample.token);
    }
    return rangesOfCuts(cuts);
  }

  async #sampledKeys(sstable: SSTable): Promise<readonly Uint8Array[]> {
    const summary = await readSummary(this.#files, sstable.descriptor);
    // A summary samples every 128th key: small tables are sampled finer by their index.
    if (summary && summary.entries.length >= 64) return summary.entries.map((entry) => entry.key);
    const path = sstable.descriptor.pathOf('Index.db');
    if ((await this.#files.kind(path)) === undefined) return summary?.entries.map((entry) => entry.key) ?? [];
    const source = await this.#files.open(path);
    try {
      const keys: Uint8Array[] = [];
      for await (const entry of readIndexEntries(source)) if (keys.length < MAX_SAMPLES) keys.push(entry.key);
      return keys;
    } finally {
      await source.close();
    }
  }
}
