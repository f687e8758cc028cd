// Secrets of every kind, each unlike anything else, go through tests, connections, a task that fails and is resumed, exports and refusals, with
// the server reached over TLS and the log as talkative as it gets. Afterwards none of them is to be found, in any usual encoding, in any file,
// answer, URL, error, command line, or environment of a child; but encrypted in the vault, and where the test itself put them.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { FleetAgent } from './agent-fleet.ts';
import { aeneas } from './aeneas-process.ts';
import { DEMO_NOW, s3Client } from './migrated-tables.ts';
import { Serving } from './serving.ts';
import { SignedGate } from './signed-gate.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';
import { ACCESS_KEY, SECRET_KEY } from './stand-ins/signature.ts';

const SECRETS = {
  'database password': 'planted/db+Pa55=word? 1', 'AWS secret key': SECRET_KEY, 'wrong AWS secret key': 'planted/wrong+Secret=Key?2', 'session token': 'planted/session+Token=3&x',
  'trust store password': 'planted-trust 4+/=', 'key store password': 'planted-keys 5+/=', 'authority password': 'planted-authority 6+/=', 'service password of the agent': 'of agent one, for tests',
  'master password': 'planted master & password 7', 'login password': 'planted+login/password=8',
} as const;
type SecretKind = keyof typeof SECRETS;

const BUCKET = 'planted-secrets';
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-planted-')));
const at = (...names: string[]): string => join(scratch, ...names);
const home = { HOME: at('home'), TMPDIR: at('tmp'), XDG_CONFIG_HOME: at('home/.config'), XDG_DATA_HOME: at('home/.local/share') };
const said: string[] = [];
/** Command lines and environments of processes, by what they are. */
const processes = new Map<string, Buffer>();
/** Files of the test, with secrets. */
const planted = new Set<string>();
let server: Serving;
let agent: FleetAgent;
let standIns: StandIn[];
let gates: SignedGate[];

function fileOf(name: string, ...kinds: (SecretKind | typeof ACCESS_KEY)[]): string {
  const file = at('planted', name);
  writeFileSync(file, kinds.map((kind) => `${kind === ACCESS_KEY ? kind : SECRETS[kind]}\n`).join(''), { mode: 0o600 });
  planted.add(file);
  return file;
}

async function command(words: readonly string[], exitCode: number | null = 0): Promise<string> {
  const isLocal = words[0] === 'keystore';
  const ended = await aeneas([...words, ...(isLocal ? [] : ['--server', server.url])], { env: home });
  said.push(ended.stdout, ended.stderr);
  expect({ words, exitCode: ended.exitCode, stderr: ended.exitCode === exitCode ? '' : ended.stdout + ended.stderr }).toEqual({ words, exitCode, stderr: '' });
  return ended.stdout + ended.stderr;
}

/** What the processes of the product show to others: the server's and agent's command lines; of what they start, the environment too. */
function lookAtProcesses(): void {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const id = Number(entry);
      const program = readlinkSync(`/proc/${entry}/exe`).split('/').at(-1)!;
      const line = readFileSync(`/proc/${entry}/cmdline`);
      const isOurs = line.includes(scratch) || id === server.engineProcessId;
      if (!isOurs || id === process.pid) continue;
      processes.set(`command line of ${program} ${entry}`, line);
      // The server was told its password so, and nobody can take that back; what it starts must not get it.
      if (id !== server.child.pid && !line.includes('\0serve\0')) processes.set(`environment of ${program} ${entry}`, readFileSync(`/proc/${entry}/environ`));
    } catch {
      // It is gone already, or of somebody else.
    }
  }
}

