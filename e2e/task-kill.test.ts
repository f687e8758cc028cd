// kill -9 of the server, its engine, an agent and all of them at once, at seeded moments of tasks over more than two hundred splits: started
// again, they go on by themselves, and what comes of it equals what the Cassandra node answered. Nothing is done to a task from outside.

import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { FleetAgent } from './agent-fleet.ts';
import { committedFiles, countStagedLines, DEMO_NOW, dropTable, dynamodbClient, s3Client, tableDifferences } from './migrated-tables.ts';
import { randomOf } from './random.ts';
import { isAlive, isOver, Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const isLarge = process.env['AENEAS_LARGE'] !== undefined;
const SEEDS = Array.from({ length: isLarge ? 10 : 2 }, (_, i) => i + 1);
const KILLS = 10;
const VICTIMS = ['server', 'engine', 'agent', 'all'] as const;
const LOADERS = ['direct', 'built-in'] as const;
const TABLES = ['shop.carts', 'shop.customers', 'shop.orders', 'shop.page_views'];
const BUCKET = 'task-kill-test';
/** Shorter than the longest pause of an agent: then its jobs go to the other. */
const LEASE_SECONDS = 3;
const SEED_MILLIS = 300_000;
/** After the engine's end a step must run again so soon. */
const STEP_AGAIN_MILLIS = 5_000;

let dynamodb: StandIn;
let s3: StandIn;
let data: string;
let agents: FleetAgent[];
let server: Serving | undefined;
const stepAgainMillis: number[] = [];
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-task-')));
beforeAll(async () => {
  [dynamodb, s3, data] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3'), unpackedDemo()]);
  const client = s3Client(s3.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  agents = await Promise.all(['one', 'two'].map((name) => FleetAgent.start(scratch, name, data)));
});
afterEach(async () => {
  await server?.stop();
});
afterAll(async () => {
  await Promise.all([dynamodb.stop(), s3.stop(), ...agents.map((agent) => agent.end())]);
  rmSync(scratch, { recursive: true });
});

/** A project with tables of its own, cut into many splits. */
function makeProject(name: string, loader: string, tables: readonly string[]): string {
  const path = join(scratch, `${name}.yaml`);
  writeFileSync(path, JSON.stringify({
    source: { directories: [data] }, tables, loader,
    mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] },
    target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
    staging: { s3: { bucket: BUCKET, prefix: name, endpoint: s3.endpoint }, fileSizeMB: 0.05 },
    splitSizeMB: 0.0095, workspace: `work-${name}`,
  }));
  return path;
}

async function startTask(name: string, loader: string, tables: readonly string[] = TABLES): Promise<string> {
  const { id } = await server!.api<TaskStatus>('POST', '/tasks', { projectFile: makeProject(name, loader, tables), nowSeconds: DEMO_NOW });
  await server!.api('POST', `/tasks/${id}/start`);
  return id;
}

/** The engine's end, and how long it takes until the server is asked for a step again. */
async function killEngine(serving: Serving): Promise<void> {
  const { restarts } = (await serving.server()).engine;
  await serving.kill('engine');
  const killedMillis = Date.now();
  /** Before it was started again, what came was still of the killed one. */
  let restartedMillis: number | undefined;
  for (let waited = 0; waited < 10 * STEP_AGAIN_MILLIS; waited = Date.now() - killedMillis) {
    const { engine } = await serving.server();
    if (engine.restarts > restarts) restartedMillis ??= Date.now();
    if (restartedMillis !== undefined && engine.lastStepMillis !== undefined && engine.lastStepMillis > restartedMillis) {
      stepAgainMillis.push(engine.lastStepMillis - killedMillis);
      return;
    }
    await sleep(20);
  }
  throw new Error('The engine does not work again');
}

async function killOne(random: () => number, workspace: string): Promise<string> {
  const victim = VICTIMS[Math.floor(random() * VICTIMS.length)]!;
  const agent = agents[Math.floor(random() * agents.length)]!;
  // Mostly back before its lease ends, at times only when its jobs are with the other.
  const pauseMillis = random() < 0.3 ? LEASE_SECONDS * 1_500 : random() * 500;
  if (victim === 'agent') await agent.kill(pauseMillis);
  else if (victim === 'engine') await killEngine(server!);
  else {
    await Promise.all([server!.kill(victim === 'all' ? 'both' : 'server'), ...(victim === 'all' ? [agent.kill(pauseMillis)] : [])]);
    server = await Serving.start(workspace, ['--lease-seconds', String(LEASE_SECONDS)]);
  }
  return victim;
}

