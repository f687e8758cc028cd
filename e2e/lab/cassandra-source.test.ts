// Real nodes with password login and client TLS as sources of a project: Test connection, Connect, and the tree, through the server's API, the
// commands and the page. All nodes start at once.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionTest, ConnectionTree, ProjectDetails, TreeNode } from '@aeneas/protocol';
import { aeneas } from '../aeneas-process.ts';
import { launchChromium } from '../browser/chromium.ts';
import { Serving } from '../serving.ts';
import type { CassandraNode } from './cassandra-node.ts';
import { asSuperuser, CERTIFIED_NAME, makeSshKey, makeStores, prepareSecured, STORE_PASSWORD } from './secured-node.ts';

const START_MILLIS = 600_000;
const LOGIN_MILLIS = 120_000;
/** What the project promises of Test connection. */
const LIMIT_MILLIS = 20_000;
const NODES = [
  { version: '2.1.20', address: '10.88.5.2', index: 51, protocol: 3, hasViews: false, storeType: 'JKS', demandsCertificate: true },
  { version: '3.0.0', address: '10.88.6.2', index: 61, protocol: 4, hasViews: true, storeType: 'PKCS12', demandsCertificate: true },
  { version: '3.1.1', address: '10.88.7.2', index: 71, protocol: 4, hasViews: true, storeType: 'JKS', demandsCertificate: false },
  { version: '3.11.2', address: '10.88.8.2', index: 81, protocol: 4, hasViews: true, storeType: 'PKCS12', demandsCertificate: true },
] as const;
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-source-'));
const storesOf = (version: string): string => join(scratch, 'stores', version);
const STRANGER = storesOf('stranger');
const USER_PASSWORD = 'a planted password';
const SECRETS = { password: 'cassandra', trustStorePassword: STORE_PASSWORD, keyStorePassword: STORE_PASSWORD };

let server: Serving;
const nodes = new Map<string, CassandraNode>();
beforeAll(async () => {
  const publicKey = makeSshKey(scratch);
  await makeStores(STRANGER, ['10.88.9.2']);
  for (const { version, ...rest } of NODES) nodes.set(version, await prepareSecured({ version, ...rest, folder: storesOf(version), publicKey }));
  await Promise.all([...nodes.values()].map((node) => node.start()));
  server = await Serving.start(join(scratch, 'server'));
  await server.api('POST', '/projects', { name: 'shop' });
}, START_MILLIS);
afterAll(async () => {
  await server?.stop();
  for (const { machine } of nodes.values()) await machine.stop();
  rmSync(scratch, { recursive: true });
});

/** The tree as text: name and detail, indented. */
const textOf = (tree: readonly TreeNode[]): string => tree.map(({ depth, name, detail }) => `${'  '.repeat(depth)}${name}${detail === undefined ? '' : ` (${detail})`}`).join('\n');

