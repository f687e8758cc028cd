// One SSTable: its components opened and checked against each other, and cursors over its rows.

import { readWhole } from '../bytes/byte-source.ts';
import type { FileSystem } from '../bytes/byte-source.ts';
import { CodedError, cassandraError } from '../errors.ts';
import { END, PENDING } from '../model/cursor.ts';
import type { UnfilteredCursor } from '../model/cursor.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import { parseCompressionInfo } from './compression-info.ts';
import type { CompressionInfo } from './compression-info.ts';
import { DataWindow } from './data-window.ts';
import type { ChunkChecksums, DataFile } from './data-window.ts';
import { descriptorOf } from './descriptor.ts';
import type { Component, Descriptor } from './descriptor.ts';
import { hasUndecidedUserType, layoutOf } from './row-layout.ts';
import type { RowLayout } from './row-layout.ts';
import { RowReader } from './row-reader.ts';
import { withFrozenUserTypes } from './serialization-header.ts';
import type { SerializationHeader } from './serialization-header.ts';
import { parseStatistics } from './statistics.ts';
import type { Statistics } from './statistics.ts';

/** Whole-file components are parsed in memory: eight bytes a chunk make 1 GiB of CompressionInfo for 8 TiB of data in 64 KiB chunks. */
const MAX_COMPONENT_BYTES = 1 << 30;
/** What a cursor reads ahead by default; a merge of many SSTables gives each less. */
const DEFAULT_BATCH_BYTES = 512 * 1024;
/** How much is tried to tell two ways of reading user types apart. */
const PROBE_BYTES = 1024 * 1024;

export interface ScanOptions {
  /** Uncompressed offsets of partition boundaries; the whole file by default. */
  readonly start?: number;
  readonly end?: number;
  /** Uncompressed bytes read at a time. */
  readonly batchBytes?: number;
}

export class SSTable {
  readonly descriptor: Descriptor;
  readonly statistics: Statistics;
  readonly components: readonly string[];
  readonly compression: CompressionInfo | undefined;
  readonly layout: RowLayout;
  /** Bytes of Data.db on disk. */
  readonly sizeBytes: number;
  readonly #files: FileSystem;
  readonly #checksums: ChunkChecksums | undefined;
  readonly #digest: number | undefined;

  private constructor(files: FileSystem, parts: Omit<SSTableParts, 'layout'> & { layout: RowLayout }) {
    this.#files = files;
    this.descriptor = parts.descriptor;
    this.statistics = parts.statistics;
    this.components = parts.components;
    this.compression = parts.compression;
    this.layout = parts.layout;
    this.sizeBytes = parts.sizeBytes;
    this.#checksums = parts.checksums;
    this.#digest = parts.digest;
  }

