import { deflateSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompressorOf } from './decompress.ts';

const CONTENT = Buffer.from('a chunk of a file, a chunk of a file, a chunk of a file');
const CHUNKS: readonly (readonly [string, Buffer])[] = [
  ['ZstdCompressor', zstdCompressSync(CONTENT)],
  ['DeflateCompressor', deflateSync(CONTENT)],
  ['NoopCompressor', CONTENT],
];

describe.each(CHUNKS)('%s', (name, chunk) => {
  const decompress = decompressorOf(name)!;

  it('writes the content where it is asked to', () => {
    const into = Buffer.alloc(CONTENT.length + 10);
    decompress(chunk, into, 7, CONTENT.length);
    expect(into.subarray(7, 7 + CONTENT.length).equals(CONTENT)).toBe(true);
  });

  it.each([['shorter', CONTENT.length - 1], ['longer', CONTENT.length + 1]])('refuses a content that is %s than it must be', (_what, length) => {
    expect(() => decompress(chunk, Buffer.alloc(100), 0, CONTENT.length * 2 - length)).toThrow(expect.objectContaining({ code: 'SSTABLE_CORRUPT' }));
  });
});

it('knows no other compressor', () => {
  expect(decompressorOf('BrotliCompressor')).toBeUndefined();
});
