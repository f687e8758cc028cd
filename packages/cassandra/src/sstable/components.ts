// The small components of an SSTable, read and checked against each other.

import { readWhole } from '../bytes/byte-source.ts';
import type { FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';
import { readCompressionInfo } from './compression-info.ts';
import type { CompressionInfo, Span } from './compression-info.ts';
import type { ChunkChecksums } from './data-window.ts';
import type { ChecksumName } from '../bytes/checksum.ts';
import type { Component, Descriptor } from './descriptor.ts';
import { parseStatistics } from './statistics.ts';
import type { Statistics } from './statistics.ts';

/** Whole-file components are parsed in memory: eight bytes a chunk make 1 GiB of CompressionInfo for 8 TiB of data in 64 KiB chunks. */
const MAX_COMPONENT_BYTES = 1 << 30;
/** Cassandra makes these anew when they are not there; nothing is lost without them. */
const REBUILDABLE = new Set(['Summary.db', 'Filter.db', 'TOC.txt']);

/** How the bytes of Data.db are to be read and checked. */
export interface DataLayout {
  /** Bytes of Data.db on disk. */
  readonly sizeBytes: number;
  readonly compression: CompressionInfo | undefined;
  readonly checksums: ChunkChecksums | undefined;
  /** What chunks and digest are checked by. */
  readonly checksum: ChecksumName;
  /** The checksum of Data.db as a whole. */
  readonly digest: number | undefined;
}

/** The component names that TOC.txt lists; empty when there is none. */
export async function readToc(files: FileSystem, descriptor: Descriptor): Promise<string[]> {
  const path = descriptor.pathOf('TOC.txt');
  if ((await files.kind(path)) === undefined) return [];
  const text = Buffer.from(await readWhole(files, path, 1 << 16)).toString('utf8');
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}

export async function readStatistics(files: FileSystem, descriptor: Descriptor): Promise<Statistics> {
  const path = descriptor.pathOf('Statistics.db');
  const bytes = await readOptional(files, descriptor, 'Statistics.db');
  if (!bytes) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Statistics.db is not there: it holds the types of the columns', { file: path });
  return parseStatistics(bytes, path, descriptor.version);
}

/**
 * Everything that reading a span of Data.db (uncompressed offsets) takes. It grows with the span, so it is read again for each scan rather
 * than kept.
 */
export async function readDataLayout(files: FileSystem, descriptor: Descriptor, statistics: Statistics, span: Span): Promise<DataLayout> {
  const dataFile = descriptor.pathOf('Data.db');
  if ((await files.kind(dataFile)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Data.db is not there', { file: dataFile });
  const sizeBytes = await sizeOf(files, dataFile);
  // Cassandra never writes an SSTable without a partition.
  if (sizeBytes === 0) throw cassandraError('SSTABLE_TRUNCATED', 'Data.db is empty', { file: dataFile });
  const compressionFile = descriptor.pathOf('CompressionInfo.db');
  const isCompressed = (await files.kind(compressionFile)) !== undefined;
  const compression = isCompressed ? await readCompressionInfo(files, compressionFile, descriptor.version, sizeBytes, span) : undefined;
  // Every writer notes the ratio, and -1 for none: without it, compressed bytes would be taken for rows.
  if (!compression && statistics.stats.compressionRatio >= 0) {
    throw cassandraError('SSTABLE_COMPONENT_MISSING', 'CompressionInfo.db is not there, and Data.db is compressed', { file: compressionFile });
  }
  const crcBytes = compression ? undefined : await readOptional(files, descriptor, 'CRC.db');
  const { storesAtoms } = descriptor.version;
  const digestComponent = await digestComponentOf(files, descriptor);
  // Early releases of 2.1 left the chunks' checksums out of the digest of compressed files, and nothing tells: the chunks have to do.
  const digestBytes = storesAtoms && compression ? undefined : await readOptional(files, descriptor, digestComponent);
  const digest = parseDigest(digestBytes, descriptor.pathOf(digestComponent));
  return {
    sizeBytes, compression,
    checksum: descriptor.version.checksum,
    // ScyllaDB once wrote a CRC.db of other chunks than it says, beside a digest that is right.
    checksums: crcBytes && parseChecksums(crcBytes, descriptor.pathOf('CRC.db'), sizeBytes, storesAtoms && digest !== undefined),
    digest,
  };
}

/** Betas of 2.2, and ScyllaDB, kept the name of 2.1 under the letters of 2.2. */
async function digestComponentOf(files: FileSystem, descriptor: Descriptor): Promise<Component> {
  const { digestComponent, storesAtoms } = descriptor.version;
  return storesAtoms && (await files.kind(descriptor.pathOf(digestComponent))) === undefined ? 'Digest.sha1' : digestComponent;
}

/** What the table of contents lists must be there: else the copy of the SSTable is incomplete. */
export async function requireComponents(files: FileSystem, descriptor: Descriptor, listed: readonly string[]): Promise<void> {
  for (const component of listed) {
    const path = descriptor.pathOf(component as Component);
    if (REBUILDABLE.has(component) || isSecondaryIndex(component)) continue;
    if ((await files.kind(path)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', `${component} is in the table of contents, but not there`, { file: path });
  }
  const index = descriptor.pathOf(descriptor.version.hasTries ? 'Partitions.db' : 'Index.db');
  if ((await files.kind(index)) === 'file' && (await sizeOf(files, index)) === 0) throw cassandraError('SSTABLE_TRUNCATED', 'The index is empty', { file: index });
}

/** Components of SASI and storage-attached indexes: nothing of them is read. */
function isSecondaryIndex(component: string): boolean {
  return component.startsWith('SI_') || component.startsWith('SAI+');
}

async function readOptional(files: FileSystem, descriptor: Descriptor, component: Component): Promise<Uint8Array | undefined> {
  const path = descriptor.pathOf(component);
  return (await files.kind(path)) === undefined ? undefined : readWhole(files, path, MAX_COMPONENT_BYTES);
}

async function sizeOf(files: FileSystem, path: string): Promise<number> {
  const source = await files.open(path);
  await source.close();
  return source.size;
}

/** The digest: the checksum of Data.db in decimal digits. */
function parseDigest(bytes: Uint8Array | undefined, file: string): number | undefined {
  if (!bytes) return undefined;
  const text = Buffer.from(bytes).toString('latin1').trim();
  const digest = Number(text);
  if (!/^\d{1,10}$/.test(text) || digest > 0xffffffff) throw cassandraError('SSTABLE_CORRUPT', 'The digest is not a checksum in decimal digits', { file });
  return digest;
}

/** CRC.db: chunk length, then a checksum a chunk. `mayBeForeign`: too many are no error, and of no use. */
function parseChecksums(bytes: Uint8Array, file: string, dataSize: number, mayBeForeign: boolean): ChunkChecksums | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunkLength = bytes.length >= 4 ? view.getInt32(0) : 0;
  if (chunkLength <= 0 || chunkLength > MAX_COMPONENT_BYTES) throw cassandraError('SSTABLE_CORRUPT', `The chunk length is ${chunkLength}`, { file });
  const count = Math.ceil(dataSize / chunkLength);
  const there = (bytes.length - 4) >> 2;
  if (there < count) throw cassandraError('SSTABLE_TRUNCATED', `${count} checksums are needed, ${there} are there`, { file });
  const crcs = Uint32Array.from({ length: there }, (_, i) => view.getUint32(4 + i * 4));
  // More checksums than chunks mean that Data.db was cut off, unless they are those of nothing.
  const hasMore = crcs.subarray(count).some((crc) => crc !== 0);
  if (hasMore && mayBeForeign) return undefined;
  if (hasMore) throw cassandraError('SSTABLE_TRUNCATED', `${there} checksums are there for ${dataSize} bytes of data`, { file });
  return { chunkLength, crcs };
}
