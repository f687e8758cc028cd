// The codecs behind one function. Each chunk's declared size is checked before a library may allocate by it.

import { inflateSync, zstdDecompressSync } from 'node:zlib';
import lz4 from 'lz4-napi';
import snappy from 'snappy';
import { cassandraError } from '../errors.ts';

/** Compressor class names as CompressionInfo.db has them, without their package. */
export type CompressorName = 'LZ4Compressor' | 'SnappyCompressor' | 'DeflateCompressor' | 'ZstdCompressor' | 'NoopCompressor';

export type Decompress = (chunk: Uint8Array, into: Uint8Array, at: number, expectedLength: number) => void;

/**
 * The decompressor of a compressor class. It writes exactly `expectedLength` bytes at `at`, or throws SSTABLE_CORRUPT.
 * Undefined for a class that is not known.
 */
export function decompressorOf(compressor: string): Decompress | undefined {
  return decompressors[compressor as CompressorName];
}

const decompressors: Record<CompressorName, Decompress> = {
  // [length: int32 little-endian][LZ4 block]: Cassandra's framing happens to be the one the library calls "size prepended".
  LZ4Compressor(chunk, into, at, expectedLength) {
    const declared = chunk.length < 4 ? -1 : chunk[0] | (chunk[1] << 8) | (chunk[2] << 16) | (chunk[3] << 24);
    requireLength(declared, expectedLength);
    put(run(() => lz4.uncompressSync(asBuffer(chunk))), into, at, expectedLength);
  },
  SnappyCompressor(chunk, into, at, expectedLength) {
    requireLength(snappyLength(chunk), expectedLength);
    put(run(() => snappy.uncompressSync(asBuffer(chunk), { asBuffer: true }) as Buffer), into, at, expectedLength);
  },
  DeflateCompressor(chunk, into, at, expectedLength) {
    put(run(() => inflateSync(chunk, { maxOutputLength: Math.max(1, expectedLength) })), into, at, expectedLength);
  },
  ZstdCompressor(chunk, into, at, expectedLength) {
    put(run(() => zstdDecompressSync(chunk, { maxOutputLength: Math.max(1, expectedLength) })), into, at, expectedLength);
  },
  NoopCompressor: put,
};

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function run(decompress: () => Uint8Array): Uint8Array {
  try {
    return decompress();
  } catch (error) {
    throw cassandraError('SSTABLE_CORRUPT', `A chunk does not decompress: ${(error as Error).message}`, {}, error);
  }
}

function put(bytes: Uint8Array, into: Uint8Array, at: number, expectedLength: number): void {
  requireLength(bytes.length, expectedLength);
  into.set(bytes, at);
}

function requireLength(length: number, expected: number): void {
  if (length !== expected) throw cassandraError('SSTABLE_CORRUPT', `A chunk holds ${length} bytes uncompressed instead of ${expected}`);
}

/** Snappy starts with the uncompressed length as a little-endian base-128 varint. */
function snappyLength(chunk: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < 5 && i < chunk.length; i++) {
    length += (chunk[i] & 0x7f) * 2 ** (7 * i);
    if (chunk[i] < 0x80) return length;
  }
  return -1;
}