beforeAll(async () => {
  for (const folder of ['planted', 'home', 'tmp']) mkdirSync(at(folder));
  const files = ['--store-password-file', fileOf('store', 'key store password'), '--authority-password-file', fileOf('authority', 'authority password')];
  const made = await aeneas(['keystore', 'generate', at('stores'), '--agent', 'page=localhost', ...files], { env: home });
  if (made.exitCode !== 0) throw new Error(made.stderr);
  standIns = await Promise.all([startStandIn('dynamodb'), startStandIn('s3')]);
  gates = await Promise.all(standIns.map(({ endpoint }) => SignedGate.before(endpoint)));
  const client = s3Client(standIns[1]!.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  const words = ['--host', '0.0.0.0', '--host-name', 'localhost', '--tls-key-store', at('stores/agent-page.p12'), '--tls-password-file', at('planted/store')];
  const through = ['env', ...Object.entries({ ...home, AENEAS_LOGIN_PASSWORD: SECRETS['login password'] }).map(([name, value]) => `${name}=${value}`)];
  [server, agent] = await Promise.all([Serving.start(at('server'), words, { through }), FleetAgent.start(scratch, 'one', await unpackedDemo())]);
  planted.add(at('one/service-password'));
}, 90_000);
afterAll(async () => {
  await server?.stop();
  await agent?.end();
  for (const gate of gates) gate.close();
  await Promise.all(standIns.map((one) => one.stop()));
  rmSync(scratch, { recursive: true });
});

test('the journey: everything that takes a secret, rightly and wrongly', async () => {
  const trust = ['--trust', at('stores/trust.p12'), '--trust-password-file', at('planted/store')];
  await command(['login', ...trust, '--password-file', fileOf('wrong-login', 'database password')], 2);
  await command(['login', ...trust, '--password-file', fileOf('login', 'login password')]);
  await command(['logging', '--level', 'debug']);
  await command(['vault', 'create', '--password-file', fileOf('master', 'master password')]);
  await command(['vault', 'open', '--password-file', at('planted/login')], 2);
  const stores = ['--trust-password-file', fileOf('trust', 'trust store password'), '--key-password-file', at('planted/store')];
  await command(['stores', 'generate', '--agent', 'other=10.0.0.9', ...stores, '--authority-password-file', at('planted/authority'), '--store']);
  await command(['stores', 'select', '--trust-store', at('stores/trust.p12'), '--key-store', at('stores/server.p12'), ...stores], 2);

  // With keys that are wrong, and with a token, which AWS repeats in its refusal.
  const profile = ['aws-profile', 'add', 'prod', '--region', 'us-east-1', '--bucket', BUCKET, '--store', '--dynamodb-endpoint', gates[0]!.endpoint, '--s3-endpoint', gates[1]!.endpoint, '--sts-endpoint', gates[0]!.endpoint];
  await command([...profile, '--keys-file', fileOf('wrong-keys', ACCESS_KEY, 'wrong AWS secret key', 'session token')]);
  await command(['aws-profile', 'test', 'prod'], 1);

  const projectFile = at('shop.yaml');
  writeFileSync(projectFile, `source: { directories: [${await unpackedDemo()}] }\ntables: [shop.customers]\ntarget: { region: us-east-1 }\nsplitSizeMB: 0.02\n`);
  await command(['project', 'open', projectFile]);
  await command(['project', 'aws-profile', 'shop', 'prod']);
  const cluster = ['source', 'add', 'shop', 'live', '--server-name', '127.0.0.1', '--server-port', '1', '--user-name', 'min_privs', '--password-file', fileOf('database', 'database password')];
  await command([...cluster, '--use-ssl', '--trust-store', at('stores/trust.p12'), '--trust-store-password-file', at('planted/store'), '--store-password']);
  await command(['source', 'test', 'shop', 'live'], 2);
  await command(['source', 'tree', 'shop', 'live'], 2);
  await command(['target', 'add', 'shop', 'typed', '--region', 'us-east-1', '--endpoint', gates[0]!.endpoint, '--access-key', ACCESS_KEY, '--secret-key-file', fileOf('secret-key', 'AWS secret key'), '--store-password']);
  await command(['target', 'test', 'shop', 'typed']);
  await command(['target', 'add', 'shop', 'wrong', '--region', 'us-east-1', '--endpoint', gates[0]!.endpoint, '--access-key', ACCESS_KEY, '--secret-key-file', fileOf('wrong-key', 'wrong AWS secret key')]);
  await command(['target', 'test', 'shop', 'wrong'], 2);
  await command(['target', 'add', 'shop', 'of-profile', '--region', 'us-east-1', '--aws-service-profile', 'prod']);
  await command(['target', 'tree', 'shop', 'of-profile'], 2);

  await command(['agent', 'register', 'one', `https://127.0.0.1:${agent.process.port}`, '--service-password-file', at('one/service-password'), '--fingerprint', agent.process.fingerprint]);
  const id = (await command(['task', 'create', projectFile, '--now', String(DEMO_NOW)])).trim();
  await command(['task', 'start', id, '--wait'], 2);
  expect(await command(['task', 'status', id], 2)).toMatch(/Signature/);
  await command([...profile, '--keys-file', fileOf('keys', ACCESS_KEY, 'AWS secret key')]);
  await command(['task', 'resume', id]);
  lookAtProcesses();
  await command(['task', 'status', id, '--wait', '--json'], 1);
  lookAtProcesses();

  for (const words of [['project', 'export', 'shop'], ['project', 'list'], ['aws-profile', 'list'], ['stores', 'status'], ['vault', 'status'], ['log'], ['agent', 'list'], ['task', 'status']]) await command([...words, '--json']);
  expect(gates.map(({ passed }) => passed.length > 0)).toEqual([true, true]);
}, 240_000);

/** A secret as it could be written, by the name of the encoding. Of base64 that which does not depend on what stands before and after. */
function forms(secret: string): [string, Buffer][] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(shift === 0 ? 0 : 4, -4));
  const texts: [string, string][] = [
    ['plain', secret], ['JSON', JSON.stringify(secret).slice(1, -1)], ['hex', bytes.toString('hex')], ['HEX', bytes.toString('hex').toUpperCase()],
    ['URL', encodeURIComponent(secret)], ['form', new URLSearchParams({ '': secret }).toString().slice(1)],
    ...base64.flatMap((text): [string, string][] => [['base64', text], ['base64url', text.replaceAll('+', '-').replaceAll('/', '_')]]),
  ];
  const utf16 = Buffer.from(secret, 'utf16le');
  return [...texts.map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]), ['UTF-16LE', utf16], ['UTF-16BE', Buffer.from(utf16).swap16()]];
}