/** Everything is there, once. */
async function verify(name: string, loader: string, status: TaskStatus): Promise<void> {
  expect(status).toMatchObject({ state: 'done', tables: TABLES.map((table) => ({ table, isEqual: true })) });
  expect(status.totals.splits).toBeGreaterThanOrEqual(200);
  expect(status.totals.committedSplits).toBe(status.totals.splits);
  const workspace = join(scratch, `work-${name}`);
  const report = JSON.parse(readFileSync(join(workspace, 'report.json'), 'utf8')) as { readonly isClean: boolean; readonly tables: readonly { readonly items: number }[] };
  expect(report.isClean).toBe(status.isClean);
  const items = report.tables.reduce((sum, table) => sum + table.items, 0);
  if (loader === 'built-in') {
    const client = s3Client(s3.endpoint);
    expect(await countStagedLines(client, BUCKET, `${name}/`, committedFiles(workspace))).toEqual({ lines: items, doubled: 0 });
    client.destroy();
  }
  const client = dynamodbClient(dynamodb.endpoint);
  for (const table of TABLES) {
    expect({ table, differences: await tableDifferences(client, `${name}-${table}`, table, workspace) }).toEqual({ table, differences: [] });
    await dropTable(client, `${name}-${table}`);
  }
  client.destroy();
}

test.each(SEEDS)(`seed %i: ${KILLS} kills`, async (seed) => {
  const random = randomOf(seed);
  const loader = LOADERS[seed % LOADERS.length]!;
  const workspace = join(scratch, `server-${seed}`);
  server = await Serving.start(workspace, ['--lease-seconds', String(LEASE_SECONDS)]);
  for (const agent of agents) await agent.registerWith(server);
  const killed: string[] = [];
  // Should a task end before the last kill, there is another.
  for (let round = 0; killed.length < KILLS; round++) {
    const name = `seed${seed}-${round}`;
    const id = await startTask(name, loader);
    while (killed.length < KILLS) {
      await sleep(100 + random() * 900);
      if (isOver(await server.task(id))) break;
      killed.push(await killOne(random, workspace));
    }
    const status = await server.reached(id, isOver);
    expect(status.failure).toBeUndefined();
    await verify(name, loader, status);
  }
  if (isLarge) process.stdout.write(`seed ${seed}, ${loader}: ${killed.join(' ')}\n`);
}, SEED_MILLIS);

test('after the engine was killed a step runs again within five seconds, and a killed server takes its engine along', async () => {
  server = await Serving.start(join(scratch, 'server-engine'));
  for (let i = 0; i < (isLarge ? 20 : 3); i++) {
    // There is always one at work.
    if (i % 5 === 0) await startTask(`engine${i}`, 'direct');
    await killEngine(server);
  }
  if (isLarge) process.stdout.write(`${stepAgainMillis.length} kills of the engine, a step again after ms: ${stepAgainMillis.toSorted((a, b) => a - b).join(' ')}\n`);
  // Where many others want the processors, everything takes so many times longer.
  const crowding = Math.max(1, loadavg()[0]! / availableParallelism());
  expect(Math.max(...stepAgainMillis)).toBeLessThan(STEP_AGAIN_MILLIS * crowding);

  const engine = server.engineProcessId;
  expect(isAlive(engine)).toBe(true);
  await server.kill('server');
  const goneBy = Date.now() + 2_000;
  while (isAlive(engine) && Date.now() < goneBy) await sleep(20);
  expect(isAlive(engine)).toBe(false);
});

test('stops in order in the middle, resumes, and deletes what it staged', async () => {
  const workspace = join(scratch, 'server-order');
  server = await Serving.start(workspace);
  const tables = ['shop.customers'];
  const id = await startTask('order', 'built-in', tables);
  await server.reached(id, ({ totals }) => totals.committedSplits > 5);
  await server.api('POST', `/tasks/${id}/stop`);
  const stopped = await server.reached(id, ({ state }) => state === 'stopped');
  expect(stopped.totals.committedSplits).toBeLessThan(stopped.totals.splits);
  await expect(server.api('POST', `/tasks/${id}/start`)).rejects.toThrow('TASK_STATE');

  // The server may end in order too, while a task runs: the next one goes on with it.
  await server.api('POST', `/tasks/${id}/resume`);
  await server.reached(id, ({ totals }) => totals.committedSplits > stopped.totals.committedSplits);
  await expect(server.api('DELETE', `/tasks/${id}`)).rejects.toThrow('TASK_STATE');
  expect(await server.stop()).toBe(0);
  server = await Serving.start(workspace);
  const counted: number[] = [];
  const ended = await server.reached(id, (status) => {
    counted.push(status.totals.items);
    return isOver(status);
  });
  expect(ended).toMatchObject({ state: 'done', tables: [{ isEqual: true }] });
  // What is loaded and read back is not counted as extracted once more.
  expect(Math.max(...counted)).toBe(ended.totals.items);

  await server.api('DELETE', `/tasks/${id}`);
  await expect(server.task(id)).rejects.toThrow('TASK_UNKNOWN');
  const client = s3Client(s3.endpoint);
  expect(await countStagedLines(client, BUCKET, 'order/')).toEqual({ lines: 0, doubled: 0 });
  client.destroy();
}, SEED_MILLIS);
