// CompressionInfo.db: how Data.db is cut into compressed chunks (docs/formats/compression-info.md). Of a large file only the offsets
// of the chunks that are wanted are read: it has eight bytes a chunk.

import type { ByteSource, FileSystem } from '../bytes/byte-source.ts';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { decompressorOf } from '../bytes/decompress.ts';
import type { Decompress } from '../bytes/decompress.ts';
import { CodedError, cassandraError } from '../errors.ts';
import type { SSTableVersion } from './version.ts';

/** Uncompressed offsets in Data.db: from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface CompressionInfo {
  /** Class name without its package, for display. */
  readonly compressor: string;
  readonly options: ReadonlyMap<string, string>;
  /** Uncompressed bytes of every chunk but the last. */
  readonly chunkLength: number;
  /** A chunk of so many bytes or more on disk is not compressed; the largest int32 when all are. */
  readonly maxCompressedLength: number;
  /** Uncompressed length of Data.db. */
  readonly dataLength: number;
  /** Of the whole file. */
  readonly chunkCount: number;
  /** The chunk whose offset is chunkOffsets[0]. */
  readonly firstChunk: number;
  /** Offset in Data.db of each chunk of the span, and of the chunk behind it; a chunk is followed by its 4-byte CRC. */
  readonly chunkOffsets: Float64Array;
  readonly decompress: Decompress;
}

const ALWAYS_COMPRESSED = 0x7fffffff;
/** A chunk is buffered whole, so a length beyond this can only be damage; Cassandra's own advice is 4 to 256 KiB. */
const MAX_CHUNK_LENGTH = 64 * 1024 * 1024;
/** Eight bytes a chunk make 1 GiB for 8 TiB of data in 64 KiB chunks. */
const MAX_OFFSET_BYTES = 1 << 30;
/** Class name, options and numbers fit easily; else more is read. */
const HEADER_BYTES = 1024;
const MAX_HEADER_BYTES = 1 << 20;

/** What it takes to read a span of Data.db. Throws SSTABLE_CORRUPT, SSTABLE_TRUNCATED, or SSTABLE_UNSUPPORTED for an unknown compressor. */
export async function readCompressionInfo(files: FileSystem, path: string, version: SSTableVersion, dataFileSize: number, span: Span): Promise<CompressionInfo> {
  const source = await files.open(path);
  try {
    const { headerLength, ...header } = await readHeader(source, version);
    const { chunkCount, chunkLength, dataLength } = header;
    if (source.size < headerLength + chunkCount * 8) {
      const there = Math.floor((source.size - headerLength) / 8);
      throw cassandraError('SSTABLE_TRUNCATED', `${chunkCount} chunk offsets are announced, ${there} are there`, { file: path });
    }
    const [last] = await readOffsets(source, headerLength, chunkCount - 1, chunkCount);
    if (last + 4 > dataFileSize) throw cassandraError('SSTABLE_TRUNCATED', `Data.db has ${dataFileSize} bytes, its last chunk starts at ${last}`, { file: path });
    const firstChunk = Math.floor(span.start / chunkLength);
    // The chunk behind the span tells where its last one ends.
    const endChunk = span.end >= dataLength ? chunkCount : Math.min(chunkCount, Math.ceil(span.end / chunkLength) + 1);
    return { ...header, firstChunk, chunkOffsets: await readOffsets(source, headerLength, firstChunk, Math.max(firstChunk, endChunk)) };
  } finally {
    await source.close();
  }
}

type Header = Omit<CompressionInfo, 'firstChunk' | 'chunkOffsets'> & { readonly headerLength: number };

async function readHeader(source: ByteSource, version: SSTableVersion): Promise<Header> {
  for (let length = HEADER_BYTES; ; length = MAX_HEADER_BYTES) {
    try {
      return parseHeader(new ByteCursor(await readAt(source, 0, Math.min(length, source.size))), version, source.path);
    } catch (error) {
      const isCutOff = error instanceof CodedError && error.code === 'SSTABLE_TRUNCATED' && length < Math.min(source.size, MAX_HEADER_BYTES);
      if (!isCutOff) throw error;
    }
  }
}

function parseHeader(input: ByteCursor, version: SSTableVersion, file: string): Header {
  const corrupt = (message: string) => cassandraError('SSTABLE_CORRUPT', message, { file });
  const className = readUtf(input);
  const options = new Map<string, string>();
  const optionCount = input.readInt32();
  if (optionCount < 0 || optionCount > 1000) throw corrupt(`${optionCount} compression options`);
  for (let i = 0; i < optionCount; i++) {
    const key = readUtf(input);
    options.set(key, readUtf(input));
  }
  const chunkLength = input.readInt32();
  if (chunkLength <= 0 || chunkLength > MAX_CHUNK_LENGTH || (chunkLength & (chunkLength - 1)) !== 0) throw corrupt(`The chunk length is ${chunkLength}`);
  const maxCompressedLength = version.hasMaxCompressedLength ? input.readInt32() : ALWAYS_COMPRESSED;
  if (maxCompressedLength <= 0 || (maxCompressedLength > chunkLength && maxCompressedLength !== ALWAYS_COMPRESSED)) {
    throw corrupt(`Chunks of ${chunkLength} bytes are left uncompressed from ${maxCompressedLength} bytes on`);
  }
  const dataLength = input.readLength64('The data length');
  // Every SSTable has a partition: believing zero would lose them all in silence.
  if (dataLength === 0) throw corrupt('The data length is 0');
  const chunkCount = input.readInt32();
  // A file that was synced at its very end has one more chunk, of no bytes: the window checks that it is empty.
  if (chunkCount < Math.ceil(dataLength / chunkLength)) {
    throw corrupt(`${chunkCount} chunks of ${chunkLength} bytes do not make ${dataLength} bytes`);
  }
  const compressor = className.slice(className.lastIndexOf('.') + 1);
  const decompress = decompressorOf(compressor);
  if (!decompress) throw cassandraError('SSTABLE_UNSUPPORTED', `Compressor ${className} is not known`, { file });
  return { compressor, options, chunkLength, maxCompressedLength, dataLength, chunkCount, decompress, headerLength: input.position };
}

/** Offsets of the chunks from `first` up to `end`. */
async function readOffsets(source: ByteSource, headerLength: number, first: number, end: number): Promise<Float64Array> {
  const length = (end - first) * 8;
  if (length > MAX_OFFSET_BYTES) throw cassandraError('SSTABLE_UNSUPPORTED', `${end - first} chunks are too many to be read at once`, { file: source.path });
  const input = new ByteCursor(await readAt(source, headerLength + first * 8, length));
  const offsets = new Float64Array(end - first);
  for (let i = 0; i < offsets.length; i++) {
    const offset = input.readLength64('A chunk offset');
    const isRising = first + i === 0 ? offset === 0 : i === 0 || offset > offsets[i - 1] + 4;
    if (!isRising) throw cassandraError('SSTABLE_CORRUPT', `Chunk ${first + i} starts at ${offset}, not after the chunk before it`, { file: source.path });
    offsets[i] = offset;
  }
  return offsets;
}

async function readAt(source: ByteSource, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const count = await source.read(bytes, 0, length, position);
  return bytes.subarray(0, count);
}

/** Java's writeUTF: unsigned short length, modified UTF-8 (plain for the ASCII names that occur here). */
function readUtf(input: ByteCursor): string {
  const length = input.readUnsignedShort();
  const at = input.take(length);
  return Buffer.from(input.bytes.buffer, input.bytes.byteOffset + at, length).toString('utf8');
}
