// Live Cassandra nodes, mounted and extracted through the installed .deb: the rows in DynamoDB equal what the nodes answer over CQL.
// Two nodes of 3.11.2, whose files are replicas to be merged, and one of 2.1.20.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'cassandra-driver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExpectedTable } from '../conformance/fixture-tables.ts';
import { userTypesOf } from '../decoder/cql-type.ts';
import { differencesFrom, dynamodbClient } from '../migrated-tables.ts';
import { isOver, Serving } from '../serving.ts';
import type { TaskStatus } from '../serving.ts';
import { startStandIn } from '../stand-ins.ts';
import type { StandIn } from '../stand-ins.ts';
import { CassandraNode } from './cassandra-node.ts';
import type { CassandraVersion } from './cassandra-release.ts';
import { answerOf } from './cql-answers.ts';
import { LIVE_TABLES, schemaStatements, SHORT_TTL_MILLIS, USER_TYPES, writeRound } from './cql-tables.ts';
import { InstalledAgent, NAME } from './installed-agent.ts';

const SURVEY_MILLIS = 90_000;
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-live-'));
const key = join(scratch, 'key');

let agent: InstalledAgent;
let server: Serving;
let dynamodb: StandIn;

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', '', '-f', key]);
  agent = await InstalledAgent.install();
  dynamodb = await startStandIn('dynamodb');
  server = await Serving.start(join(scratch, 'server'));
});
afterAll(async () => {
  await server?.stop();
  await dynamodb?.stop();
  await agent?.end();
  rmSync(scratch, { recursive: true });
});

describe.each([
  { version: '3.11.2', addresses: ['10.88.3.2', '10.88.3.4'], port: 18_089 },
  { version: '2.1.20', addresses: ['10.88.2.2'], port: 18_090 },
] as const)('Cassandra $version', ({ version, addresses, port }) => {
  const cluster = new LiveCluster(version, addresses);
  const dataFolders = addresses.map((address) => `/mnt/${NAME}/${address}_node/data/data`);
  const agentName = `cassandra-${version[0]}`;

  beforeAll(async () => {
    await cluster.start();
    for (const round of [0, 1]) {
      await cluster.write(round);
      cluster.flush();
    }
  });
  afterAll(() => cluster.stop());

  test('is configured and mounted through the installed package, the whole ring is known, and so is the version, which the installation was told wrongly', async () => {
    const told = version.startsWith('3') ? '2' : '3';
    agent.system.sh(`echo ${told} >/etc/${NAME}/default-version`);
    const { output, exitCode } = agent.configure(cluster.nodes.map(({ address, machine }) => ({ address, hostKey: machine.hostKey })), readFileSync(key, 'utf8'), port);
    expect([exitCode, output]).toEqual([0, expect.stringContaining('successful completed')]);
    expect(output).toContain(`The ring and the configured nodes agree (${addresses.length} of ${addresses.length} nodes`);
    expect(output).toContain(`The installation was told Cassandra ${told}, but the node runs ${version}. The node is believed.`);
    expect(agent.system.sh(`cat /etc/${NAME}/default-version`)).toBe(version[0]);
    await agent.start(server, agentName, port, output);
    const status = JSON.parse(agent.system.sh(`${NAME} status --json`)) as { source: { cassandraVersions: string[]; tables: { table: string; sizeBytes: number }[] }; mounts: { state: string }[] };
    expect(status.source.cassandraVersions).toEqual([version]);
    expect(status.source.tables.map(({ table }) => table)).toEqual(expect.arrayContaining(LIVE_TABLES.map(({ name }) => name)));
    expect(new Set(status.mounts.map(({ state }) => state))).toEqual(new Set(['mounted']));
    expect(agent.system.sh(`stat -c %U /proc/$(systemctl show -P MainPID ${NAME})`)).toBe(NAME);
    await expect.poll(async () => (await agent.health(port)).machine?.source?.cassandraVersions, { timeout: SURVEY_MILLIS, interval: 500 }).toEqual([version]);
  });

  /** Runs a task, and compares each of its tables with what the nodes have answered. */
  async function expectMigrated(name: string, directories: readonly string[], answers: ReadonlyMap<string, ExpectedTable>): Promise<void> {
    const projectFile = join(scratch, `${name}.yaml`);
    const prefix = `${name}-${version}`;
    writeFileSync(projectFile, JSON.stringify({
      source: { directories }, tables: [...answers.keys()], mapping: { rules: [{ table: '*.*', name: `${prefix}-{keyspace}.{table}` }] },
      target: { region: 'us-east-1', endpoint: dynamodb.endpoint }, loader: 'direct', workspace: `work-${prefix}`,
    }));
    const nowSeconds = Math.floor(Math.max(...[...answers.values()].map(({ readAtMillis }) => readAtMillis)) / 1000);
    const { id } = await server.api<TaskStatus>('POST', '/tasks', { projectFile, nowSeconds, agents: [agentName] });
    await server.api('POST', `/tasks/${id}/start`);
    const { state, tables, failure } = await server.reached(id, isOver);
    expect([state, failure, tables.map(({ isEqual }) => isEqual), state === 'done' ? '' : agent.log()]).toEqual(['done', undefined, [...answers.keys()].map(() => true), '']);
    const client = dynamodbClient(dynamodb.endpoint);
    for (const [table, expected] of answers) {
      expect(expected.rows.length).toBeGreaterThan(50);
      expect([table, ...await differencesFrom(client, `${prefix}-${table}`, { table, expected, schema: USER_TYPES, workspace: join(scratch, `work-${prefix}`) })]).toEqual([table]);
    }
    client.destroy();
  }

  test('rows equal what the nodes answer', async () => {
    await expectMigrated('mounted', dataFolders, await cluster.answers());
  });

  test('what is flushed after the mounting is seen by the next task at once', async () => {
    await cluster.write(2);
    const answers = await cluster.answers();
    cluster.flush();
    await expectMigrated('grown', dataFolders, answers);
  });

  test('a snapshot is a source, whatever the tables become afterwards', async () => {
    const answers = await cluster.answers();
    for (const node of cluster.nodes) node.nodetool('snapshot -t kept');
    await cluster.write(3);
    cluster.flush();
    // The tables' and those with the schema.
    const folders = dataFolders.flatMap((folder) => ['once', 'twice', version.startsWith('2.') ? 'system' : 'system_schema'].map((keyspace) => `${folder}/${keyspace}/*/snapshots/kept`));
    const snapshots = agent.system.sh(`ls -d ${folders.join(' ')}`).split('\n');
    expect(snapshots.length).toBeGreaterThanOrEqual(LIVE_TABLES.length * addresses.length);
    await expectMigrated('snapshot', snapshots, answers);
  });
});

