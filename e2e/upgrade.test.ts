// Other builds of server and agent take over in the middle of a task: both at once, with a ledger of the version before, and one after the
// other. An agent of another protocol is refused with what to do, and works again once it is the right one.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { FleetAgent } from './agent-fleet.ts';
import { DEMO_NOW, dynamodbClient, tableDifferences } from './migrated-tables.ts';
import { copyProduct } from './product-copy.ts';
import { isOver, Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const TABLES = ['shop.orders'];

let dynamodb: StandIn;
let data: string;
let server: Serving;
let agent: FleetAgent;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-upgrade-')));
const build = (name: string): string => join(scratch, 'builds', name);
const serverWorkspace = join(scratch, 'server');
beforeAll(async () => {
  [dynamodb, data] = await Promise.all([startStandIn('dynamodb'), unpackedDemo()]);
  copyProduct(build('one'), '1.0.0');
  // The engine keeps what handlers did up to now; those of another build may do something else.
  const isTable = 'const [taskId, turn, table] = context.key.split(\'/\');';
  copyProduct(build('two'), '2.0.0', [{ file: 'packages/server/src/control/workflow.ts', before: isTable, after: `await context.sleep(1); ${isTable}` }]);
  copyProduct(build('three'), '3.0.0');
  copyProduct(build('foreign'), '4.0.0', [{ file: 'packages/protocol/src/agent-contract.ts', before: 'AGENT_PROTOCOL_VERSION = ', after: 'AGENT_PROTOCOL_VERSION = 1000 + ' }]);
});
afterAll(async () => {
  await server.stop();
  await agent.end();
  await dynamodb.stop();
  rmSync(scratch, { recursive: true });
});

interface AgentEntry {
  readonly name: string;
  readonly version?: string;
  readonly health: string;
  readonly error?: { readonly code: string; readonly remedy: string };
}

async function agentIs(isReached: (entry: AgentEntry) => boolean): Promise<AgentEntry> {
  for (let asked = 0; asked < 400; asked++) {
    const entry = (await server.api<AgentEntry[]>('GET', '/agents')).find(({ name }) => name === 'one')!;
    if (isReached(entry)) return entry;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The agent does not get there');
}

/** As version 2 had it. */
function makeOlder(ledger: string): void {
  const database = new DatabaseSync(ledger);
  database.exec('alter table task drop column definition; alter table work drop column loose_millis; alter table progress drop column retries; alter table progress drop column retry_reason; pragma user_version = 2');
  database.close();
}

test('the task goes on with the next builds', async () => {
  server = await Serving.start(serverWorkspace, [], { root: build('one') });
  agent = await FleetAgent.start(scratch, 'one', data, build('one'));
  await agent.registerWith(server);
  const projectFile = join(scratch, 'shop.yaml');
  writeFileSync(projectFile, JSON.stringify({ source: { directories: [data] }, tables: TABLES, target: { region: 'us-east-1', endpoint: dynamodb.endpoint }, splitSizeMB: 0.02, workspace: 'work', loader: 'direct' }));
  const { id } = await server.api<TaskStatus>('POST', '/tasks', { projectFile, nowSeconds: DEMO_NOW });
  await server.api('POST', `/tasks/${id}/start`);
  const before = await server.reached(id, ({ totals }) => totals.committedSplits >= 10);

  // Both at once, with a ledger of the version before.
  expect(await Promise.all([server.stop(), agent.process.end('SIGTERM')])).toEqual([0, 0]);
  makeOlder(join(scratch, 'work/ledger.sqlite'));
  server = await Serving.start(serverWorkspace, [], { root: build('two') });
  await agent.start(build('two'));
  expect((await server.server()).version).toBe('2.0.0');
  const middle = await server.reached(id, ({ totals }) => totals.committedSplits >= before.totals.committedSplits + 10);
  expect(middle.state).toBe('running');
  await agentIs(({ version }) => version === '2.0.0');

  // One after the other.
  expect(await server.stop()).toBe(0);
  server = await Serving.start(serverWorkspace, [], { root: build('three') });
  await server.reached(id, ({ totals }) => totals.committedSplits >= middle.totals.committedSplits + 5);
  expect(await agent.process.end('SIGTERM')).toBe(0);
  await agent.start(build('three'));
  await agentIs(({ version }) => version === '3.0.0');

  const ended = await server.reached(id, isOver);
  expect(ended).toMatchObject({ state: 'done', tables: TABLES.map((table) => ({ table, isEqual: true })) });
  const client = dynamodbClient(dynamodb.endpoint);
  for (const table of TABLES) expect([table, ...await tableDifferences(client, table, table, join(scratch, 'work'))]).toEqual([table]);
  client.destroy();
});

test('an agent that speaks another version is refused until it is the right one, however soon it was started', async () => {
  await agent.process.end('SIGTERM');
  await agent.start(build('foreign'));
  const refusing = await agentIs(({ health }) => health === 'refusing');
  expect(refusing).toMatchObject({ health: 'refusing', error: { code: 'AGENT_VERSION_MISMATCH', remedy: expect.stringContaining('same version') } });
  await agent.process.end('SIGTERM');
  await agent.start(build('three'));
  expect(await agentIs(({ health }) => health === 'healthy')).toMatchObject({ version: '3.0.0' });
});
