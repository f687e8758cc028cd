// --configure on the node itself, below a root of its own; the lab (e2e/lab) has it with machines, mounts and a terminal.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { startAgent } from '../service/agent.ts';
import { readAgentSettings } from '../service/settings.ts';
import { configure } from './configure.ts';
import { PipedConsole } from './console.ts';
import { extractorPaths } from './paths.ts';
import { SealedSecrets } from './sealed.ts';
import { STORE_SECRETS } from './nodes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-configure-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const stores = join(import.meta.dirname, '../../../../fixtures/keystores');

/** A machine of its own, with a node's directories; answers go in, what was said comes back. */
function machine(name: string) {
  const root = join(scratch, name);
  const data = join(root, 'data');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(root, 'cassandra.yaml'), `data_file_directories: [${data}]\n`);
  const paths = extractorPaths(root);
  const out = join(root, 'out');
  const answer = async (...answers: string[]): Promise<string> => {
    const said = new PassThrough().setEncoding('utf8');
    const console = new PipedConsole(Readable.from(answers.map((line) => `${line}\n`)), said);
    await configure({
      paths, console, access: 'local', hostKeys: new Map(), mendsKeyPermissions: false, setsAllowOther: false, port: undefined, cassandraVersion: undefined,
    }).finally(() => said.end());
    return said.toArray().then((pieces) => pieces.join(''));
  };
  return { root, paths, out, answer, node: ['1', '127.0.0.1', join(root, 'cassandra.yaml'), data] };
}

test('stores without an extension are told by their content, taken in under one that fits, and used by the agent', async () => {
  const { paths, out, answer, node } = machine('stores');
  const password = 'travelswell';
  await answer(...node, 'Y', join(stores, 'jks-key'), password, password, join(stores, 'pkcs12-trust'), password, password, out);
  const settings = await readAgentSettings(paths.settings);
  expect(settings.security).toMatchObject({ keyStore: join(paths.configDirectory, 'key-store.jks'), trustStore: join(paths.configDirectory, 'trust-store.p12') });
  for (const name of ['key-store.jks', 'trust-store.p12']) expect(statSync(join(paths.configDirectory, name)).mode & 0o777).toBe(0o600);
  const secrets = await SealedSecrets.open(paths);
  expect(await secrets.text(STORE_SECRETS.keyStore)).toBe(password);
  const agent = await startAgent({ ...settings, host: '127.0.0.1', port: 0 }, { storePassword: password });
  const expected = readFileSync(join(stores, 'expected.txt'), 'utf8').split('\n').find((line) => line.startsWith('jks-key'))!.split(' ')[1];
  expect(agent.fingerprint).toBe(expected);
  await agent.stop();
});

test('a service password that is set while the agent runs holds from its next start on', async () => {
  const { paths, out, answer, node } = machine('running');
  const [before, after] = ['the first service password', 'the second service password'];
  await answer(...node, 'N', before, before, out);
  const settings = { ...await readAgentSettings(paths.settings), host: '127.0.0.1', port: 0 };
  const agent = await startAgent(settings);
  const said = await answer('', '', '', '', 'N', after, after, '');
  expect(said).toMatch(/successful completed[\s\S]*The agent runs, with the settings and the service password from before[\s\S]*systemctl restart/);
  expect(said).toContain(agent.fingerprint);
  expect(said).not.toContain(after);
  expect(readFileSync(join(out, 'password-hash.new'), 'utf8')).not.toContain(after);
  expect(statSync(join(out, 'password-hash.new')).mode & 0o777).toBe(0o600);
  expect(await loginWith(agent, before)).toBe(200);
  expect(await loginWith(agent, after)).toBe(401);
  await agent.stop();

  const again = await startAgent(settings);
  expect([await loginWith(again, before), await loginWith(again, after)]).toEqual([401, 200]);
  expect(again.fingerprint).toBe(agent.fingerprint);
  expect(readdirSync(out)).not.toContain('password-hash.new');
  await again.stop();
}, 60_000);

test('a password that was left gives way to one that is set while the agent does not run', async () => {
  const { paths, out, answer, node } = machine('twice');
  const passwords = ['the first service password', 'the second service password', 'the third service password'];
  await answer(...node, 'N', passwords[0]!, passwords[0]!, out);
  const settings = { ...await readAgentSettings(paths.settings), host: '127.0.0.1', port: 0 };
  const agent = await startAgent(settings);
  await answer('', '', '', '', 'N', passwords[1]!, passwords[1]!, '');
  await agent.stop();
  await answer('', '', '', '', 'N', passwords[2]!, passwords[2]!, '');
  const again = await startAgent(settings);
  expect(await Promise.all(passwords.map((password) => loginWith(again, password)))).toEqual([401, 401, 200]);
  await again.stop();
}, 60_000);

function loginWith({ port }: { readonly port: number }, password: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, method: 'POST', path: '/v1/health', rejectUnauthorized: false, agent: false, auth: `aeneas:${password}`, headers: { 'content-type': 'application/json' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject).end('{}');
  });
}

test('a store that cannot be used leaves the settings as they are', async () => {
  const { paths, out, answer, node } = machine('refused');
  const password = 'travelswell';
  await expect(answer(...node, 'Y', join(stores, 'jceks-trust'), password, password)).rejects.toMatchObject({ code: 'KEYSTORE_FORMAT' });
  await expect(answer(...node, 'Y', join(stores, 'jks-key'), 'wrong one', 'wrong one')).rejects.toMatchObject({ code: 'KEYSTORE_UNUSABLE' });
  await expect(answer(...node, 'Y', join(stores, 'jks-other-key-password'), password, password, out)).rejects.toMatchObject({ code: 'KEYSTORE_KEY_PASSWORD' });
  expect(readdirSync(paths.configDirectory)).toEqual(['sealed']);
});
