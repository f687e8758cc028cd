import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SessionSecrets } from './secrets.ts';
import { Vault } from './vault.ts';

const PASSWORD = 'correct horse battery';
const SECRET = 'planted-9f2c-secret';
let folder: string;
let file: string;
let keyFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aeneas-vault-'));
  file = join(folder, 'vault');
  keyFile = join(folder, 'key');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Opened without anybody, and so quickly. */
async function keyed(): Promise<Vault> {
  const vault = new Vault(file);
  await vault.create({ kind: 'key-file', file: keyFile });
  return vault;
}

async function reopened(password?: string): Promise<Vault> {
  const vault = new Vault(file);
  await vault.open(password);
  return vault;
}

/** The lines above the checksum with the checksum that fits them: what somebody who tampers would write. */
const withChecksum = (lines: Buffer): Buffer => Buffer.concat([lines, Buffer.from(`${createHash('sha256').update(lines).digest('hex')}\n`)]);

test('a vault is made, locked and opened by its master password alone', async () => {
  const vault = new Vault(file);
  expect(vault.state).toBe('absent');
  expect(() => vault.get('a')).toThrow(expect.objectContaining({ code: 'VAULT_ABSENT' }));
  await expect(vault.open(PASSWORD)).rejects.toMatchObject({ code: 'VAULT_ABSENT' });
  await expect(vault.create({ kind: 'password', password: 'too short' })).rejects.toMatchObject({ code: 'VAULT_PASSWORD_UNFIT' });
  expect(vault.state).toBe('absent');
  await vault.create({ kind: 'password', password: PASSWORD });
  await vault.set('connection/shop/password', SECRET);
  expect([vault.state, vault.get('connection/shop/password'), vault.has('other'), vault.names('connection/')]).toEqual(['open', SECRET, false, ['connection/shop/password']]);
  await vault.lock();
  expect(vault.state).toBe('locked');
  expect(() => vault.names()).toThrow(expect.objectContaining({ code: 'VAULT_LOCKED' }));
  await expect(vault.set('b', 'c')).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
  await expect(vault.open()).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
  await expect(vault.open(`${PASSWORD}.`)).rejects.toMatchObject({ code: 'VAULT_PASSWORD_WRONG' });
  await expect(new Vault(file).create({ kind: 'password', password: PASSWORD })).rejects.toMatchObject({ code: 'VAULT_EXISTS' });
  await vault.open(PASSWORD);
  expect(vault.get('connection/shop/password')).toBe(SECRET);
});

test('the file shows neither names nor secrets, and is its owner\'s alone', async () => {
  const vault = await keyed();
  await vault.set('connection/shop/password', SECRET);
  const text = readFileSync(file, 'utf8');
  const body = Buffer.from(text.split('\n')[2]!, 'base64').toString('latin1');
  for (const shown of [text, body]) expect([shown.includes(SECRET), shown.includes('connection/shop')]).toEqual([false, false]);
  expect([statSync(file).mode & 0o777, statSync(keyFile).mode & 0o777]).toEqual([0o600, 0o600]);
  expect(readdirSync(folder).sort()).toEqual(['key', 'vault']);
});

test('a new master password has a new key: old password and old key are worth nothing', async () => {
  const vault = new Vault(file);
  await vault.create({ kind: 'password', password: PASSWORD });
  await vault.addLock({ kind: 'key-file', file: keyFile }, PASSWORD);
  await vault.set('a', SECRET);
  const before = readFileSync(file, 'utf8').split('\n');
  await expect(vault.changePassword('not the right one', 'quite another one')).rejects.toMatchObject({ code: 'VAULT_PASSWORD_WRONG' });
  expect(readFileSync(file, 'utf8').split('\n')).toEqual(before);
  await vault.changePassword(PASSWORD, 'quite another one');
  await expect(reopened(PASSWORD)).rejects.toMatchObject({ code: 'VAULT_PASSWORD_WRONG' });
  expect((await reopened('quite another one')).get('a')).toBe(SECRET);
  expect((await reopened()).get('a')).toBe(SECRET);
  const after = readFileSync(file, 'utf8').split('\n');
  // The old locks before the new secrets open nothing.
  writeFileSync(file, withChecksum(Buffer.from(`${before[0]}\n${before[1]}\n${after[2]}\n`)));
  await expect(reopened(PASSWORD)).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
});

