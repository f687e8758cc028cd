// A vault that the keyring of the server's user opens: a real GNOME Keyring on a D-Bus session of its own. Where there is none (packages
// gnome-keyring and libsecret-tools), only what is said without it is tested.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { aeneas } from './aeneas-process.ts';
import { Serving } from './serving.ts';

const isThere = ['gnome-keyring-daemon', 'secret-tool', 'dbus-daemon'].every((program) => (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program))));
if (!isThere) process.stderr.write('No keyring on this machine (apt-get install gnome-keyring libsecret-tools): a vault that it opens is not tried.\n');
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-keyring-'));
const workspace = join(scratch, 'server');
let server: Serving | undefined;
const inSession: ChildProcess[] = [];
afterEach(endSession);
afterAll(() => rmSync(scratch, { recursive: true }));

/** What comes before the command of the server: a session whose keyring is open as after a login, with files of its own. */
async function session(): Promise<string[]> {
  const home = join(scratch, 'home');
  mkdirSync(join(home, '.local/share'), { recursive: true });
  const files = { HOME: home, XDG_DATA_HOME: join(home, '.local/share'), XDG_RUNTIME_DIR: home };
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], { env: { ...process.env, ...files }, stdio: ['ignore', 'pipe', 'ignore'] });
  inSession.push(bus);
  const [address] = await once(bus.stdout, 'data') as [Buffer];
  const env = { ...files, DBUS_SESSION_BUS_ADDRESS: address.toString().trim() };
  const keyring = spawn('gnome-keyring-daemon', ['--unlock', '--components=secrets', '--foreground'], { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'ignore'] });
  inSession.push(keyring);
  keyring.stdin.end('of the keyring');
  return ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
}

async function endSession(): Promise<void> {
  await server?.stop();
  for (const child of inSession.splice(0).reverse()) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

const command = (...words: string[]) => aeneas([...words, '--server', server!.url]);

test('without a keyring that is said, and nothing is made', async () => {
  server = await Serving.start(workspace, [], { through: ['env', '-u', 'DBUS_SESSION_BUS_ADDRESS', '-u', 'DISPLAY', `XDG_RUNTIME_DIR=${scratch}`] });
  const { exitCode, stderr } = await command('vault', 'create', '--keyring');
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(/^VAULT_LOCK_UNUSABLE: The keyring of the server's user cannot be used: \S/) });
  expect(existsSync(join(workspace, 'vault'))).toBe(false);
});

test.runIf(isThere)('the keyring opens the vault at the start of the server; its lock can be removed', async () => {
  server = await Serving.start(workspace, [], { through: await session() });
  expect(await command('vault', 'create', '--keyring')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^open .*\n {2}opened by keyring of the server's user/) });
  const keys = join(scratch, 'keys');
  writeFileSync(keys, 'AKIAIOSFODNN7EXAMPLE\nplanted-secret\n', { mode: 0o600 });
  expect(await command('aws-profile', 'add', 'prod', '--region', 'eu-central-1', '--keys-file', keys, '--store')).toMatchObject({ exitCode: 0 });
  await endSession();
  server = await Serving.start(workspace, [], { through: await session() });
  await expect.poll(() => server!.api<{ readonly state: string }>('GET', '/vault').then(({ state }) => state), { timeout: 10_000 }).toBe('open');
  expect(readFileSync(join(workspace, 'vault'), 'utf8')).not.toContain('planted');
  // The last lock stays; with another the keyring's goes.
  const id = /user {2}(\w+)/.exec((await command('vault', 'status')).stdout)![1]!;
  expect(await command('vault', 'remove-lock', id)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^VAULT_LOCK_UNKNOWN: /) });
  expect(await command('vault', 'add-lock', '--key-file', join(scratch, 'key'))).toMatchObject({ exitCode: 0 });
  expect(await command('vault', 'remove-lock', id)).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('opened by keyring') });
  expect(await command('vault', 'forget', 'aws-profile/prod')).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('holds') });
}, 120_000);

test.runIf(isThere)('a keyring of somebody else does not open it, and that is no reason to lose it', async () => {
  rmSync(workspace, { recursive: true });
  server = await Serving.start(workspace, [], { through: await session() });
  expect(await command('vault', 'create', '--keyring')).toMatchObject({ exitCode: 0 });
  await endSession();
  rmSync(join(scratch, 'home'), { recursive: true });
  server = await Serving.start(workspace, [], { through: await session() });
  expect(await command('vault', 'open')).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^VAULT_LOCK_UNUSABLE: .*no key of this vault/) });
  expect((await command('vault', 'status')).stdout).toMatch(/^locked/);
}, 60_000);