describe.each(NODES)('Cassandra $version', ({ version, address, protocol, hasViews, demandsCertificate }) => {
  const stores = storesOf(version);
  const ssl = { trustStore: join(stores, 'trust.jks'), keyStore: join(stores, 'server.p12') };
  const connection = (change: object = {}) => ({ kind: 'cassandra', name: `live-${version}`, serverName: address, userName: 'cassandra', ssl, ...change });
  const tested = (change: object = {}, given: object = {}) => server.api<ConnectionTest>('POST', '/projects/shop/sources/test', { connection: connection(change), secrets: { ...SECRETS, ...given } });
  /** The step that failed, and its code, after it was looked whether there is a remedy, no secret, and an end in time. */
  const failure = async (change: object, given: object = {}): Promise<string> => {
    const startedMillis = Date.now();
    const { isOk, steps } = await tested(change, given);
    expect(Date.now() - startedMillis).toBeLessThan(LIMIT_MILLIS + 2_000);
    const failed = steps.find(({ state }) => state === 'failed');
    expect([isOk, failed?.problem?.remedy ?? '']).toEqual([false, expect.stringMatching(/\w{5}/)]);
    expect(JSON.stringify(steps)).not.toContain('planted-secret');
    return `${failed!.step} ${failed!.problem!.code}`;
  };

  // The first superuser is made a moment after the start.
  beforeAll(async () => {
    for (const deadline = Date.now() + LOGIN_MILLIS; !(await tested()).isOk; await sleep(1_000)) if (Date.now() > deadline) throw new Error(`Nobody can log in: ${JSON.stringify(await tested())}`);
  });

  test('Test connection goes all the steps', async () => {
    for (const [trustStore, keyStore] of [['trust.jks', 'server.p12'], ['trust.p12', 'server.jks']] as const) {
      const { isOk, steps } = await tested({ ssl: { trustStore: join(stores, trustStore), keyStore: join(stores, keyStore) } });
      expect({ isOk, steps: steps.map(({ step, state }) => `${step} ${state}`) }).toEqual({ isOk: true, steps: ['resolve ok', 'connect ok', 'tls ok', 'login ok', 'version ok', 'datacenters ok'] });
      expect(steps.map(({ said }) => said).join('\n')).toMatch(new RegExp(`TLSv1\\.[23][\\s\\S]*as cassandra[\\s\\S]*Cassandra ${version.replaceAll('.', String.raw`\.`)}, cluster "lab", native protocol ${protocol}\\ndatacenter1`));
    }
  });

  test('what does not fit is told by its step, with a remedy', async () => {
    expect(await failure({}, { password: 'planted-secret-1' })).toBe('login SOURCE_LOGIN_REFUSED');
    expect(await failure({ userName: undefined })).toBe('login SOURCE_LOGIN_REFUSED');
    expect(await failure({}, { trustStorePassword: 'planted-secret-2' })).toBe('tls KEYSTORE_UNUSABLE');
    // 3.0.0 and 3.1.1 keep silent, the others close the connection.
    expect(await failure({ ssl: undefined })).toMatch(/^login (?:SOURCE_NOT_CASSANDRA|CONNECTION_TIMED_OUT)$/);
    expect(await failure({ ssl: {} })).toBe('tls SOURCE_TLS_FAILED');
    expect(await failure({ ssl: { ...ssl, trustStore: join(STRANGER, 'trust.p12') } })).toBe('tls SOURCE_TLS_FAILED');
    expect(await failure({ serverPort: 22 })).toBe('tls SOURCE_TLS_FAILED');
    expect(await failure({ serverPort: 22, ssl: undefined })).toBe('login SOURCE_NOT_CASSANDRA');
    expect(await failure({ serverName: address.replace(/\d+$/, '3') })).toMatch(/^connect (?:SOURCE_UNREACHABLE|CONNECTION_TIMED_OUT)$/);
  });

  test('a client without a certificate, or with a stranger\'s, is let in only where none is demanded', async () => {
    for (const change of [{ ssl: { trustStore: ssl.trustStore } }, { ssl: { ...ssl, keyStore: join(STRANGER, 'server.p12') } }]) {
      if (demandsCertificate) expect(await failure(change)).toBe('tls SOURCE_TLS_FAILED');
      else expect(await tested(change)).toMatchObject({ isOk: true });
    }
  });

  test('the certificate must name the host, unless that is not to be checked', async () => {
    const forward = await forwardTo(address);
    try {
      const { port: serverPort } = forward.address() as AddressInfo;
      expect(await tested({ serverName: CERTIFIED_NAME, serverPort })).toMatchObject({ isOk: true });
      expect(await failure({ serverName: '127.0.0.1', serverPort })).toBe('tls SOURCE_TLS_FAILED');
      expect(await tested({ serverName: '127.0.0.1', serverPort, ssl: { ...ssl, verifyHostName: false } })).toMatchObject({ isOk: true });
    } finally {
      forward.close();
    }
  });

  test('the tree is what CQL made', async () => {
    await asSuperuser(address, stores, [
      "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
      'CREATE TYPE shop.address (street text, city text)',
      'CREATE TABLE shop.orders (id uuid, at timestamp, n int, s text STATIC, m map<text, frozen<list<int>>>, a frozen<address>, t frozen<tuple<int, text>>, PRIMARY KEY (id, at)) WITH CLUSTERING ORDER BY (at DESC)',
      'CREATE INDEX by_n ON shop.orders (n)',
      'CREATE TABLE shop.flat (id int PRIMARY KEY, v blob, u int) WITH COMPACT STORAGE',
      'CREATE TABLE shop.keys (id int, c text, PRIMARY KEY (id, c)) WITH COMPACT STORAGE',
      ...(hasViews ? ['CREATE MATERIALIZED VIEW shop.by_at AS SELECT id, at, n FROM shop.orders WHERE id IS NOT NULL AND at IS NOT NULL PRIMARY KEY (at, id)'] : []),
    ]);
    const { version: stored } = await server.api<ProjectDetails>('GET', '/projects/shop');
    await server.api('POST', '/projects/shop/sources', { version: stored, connection: connection(), secrets: SECRETS });
    const place = `/projects/shop/sources/live-${version}`;
    const tree = await server.api<ConnectionTree>('POST', `${place}/connect`, {});
    expect(textOf(tree.nodes)).toBe([
      'Datacenters (1)', '  datacenter1 (1 node)', '    rack1', `      ${address} (Cassandra ${version})`, 'Keyspaces (1)', '  shop (SimpleStrategy, replication_factor 1)', '    Tables (3)', '      flat', '      keys', '      orders',
      ...(hasViews ? ['    Views (1)', '      by_at'] : []), '    Types (1)', '      address',
    ].join('\n'));
    const described = (kind: string, item: string) => server.api<TreeNode[]>('GET', `${place}/describe?kind=${kind}&keyspace=shop&item=${item}`);
    expect(textOf(await described('table', 'orders'))).toBe([
      'Keys (2)', '  id (partition key)', '  at (clustering key, descending)',
      'Columns (7)', '  id (uuid)', '  at (timestamp)', '  a (frozen<address>)', '  m (map<text, frozen<list<int>>>)', '  n (int)', '  s (text, static)', '  t (frozen<tuple<int, text>>)', 'Indexes (1)', '  by_n (n)',
    ].join('\n'));
    expect(textOf(await described('table', 'flat'))).toBe('Keys (1)\n  id (partition key)\nColumns (3)\n  id (int)\n  u (int)\n  v (blob)');
    expect(textOf(await described('table', 'keys'))).toBe('Keys (2)\n  id (partition key)\n  c (clustering key)\nColumns (2)\n  id (int)\n  c (text)');
    expect(textOf(await described('type', 'address'))).toBe('street (text)\ncity (text)');
    if (hasViews) expect(textOf(await described('view', 'by_at'))).toContain('at (partition key)');
    const tried = await aeneas(['source', 'test', 'shop', `live-${version}`, '--server', server.url]);
    expect([tried.exitCode, tried.stdout]).toEqual([0, expect.stringMatching(/^ok\s+datacenters\s+datacenter1$/m)]);
    const printed = await aeneas(['source', 'tree', 'shop', `live-${version}`, '--server', server.url, '--table', 'shop.orders']);
    expect([printed.exitCode, printed.stdout]).toEqual([0, expect.stringContaining('clustering key, descending')]);
  });

  test('the source database user is checked over TLS', async () => {
    await asSuperuser(address, stores, [`CREATE USER min_privs WITH PASSWORD '${USER_PASSWORD}' NOSUPERUSER`, 'GRANT SELECT ON KEYSPACE shop TO min_privs']);
    const check = async (words: readonly string[]) => {
      const { exitCode, stdout, stderr } = await aeneas(['prerequisites', 'check-db-user', address, '--keyspace', 'shop', '--json', ...words], {
        env: { AENEAS_CQL_PASSWORD: USER_PASSWORD, AENEAS_STORE_PASSWORD: STORE_PASSWORD, AENEAS_KEY_STORE_PASSWORD: STORE_PASSWORD },
      });
      expect(stdout + stderr).not.toContain(USER_PASSWORD);
      return { exitCode, findings: (JSON.parse(stdout) as readonly { name: string; state: string; text: string }[]).map(({ name, state, text }) => `${name} ${state}: ${text}`) };
    };
    const key = ['--key-store', ssl.keyStore];
    expect(await check(['--trust-store', ssl.trustStore, ...key])).toEqual({ exitCode: 0, findings: [
      'Authentication ok: the node asks who one is', 'Login ok: min_privs gets in, by TLS', expect.stringMatching(/^Default superuser warning/), `Version ok: Cassandra ${version}, datacenter datacenter1`,
      expect.stringMatching(/^Schema ok: \d+ tables/), expect.stringMatching(/^SELECT in shop ok: one row asked of each of \d tables$/), 'No more than needed ok: SELECT on <keyspace shop>',
    ] });
    expect(await check(['--trust-store', join(STRANGER, 'trust.p12'), ...key])).toEqual({ exitCode: 1, findings: [expect.stringMatching(/^TLS failed: SOURCE_TLS_FAILED/)] });
    const keyless = await check(['--trust-store', ssl.trustStore]);
    if (demandsCertificate) expect(keyless).toEqual({ exitCode: 1, findings: [expect.stringMatching(/^TLS failed: SOURCE_TLS_FAILED/)] });
    else expect(keyless.exitCode).toBe(0);
    expect(await check([])).toEqual({ exitCode: 1, findings: [expect.stringMatching(/^Connection failed: (?:SOURCE_NOT_CASSANDRA|CONNECTION_TIMED_OUT)/)] });
  });

  test('without "Store Password" a closed project asks again, and the file never knew', async () => {
    await server.api('POST', '/projects/shop/close');
    const { sources, text } = await server.api<ProjectDetails>('GET', '/projects/shop');
    expect(sources.find(({ connection: { name } }) => name === `live-${version}`)).toMatchObject({ isConnected: false, needs: ['password', 'trustStorePassword', 'keyStorePassword'] });
    expect(text).not.toContain(STORE_PASSWORD);
    await expect(server.api('POST', `/projects/shop/sources/live-${version}/connect`, {})).rejects.toThrow(/CONNECTION_SECRET_NEEDED/);
    const passwords = (password: string) => ({ env: { CASSANDRA_PASSWORD: password, TRUST_STORE_PASSWORD: STORE_PASSWORD, KEY_STORE_PASSWORD: STORE_PASSWORD } });
    const refused = await aeneas(['source', 'test', 'shop', `live-${version}`, '--server', server.url], passwords('planted-secret-3'));
    expect([refused.exitCode, refused.stdout]).toEqual([2, expect.stringMatching(/^failed\s+login[^]*SOURCE_LOGIN_REFUSED: \w/m)]);
    expect(refused.stdout + refused.stderr).not.toContain('planted-secret');
    expect((await aeneas(['source', 'test', 'shop', `live-${version}`, '--server', server.url], passwords('cassandra'))).exitCode).toBe(0);
  });
});

