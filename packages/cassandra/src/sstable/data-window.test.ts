// Chunks that are left uncompressed (na and later): as CompressedSequentialWriter of 4.0 writes them.

import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../bytes/byte-source.ts';
import { decompressorOf } from '../bytes/decompress.ts';
import { DataWindow } from './data-window.ts';

const CHUNK = 16;
const MAX_COMPRESSED = 12;

/** A file of these chunks as they lie on the disk, each with its checksum behind it. */
function windowOf(chunks: readonly Buffer[], dataLength: number): DataWindow {
  const offsets: number[] = [];
  let length = 0;
  const bytes = Buffer.concat(chunks.map((chunk) => {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(crc32(chunk));
    offsets.push(length);
    length += chunk.length + 4;
    return Buffer.concat([chunk, crc]);
  }));
  const source: ByteSource = {
    path: 'nb-1-big-Data.db', size: bytes.length, close: async () => {},
    read: async (into, offset, count, position) => bytes.copy(into, offset, position, position + count),
  };
  const compression = {
    compressor: 'DeflateCompressor', options: new Map<string, string>(), chunkLength: CHUNK, maxCompressedLength: MAX_COMPRESSED, dataLength,
    chunkCount: chunks.length, firstChunk: 0, chunkOffsets: Float64Array.from(offsets), decompress: decompressorOf('DeflateCompressor')!,
  };
  return new DataWindow({ source, compression, checksums: undefined, digest: undefined, checksum: 'crc32' }, 0, dataLength, 1024);
}

const text = (window: DataWindow) => Buffer.from(window.bytes.subarray(0, window.limit)).toString();

describe('chunks that are not compressed', () => {
  it('are taken as they are', async () => {
    const window = windowOf([Buffer.from('0123456789abcdef'), Buffer.from('0123456789abc')], 29);
    await window.fill();
    expect(text(window)).toBe('0123456789abcdef0123456789abc');
  });

  it('are filled up with zeros where the last one would be taken for a compressed one', async () => {
    const window = windowOf([Buffer.from('0123456789abcdef'), Buffer.from('01234\0\0\0\0\0\0\0')], 21);
    await window.fill();
    expect(text(window)).toBe('0123456789abcdef01234');
  });

  it.each([['shorter', ['0123456789abcd', '01234\0\0\0\0\0\0\0']], ['longer', ['0123456789abcdef0', '01234\0\0\0\0\0\0\0']], ['longer at the end', ['0123456789abcdef', '01234\0\0\0\0\0\0\0\0']]])(
    'must not be %s than their content', async (_what, chunks) => {
      await expect(windowOf(chunks.map((chunk) => Buffer.from(chunk)), 21).fill()).rejects.toMatchObject({ code: 'SSTABLE_CORRUPT' });
    });
});
