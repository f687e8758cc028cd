// One SSTable: its components opened and checked against each other, and cursors over its rows.

import { readWhole } from '../bytes/byte-source.ts';
import type { FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';
import type { UnfilteredCursor } from '../model/cursor.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import { parseCompressionInfo } from './compression-info.ts';
import type { CompressionInfo } from './compression-info.ts';
import { DataWindow } from './data-window.ts';
import type { ChunkChecksums, DataFile } from './data-window.ts';
import { descriptorOf } from './descriptor.ts';
import type { Component, Descriptor } from './descriptor.ts';
import { layoutOf } from './row-layout.ts';
import type { RowLayout } from './row-layout.ts';
import { RowReader } from './row-reader.ts';
import { parseStatistics } from './statistics.ts';
import type { Statistics } from './statistics.ts';

/** Whole-file components are parsed in memory: eight bytes a chunk make 1 GiB of CompressionInfo for 8 TiB of data in 64 KiB chunks. */
const MAX_COMPONENT_BYTES = 1 << 30;
/** What a cursor reads ahead by default; a merge of many SSTables gives each less. */
const DEFAULT_BATCH_BYTES = 512 * 1024;

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
    const sizeBytes = await sizeOf(files, dataFile);
    const optional = async (component: Component) => ((await files.kind(descriptor.pathOf(component))) === undefined
      ? undefined : readWhole(files, descriptor.pathOf(component), MAX_COMPONENT_BYTES));
    const statisticsFile = descriptor.pathOf('Statistics.db');
    const statisticsBytes = await optional('Statistics.db');
    if (!statisticsBytes) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Statistics.db is not there: it holds the types of the columns', { file: statisticsFile });
    const statistics = parseStatistics(statisticsBytes, statisticsFile, descriptor.version);

    const compressionFile = descriptor.pathOf('CompressionInfo.db');
    const compressionBytes = await optional('CompressionInfo.db');
    const compression = compressionBytes && parseCompressionInfo(compressionBytes, compressionFile, sizeBytes);
    if (!compression && components.includes('CompressionInfo.db')) {
      throw cassandraError('SSTABLE_COMPONENT_MISSING', 'CompressionInfo.db is in the table of contents, but not there', { file: compressionFile });
    }
    const crcBytes = compression ? undefined : await optional('CRC.db');
    return new SSTable(files, {
      descriptor, components, statistics, compression, sizeBytes,
      checksums: crcBytes && parseChecksums(crcBytes, descriptor.pathOf('CRC.db'), sizeBytes),
      digest: parseDigest(await optional('Digest.crc32'), descriptor.pathOf('Digest.crc32')),
      layout: layoutOf(statistics.header, statistics.validation.partitioner, statisticsFile, schema),
    });
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

/** The component names that TOC.txt lists; empty when there is none. */
async function readToc(files: FileSystem, descriptor: Descriptor): Promise<string[]> {
  const path = descriptor.pathOf('TOC.txt');
  if ((await files.kind(path)) === undefined) return [];
  const text = Buffer.from(await readWhole(files, path, 1 << 16)).toString('utf8');
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

async function sizeOf(files: FileSystem, path: string): Promise<number> {
  if ((await files.kind(path)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Data.db is not there', { file: path });
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
  if (bytes.length < 4 + count * 4) throw cassandraError('SSTABLE_TRUNCATED', `${count} checksums are needed, ${(bytes.length - 4) >> 2} are there`, { file });
  return { chunkLength, crcs: Uint32Array.from({ length: count }, (_, i) => view.getUint32(4 + i * 4)) };
}
