// One SSTable: its components opened and checked against each other, and cursors over its rows.

import type { FileSystem } from '../bytes/byte-source.ts';
import { CodedError, cassandraError } from '../errors.ts';
import { END, PENDING } from '../model/cursor.ts';
import type { UnfilteredCursor } from '../model/cursor.ts';
import type { Partitioner, TableMetadata } from '../model/table-metadata.ts';
import { tokenOfBigInt } from '../model/token-range.ts';
import type { TokenRange } from '../model/token-range.ts';
import type { Token } from '../model/token.ts';
import { BigIndex } from './big-index.ts';
import { readDataLayout, readStatistics, readToc, requireComponents } from './components.ts';
import type { CompressionInfo, Span } from './compression-info.ts';
import { DataWindow } from './data-window.ts';
import { descriptorOf } from './descriptor.ts';
import type { Descriptor } from './descriptor.ts';
import { sampleIndex } from './index-samples.ts';
import type { IndexSamples } from './index-samples.ts';
import { LegacyReader } from './legacy/legacy-reader.ts';
import { legacyLayoutOf } from './legacy/layout.ts';
import type { LegacyLayout } from './legacy/layout.ts';
import type { IndexedData, PartitionIndex } from './partition-index.ts';
import { hasUndecidedUserType, layoutOf, partitionerOf } from './row-layout.ts';
import type { RowLayout } from './row-layout.ts';
import { RowReader } from './row-reader.ts';
import { withFrozenUserTypes } from './serialization-header.ts';
import type { SerializationHeader } from './serialization-header.ts';
import type { Statistics } from './statistics.ts';
import { offsetsOfRange } from './token-search.ts';
import { TrieIndex } from './trie-index.ts';

/** What a cursor reads ahead by default; a merge of many SSTables gives each less. */
const DEFAULT_BATCH_BYTES = 512 * 1024;
/** How much is tried to tell two ways of reading user types apart. */
const PROBE_BYTES = 1024 * 1024;

/** For a look at the layout alone. */
const NO_BYTES: Span = { start: 0, end: 0 };

export interface ScanOptions {
  /** Uncompressed offsets of partition boundaries; the whole file by default. */
  readonly start?: number;
  readonly end?: number;
  /** The keys that the index has for the partitions at `start` and at `end`: others there mean that index and data do not belong together. */
  readonly firstKey?: Uint8Array | undefined;
  readonly endKey?: Uint8Array | undefined;
  /** No partition may have a greater token: else the index passed some over. */
  readonly upTo?: Token | undefined;
  /** Uncompressed bytes read at a time. */
  readonly batchBytes?: number;
}

/** How Data.db is compressed, without the offsets of its chunks. */
export type Compression = Omit<CompressionInfo, 'chunkOffsets' | 'firstChunk' | 'decompress' | 'dataLength'>;

/** What reading rows takes, from 3.0 on and before. */
type RowsOf = { readonly header: SerializationHeader; readonly layout: RowLayout } | { readonly header?: undefined; readonly layout: LegacyLayout };

export class SSTable {
  readonly descriptor: Descriptor;
  readonly statistics: Statistics;
  /** As TOC.txt lists them. */
  readonly components: readonly string[];
  readonly compression: Compression | undefined;
  readonly partitioner: Partitioner;
  /** The table as rows are read; undefined for a version before 3.0 without a schema: only that tells its columns. */
  readonly table: TableMetadata | undefined;
  /** Bytes of Data.db on disk. */
  readonly sizeBytes: number;
  /** Uncompressed length of Data.db. */
  readonly dataLength: number;
  readonly #files: FileSystem;
  /** Made once where Summary.db is missing. */
  #samples: Promise<IndexSamples> | undefined;

  readonly #rows: RowsOf | undefined;

  private constructor(files: FileSystem, parts: Omit<SSTable, 'scan' | 'scanRange' | 'openIndex' | 'partitionCount' | 'table'>, rows: RowsOf | undefined) {
    this.#files = files;
    this.#rows = rows;
    this.descriptor = parts.descriptor;
    this.statistics = parts.statistics;
    this.components = parts.components;
    this.compression = parts.compression;
    this.partitioner = parts.partitioner;
    this.table = rows?.layout.table;
    this.sizeBytes = parts.sizeBytes;
    this.dataLength = parts.dataLength;
  }