describe('in the browser', () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchChromium().catch((error: Error) => void process.stderr.write(`The page was not tried with a live node: ${error.message}\n`));
  });
  afterAll(() => browser?.close());

  test('a wrong password says what to do and keeps what was typed; with the right one the tree comes', async ({ skip }) => {
    skip(browser === undefined, 'there is no Chromium');
    const { version, address } = NODES[1];
    await server.api('POST', '/projects', { name: 'seen' });
    const page = await browser!.newPage({ baseURL: server.url, reducedMotion: 'reduce' });
    const field = (name: string) => page.getByRole('textbox', { name, exact: true });
    const secret = (name: string) => page.getByLabel(name, { exact: true });
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const outcome = page.getByRole('region', { name: 'Test connection' });
    await page.goto('/projects/seen');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Add source' }).click();
    await button('Next').click();
    await page.getByText('Use SSL', { exact: true }).click();
    const typed = { 'Connection name': 'production', 'Server name': address, 'User name': 'cassandra', 'Trust store': join(storesOf(version), 'trust.jks'), 'Key store': join(storesOf(version), 'server.p12') };
    for (const [name, value] of Object.entries(typed)) await field(name).fill(value);
    for (const name of ['Trust store password', 'Key store password']) await secret(name).fill(STORE_PASSWORD);
    await secret('Password').fill('planted-secret-4');
    await button('Test connection').click();
    await outcome.getByText('SOURCE_LOGIN_REFUSED').waitFor();
    expect(await outcome.innerText()).toMatch(/does not work[\s\S]*refuses the login[\s\S]*What to do[\s\S]*Type them again/);
    for (const [name, value] of Object.entries(typed)) expect([name, await field(name).inputValue()]).toEqual([name, value]);
    expect(await secret('Password').inputValue()).toBe('planted-secret-4');
    await secret('Password').fill('cassandra');
    await button('Test connection').click();
    await outcome.getByText('The connection works').waitFor();
    expect(await outcome.innerText()).toContain(`Cassandra ${version}, cluster "lab"`);
    await button('Connect').click();
    const item = (name: RegExp) => page.getByRole('treeitem', { name });
    for (const name of [/^production/, /^Datacenters/, /^datacenter1/, /^rack1/]) await item(name).click();
    await item(new RegExp(`^${address.replaceAll('.', String.raw`\.`)}.*${version.replaceAll('.', String.raw`\.`)}`)).waitFor();
    for (const name of [/^Keyspaces/, /^shop/, /^Tables/, /^orders/, /^Keys \b/]) await item(name).click();
    await item(/^at.*clustering key, descending/).waitFor();
    await page.close();
  });
});