test('locks are added and removed with the master password, but for the last one', async () => {
  const vault = new Vault(file);
  await vault.create({ kind: 'password', password: PASSWORD });
  await vault.set('a', SECRET);
  await expect(vault.addLock({ kind: 'key-file', file: keyFile }, 'not the right one')).rejects.toMatchObject({ code: 'VAULT_PASSWORD_WRONG' });
  await expect(vault.addLock({ kind: 'key-file', file: 'relative' }, PASSWORD)).rejects.toMatchObject({ code: 'VAULT_LOCK_UNUSABLE' });
  await expect(vault.addLock({ kind: 'password', password: PASSWORD }, PASSWORD)).rejects.toMatchObject({ code: 'VAULT_LOCK_UNKNOWN' });
  await vault.addLock({ kind: 'key-file', file: keyFile }, PASSWORD);
  const [, byFile] = await vault.locks();
  const oldFile = join(folder, 'old');
  copyFileSync(file, oldFile);
  await vault.removeLock(byFile!.id, PASSWORD);
  await expect(reopened()).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
  const [byPassword] = await vault.locks();
  await expect(vault.removeLock(byPassword!.id, PASSWORD)).rejects.toMatchObject({ code: 'VAULT_LOCK_UNKNOWN' });
  await expect(vault.removeLock('none', PASSWORD)).rejects.toMatchObject({ code: 'VAULT_LOCK_UNKNOWN' });
  expect((await reopened(PASSWORD)).get('a')).toBe(SECRET);
});

test('a key file that others may read, or that is another, opens nothing', async () => {
  await (await keyed()).set('a', SECRET);
  chmodSync(keyFile, 0o640);
  await expect(reopened()).rejects.toMatchObject({ code: 'VAULT_LOCK_UNUSABLE', message: expect.stringContaining('Others than its owner') });
  chmodSync(keyFile, 0o600);
  const key = readFileSync(keyFile);
  writeFileSync(keyFile, 'x'.repeat(44));
  await expect(reopened()).rejects.toMatchObject({ code: 'VAULT_LOCK_UNUSABLE' });
  writeFileSync(keyFile, 'short');
  await expect(reopened()).rejects.toMatchObject({ code: 'VAULT_LOCK_UNUSABLE' });
  rmSync(keyFile);
  await expect(reopened()).rejects.toMatchObject({ code: 'VAULT_LOCK_UNUSABLE', message: expect.stringContaining('ENOENT') });
  writeFileSync(keyFile, key, { mode: 0o600 });
  expect((await reopened()).get('a')).toBe(SECRET);
});

test('the credential of systemd opens it without anybody', async () => {
  process.env.CREDENTIALS_DIRECTORY = folder;
  try {
    writeFileSync(join(folder, 'vault-key'), 'k'.repeat(44), { mode: 0o440 });
    const vault = new Vault(file);
    await vault.create({ kind: 'key-file' });
    await vault.set('a', SECRET);
    expect((await reopened()).get('a')).toBe(SECRET);
  } finally {
    delete process.env.CREDENTIALS_DIRECTORY;
  }
  await expect(reopened()).rejects.toMatchObject({ code: 'VAULT_LOCK_UNUSABLE' });
});

test('every byte that differs, every cut and every tail is an error, and the file stays as it is', async () => {
  await (await keyed()).set('a', SECRET);
  const whole = readFileSync(file);
  const codes = new Set<string>();
  const refused = async (bytes: Buffer, what: string): Promise<void> => {
    writeFileSync(file, bytes);
    const vault = new Vault(file);
    const error = await vault.open().then(() => undefined, (refusal: { code?: string }) => refusal);
    expect({ what, code: error?.code }).toEqual({ what, code: expect.stringMatching(/^VAULT_/) });
    codes.add(error!.code!);
    await expect(vault.set('b', 'c')).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
    expect(readFileSync(file).equals(bytes)).toBe(true);
  };
  for (let i = 0; i < whole.length; i++) {
    const flipped = Buffer.from(whole);
    flipped[i]! ^= 1 << (i % 8);
    await refused(flipped, `byte ${i}`);
  }
  expect([...codes]).toEqual(['VAULT_DAMAGED']);
  await refused(withChecksum(Buffer.from(whole.subarray(0, whole.length - 65).toString().replace('VAULT 1', 'VAULT 2'))), 'a newer version');
  expect([...codes]).toEqual(['VAULT_DAMAGED', 'VAULT_NEWER']);
  for (let i = 0; i < whole.length; i++) await refused(whole.subarray(0, i), `cut at ${i}`);
  await refused(Buffer.concat([whole, Buffer.from('\n')]), 'a tail');
  // Also when whoever changed it has mended the checksum.
  const lines = whole.subarray(0, whole.length - 65);
  expect(withChecksum(lines).equals(whole)).toBe(true);
  for (let i = 0; i < lines.length; i++) {
    const flipped = Buffer.from(lines);
    flipped[i]! ^= 1 << (i % 8);
    await refused(withChecksum(flipped), `byte ${i} with a checksum`);
  }
  writeFileSync(file, whole);
  expect((await reopened()).get('a')).toBe(SECRET);
}, 120_000);

