import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, expect, test } from 'vitest';
import { EncryptedWriter, decrypted, decryptedPart, encrypting, newFileKey } from './encrypted-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'aeneas-encrypted-'));
afterAll(() => rmSync(folder, { recursive: true }));
const key = newFileKey();
const file = join(folder, 'file');
const PLANTED = 'planted-plaintext-4711';
const whole = async (path: string): Promise<Buffer> => contentOf(path, key);
async function contentOf(path: string, by: Uint8Array): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of decrypted(path, by)) pieces.push(piece);
  return Buffer.concat(pieces);
}

test.each([0, 1, 65_536, 3_000_000])('%i bytes come back, and none of them lies in the clear', async (size) => {
  const plain = Buffer.alloc(size, PLANTED);
  await pipeline(Readable.from([plain.subarray(0, 70), plain.subarray(70)].filter(({ length }) => length > 0)), encrypting(key), createWriteStream(file));
  expect(readFileSync(file).includes(PLANTED)).toBe(false);
  expect((await whole(file)).equals(plain)).toBe(true);
});

test('each changed byte and each cut is noticed; another key opens nothing', async () => {
  const writer = new EncryptedWriter(key);
  const bytes = Buffer.concat([writer.add(Buffer.from(PLANTED)), writer.add(Buffer.from('more')), writer.end()]);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1;
    for (const content of [changed, bytes.subarray(0, at)]) {
      writeFileSync(file, content);
      await expect(whole(file)).rejects.toMatchObject({ code: 'LOCAL_FILE_DAMAGED' });
    }
  }
  writeFileSync(file, bytes);
  expect((await whole(file)).toString()).toBe(`${PLANTED}more`);
  await expect(contentOf(file, newFileKey())).rejects.toMatchObject({ code: 'LOCAL_FILE_DAMAGED' });
});

test('records that change places are noticed', async () => {
  const writer = new EncryptedWriter(key);
  const [first, second, end] = [writer.add(Buffer.from('one')), writer.add(Buffer.from('two')), writer.end()];
  for (const order of [[second, first, end], [first, first, end], [first, end]]) {
    writeFileSync(file, Buffer.concat(order));
    await expect(whole(file)).rejects.toMatchObject({ code: 'LOCAL_FILE_DAMAGED' });
  }
});

test('any part of a file that still grows', async () => {
  const writer = new EncryptedWriter(key);
  const plain = Buffer.from(Array.from({ length: 50 }, (_, i) => `line ${i}\n`).join(''));
  const records = [writer.add(plain.subarray(0, 100)), writer.add(plain.subarray(100, 101)), writer.add(plain.subarray(101))];
  writeFileSync(file, Buffer.concat([...records, records[0].subarray(0, 20)]));
  for (const [offset, length] of [[0, 1000], [0, 100], [99, 3], [100, 1], [150, 20], [plain.length, 10], [plain.length + 5, 10]]) {
    expect((await decryptedPart(file, key, offset, length)).toString()).toBe(plain.subarray(offset, offset + length).toString());
  }
});
