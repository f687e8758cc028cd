// The source's files are where the agents are, and only there: the server runs in a mount namespace of its own in which their folder is
// empty. An agent with other files under the same paths gets no work; without any other the task says so, and goes on once they are right.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../fixtures/agent-process.ts';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { DEMO_NOW, dynamodbClient, tableDifferences } from './migrated-tables.ts';
import { hiding, Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const TABLES = ['shop.carts', 'shop.customers'];
const PATIENCE_MILLIS = 90_000;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-far-')));
/** What agents have. The other one is mounted under the same path for one of them. */
const data = join(scratch, 'cassandra/data');
const otherData = join(scratch, 'cassandra-of-another');
const staging = join(scratch, 'staging');

let dynamodb: StandIn;
let server: Serving;
const agents: AgentProcess[] = [];

beforeAll(async () => {
  dynamodb = await startStandIn('dynamodb');
  cpSync(await unpackedDemo(), data, { recursive: true });
  cpSync(data, otherData, { recursive: true });
  flipByte(dataFileIn(otherData));
  mkdirSync(staging);
  server = await Serving.start(join(scratch, 'server'), ['--lease-seconds', '5'], { through: hiding(join(scratch, 'cassandra')) });
});
afterAll(async () => {
  await server?.stop();
  for (const agent of agents) await agent.end('SIGTERM');
  await dynamodb.stop();
  rmSync(scratch, { recursive: true });
});

function dataFileIn(folder: string): string {
  const table = readdirSync(join(folder, 'shop')).find((name) => name.startsWith('customers-'))!;
  return join(folder, 'shop', table, readdirSync(join(folder, 'shop', table)).find((name) => name.endsWith('Data.db'))!);
}

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
}

/** Starts an agent and registers it; `through` is what its command is started by. */
async function agentNamed(name: string, through: readonly string[] = []): Promise<void> {
  const settings = settingsIn(join(scratch, name), { name, dataDirectories: [data], stagingFolder: staging, workers: 2, security: { mode: 'password' } });
  const password = writePrivately(join(scratch, `${name}-password`), 'a service password of the test');
  expect(await runCommand(['agent', 'password', settings, '--password-file', password])).toMatchObject({ exitCode: 0 });
  const agent = await AgentProcess.start(settings, undefined, through);
  agents.push(agent);
  expect(await runCommand(['agent', 'register', name, `https://127.0.0.1:${agent.port}`, '--service-password-file', password, '--fingerprint', agent.fingerprint, '--server', server.url])).toMatchObject({ exitCode: 0 });
}

async function started(name: string, chosen: readonly string[]): Promise<string> {
  const projectFile = join(scratch, `${name}.yaml`);
  writeFileSync(projectFile, JSON.stringify({
    source: { directories: [data] }, tables: TABLES, mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] },
    target: { region: 'us-east-1', endpoint: dynamodb.endpoint }, staging: { folder: staging }, splitSizeMB: 0.05, workspace: `work-${name}`,
  }));
  const { id } = await server.api<TaskStatus>('POST', '/tasks', { projectFile, nowSeconds: DEMO_NOW, agents: chosen });
  await server.api('POST', `/tasks/${id}/start`);
  return id;
}

async function reached(id: string, isReached: (status: TaskStatus) => boolean): Promise<TaskStatus> {
  const deadline = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const status = await server.task(id);
    if (isReached(status)) return status;
    if (Date.now() > deadline) throw new Error(`The task does not get there: ${JSON.stringify(status)}`);
    await sleep(50);
  }
}

async function expectRightTables(id: string, name: string): Promise<void> {
  const status = await reached(id, ({ state }) => state === 'done' || state === 'failed');
  expect(status).toMatchObject({ state: 'done', tables: TABLES.map((table) => ({ table, isEqual: true })) });
  const client = dynamodbClient(dynamodb.endpoint);
  for (const table of TABLES) expect([table, ...await tableDifferences(client, `${name}-${table}`, table, join(scratch, `work-${name}`))]).toEqual([table]);
  client.destroy();
}

test('the server itself sees nothing of the source', async () => {
  const id = await started('alone', []);
  // Only the agent within the server is there yet, and it has an empty folder.
  expect(await reached(id, ({ state }) => state === 'failed')).toMatchObject({ failure: { code: expect.stringMatching(/^(?:FILE_UNREADABLE|NO_TABLES|SCHEMA_\w+)$/) } });
  await server.api('DELETE', `/tasks/${id}`);
});

test('an agent surveys, pins, plans and works on files that the server cannot read', async () => {
  await agentNamed('near');
  await expectRightTables(await started('far', []), 'far');
});

test('an agent with another file under the same path gets no work, and is named; the others go on', async () => {
  await agentNamed('wrong', ['unshare', '--mount', 'sh', '-c', 'mount --bind "$1" "$2" && shift 2 && exec "$@"', 'sh', otherData, data]);
  const id = await started('both', ['near', 'wrong']);
  const refused = await reached(id, (status) => (status.refusedAgents ?? []).length > 0 || status.state !== 'running');
  await expectRightTables(id, 'both');
  expect(refused.refusedAgents).toEqual([expect.objectContaining({ agent: 'wrong', code: 'AGENT_SOURCE_DIFFERS', message: expect.stringMatching(/^Agent wrong: A pinned file has other content .*Data\.db/) })]);
  expect(agents[1]!.output).toContain('"kind":"check"');
  expect(agents[1]!.output).not.toContain('"kind":"extract"');
});

test('where no agent has the files, the task says so, tries again, and goes on once they are there', async () => {
  const late = await started('late', ['near']);
  await reached(late, ({ tables }) => tables.length > 0);
  await server.api('POST', `/tasks/${late}/stop`);
  await reached(late, ({ state }) => state === 'stopped' || state === 'done');
  const file = dataFileIn(data);
  flipByte(file);
  await server.kill('server');
  server = await Serving.start(join(scratch, 'server'), ['--lease-seconds', '5'], { through: hiding(join(scratch, 'cassandra')) });
  await server.api('POST', `/tasks/${late}/resume`);
  const waiting = await reached(late, ({ tables }) => tables.some(({ lastError }) => lastError !== undefined));
  expect(waiting.tables.find(({ lastError }) => lastError !== undefined)!.lastError).toMatchObject({ code: 'AGENT_SOURCE_DIFFERS', message: expect.stringContaining('Agent near'), remedy: expect.stringContaining('same paths') });
  flipByte(file);
  await expectRightTables(late, 'late');
});
