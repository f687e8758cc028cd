import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from './local-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'aeneas-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('makes parents, and takes what is there', async () => {
  const deep = join(folder, 'a/b/c');
  await makeFolder(deep);
  await makeFolder(deep);
  expect(statSync(deep).isDirectory()).toBe(true);
});

test('a file in the way is an error', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  await expect(makeFolder(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});

test('a file system that makes no folders is an error, not an endless try', async () => {
  await expect(makeFolder('/proc/aeneas/workspace')).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
});
