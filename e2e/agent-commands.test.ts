// Agents by command, before a real server and two real agents: registered with trust store and key store, or with a password, and a description;
// tested, changed and unregistered. At the end no password is to be found anywhere but in the vault, encrypted.

import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../fixtures/agent-process.ts';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas } from './aeneas-process.ts';
import { Serving } from './serving.ts';

const STORE_PASSWORD = 'planted-store-pw';
const SERVICE_PASSWORD = 'planted service password';

interface Agent { readonly name: string; readonly health: string; readonly description?: string; readonly error?: { readonly code: string }; readonly typedSecrets?: readonly { readonly secret: string; readonly place: string }[] }

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-agent-commands-'));
const workspace = join(scratch, 'server');
const stores = join(scratch, 'stores');
const said: string[] = [];
let server: Serving;
let certified: AgentProcess;
let plain: AgentProcess;
beforeAll(async () => {
  const storePasswordFile = writePrivately(join(scratch, 'store-password'), STORE_PASSWORD);
  const servicePasswordFile = writePrivately(join(scratch, 'service-password'), SERVICE_PASSWORD);
  const authority = writePrivately(join(scratch, 'authority-password'), 'planted-authority-pw');
  await expectDone(['keystore', 'generate', stores, '--agent', 'certified=127.0.0.1', '--store-password-file', storePasswordFile, '--authority-password-file', authority]);
  const data = await unpackedDemo();
  const security = { mode: 'mutual-tls', keyStore: join(stores, 'agent-certified.p12'), trustStore: join(stores, 'trust.p12'), storePasswordFile };
  const plainSettings = settingsIn(join(scratch, 'plain'), { name: 'plain', dataDirectories: [data], workers: 1, security: { mode: 'password' } });
  await expectDone(['agent', 'password', plainSettings, '--password-file', servicePasswordFile]);
  [server, certified, plain] = await Promise.all([
    Serving.start(workspace), AgentProcess.start(settingsIn(join(scratch, 'certified'), { name: 'certified', dataDirectories: [data], workers: 1, security })), AgentProcess.start(plainSettings),
  ]);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await Promise.all([certified, plain].map((agent) => agent?.end('SIGKILL')));
  rmSync(scratch, { recursive: true });
});

async function expectDone(words: readonly string[]): Promise<void> {
  const { exitCode, output } = await runCommand(words);
  expect({ words, exitCode, output }).toMatchObject({ exitCode: 0 });
}

/** Without a terminal a password comes from the environment. */
async function command(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const result = await aeneas([...words, '--server', server.url], { env: environment });
  said.push(result.stdout, result.stderr);
  return result;
}

const agent = async (name: string): Promise<Agent> => {
  const answer = await server.api<Agent>('GET', `/agents/${name}`);
  said.push(JSON.stringify(answer));
  return answer;
};
const address = (of: AgentProcess): string => `https://127.0.0.1:${of.port}`;
const storeWords = (): string[] => ['--trust-store', join(stores, 'trust.p12'), '--key-store', join(stores, 'server.p12')];
const restart = async (): Promise<void> => {
  await server.stop();
  server = await Serving.start(workspace);
};

test('trust store and key store: tested step by step, registered with a description, changed', async () => {
  const wrong = await command(['agent', 'test', address(certified), ...storeWords()], { AENEAS_STORE_PASSWORD: 'planted-wrong' });
  expect(wrong).toMatchObject({ exitCode: 2, stdout: expect.stringMatching(/^failed +files .*\n +KEYSTORE_UNUSABLE: .*\nskipped +resolve/) });
  const foreign = await command(['agent', 'test', address(plain), ...storeWords()], { AENEAS_STORE_PASSWORD: STORE_PASSWORD });
  expect(foreign).toMatchObject({ exitCode: 2, stdout: expect.stringMatching(/ok +connect .*\nfailed +tls .*\n +AGENT_NOT_TRUSTED: /) });
  const nobody = await command(['agent', 'test', 'https://127.0.0.1:9', ...storeWords()], { AENEAS_STORE_PASSWORD: STORE_PASSWORD });
  expect(nobody).toMatchObject({ exitCode: 2, stdout: expect.stringMatching(/failed +connect .*port 9.*\n +AGENT_UNREACHABLE: /) });
  const tested = await command(['agent', 'test', address(certified), ...storeWords()], { AENEAS_STORE_PASSWORD: STORE_PASSWORD });
  expect(tested).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/ok +login .*\nok +version +Agent "certified", version /) });
  const register = ['agent', 'register', 'certified', address(certified), ...storeWords()];
  expect(await command(register)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SECRET_MISSING: /) });
  expect(await command([...register, '--description', 'x'.repeat(201)], { AENEAS_STORE_PASSWORD: STORE_PASSWORD })).toMatchObject({ exitCode: 2 });
  expect(await command([...register, '--description', 'Rack 1'], { AENEAS_STORE_PASSWORD: STORE_PASSWORD })).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^certified +healthy /) });
  expect(await command(register, { AENEAS_STORE_PASSWORD: STORE_PASSWORD })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AGENT_EXISTS: /) });
  expect(await agent('certified')).toMatchObject({ description: 'Rack 1', typedSecrets: [{ secret: 'trustStorePassword', place: 'memory' }, { secret: 'keyStorePassword', place: 'memory' }] });
  expect(await command(['agent', 'change', 'certified', '--description', ''])).toMatchObject({ exitCode: 0 });
  expect(await agent('certified')).not.toHaveProperty('description');
}, 60_000);

