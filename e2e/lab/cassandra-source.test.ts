// Real nodes with password login and client TLS as sources of a project: Test connection, Connect, and the tree, through the server's API and the commands.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { auth, Client } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateKeyStores } from '@aeneas/agent';
import type { ConnectionTest, ConnectionTree, ProjectDetails, TreeNode } from '@aeneas/protocol';
import { aeneas } from '../aeneas-process.ts';
import { Serving } from '../serving.ts';
import { CassandraNode } from './cassandra-node.ts';

const LOGIN_MILLIS = 120_000;
const STORE_PASSWORD = 'store-password-1';
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-source-'));
const stores = join(scratch, 'stores');

let server: Serving;
beforeAll(async () => {
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', '', '-f', join(scratch, 'key')]);
  server = await Serving.start(join(scratch, 'server'));
  await server.api('POST', '/projects', { name: 'shop' });
});
afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true });
});

/** The tree as text: name and detail, indented. */
const textOf = (nodes: readonly TreeNode[]): string => nodes.map(({ depth, name, detail }) => `${'  '.repeat(depth)}${name}${detail === undefined ? '' : ` (${detail})`}`).join('\n');

describe.each([
  { version: '3.11.2', address: '10.88.5.2', index: 51, protocol: 4, hasViews: true },
  { version: '2.1.20', address: '10.88.6.2', index: 61, protocol: 3, hasViews: false },
] as const)('Cassandra $version', ({ version, address, index, protocol, hasViews }) => {
  let node: CassandraNode;
  const connection = (change: object = {}) => ({
    kind: 'cassandra', name: `live-${version}`, serverName: address, userName: 'cassandra', ssl: { trustStore: join(stores, version, 'trust.jks'), keyStore: join(stores, version, 'server.p12') }, ...change,
  });
  const secrets = { password: 'cassandra', trustStorePassword: STORE_PASSWORD, keyStorePassword: STORE_PASSWORD };
  const tested = (change: object = {}, given: object = {}) => server.api<ConnectionTest>('POST', '/projects/shop/sources/test', { connection: connection(change), secrets: { ...secrets, ...given } });

  beforeAll(async () => {
    const folder = join(stores, version);
    await generateKeyStores({ folder, storePassword: STORE_PASSWORD, authorityPassword: `${STORE_PASSWORD} of the authority`, agents: [{ name: 'node', hosts: [address] }], serverHosts: ['localhost'], days: 30 });
    node = await CassandraNode.prepare(version, { address, index, seed: address, publicKey: execFileSync('cat', [join(scratch, 'key.pub')]).toString() });
    for (const file of ['trust.p12', 'agent-node.p12']) writeFileOnNode(node, join(folder, file), `/etc/cassandra/${file}`);
    node.machine.run(`
      sed -i -e 's/^authenticator:.*/authenticator: PasswordAuthenticator/' -e 's/^authorizer:.*/authorizer: CassandraAuthorizer/' -e '/^client_encryption_options:/,/^[a-z]/{/^client_encryption_options:/d;/^ /d}' /etc/cassandra/cassandra.yaml
      cd /etc/cassandra
      for store in trust agent-node; do
        keytool -importkeystore -srckeystore $store.p12 -srcstoretype PKCS12 -srcstorepass ${STORE_PASSWORD} -destkeystore $store.jks -deststoretype JKS -deststorepass ${STORE_PASSWORD} -noprompt >/dev/null 2>&1
        chown cassandra: $store.jks
      done
      cat >>cassandra.yaml <<'END'
client_encryption_options:
    enabled: true
    keystore: /etc/cassandra/agent-node.jks
    keystore_password: ${STORE_PASSWORD}
    truststore: /etc/cassandra/trust.jks
    truststore_password: ${STORE_PASSWORD}
    require_client_auth: true
END`);
    copyFileSync(node.machine.path('/etc/cassandra/trust.jks'), join(folder, 'trust.jks'));
    await node.start();
    // The first superuser is made some seconds after the start.
    for (const deadline = Date.now() + LOGIN_MILLIS; !(await tested()).isOk; await sleep(1_000)) if (Date.now() > deadline) throw new Error(`Nobody can log in: ${JSON.stringify(await tested())}`);
  });
  afterAll(() => node?.machine.stop());

  test('Test connection goes all the steps', async () => {
    const { isOk, steps } = await tested();
    expect({ isOk, steps: steps.map(({ step, state }) => `${step} ${state}`) }).toEqual({ isOk: true, steps: ['resolve ok', 'connect ok', 'tls ok', 'login ok', 'version ok', 'datacenters ok'] });
    expect(steps.map(({ said }) => said).join('\n')).toMatch(new RegExp(`TLSv1\\.[23][\\s\\S]*as cassandra[\\s\\S]*Cassandra ${version.replaceAll('.', String.raw`\.`)}, cluster "lab", native protocol ${protocol}`));
  });

  test('what does not fit is told by its step, with a remedy', async () => {
    const failure = async (change: object, given: object = {}) => {
      const { isOk, steps } = await tested(change, given);
      const failed = steps.find(({ state }) => state === 'failed');
      expect([isOk, failed?.problem?.remedy ?? '']).toEqual([false, expect.stringMatching(/\w{5}/)]);
      expect(JSON.stringify(steps)).not.toContain('planted-secret');
      return `${failed!.step} ${failed!.problem!.code}`;
    };
    expect(await failure({}, { password: 'planted-secret-1' })).toBe('login SOURCE_LOGIN_REFUSED');
    expect(await failure({}, { trustStorePassword: 'planted-secret-2' })).toBe('tls KEYSTORE_UNUSABLE');
    expect(await failure({ ssl: undefined })).toBe('login SOURCE_NOT_CASSANDRA');
    expect(await failure({ ssl: {} })).toBe('tls SOURCE_TLS_FAILED');
    expect(await failure({ serverPort: 22 })).toBe('tls SOURCE_TLS_FAILED');
    expect(await failure({ serverName: address.replace(/\d+$/, '3') })).toMatch(/^connect (?:SOURCE_UNREACHABLE|CONNECTION_TIMED_OUT)$/);
  });

  test('the tree is what CQL made', async () => {
    const client = new Client({
      contactPoints: [address], localDataCenter: 'datacenter1', authProvider: new auth.PlainTextAuthProvider('cassandra', 'cassandra'),
      sslOptions: { rejectUnauthorized: false, ...clientCertificate(join(stores, version, 'server.p12')) },
    });
    for (const statement of [
      "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
      'CREATE TYPE shop.address (street text, city text)',
      'CREATE TABLE shop.orders (id uuid, at timestamp, n int, s text STATIC, m map<text, frozen<list<int>>>, a frozen<address>, t frozen<tuple<int, text>>, PRIMARY KEY (id, at)) WITH CLUSTERING ORDER BY (at DESC)',
      'CREATE INDEX by_n ON shop.orders (n)',
      ...(hasViews ? ['CREATE MATERIALIZED VIEW shop.by_at AS SELECT id, at, n FROM shop.orders WHERE id IS NOT NULL AND at IS NOT NULL PRIMARY KEY (at, id)'] : []),
    ]) await client.execute(statement);
    await client.shutdown();
    const { version: stored } = await server.api<ProjectDetails>('GET', '/projects/shop');
    await server.api('POST', '/projects/shop/sources', { version: stored, connection: connection(), secrets });
    const place = `/projects/shop/sources/live-${version}`;
    const tree = await server.api<ConnectionTree>('POST', `${place}/connect`, {});
    expect(textOf(tree.nodes)).toBe([
      'Datacenters (1)', '  datacenter1 (1 node)', '    rack1', `      ${address} (Cassandra ${version})`, 'Keyspaces (1)', '  shop (SimpleStrategy, replication_factor 1)', '    Tables (1)', '      orders',
      ...(hasViews ? ['    Views (1)', '      by_at'] : []), '    Types (1)', '      address',
    ].join('\n'));
    const described = (kind: string, item: string) => server.api<TreeNode[]>('GET', `${place}/describe?kind=${kind}&keyspace=shop&item=${item}`);
    expect(textOf(await described('table', 'orders'))).toBe([
      'Keys (2)', '  id (partition key)', '  at (clustering key, descending)',
      'Columns (7)', '  id (uuid)', '  at (timestamp)', '  a (frozen<address>)', '  m (map<text, frozen<list<int>>>)', '  n (int)', '  s (text, static)', '  t (frozen<tuple<int, text>>)', 'Indexes (1)', '  by_n (n)',
    ].join('\n'));
    expect(textOf(await described('type', 'address'))).toBe('street (text)\ncity (text)');
    if (hasViews) expect(textOf(await described('view', 'by_at'))).toContain('at (partition key)');
    const printed = await aeneas(['source', 'tree', 'shop', `live-${version}`, '--server', server.url, '--table', 'shop.orders']);
    expect([printed.exitCode, printed.stdout]).toEqual([0, expect.stringContaining('clustering key, descending')]);
  });

  test('without "Store Password" a closed project asks again, and the file never knew', async () => {
    await server.api('POST', '/projects/shop/close');
    const { sources, text } = await server.api<ProjectDetails>('GET', '/projects/shop');
    expect(sources.find(({ connection: { name } }) => name === `live-${version}`)).toMatchObject({ isConnected: false, needs: ['password', 'trustStorePassword', 'keyStorePassword'] });
    expect(text).not.toContain(STORE_PASSWORD);
    await expect(server.api('POST', `/projects/shop/sources/live-${version}/connect`, {})).rejects.toThrow(/CONNECTION_SECRET_NEEDED/);
  });
});

function writeFileOnNode(node: CassandraNode, file: string, path: string): void {
  const content = execFileSync('base64', ['-w0', file]).toString();
  node.machine.run(`echo '${content}' | base64 -d >${path}`);
}

function clientCertificate(file: string): { readonly pfx: Buffer; readonly passphrase: string } {
  return { pfx: execFileSync('cat', [file]), passphrase: STORE_PASSWORD };
}
