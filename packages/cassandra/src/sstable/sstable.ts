// One SSTable: its components opened and checked against each other, and cursors over its rows.

import type { FileSystem } from '../bytes/byte-source.ts';
import { CodedError } from '../errors.ts';
import { END, PENDING } from '../model/cursor.ts';
import type { UnfilteredCursor } from '../model/cursor.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import { readDataLayout, readStatistics, readToc, requireComponents } from './components.ts';
import type { CompressionInfo } from './compression-info.ts';
import { DataWindow } from './data-window.ts';
import { descriptorOf } from './descriptor.ts';
import type { Descriptor } from './descriptor.ts';
import { hasUndecidedUserType, layoutOf } from './row-layout.ts';
import type { RowLayout } from './row-layout.ts';
import { RowReader } from './row-reader.ts';
import { withFrozenUserTypes } from './serialization-header.ts';
import type { Statistics } from './statistics.ts';

/** What a cursor reads ahead by default; a merge of many SSTables gives each less. */
const DEFAULT_BATCH_BYTES = 512 * 1024;
/** How much is tried to tell two ways of reading user types apart. */
const PROBE_BYTES = 1024 * 1024;

export interface ScanOptions {
  /** Uncompressed offsets of partition boundaries; the whole file by default. */
  readonly start?: number;
  readonly end?: number;
  /** The key that the index has for the partition at `start`: another one there means that index and data do not belong together. */
  readonly firstKey?: Uint8Array | undefined;
  /** Uncompressed bytes read at a time. */
  readonly batchBytes?: number;
}

/** How Data.db is compressed, without the offsets of its chunks. */
export interface Compression extends Omit<CompressionInfo, 'chunkOffsets' | 'decompress' | 'dataLength'> {
  readonly chunks: number;
}

export class SSTable {
  readonly descriptor: Descriptor;
  readonly statistics: Statistics;
  /** As TOC.txt lists them. */
  readonly components: readonly string[];
  readonly compression: Compression | undefined;
  readonly layout: RowLayout;
  /** Bytes of Data.db on disk. */
  readonly sizeBytes: number;
  /** Uncompressed length of Data.db. */
  readonly dataLength: number;
  readonly #files: FileSystem;

  private constructor(files: FileSystem, parts: Omit<SSTable, 'scan'>) {
    this.#files = files;
    this.descriptor = parts.descriptor;
    this.statistics = parts.statistics;
    this.components = parts.components;
    this.compression = parts.compression;
    this.layout = parts.layout;
    this.sizeBytes = parts.sizeBytes;
    this.dataLength = parts.dataLength;
  }

  /**
   * Opens the SSTable of a Data.db file. With `schema` its rows fit that table; without, its own header describes them (raw).
   * Throws SSTABLE_*, SCHEMA_MISMATCH, FILE_UNREADABLE.
   */
  static async open(files: FileSystem, dataFile: string, schema?: TableMetadata): Promise<SSTable> {
    const descriptor = descriptorOf(dataFile);
    const components = await readToc(files, descriptor);
    const statistics = await readStatistics(files, descriptor);
    const { compression, sizeBytes } = await readDataLayout(files, descriptor, statistics);
    await requireComponents(files, descriptor, components);
    const { header, validation } = statistics;
    const layout = layoutOf(header, validation.partitioner, descriptor.pathOf('Statistics.db'), schema);
    const parts = {
      descriptor, components, statistics, layout, sizeBytes,
      dataLength: compression?.dataLength ?? sizeBytes,
      compression: compression && { ...compression, chunks: compression.chunkOffsets.length, chunkOffsets: undefined },
    };
    const sstable = new SSTable(files, parts);
    if (!hasUndecidedUserType(header, schema) || (await sstable.#parses())) return sstable;
    const frozen = layoutOf(withFrozenUserTypes(header), validation.partitioner, descriptor.pathOf('Statistics.db'), schema);
    return new SSTable(files, { ...parts, layout: frozen });
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

  /** A cursor over the partitions between two offsets. A scan of the whole file also checks its digest. */
  async scan(options: ScanOptions = {}): Promise<UnfilteredCursor> {
    const data = await readDataLayout(this.#files, this.descriptor, this.statistics);
    const source = await this.#files.open(this.descriptor.pathOf('Data.db'));
    const window = new DataWindow({ source, ...data }, options.start ?? 0, options.batchBytes ?? DEFAULT_BATCH_BYTES);
    return new RowReader(window, this.statistics.header, this.layout, {
      end: options.end ?? this.dataLength, firstKey: options.firstKey, onClose: () => source.close(),
    });
  }
}
