// --configure on the node itself, below a root of its own; the lab (e2e/lab) has it with machines, mounts and a terminal.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

test('a store that cannot be used leaves the settings as they are', async () => {
  const { paths, out, answer, node } = machine('refused');
  const password = 'travelswell';
  await expect(answer(...node, 'Y', join(stores, 'jceks-trust'), password, password)).rejects.toMatchObject({ code: 'KEYSTORE_FORMAT' });
  await expect(answer(...node, 'Y', join(stores, 'jks-key'), 'wrong one', 'wrong one')).rejects.toMatchObject({ code: 'KEYSTORE_UNUSABLE' });
  await expect(answer(...node, 'Y', join(stores, 'jks-other-key-password'), password, password, out)).rejects.toMatchObject({ code: 'KEYSTORE_KEY_PASSWORD' });
  expect(readdirSync(paths.configDirectory)).toEqual(['sealed']);
});
