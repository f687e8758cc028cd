// Tasks without an engine: what happens to those whose messages are lost on the way.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { unpackedDemo } from '../../../../fixtures/unpack.ts';
import { serverError } from '../errors.ts';
import { Agents } from './agents.ts';
import { AgentLogins } from '../agents/agent-logins.ts';
import { waysToAgents } from '../agents/connect.ts';
import { SessionSecrets } from '../vault/secrets.ts';
import { Vault } from '../vault/vault.ts';
import { Catalog } from './catalog.ts';
import { LocalAgent } from './local-agent.ts';
import { Tasks } from './tasks.ts';
import { wake } from './workflow.ts';

let folder: string;
let catalog: Catalog;
let agents: Agents;
let tasks: Tasks;
let id: string;
/** Turns whose first message the engine took. */
let turns: number[];
let isEngineThere: boolean;
/** An S3 that takes connections and never answers: a table that got there stays there. */
let silent: Server;
beforeEach(async () => {
  silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  folder = mkdtempSync(join(tmpdir(), 'aeneas-tasks-'));
  const data = await unpackedDemo();
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  turns = [];
  isEngineThere = true;
  catalog = Catalog.open(join(folder, 'catalog.sqlite'));
  const builtIn = await LocalAgent.open(1, join(folder, 'agent'));
  agents = new Agents(catalog, builtIn, waysToAgents(new AgentLogins(new SessionSecrets(new Vault(join(folder, 'vault'))), { inUse: async () => undefined })));
  await agents.probe();
  tasks = new Tasks({
    catalog, agents, builtIn, findServiceProfile: () => Promise.reject(new Error('none')), leaseSeconds: 30,
    wake: async (_id, turn) => {
      if (!isEngineThere) throw serverError('ENGINE_UNREACHABLE', 'it is away');
      turns.push(turn);
    },
  });
  const projectFile = join(folder, 'shop.yaml');
  writeFileSync(projectFile, JSON.stringify({ source: { directories: [data] }, tables: ['shop.carts'], loader: 's3-import', target: { region: 'us-east-1' }, staging: { s3: { bucket: 'nowhere', endpoint } } }));
  ({ id } = await tasks.create({ projectFile }));
});
afterEach(async () => {
  await tasks.close();
  await agents.close();
  catalog.close();
  silent.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** Asks for steps of the task as the engine does, until it names tables. */
async function tablesOf(turn: number): Promise<readonly number[]> {
  for (;;) {
    const { tables } = await tasks.moveTask(id, turn);
    if (tables.length > 0) return tables;
  }
}

test('a start while the engine is away is made up for when it is back', async () => {
  isEngineThere = false;
  await expect(tasks.start(id)).resolves.toMatchObject({ state: 'running' });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(turns).toEqual([]);
  isEngineThere = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(turns).toHaveLength(1);
});

test('before the engine was started, it counts as away', async () => {
  await expect(wake(undefined, id, 1)).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
});

test('a task whose message is lost gets a new turn, and the old one is void', async () => {
  await tasks.start(id);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(turns).toEqual([1, 2]);
  expect(await tasks.moveTask(id, 1)).toEqual({ next: 'ended', tables: [] });
});

test('so does one of which the message of a table is lost, though the task itself is asked for', async () => {
  await tasks.start(id);
  const [table] = await tablesOf(1);
  for (let second = 0; second < 24; second += 4) {
    await tasks.moveTask(id, 1);
    await tasks.moveTable(id, table!, 1);
    await vi.advanceTimersByTimeAsync(4_000);
  }
  expect(turns).toEqual([1]);
  for (let second = 0; second < 20; second += 4) {
    await tasks.moveTask(id, 1);
    await vi.advanceTimersByTimeAsync(4_000);
  }
  expect(turns).toEqual([1, 2]);
});
