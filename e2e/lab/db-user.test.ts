// The chapter "Configure your source database user" on real nodes: the printed commands, and the check after each step.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aeneas } from '../aeneas-process.ts';
import { CassandraNode } from './cassandra-node.ts';
import type { CassandraVersion } from './cassandra-release.ts';
import { cqlsh } from './cqlsh.ts';

interface Finding { readonly name: string; readonly state: string; readonly text: string; readonly remedy?: string }

const PASSWORD = 'a planted password';
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-db-user-'));
afterAll(() => rmSync(scratch, { recursive: true }));

describe.each([['2.1.20', '2.1', '10.98.46.2', 11], ['3.11.2', '3.11', '10.98.46.4', 12]] as const)('Cassandra %s', (release, version, address, index) => {
  let node: CassandraNode;
  beforeAll(async () => {
    node = await CassandraNode.prepare(release satisfies CassandraVersion, { address, index, publicKey: 'ssh-ed25519 AAAA', seed: address });
    await node.start();
  });
  afterAll(() => node?.machine.stop());

  async function printed(...words: string[]): Promise<string[]> {
    const { stdout } = await aeneas(['prerequisites', 'db-user', '--cassandra', version, '--keyspace', 'shop', ...words]);
    return stdout.split('\n');
  }
  async function check(words: readonly string[] = [], password = PASSWORD): Promise<{ readonly exitCode: number | null; readonly findings: Readonly<Record<string, Finding>>; readonly output: string }> {
    const { exitCode, stdout, stderr } = await aeneas(['prerequisites', 'check-db-user', address, '--json', ...words], { env: { AENEAS_CQL_PASSWORD: password } });
    return { exitCode, findings: Object.fromEntries((JSON.parse(stdout) as readonly Finding[]).map((one) => [one.name, one])), output: stdout + stderr };
  }
  const asSuperuser = (...statements: string[]): Promise<string> => cqlsh(address, 'cassandra', 'cassandra', statements);

  test('a node that asks nobody is found', async () => {
    const { exitCode, findings } = await check();
    expect(exitCode).toBe(1);
    expect(findings['Authentication']).toMatchObject({ state: 'failed', text: expect.stringContaining('lets everybody in') });
  });

  test('the printed commands switch authentication on, and restart the node', async () => {
    const lines = (await printed()).map((line) => line.replace('sudo ', ''));
    const edit = lines.filter((line) => /^(?:cp|sed|grep) /.test(line));
    expect(node.machine.run(edit.join('\n'))).toMatch(/^authenticator: PasswordAuthenticator[\s\S]*^authorizer: CassandraAuthorizer/m);
    const restart = lines.filter((line) => /^(?:nodetool (?:drain|status)$|service |until )/.test(line));
    expect(restart).toEqual(['nodetool drain', 'service cassandra restart', expect.stringContaining('nodetool statusbinary'), 'nodetool status']);
    const before = node.machine.run('cat /var/lib/cassandra/pid');
    expect(node.machine.run(restart.join('\n'))).toMatch(new RegExp(`^UN +${address.replaceAll('.', String.raw`\.`)}`, 'm'));
    expect(node.machine.run('cat /var/lib/cassandra/pid')).not.toBe(before);
    // The default superuser is made some seconds after the start.
    for (let i = 0; i < 60 && (await check(['--user', 'cassandra'], 'cassandra')).findings['Login']?.state !== 'ok'; i++) await sleep(1_000);
    const { findings, exitCode } = await check();
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject({ Authentication: { state: 'ok' }, Login: { state: 'failed' } });
  });

  test('a user without grants gets in and may read the schema; each lacking grant is named', async () => {
    const replication = '{\'class\': \'SimpleStrategy\', \'replication_factor\': 1}';
    await asSuperuser(...['shop', 'hr'].flatMap((keyspace) => [`CREATE KEYSPACE ${keyspace} WITH replication = ${replication};`, `CREATE TABLE ${keyspace}.t (id int PRIMARY KEY);`]));
    const statements = (await printed('--for', 'clone')).map((line) => line.replace('\'PASSWORD\'', `'${PASSWORD}'`));
    await asSuperuser(...statements.filter((line) => line.startsWith('CREATE ')));
    const { findings, exitCode, output } = await check(['--keyspace', 'shop']);
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject({ Login: { state: 'ok' }, Version: { text: `Cassandra ${release}, datacenter datacenter1` }, 'SELECT in shop': { state: 'failed', text: 'not granted for t', remedy: 'GRANT SELECT ON KEYSPACE shop TO min_privs;' } });
    expect(output).not.toContain(PASSWORD);
    await asSuperuser(...statements.filter((line) => line.startsWith('GRANT ')));
  });

  test('with the printed grants it suffices for cloning, is more than needed for reading, and less for another keyspace', async () => {
    // A node remembers for two seconds what a user may not do (permissions_validity_in_ms).
    await expect.poll(async () => (await check(['--keyspace', 'shop', '--for', 'clone'])).findings['SELECT in shop']?.state, { timeout: 20_000, interval: 1_000 }).toBe('ok');
    const clone = await check(['--keyspace', 'shop', '--for', 'clone']);
    expect(Object.values(clone.findings).filter(({ state }) => state !== 'ok').map(({ name }) => name)).toEqual(['Default superuser']);
    expect(clone.exitCode).toBe(0);
    expect((await check(['--keyspace', 'shop'])).findings['No more than needed']).toMatchObject({ state: 'warning', text: expect.stringContaining('ALTER on <keyspace system_auth>') });
    expect((await check()).findings['SELECT in hr']).toMatchObject({ state: 'failed' });
  });

  test('a superuser is told to be more than needed, and a password that everybody knows', async () => {
    const { findings } = await check(['--user', 'cassandra'], 'cassandra');
    expect(findings).toMatchObject({ Password: { state: 'warning' }, 'No more than needed': { state: 'warning', text: expect.stringContaining('superuser') } });
  });
});