test('it holds what a map would hold, over any changes, all at once, and any number of openings', async () => {
  const name = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), name, secret: fc.string({ unit: 'binary', maxLength: 200 }) }), fc.record({ kind: fc.constant('delete' as const), name }), fc.constant({ kind: 'reopen' as const }),
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
    for (const path of [file, keyFile]) rmSync(path, { force: true });
    let vault = await keyed();
    const model = new Map<string, string>();
    let changes: Promise<void>[] = [];
    for (const one of steps) {
      if (one.kind === 'set') {
        changes.push(vault.set(one.name, one.secret));
        model.set(one.name, one.secret);
      } else if (one.kind === 'delete') {
        changes.push(vault.delete(one.name));
        model.delete(one.name);
      } else {
        await Promise.all(changes);
        changes = [];
        vault = await reopened();
      }
    }
    changes.push(vault.lock());
    await Promise.all(changes);
    vault = await reopened();
    expect(new Map(vault.names().map((one) => [one, vault.get(one)]))).toEqual(model);
  }), { numRuns: 40 });
}, 120_000);

test('another vault, or a later state of it, is never overwritten', async () => {
  const vault = await keyed();
  await vault.set('a', 'first');
  const other = await reopened();
  await other.set('a', 'second');
  await expect(vault.set('b', 'lost?')).rejects.toMatchObject({ code: 'VAULT_CHANGED' });
  await vault.lock();
  await vault.open();
  await vault.set('b', 'kept');
  expect([(await reopened()).get('a'), (await reopened()).get('b')]).toEqual(['second', 'kept']);
});

test('what is too large is refused, and what is there stays', async () => {
  const vault = await keyed();
  await vault.set('a', 'x'.repeat(65_536));
  await expect(vault.set('a', 'x'.repeat(65_537))).rejects.toMatchObject({ code: 'VAULT_FULL' });
  await expect(vault.set('', 'x')).rejects.toMatchObject({ code: 'VAULT_FULL' });
  await expect(vault.set('n'.repeat(257), 'x')).rejects.toMatchObject({ code: 'VAULT_FULL' });
  expect((await reopened()).get('a')).toHaveLength(65_536);
  const sparse = Buffer.alloc(1);
  writeFileSync(file, sparse);
  await expect(reopened()).rejects.toMatchObject({ code: 'VAULT_DAMAGED' });
});

test('secrets that are not to be stored live in memory alone', async () => {
  const vault = new Vault(file);
  const secrets = new SessionSecrets(vault);
  await secrets.set('a', 'typed', { store: false });
  await expect(secrets.set('b', 'typed', { store: true })).rejects.toMatchObject({ code: 'VAULT_ABSENT' });
  expect([secrets.get('a'), secrets.placeOf('a'), secrets.get('b'), existsSync(file)]).toEqual(['typed', 'memory', undefined, false]);
  await vault.create({ kind: 'key-file', file: keyFile });
  await secrets.set('a', 'stored', { store: true });
  expect([secrets.get('a'), secrets.placeOf('a'), (await reopened()).get('a')]).toEqual(['stored', 'vault', 'stored']);
  await vault.lock();
  expect([secrets.get('a'), secrets.placeOf('a')]).toEqual([undefined, undefined]);
  await expect(secrets.delete('a')).rejects.toMatchObject({ code: 'VAULT_LOCKED' });
  await vault.open();
  await secrets.set('a', 'session', { store: false });
  expect([secrets.get('a'), (await reopened()).names()]).toEqual(['session', []]);
  await secrets.delete('a');
  expect(secrets.get('a')).toBeUndefined();
});
