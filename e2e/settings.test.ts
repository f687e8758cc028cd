// Global settings and the vault, over the API and by command, before local stand-ins of AWS. At the end nothing of what was secret is to be
// found anywhere but in the vault, encrypted.

import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aeneas } from './aeneas-process.ts';
import { Serving } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';
import { ACCESS_KEY, SECRET_KEY } from './stand-ins/signature.ts';

const MASTER = 'planted master password';
const NEW_MASTER = 'planted other password';
const STORES = { trustPassword: 'planted-trust-pw', keyPassword: 'planted-key-pw', authorityPassword: 'planted-authority-pw' };
const KMS_KEY = '1234abcd-12ab-34cd-56ef-1234567890ab';

interface Vault { readonly state: string; readonly locks: readonly { readonly id: string; readonly kind: string }[]; readonly secrets?: readonly string[] }
interface Step { readonly step: string; readonly state: string; readonly said: string; readonly problem?: { readonly code: string; readonly remedy: string } }
interface Profile { readonly name: string; readonly revision: string; readonly keys: string }
interface Security { readonly revision: string; readonly passwords: string; readonly stores?: { readonly files: readonly { readonly name: string; readonly hosts: readonly string[]; readonly expiresMillis: number }[] } }

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-settings-'));
const workspace = join(scratch, 'server');
const said: string[] = [];
let server: Serving;
let account: StandIn;
let dynamodb: StandIn;
let profile: object;
/** The server finds these in its environment, for KMS. */
const environment = { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY };

async function start(): Promise<void> {
  server = await Serving.start(workspace, [], { through: ['env', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`)] });
}
beforeAll(async () => {
  [account, dynamodb] = await Promise.all([startStandIn('aws-account'), startStandIn('dynamodb')]);
  await start();
  profile = { name: 'prod', credentials: { kind: 'keys' }, region: 'eu-central-1', bucket: 'settings-test', endpoints: { sts: account.endpoint, s3: account.endpoint, dynamodb: dynamodb.endpoint } };
});
afterAll(async () => {
  await server.stop();
  await Promise.all([account.stop(), dynamodb.stop()]);
  rmSync(scratch, { recursive: true });
});

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await server.api<T>(method, path, body).catch((error: Error) => {
    said.push(error.message);
    throw error;
  });
  said.push(JSON.stringify(answer));
  return answer;
}

async function command(words: readonly string[]): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const result = await aeneas([...words, '--server', server.url]);
  said.push(result.stdout, result.stderr);
  return result;
}

function secretFile(name: string, ...lines: string[]): string {
  const path = join(scratch, name);
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  return path;
}

test('without a vault secrets are in memory alone, and gone with the server', async () => {
  await expect(ask('POST', '/settings/aws-profiles', { profile, keys: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY }, store: true })).rejects.toThrow('VAULT_ABSENT');
  await expect(ask('POST', '/settings/aws-profiles', { profile, keys: { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET_KEY } })).resolves.toMatchObject({ keys: 'memory' });
  await server.stop();
  await start();
  await expect(ask('GET', '/settings/aws-profiles')).resolves.toMatchObject({ profiles: [{ name: 'prod', keys: 'missing' }] });
});

test('the vault is made, locked, opened and given another password by command', async () => {
  const old = secretFile('old', MASTER);
  expect(await command(['vault', 'status'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^absent /) });
  expect(await command(['vault', 'create', '--password-file', old])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^open .*\n {2}opened by master password \(scrypt, N = 2\^17/) });
  const keys = secretFile('keys', ACCESS_KEY, SECRET_KEY);
  const words = ['aws-profile', 'add', 'prod', '--region', 'eu-central-1', '--bucket', 'settings-test', '--keys-file', keys, '--store', '--sts-endpoint', account.endpoint, '--s3-endpoint', account.endpoint, '--dynamodb-endpoint', dynamodb.endpoint];
  expect(await command(words)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('in the vault') });
  await server.stop();
  await start();
  expect(await command(['vault', 'open', '--password-file', secretFile('wrong', `${MASTER}!`)])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^VAULT_PASSWORD_WRONG: /) });
  expect(await command(['aws-profile', 'test', 'prod'])).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('AWS_KEYS_MISSING') });
  expect(await command(['vault', 'open', '--password-file', old])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('holds aws-profile/prod') });
  expect(await command(['vault', 'password', '--password-file', old, '--new-password-file', secretFile('new', NEW_MASTER)])).toMatchObject({ exitCode: 0 });
  expect(await command(['vault', 'lock'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^locked /) });
  expect(await command(['vault', 'open', '--password-file', old])).toMatchObject({ exitCode: 2 });
  expect(await command(['vault', 'open', '--password-file', join(scratch, 'new')])).toMatchObject({ exitCode: 0 });
}, 120_000);

test('the bucket is made private and encrypted, tried, and left as it is when it was there', async () => {
  const before = await command(['aws-profile', 'test', 'prod']);
  expect(before).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/ok +Identity: Account 111122223333, .*\nok +DynamoDB: 0 tables in eu-central-1\nfailed +S3 bucket: .*BUCKET_MISSING/) });
  expect(await command(['aws-profile', 'test', 'prod', '--create-bucket'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/was made in eu-central-1\n.*blocked\n.*AES-256[\s\S]*Deleted it again/) });
  const made = await (await fetch(`${account.endpoint}/test/buckets`)).json() as { readonly publicAccessBlock: string; readonly encryption: string; readonly objects: number }[];
  expect(made).toMatchObject([{ name: 'settings-test', region: 'eu-central-1', objects: 0 }]);
  expect(made[0]!.publicAccessBlock.match(/>true</g)).toHaveLength(4);
  expect(made[0]!.encryption).toContain('AES256');
  expect(await command(['aws-profile', 'test', 'prod'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('settings-test is there') });
  expect(await command(['aws-profile', 'test', 'prod', '--create-bucket'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('stay as they are') });
});

test.each([
  ['a wrong secret key', { keys: { accessKeyId: ACCESS_KEY, secretAccessKey: 'planted-wrong' } }, 'Identity', 'AWS_CREDENTIALS_WRONG'],
  ['an unknown access key', { keys: { accessKeyId: 'AKIANOBODYATALL00000', secretAccessKey: 'planted-wrong' } }, 'Identity', 'AWS_CREDENTIALS_WRONG'],
  ['a profile of ~/.aws that is not there', { profile: { credentials: { kind: 'shared-profile', profile: 'nobody' } } }, 'Credentials', 'AWS_CREDENTIALS_MISSING'],
  ['nobody behind the endpoint', { profile: { endpoints: { sts: 'http://127.0.0.1:9', s3: 'http://127.0.0.1:9', dynamodb: 'http://127.0.0.1:9' } } }, 'Identity', 'AWS_UNREACHABLE'],
  ['a bucket of another account', { profile: { bucket: 'taken-by-another-account' } }, 'S3 bucket', 'AWS_ACCESS_DENIED'],
  ['a bucket of another Region', { profile: { region: 'us-west-2' } }, 'S3 bucket', 'BUCKET_ELSEWHERE'],
])('%s is told with its remedy', async (_what, change, step, code) => {
  const { profile: changed = {}, ...keys } = change as { readonly profile?: object };
  const { isOk, steps } = await ask<{ readonly isOk: boolean; readonly steps: Step[] }>('POST', '/settings/aws-profiles/test', { profile: { ...profile, ...changed }, ...keys });
  expect(isOk).toBe(false);
  expect(steps.find((one) => one.step === step)).toMatchObject({ state: 'failed', problem: { code, remedy: expect.stringMatching(/\w{3}/) } });
});

test('a name that another account has is told as such', async () => {
  const { steps } = await ask<{ readonly steps: Step[] }>('POST', '/settings/aws-profiles/bucket', { profile: { ...profile, bucket: 'taken-by-another-account' } });
  expect(steps.at(-1)).toMatchObject({ step: 'Bucket', state: 'failed', problem: { code: 'BUCKET_TAKEN' } });
});

test('credentials of the server\'s environment work without any being typed', async () => {
  const { steps } = await ask<{ readonly steps: Step[] }>('POST', '/settings/aws-profiles/test', { profile: { ...profile, name: 'other', credentials: { kind: 'environment' } } });
  expect(steps.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('who saves what somebody else saved meanwhile is told, and overwrites nothing', async () => {
  const { profiles: [first] } = await ask<{ readonly profiles: Profile[] }>('GET', '/settings/aws-profiles');
  await ask('POST', '/settings/aws-profiles', { profile: { ...profile, bucket: 'bucket-one' }, revision: first!.revision, store: true });
  await expect(ask('POST', '/settings/aws-profiles', { profile: { ...profile, bucket: 'bucket-two' }, revision: first!.revision, store: true })).rejects.toThrow('SETTINGS_CHANGED');
  await expect(ask('POST', '/settings/aws-profiles', { profile, store: true })).rejects.toThrow('SETTINGS_CHANGED');
  await expect(ask('GET', '/settings/aws-profiles')).resolves.toMatchObject({ profiles: [{ bucket: 'bucket-one', keys: 'vault' }] });
  expect(statSync(join(workspace, 'settings.yaml')).mode & 0o777).toBe(0o600);
});

test('stores are made, given out as far as they may be, extended and renewed', async () => {
  const { revision } = await ask<Security>('GET', '/settings/security');
  const folder = join(scratch, 'stores');
  const order = { folder, ...STORES, agents: [{ name: 'one', hosts: ['10.0.0.11', 'one.example'] }], store: true };
  await expect(ask('POST', '/settings/security/generate', { ...order, folder: scratch, revision })).rejects.toThrow('STORES_FOLDER_UNFIT');
  await expect(ask('POST', '/settings/security/generate', { ...order, trustStore: 'authority.p12', revision })).rejects.toThrow('400');
  const made = await ask<Security>('POST', '/settings/security/generate', { ...order, days: 10, revision });
  expect(made).toMatchObject({ passwords: 'vault' });
  const before = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  expect(Object.keys(before).sort()).toEqual(['agent-one.p12', 'authority.p12', 'server.p12', 'trust.p12']);
  const download = async (name: string) => {
    const response = await fetch(`${server.url}/api/settings/security/files/${name}`);
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  };
  expect((await download('agent-one.p12')).bytes.equals(before['agent-one.p12']!)).toBe(true);
  expect((await download('trust.p12')).status).toBe(200);
  for (const name of ['authority.p12', 'server.p12', '..%2Fkeys', 'none.p12']) expect({ name, status: (await download(name)).status }).toEqual({ name, status: 404 });

  await expect(ask('POST', '/settings/security/generate', { ...order, keyPassword: 'planted-another', revision: made.revision })).rejects.toThrow('KEYSTORE_UNUSABLE');
  const agents = [...order.agents, { name: 'two', hosts: ['10.0.0.12'] }];
  const more = await ask<Security>('POST', '/settings/security/generate', { ...order, agents, renew: ['server.p12'], revision: made.revision });
  const after = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  expect(Object.keys(after).filter((name) => before[name]?.equals(after[name]!) !== true).sort()).toEqual(['agent-two.p12', 'server.p12']);
  expect(more.stores!.files.map(({ name }) => name)).toEqual(['authority.p12', 'trust.p12', 'server.p12', 'agent-one.p12', 'agent-two.p12']);
  // An agent that moved needs a certificate of its new names.
  const moved = await ask<Security>('POST', '/settings/security/generate', { ...order, agents: [{ name: 'one', hosts: ['10.0.0.99'] }], revision: more.revision });
  expect(moved.stores!.files.find(({ name }) => name === 'agent-one.p12')).toMatchObject({ hosts: ['10.0.0.99'] });
  expect(readFileSync(join(folder, 'agent-one.p12')).equals(after['agent-one.p12']!)).toBe(false);

  const selected = { trustStore: join(folder, 'trust.p12'), keyStore: join(folder, 'server.p12'), trustPassword: STORES.trustPassword, revision: moved.revision };
  await expect(ask('POST', '/settings/security/select', { ...selected, keyPassword: 'planted-wrong' })).rejects.toThrow('KEYSTORE_UNUSABLE');
  await expect(ask('POST', '/settings/security/select', { ...selected, keyPassword: STORES.keyPassword })).resolves.toMatchObject({ stores: { kind: 'selected' }, passwords: 'memory' });
}, 120_000);

test('stores and logging by command: location, agents that are added, a selection', async () => {
  const folder = join(scratch, 'by-command');
  const files = ['--trust-password-file', secretFile('trust-pw', STORES.trustPassword), '--key-password-file', secretFile('key-pw', STORES.keyPassword)];
  const authority = ['--authority-password-file', secretFile('authority-pw', STORES.authorityPassword)];
  const made = await command(['stores', 'generate', '--folder', folder, '--trust-store', 'Cassandra_trust', '--key-store', 'Cassandra_key', '--agent', 'one=10.0.0.11', ...files, ...authority, '--store']);
  expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^generated in .*by-command, passwords in the vault\nauthority.p12 .*NEVER leaves[\s\S]*Cassandra_trust +until 20[\s\S]*agent-one.p12 .*to this agent alone: 10.0.0.11/) });
  const before = readFileSync(join(folder, 'agent-one.p12'));
  const more = await command(['stores', 'generate', '--agent', 'two=10.0.0.12', '--renew', 'Cassandra_key', ...files, ...authority]);
  expect(more).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^generated in .*by-command, passwords in memory[\s\S]*agent-one.p12[\s\S]*agent-two.p12/) });
  expect(readFileSync(join(folder, 'agent-one.p12')).equals(before)).toBe(true);
  expect(await command(['stores', 'select', '--trust-store', join(folder, 'Cassandra_trust'), '--key-store', join(folder, 'none'), ...files])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^STORE_UNREADABLE: /) });
  expect(await command(['stores', 'select', '--trust-store', join(folder, 'Cassandra_trust'), '--key-store', join(folder, 'Cassandra_key'), ...files])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^selected, passwords in memory\ntrust store .*until/) });
  expect(await command(['stores', 'status'])).toMatchObject({ stdout: expect.stringMatching(/^selected/) });
  expect(await command(['logging', '--level', 'warning', '--folder', join(scratch, 'command-logs')])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^warning .*command-logs\/server.log\n$/) });
  expect(await command(['logging', '--folder', 'default'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^warning .*server\/log\/server.log\n$/) });
  expect(await command(['logging', '--level', 'info'])).toMatchObject({ exitCode: 0 });
  expect(await command(['logging'])).toMatchObject({ stdout: expect.stringMatching(/^info /) });
}, 120_000);

test('level and folder of the log count at once, and after a start', async () => {
  const folder = join(scratch, 'logs');
  const { revision } = await ask<{ readonly revision: string }>('GET', '/settings/logging');
  await expect(ask('PUT', '/settings/logging', { revision, level: 'info', folder: '/proc/none' })).rejects.toThrow('LOG_FOLDER_UNUSABLE');
  await ask('PUT', '/settings/logging', { revision, level: 'debug', folder });
  const logged = (): string => readFileSync(join(folder, 'server.log'), 'utf8');
  await ask('GET', '/vault?a=not-in-the-log');
  await expect.poll(logged).toMatch(/"level":"debug","event":"request","method":"GET","path":"\/api\/vault","status":200/);
  expect(logged()).not.toContain('not-in-the-log');
  await server.stop();
  await start();
  await expect.poll(logged).toContain('"event":"server-started"');
  const now = await ask<{ readonly revision: string }>('GET', '/settings/logging');
  await ask('PUT', '/settings/logging', { revision: now.revision, level: 'error' });
  const size = logged().length;
  await ask('GET', '/vault');
  expect(logged()).toHaveLength(size);
});

test('a key of AWS KMS opens the vault at the start, and no other key does', async () => {
  await ask('POST', '/vault/open', { password: NEW_MASTER });
  const lock = { kind: 'aws-kms', keyId: KMS_KEY, region: 'eu-central-1', endpoint: account.endpoint };
  await expect(ask('POST', '/vault/locks', { lock, password: MASTER })).rejects.toThrow('VAULT_PASSWORD_WRONG');
  await expect(ask('POST', '/vault/locks', { lock: { ...lock, keyId: 'none' }, password: NEW_MASTER })).rejects.toThrow('VAULT_LOCK_UNUSABLE');
  const added = await ask<Vault>('POST', '/vault/locks', { lock, password: NEW_MASTER });
  await server.stop();
  await start();
  await expect.poll(() => ask<Vault>('GET', '/vault').then(({ state }) => state), { timeout: 10_000 }).toBe('open');
  await ask('POST', `/vault/locks/${added.locks.find(({ kind }) => kind === 'aws-kms')!.id}/remove`, { password: NEW_MASTER });
  await ask('POST', '/vault/lock');
  await expect(ask('POST', '/vault/open', {})).rejects.toThrow('VAULT_LOCKED');
}, 60_000);

test('a damaged vault and damaged settings are told, left as they are, and stop nothing else', async () => {
  const files = ['vault', 'settings.yaml'].map((name) => join(workspace, name));
  const before = files.map((file) => readFileSync(file));
  const damaged = Buffer.from('logging: { level: loud }\n');
  for (const file of files) writeFileSync(file, damaged);
  await expect(ask('POST', '/vault/open', { password: NEW_MASTER })).rejects.toThrow('VAULT_DAMAGED');
  await expect(ask('GET', '/vault')).resolves.toMatchObject({ state: 'locked', problem: { code: 'VAULT_DAMAGED' } });
  await expect(ask('GET', '/settings/logging')).rejects.toThrow('SETTINGS_INVALID');
  await expect(ask('POST', '/settings/aws-profiles', { profile: { ...profile, name: 'new' } })).rejects.toThrow('SETTINGS_INVALID');
  await server.stop();
  await start();
  await expect(ask('GET', '/tasks')).resolves.toEqual([]);
  expect(files.map((file) => readFileSync(file).equals(damaged))).toEqual([true, true]);
  files.forEach((file, i) => writeFileSync(file, before[i]!));
  await expect(ask('POST', '/vault/open', { password: NEW_MASTER })).resolves.toMatchObject({ state: 'open', secrets: expect.arrayContaining(['aws-profile/prod']) });
});

test('a deleted profile takes its keys along', async () => {
  expect(await command(['aws-profile', 'delete', 'prod'])).toMatchObject({ exitCode: 0 });
  await expect(ask<Vault>('GET', '/vault').then(({ secrets }) => secrets)).resolves.not.toContain('aws-profile/prod');
  expect(await command(['aws-profile', 'delete', 'prod'])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^AWS_PROFILE_UNKNOWN: /) });
});

test('no planted secret is in any file of the server, answer, output or command line', async () => {
  const { processId, engine } = await server.api<{ readonly processId: number; readonly engine: { readonly processId: number } }>('GET', '/server');
  const commandLines = [processId, engine.processId].map((id) => readFileSync(`/proc/${id}/cmdline`, 'utf8'));
  const ours = new Set(['old', 'new', 'wrong', 'keys', 'trust-pw', 'key-pw', 'authority-pw'].map((name) => join(scratch, name)));
  const files = readdirSync(scratch, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter((file) => !ours.has(file));
  expect(files.length).toBeGreaterThan(10);
  const places: [string, string][] = [...files.map((file): [string, string] => [file, readFileSync(file, 'latin1')]), ['answers', said.join('\n')], ['command lines', commandLines.join('\n')]];
  const asked = await (await fetch(`${account.endpoint}/test/log`)).text();
  for (const [place, text] of [...places, ['requests to AWS', asked] as const]) expect({ place, found: /planted[ -][a-z-]*/.exec(text)?.[0] }).toEqual({ place, found: undefined });
});