  /**
   * Opens the SSTable of a Data.db file. With `schema` its rows fit that table; without, its own header describes them (raw).
   * Throws SSTABLE_*, SCHEMA_MISMATCH, FILE_UNREADABLE.
   */
  static async open(files: FileSystem, dataFile: string, schema?: TableMetadata): Promise<SSTable> {
    const descriptor = descriptorOf(dataFile);
    const components = await readToc(files, descriptor);
    if ((await files.kind(dataFile)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Data.db is not there', { file: dataFile });
    const sizeBytes = await sizeOf(files, dataFile);
    // Cassandra never writes an SSTable without a partition.
    if (sizeBytes === 0) throw cassandraError('SSTABLE_TRUNCATED', 'Data.db is empty', { file: dataFile });
    const optional = async (component: Component) => ((await files.kind(descriptor.pathOf(component))) === undefined
      ? undefined : readWhole(files, descriptor.pathOf(component), MAX_COMPONENT_BYTES));
    const statisticsFile = descriptor.pathOf('Statistics.db');
    const statisticsBytes = await optional('Statistics.db');
    if (!statisticsBytes) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Statistics.db is not there: it holds the types of the columns', { file: statisticsFile });
    const statistics = parseStatistics(statisticsBytes, statisticsFile, descriptor.version);

    const compressionFile = descriptor.pathOf('CompressionInfo.db');
    const compressionBytes = await optional('CompressionInfo.db');
    const compression = compressionBytes && parseCompressionInfo(compressionBytes, compressionFile, sizeBytes);
    const crcBytes = compression ? undefined : await optional('CRC.db');
    // Every writer notes the ratio, and -1 for none: without it, compressed bytes would be taken for rows.
    if (!compression && statistics.stats.compressionRatio >= 0) {
      throw cassandraError('SSTABLE_COMPONENT_MISSING', 'CompressionInfo.db is not there, and Data.db is compressed', { file: compressionFile });
    }
    await requireComponents(files, descriptor, components);
    const parts = {
      descriptor, components, statistics, compression, sizeBytes,
      checksums: crcBytes && parseChecksums(crcBytes, descriptor.pathOf('CRC.db'), sizeBytes),
      digest: parseDigest(await optional('Digest.crc32'), descriptor.pathOf('Digest.crc32')),
    };
    const fit = (header: SerializationHeader) => layoutOf(header, statistics.validation.partitioner, statisticsFile, schema);
    const sstable = new SSTable(files, { ...parts, layout: fit(statistics.header) });
    if (!hasUndecidedUserType(statistics.header, schema)) return sstable;
    return (await sstable.#parses()) ? sstable : new SSTable(files, { ...parts, layout: fit(withFrozenUserTypes(statistics.header)) });
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

  /** Uncompressed length of Data.db. */
  get dataLength(): number {
    return this.compression ? this.compression.dataLength : this.sizeBytes;
  }

  /** A cursor over the partitions between two offsets. A scan of the whole file also checks its digest. */
  async scan(options: ScanOptions = {}): Promise<UnfilteredCursor> {
    const source = await this.#files.open(this.descriptor.pathOf('Data.db'));
    const file: DataFile = {
      source,
      ...(this.compression ? { compression: this.compression } : {}),
      ...(this.#checksums ? { checksums: this.#checksums } : {}),
      ...(this.#digest === undefined ? {} : { digest: this.#digest }),
    };
    const window = new DataWindow(file, options.start ?? 0, options.batchBytes ?? DEFAULT_BATCH_BYTES);
    return new RowReader(window, this.statistics.header, this.layout, options.end ?? this.dataLength, () => source.close());
  }
}

interface SSTableParts {
  readonly descriptor: Descriptor;
  readonly components: readonly string[];
  readonly statistics: Statistics;
  readonly compression: CompressionInfo | undefined;
  readonly checksums: ChunkChecksums | undefined;
  readonly digest: number | undefined;
  readonly sizeBytes: number;
  readonly layout: RowLayout;
}

/** Cassandra makes these anew when they are not there; nothing is lost without them. */
const REBUILDABLE = new Set(['Summary.db', 'Filter.db', 'TOC.txt']);

/** What the table of contents lists must be there: else the copy of the SSTable is incomplete. */
async function requireComponents(files: FileSystem, descriptor: Descriptor, listed: readonly string[]): Promise<void> {
  for (const component of listed) {
    const path = descriptor.pathOf(component as Component);
    if (REBUILDABLE.has(component) || component.startsWith('SI_')) continue;
    if ((await files.kind(path)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', `${component} is in the table of contents, but not there`, { file: path });
  }
  const index = descriptor.pathOf('Index.db');
  if ((await files.kind(index)) === 'file' && (await sizeOf(files, index)) === 0) throw cassandraError('SSTABLE_TRUNCATED', 'Index.db is empty', { file: index });
}

/** The component names that TOC.txt lists; empty when there is none. */
async function readToc(files: FileSystem, descriptor: Descriptor): Promise<string[]> {
  const path = descriptor.pathOf('TOC.txt');
  if ((await files.kind(path)) === undefined) return [];
  const text = Buffer.from(await readWhole(files, path, 1 << 16)).toString('utf8');
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

async function sizeOf(files: FileSystem, path: string): Promise<number> {
    const source = await files.open(path);
  await source.close();
  return source.size;
}


/** Digest.crc32: the checksum of Data.db in decimal digits. */
function parseDigest(bytes: Uint8Array | undefined, file: string): number | undefined {
  if (!bytes) return undefined;
  const text = Buffer.from(bytes).toString('latin1').trim();
  const digest = Number(text);
  if (!/^\d{1,10}$/.test(text) || digest > 0xffffffff) throw cassandraError('SSTABLE_CORRUPT', 'The digest is not a checksum in decimal digits', { file });
  return digest;
}

/** CRC.db: chunk length, then a CRC32 a chunk. */
function parseChecksums(bytes: Uint8Array, file: string, dataSize: number): ChunkChecksums {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunkLength = bytes.length >= 4 ? view.getInt32(0) : 0;
  if (chunkLength <= 0 || chunkLength > MAX_COMPONENT_BYTES) throw cassandraError('SSTABLE_CORRUPT', `The chunk length is ${chunkLength}`, { file });
  const count = Math.ceil(dataSize / chunkLength);
  const there = (bytes.length - 4) >> 2;
  if (there < count) throw cassandraError('SSTABLE_TRUNCATED', `${count} checksums are needed, ${there} are there`, { file });
  const crcs = Uint32Array.from({ length: there }, (_, i) => view.getUint32(4 + i * 4));
  // More checksums than chunks mean that Data.db was cut off, unless they are those of nothing.
  if (crcs.subarray(count).some((crc) => crc !== 0)) throw cassandraError('SSTABLE_TRUNCATED', `${there} checksums are there for ${dataSize} bytes of data`, { file });
  return { chunkLength, crcs };
}
