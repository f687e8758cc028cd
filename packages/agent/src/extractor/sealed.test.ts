import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { extractorPaths } from './paths.ts';
import { SealedSecrets } from './sealed.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sealed-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('what is sealed comes back, is private, and is not to be seen', async () => {
  const paths = extractorPaths(root);
  const secrets = await SealedSecrets.create(paths, undefined);
  await secrets.put('node-::1-password', 'a planted secret');
  expect(await (await SealedSecrets.open(paths)).text('node-::1-password')).toBe('a planted secret');
  const [file] = readdirSync(paths.sealedDirectory);
  expect(readFileSync(join(paths.sealedDirectory, file), 'latin1')).not.toContain('planted');
  for (const path of [join(paths.sealedDirectory, file), paths.sealingKey]) expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await secrets.get('another')).toBeUndefined();
  await secrets.remove('node-::1-password');
  expect(await secrets.text('node-::1-password')).toBeUndefined();
});

test('a secret under another name, a changed one, and one of another machine are refused', async () => {
  const paths = extractorPaths(root);
  const secrets = await SealedSecrets.create(paths, undefined);
  await secrets.put('one', 'secret');
  renameSync(join(paths.sealedDirectory, 'one'), join(paths.sealedDirectory, 'two'));
  await expect(secrets.get('two')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  await secrets.put('one', 'secret');
  const file = join(paths.sealedDirectory, 'one');
  const content = readFileSync(file);
  for (const at of [0, 7, 20, content.length - 1]) {
    const changed = Buffer.from(content);
    changed[at] ^= 1;
    writeFileSync(file, changed);
    await expect(secrets.get('one')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  }
  writeFileSync(file, content.subarray(0, 12));
  await expect(secrets.get('one')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  writeFileSync(file, content);
  writeFileSync(paths.sealingKey, Buffer.alloc(32, 7).toString('base64'));
  await expect((await SealedSecrets.open(paths)).get('one')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
  rmSync(paths.sealingKey);
  await expect(SealedSecrets.open(paths)).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
});

test('a systemd credential comes before the file', async () => {
  const paths = extractorPaths(root);
  writeFileSync(join(root, 'sealing-key'), Buffer.alloc(32, 5).toString('base64'));
  process.env.CREDENTIALS_DIRECTORY = root;
  try {
    await (await SealedSecrets.create(paths, undefined)).put('one', 'secret');
  } finally {
    delete process.env.CREDENTIALS_DIRECTORY;
  }
  await expect((await SealedSecrets.open(paths)).get('one')).rejects.toMatchObject({ code: 'SEALED_UNREADABLE' });
});