  /**
   * Opens the SSTable of a Data.db file. With `schema` its rows fit that table; without, its own header describes them (raw),
   * or before 3.0 nothing does: then it cannot be scanned.
   * Throws SSTABLE_*, SCHEMA_MISMATCH, FILE_UNREADABLE.
   */
  static async open(files: FileSystem, dataFile: string, schema?: TableMetadata): Promise<SSTable> {
    if (!dataFile.endsWith('-Data.db') && (await files.kind(dataFile)) === undefined) {
      throw cassandraError('FILE_UNREADABLE', 'There is nothing at this path', { file: dataFile });
    }
    const descriptor = descriptorOf(dataFile);
    const components = await readToc(files, descriptor);
    const statistics = await readStatistics(files, descriptor);
    const { compression, sizeBytes } = await readDataLayout(files, descriptor, statistics, NO_BYTES);
    await requireComponents(files, descriptor, components);
    const { header, validation } = statistics;
    const statisticsFile = descriptor.pathOf('Statistics.db');
    const partitioner = partitionerOf(validation.partitioner, statisticsFile);
    const parts = {
      descriptor, components, statistics, partitioner, sizeBytes,
      dataLength: compression?.dataLength ?? sizeBytes,
      compression,
    };
    if (!header) {
      const legacy = schema && legacyLayoutOf(schema, partitioner, descriptor.version.putsEmptyFirstInDesc);
      return new SSTable(files, parts, legacy && { layout: legacy });
    }
    const sstable = new SSTable(files, parts, { header, layout: layoutOf(header, partitioner, statisticsFile, schema) });
    if (!hasUndecidedUserType(header, schema) || (await sstable.#parses())) return sstable;
    const frozen = layoutOf(withFrozenUserTypes(header), partitioner, statisticsFile, schema);
    return new SSTable(files, parts, { header, layout: frozen });
  }

  /** Whether the first rows can be read with this layout: rows know their size, so a wrong one shows at once. */
  async #parses(): Promise<boolean> {
    const cursor = await this.scan({ batchBytes: PROBE_BYTES });
    try {
      await cursor.fill();
      for (;;) {
        const fragment = cursor.advance();
        if (fragment === PENDING || fragment === END) return true;
      }
    } catch (error) {
      if (error instanceof CodedError) return false;
      throw error;
    } finally {
      await cursor.close();
    }
  }

  /**
   * A cursor over the partitions between two offsets. Reads the chunks that hold them, and of CompressionInfo.db what tells where those lie.
   * A scan of the whole file also checks its digest.
   */
  async scan(options: ScanOptions = {}): Promise<UnfilteredCursor> {
    const rows = this.#rows;
    const dataFile = this.descriptor.pathOf('Data.db');
    if (!rows) throw cassandraError('SCHEMA_MISSING', `SSTables of version ${this.descriptor.version.letters} do not say which columns they have`, { file: dataFile });
    const { start = 0, end = this.dataLength, firstKey, endKey, upTo } = options;
    // The key behind the range is looked at as well.
    const span = { start, end: Math.min(this.dataLength, endKey ? end + 2 + endKey.length : end) };
    const data = await readDataLayout(this.#files, this.descriptor, this.statistics, span);
    const source = await this.#files.open(dataFile);
    const window = new DataWindow({ source, ...data }, span.start, span.end, options.batchBytes ?? DEFAULT_BATCH_BYTES);
    const bounds = { version: this.descriptor.version, end, firstKey, endKey, upTo, onClose: () => source.close() };
    return rows.header ? new RowReader(window, rows.header, rows.layout, bounds) : new LegacyReader(window, rows.layout, bounds);
  }

  /**
   * A cursor over the partitions of a token range that does not go round; undefined when there are none. Throws SSTABLE_UNSUPPORTED for a
   * partitioner without tokens, SSTABLE_COMPONENT_MISSING without index.
   */
  async scanRange(range: TokenRange, batchBytes?: number): Promise<UnfilteredCursor | undefined> {
    const options = batchBytes === undefined ? {} : { batchBytes };
    if (range.start === undefined && range.end === undefined) return this.scan(options);
    const index = await this.openIndex();
    try {
      const offsets = await offsetsOfRange(index, this.partitioner, this.dataLength, range);
      return offsets.start >= offsets.end ? undefined : await this.scan({ ...offsets, ...options, upTo: range.end === undefined ? undefined : tokenOfBigInt(this.partitioner, range.end) });
    } finally {
      await index.close();
    }
  }

  /** By Statistics.db, whose histogram of their sizes counts each of them. */
  get partitionCount(): number {
    return this.statistics.stats.partitionSizes.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Close it after use. Throws SSTABLE_COMPONENT_MISSING, SSTABLE_CORRUPT. */
  openIndex(): Promise<PartitionIndex> {
    const { partitioner, dataLength, descriptor } = this;
    const data: IndexedData = { partitioner, dataLength, keyAt: (position) => this.#keyAt(position) };
    if (descriptor.version.hasTries) return TrieIndex.open(this.#files, descriptor, data);
    return BigIndex.open(this.#files, descriptor, data, (index) => (this.#samples ??= sampleIndex(index, this.descriptor.version, this.partitionCount)));
  }
  /** The key of the partition at an uncompressed offset: reads the chunks that hold it. */
  async #keyAt(position: number): Promise<Uint8Array> {
    const source = await this.#files.open(this.descriptor.pathOf('Data.db'));
    try {
      for (let length = 2; ; ) {
        const span = { start: position, end: Math.min(this.dataLength, position + length) };
        const data = await readDataLayout(this.#files, this.descriptor, this.statistics, span);
        const window = new DataWindow({ source, ...data }, span.start, span.end, 1);
        await window.fill();
        const keyLength = window.readUnsignedShort();
        if (window.remaining() >= keyLength) {
          const at = window.take(keyLength);
          return window.bytes.slice(at, at + keyLength);
        }
        // It goes on in the next chunk.
        if (position + 2 + keyLength > this.dataLength) throw window.corrupt(`A key of ${keyLength} bytes at the end of the content`);
        length = 2 + keyLength;
      }
    } finally {
      await source.close();
    }
  }
}
