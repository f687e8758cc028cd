// CompressionInfo.db: how Data.db is cut into compressed chunks (docs/formats/compression-info.md).

import { ByteCursor } from '../bytes/byte-cursor.ts';
import { decompressorOf } from '../bytes/decompress.ts';
import type { Decompress } from '../bytes/decompress.ts';
import { cassandraError } from '../errors.ts';

export interface CompressionInfo {
  /** Class name without its package, for display. */
  readonly compressor: string;
  readonly options: ReadonlyMap<string, string>;
  /** Uncompressed bytes of every chunk but the last. */
  readonly chunkLength: number;
  /** Uncompressed length of Data.db. */
  readonly dataLength: number;
  /** Offset of each chunk in Data.db; a chunk is followed by its 4-byte CRC. */
  readonly chunkOffsets: Float64Array;
  readonly decompress: Decompress;
}

/** A chunk is buffered whole, so a length beyond this can only be damage; Cassandra's own advice is 4 to 256 KiB. */
const MAX_CHUNK_LENGTH = 64 * 1024 * 1024;

/** Throws SSTABLE_CORRUPT, SSTABLE_TRUNCATED, or SSTABLE_UNSUPPORTED for an unknown compressor. */
export function parseCompressionInfo(bytes: Uint8Array, file: string, dataFileSize: number): CompressionInfo {
  const corrupt = (message: string) => cassandraError('SSTABLE_CORRUPT', message, { file });
  const input = new ByteCursor(bytes);
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
  const dataLength = input.readLength64('The data length');
  const chunkCount = input.readInt32();
  // A file that was synced at its very end has one more chunk, of no bytes: the window checks that it is empty.
  if (chunkCount <= 0 || chunkCount < Math.ceil(dataLength / chunkLength)) {
    throw corrupt(`${chunkCount} chunks of ${chunkLength} bytes do not make ${dataLength} bytes`);
  }
  if (input.remaining() < chunkCount * 8) {
    throw cassandraError('SSTABLE_TRUNCATED', `${chunkCount} chunk offsets are announced, ${Math.floor(input.remaining() / 8)} are there`, { file });
  }
  const chunkOffsets = new Float64Array(chunkCount);
  for (let i = 0; i < chunkCount; i++) {
    const offset = input.readLength64('A chunk offset');
    if (i === 0 ? offset !== 0 : offset <= chunkOffsets[i - 1] + 4) throw corrupt(`Chunk ${i} starts at ${offset}, not after the chunk before it`);
    chunkOffsets[i] = offset;
  }
  if (chunkOffsets[chunkCount - 1] + 4 > dataFileSize) {
    throw cassandraError('SSTABLE_TRUNCATED', `Data.db has ${dataFileSize} bytes, its last chunk starts at ${chunkOffsets[chunkCount - 1]}`, { file });
  }
  const compressor = className.slice(className.lastIndexOf('.') + 1);
  const decompress = decompressorOf(compressor);
  if (!decompress) throw cassandraError('SSTABLE_UNSUPPORTED', `Compressor ${className} is not known`, { file });
  return { compressor, options, chunkLength, dataLength, chunkOffsets, decompress };
}

/** Java's writeUTF: unsigned short length, modified UTF-8 (plain for the ASCII names that occur here). */
function readUtf(input: ByteCursor): string {
  const length = input.readUnsignedShort();
  const at = input.take(length);
  return Buffer.from(input.bytes.buffer, input.bytes.byteOffset + at, length).toString('utf8');
}