test('a password: not sent without a fingerprint, refused when it is wrong, and not registered then', async () => {
  const unknown = await command(['agent', 'test', address(plain), '--service-password-file', join(scratch, 'service-password')]);
  expect(unknown).toMatchObject({ exitCode: 2, stdout: expect.stringMatching(new RegExp(`failed +tls .*${plain.fingerprint}.*the password was not sent`)) });
  const register = ['agent', 'register', 'plain', address(plain), '--fingerprint'];
  const other = plain.fingerprint.replace(/^../, plain.fingerprint.startsWith('00') ? '11' : '00');
  expect(await command([...register, 'none'], { AENEAS_SERVICE_PASSWORD: SERVICE_PASSWORD })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AGENT_CREDENTIALS: .*64 hexadecimal digits/) });
  expect(await command([...register, other], { AENEAS_SERVICE_PASSWORD: SERVICE_PASSWORD })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AGENT_NOT_TRUSTED: /) });
  expect(await command([...register, plain.fingerprint], { AENEAS_SERVICE_PASSWORD: 'planted wrong' })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AGENT_LOGIN_WRONG: /) });
  await expect(agent('plain')).rejects.toThrow('AGENT_UNKNOWN');
  expect(await command([...register, plain.fingerprint], { AENEAS_SERVICE_PASSWORD: SERVICE_PASSWORD })).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^plain +healthy /) });
}, 60_000);

test('a password that is not stored is typed again after a restart; a stored one comes with the vault', async () => {
  await restart();
  expect(await agent('plain')).toMatchObject({ health: 'refusing', error: { code: 'AGENT_PASSWORD_NEEDED' }, typedSecrets: [{ secret: 'servicePassword', place: 'missing' }] });
  expect(await command(['agent', 'change', 'plain', '--password', '--store'], { AENEAS_SERVICE_PASSWORD: SERVICE_PASSWORD })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^VAULT_ABSENT: /) });
  await server.api('POST', '/vault', { lock: { kind: 'password', password: 'planted master password' } });
  expect(await command(['agent', 'change', 'plain', '--password', '--store'], { AENEAS_SERVICE_PASSWORD: SERVICE_PASSWORD })).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^plain +healthy /) });
  await restart();
  expect(await agent('plain')).toMatchObject({ error: { code: 'AGENT_PASSWORD_NEEDED' } });
  expect(await command(['agent', 'unregister', 'plain'])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^VAULT_LOCKED: /) });
  await server.api('POST', '/vault/open', { password: 'planted master password' });
  await expect.poll(() => agent('plain'), { timeout: 15_000 }).toMatchObject({ health: 'healthy', typedSecrets: [{ secret: 'servicePassword', place: 'vault' }] });
}, 60_000);

test('without stores of its own an agent is known by those of Global Settings', async () => {
  const { revision } = await server.api<{ readonly revision: string }>('GET', '/settings/security');
  const words = ['agent', 'register', 'by-settings', address(certified)];
  expect(await command(words)).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AGENT_CREDENTIALS: .*Global Settings have none/) });
  await server.api('POST', '/settings/security/select', { revision, trustStore: join(stores, 'trust.p12'), keyStore: join(stores, 'server.p12'), trustPassword: STORE_PASSWORD, keyPassword: STORE_PASSWORD, store: true });
  expect(await command(words)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^by-settings +healthy /) });
  expect(await command(['agent', 'unregister', 'by-settings'])).toMatchObject({ exitCode: 0 });
}, 60_000);

test('a store that is gone keeps the server from nothing, and counts again when it is back', async () => {
  expect(await command(['agent', 'unregister', 'certified'])).toMatchObject({ exitCode: 0 });
  expect(await command(['agent', 'register', 'certified', address(certified), ...storeWords(), '--password-file', join(scratch, 'store-password')])).toMatchObject({ exitCode: 0 });
  const store = join(stores, 'server.p12');
  renameSync(store, `${store}.away`);
  await restart();
  expect(await agent('certified')).toMatchObject({ health: 'refusing', error: { code: 'STORE_UNREADABLE' } });
  renameSync(`${store}.away`, store);
  await expect.poll(() => agent('certified'), { timeout: 15_000 }).toMatchObject({ health: 'healthy' });
}, 60_000);

test('an agent that a task names is not unregistered; then it is, goes on running, and can be registered again', async () => {
  const projectFile = join(scratch, 'shop.yaml');
  writeFileSync(projectFile, JSON.stringify({ source: { directories: [scratch] }, tables: ['shop.carts'], target: { region: 'us-east-1' }, staging: { folder: 'staged' } }));
  const { id } = await server.api<{ readonly id: string }>('POST', '/tasks', { projectFile, agents: ['certified'] });
  expect(await command(['agent', 'unregister', 'certified'])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(new RegExp(`^AGENT_IN_USE: .*${id}`)) });
  await server.api('DELETE', `/tasks/${id}`);
  expect(await command(['agent', 'unregister', 'certified'])).toMatchObject({ exitCode: 0 });
  expect(await command(['agent', 'unregister', 'certified'])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AGENT_UNKNOWN: /) });
  expect(await command(['agent', 'unregister', 'built-in'])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AGENT_UNKNOWN: /) });
  expect(certified.isOver).toBe(false);
  await server.api('POST', '/vault/open', { password: 'planted master password' });
  expect(await command(['agent', 'register', 'certified', address(certified)])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/healthy/) });
}, 60_000);

test('no password is in any file of the server, answer or output', () => {
  const files = readdirSync(workspace, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(3);
  const places: [string, string][] = [...files.map((file): [string, string] => [file, readFileSync(file, 'latin1')]), ['answers and outputs', said.join('\n')]];
  for (const [place, text] of places) expect({ place, found: /planted[ -][a-z-]*/.exec(text)?.[0] }).toEqual({ place, found: undefined });
});