test('a node that hangs, and one that is cut off, are waited for no longer than the limit', async () => {
  const { address } = NODES[3];
  const { machine } = nodes.get('3.11.2')!;
  const failed = async (ssl: object | undefined) => {
    const startedMillis = Date.now();
    const { steps } = await server.api<ConnectionTest>('POST', '/projects/shop/sources/test', { connection: { kind: 'cassandra', name: 'away', serverName: address, userName: 'cassandra', ssl }, secrets: SECRETS });
    expect(Date.now() - startedMillis).toBeLessThan(LIMIT_MILLIS + 2_000);
    return steps.filter(({ state }) => state === 'failed').map(({ step, problem }) => `${step} ${problem!.code}`);
  };
  machine.run('kill -STOP "$(cat /var/lib/cassandra/pid)"');
  try {
    expect(await failed({})).toEqual(['tls CONNECTION_TIMED_OUT']);
    expect(await failed(undefined)).toEqual(['login CONNECTION_TIMED_OUT']);
  } finally {
    machine.run('kill -CONT "$(cat /var/lib/cassandra/pid)"');
  }
  machine.run('ip link set eth0 down');
  try {
    expect(await failed({})).toEqual([expect.stringMatching(/^connect (?:CONNECTION_TIMED_OUT|SOURCE_UNREACHABLE)$/)]);
  } finally {
    machine.run('ip link set eth0 up');
  }
});

/** On this machine, under a name that the nodes' certificates have and an address that they have not. */
async function forwardTo(address: string): Promise<Server> {
  const forward = createServer((socket) => {
    const onward = connect(9042, address);
    for (const [from, to] of [[socket, onward], [onward, socket]] as const) from.on('error', () => to.destroy()).on('close', () => to.destroy()).pipe(to);
  });
  await new Promise<void>((resolve) => forward.listen(0, '127.0.0.1', resolve));
  return forward;
}