test('what is looked for would be found', () => {
  const secret = SECRETS['database password'];
  const hidden = [`a${secret}b`, Buffer.from(`user:${secret}`).toString('base64'), Buffer.from(`x ${secret} yz`).toString('base64url'), `?p=${encodeURIComponent(secret)}`];
  for (const text of hidden) expect(forms(secret).some(([, form]) => Buffer.from(text).includes(form))).toBe(true);
});

test('none of the secrets is anywhere', async () => {
  const files = readdirSync(scratch, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter((file) => !planted.has(file));
  for (const part of ['server/log/server.log', 'server/vault', 'server/catalog.sqlite', 'server/settings.yaml', 'server/engine/', '.aeneas/shop/', 'one/', 'home/.config/aeneas/logins.json']) {
    expect({ part, isThere: files.some((file) => file.startsWith(at(part))) }).toEqual({ part, isThere: true });
  }
  expect(readFileSync(at('server/log/server.log'), 'utf8')).toMatch(/"event":"request","method":"POST","path":"\/api\/projects\/shop\/sources"/);
  expect([...processes.keys()].some((what) => what.startsWith('environment of restate'))).toBe(true);
  const requests = gates.flatMap(({ passed }) => passed).join('\n');
  const places: [string, Buffer][] = [
    ...files.map((file): [string, Buffer] => [file, readFileSync(file)]), ...processes,
    ['answers', Buffer.from(said.join('\n'))], ['requests to AWS', Buffer.from(requests)], ['output of the agent', Buffer.from(agent.process.output)],
  ];
  const found = Object.entries(SECRETS).flatMap(([kind, secret]) => forms(secret).flatMap(([encoding, form]) => places.filter(([, bytes]) => bytes.includes(form)).map(([place]) => `${kind}, ${encoding}: ${place}`)));
  expect(found).toEqual([]);
}, 60_000);