class LiveCluster {
  readonly #version: CassandraVersion;
  readonly #addresses: readonly string[];
  readonly nodes: CassandraNode[] = [];
  #client: Client | undefined;

  constructor(version: CassandraVersion, addresses: readonly string[]) {
    this.#version = version;
    this.#addresses = addresses;
  }

  async start(): Promise<void> {
    const [seed] = this.#addresses;
    for (const [i, address] of this.#addresses.entries()) {
      this.nodes.push(await CassandraNode.prepare(this.#version, { address, index: i + 1, publicKey: readFileSync(`${key}.pub`, 'utf8'), seed: seed! }));
    }
    const [first, second] = this.nodes;
    if (second !== undefined) first!.machine.connect(second.machine);
    for (const node of this.nodes) await node.start();
    this.#client = new Client({ contactPoints: [seed!], localDataCenter: 'datacenter1' });
    await this.#client.connect();
    for (const statement of schemaStatements(this.nodes.length)) await this.#client.execute(statement);
  }

  async write(round: number): Promise<void> {
    // Before 3.0 only prefixes of a key can be deleted.
    await writeRound(this.#client!, round, { hasRanges: !this.#version.startsWith('2.') });
    await sleep(SHORT_TTL_MILLIS);
  }

  flush(): void {
    for (const node of this.nodes) node.nodetool('flush');
  }

  async answers(): Promise<ReadonlyMap<string, ExpectedTable>> {
    const answers = new Map<string, ExpectedTable>();
    for (const table of LIVE_TABLES) answers.set(table.name, await answerOf(this.#client!, table, userTypesOf(USER_TYPES, table.name.split('.')[0]!)));
    return answers;
  }

  async stop(): Promise<void> {
    await this.#client?.shutdown();
    for (const { machine } of this.nodes) await machine.stop();
  }
}
