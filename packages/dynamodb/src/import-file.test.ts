import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ImportFile, importFileSuffix, readImportFile } from './import-file.ts';
import type { Compression } from './import-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aeneas-import-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lineOf = (n: number) => `{"Item":{"id":{"N":"${n}"},"t":{"S":"text ${n} ${'é'.repeat(n % 50)}"}}}\n`;

async function itemsOf(path: string, compression: Compression): Promise<string[]> {
  const items: string[] = [];
  for await (const batch of readImportFile(createReadStream(path, { highWaterMark: 1000 }), compression, path)) for (const item of batch) items.push(Buffer.from(item).toString());
  return items;
}

for (const compression of ['gzip', 'zstd', 'none'] as const) {
  test(`${compression}: what is written is read, with its sums`, async () => {
    const path = join(folder, `a${importFileSuffix(compression)}`);
    const file = new ImportFile(path, compression);
    const reused = Buffer.alloc(200_000);
    let text = '';
    for (let batch = 0; batch < 40; batch++) {
      const lines = Array.from({ length: 500 }, (_, i) => lineOf(batch * 500 + i)).join('');
      text += lines;
      // The buffer is overwritten at once: the file keeps a copy.
      const length = reused.write(lines);
      await file.write(reused.subarray(0, length), 500);
    }
    const record = await file.finish();
    const bytes = readFileSync(path);
    expect(record).toEqual({
      path, items: 20_000, lineBytes: Buffer.byteLength(text), sizeBytes: bytes.length, crc32: crc32(bytes).toString(16).padStart(8, '0'), sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    if (compression === 'gzip') expect(execFileSync('gzip', ['-dc', path], { maxBuffer: 1 << 26 }).toString()).toBe(text);
    const items = await itemsOf(path, compression);
    expect(items.length).toBe(20_000);
    expect(`{"Item":${items[12_345]}}\n`).toBe(lineOf(12_345));
  });
}

test('a directory that is not there', async () => {
  const missing = new ImportFile(join(folder, 'no', 'a.json.gz'), 'gzip');
  await expect(missing.finish()).rejects.toMatchObject({ code: 'IMPORT_FILE_FAILED', place: { file: join(folder, 'no', 'a.json.gz') } });
});

test('a full disk', async () => {
  if (!existsSync('/dev/full')) return;
  const file = new ImportFile('/dev/full', 'none');
  const fill = async () => {
    for (let i = 0; i < 1000; i++) await file.write(Buffer.from(lineOf(i)), 1);
    await file.finish();
  };
  await expect(fill()).rejects.toMatchObject({ code: 'IMPORT_FILE_FAILED', message: expect.stringContaining('ENOSPC') as string });
});

test('an abandoned file', async () => {
  const file = new ImportFile(join(folder, 'a'), 'gzip');
  await file.write(Buffer.from(lineOf(1)), 1);
  await file.abandon();
  await expect(file.write(Buffer.from(lineOf(2)), 1)).rejects.toMatchObject({ code: 'IMPORT_FILE_FAILED' });
});

test('damaged files are errors', async () => {
  const text = Array.from({ length: 1000 }, (_, i) => lineOf(i)).join('');
  const cases: [Compression, Buffer][] = [
    ['gzip', gzipSync(text).subarray(0, 3000)], ['zstd', zstdCompressSync(text).subarray(0, 2000)], ['none', Buffer.from(text).subarray(0, 1005)], ['gzip', Buffer.from(text)],
    ['gzip', gzipSync(text).fill(0x55, 1000, 1020)],
  ];
  for (const [compression, bytes] of cases) {
    writeFileSync(join(folder, 'a'), bytes);
    await expect(itemsOf(join(folder, 'a'), compression)).rejects.toMatchObject({ code: 'IMPORT_FILE_FAILED' });
  }
});
