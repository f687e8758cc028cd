// kill -9 of the server, of its engine and of both, at seeded moments of a task over more than two hundred splits: started again, the server
// goes on by itself, and what comes of it equals what the Cassandra node answered. Nothing is done to the task from outside.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { DEMO_NOW, dropTable, dynamodbClient, s3Client, stagedLines, tableDifferences } from './migrated-tables.ts';
import { isAlive, Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const SEEDS = process.env['AENEAS_LARGE'] === undefined ? [1, 2] : Array.from({ length: 10 }, (_, i) => i + 1);
const KILLS = 10;
const VICTIMS = ['server', 'engine', 'both'] as const;
const TABLES = ['shop.carts', 'shop.customers', 'shop.orders', 'shop.page_views', 'shop.product_reviews'];
const BUCKET = 'task-kill-test';
const TASK_MILLIS = 240_000;

let dynamodb: StandIn;
let s3: StandIn;
let data: string;
let server: Serving | undefined;
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-task-'));
beforeAll(async () => {
  [dynamodb, s3, data] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3'), unpackedDemo()]);
  const client = s3Client(s3.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
});
afterEach(async () => {
  await server?.stop();
});
afterAll(async () => {
  await Promise.all([dynamodb.stop(), s3.stop()]);
  rmSync(scratch, { recursive: true });
});

/** mulberry32: a seed always gives the same kills, though not the same millisecond. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A project with tables of its own, cut into many splits. */
function makeProject(name: string): string {
  const path = join(scratch, `${name}.yaml`);
  writeFileSync(path, JSON.stringify({
    source: { directories: [data] }, tables: TABLES,
    mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] },
    target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
    staging: { s3: { bucket: BUCKET, prefix: name, endpoint: s3.endpoint }, fileSizeMB: 0.05 },
    splitSizeMB: 0.01, workspace: `work-${name}`,
  }));
  return path;
}

async function startTask(name: string): Promise<TaskStatus> {
  const created = await server!.api<TaskStatus>('POST', '/tasks', { projectFile: makeProject(name), nowSeconds: DEMO_NOW });
  return server!.api('POST', `/tasks/${created.id}/start`);
}

async function waitFor(id: string, isReached: (status: TaskStatus) => boolean): Promise<TaskStatus> {
  const deadline = Date.now() + TASK_MILLIS;
  for (;;) {
    const status = await server!.task(id);
    if (isReached(status)) return status;
    if (Date.now() > deadline) throw new Error(`The task does not end: ${JSON.stringify(status)}`);
    await sleep(100);
  }
}

const isOver = ({ state }: TaskStatus): boolean => state === 'done' || state === 'failed';

for (const seed of SEEDS) {
  test(`seed ${seed}: ${KILLS} kills`, async () => {
    const random = randomOf(seed);
    const name = `seed${seed}`;
    const workspace = join(scratch, `server-${name}`);
    server = await Serving.start(workspace);
    const { id } = await startTask(name);
    let kills = 0;
    for (; kills < KILLS; kills++) {
      await sleep(200 + random() * 1_800);
      if (isOver(await server.task(id))) break;
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)]!;
      await server.kill(victim);
      if (victim !== 'engine') server = await Serving.start(workspace);
    }
    expect(kills).toBeGreaterThanOrEqual(5);
    const status = await waitFor(id, isOver);
    expect(status.failure).toBeUndefined();
    expect(status.state).toBe('done');
    expect(status.totals.splits).toBeGreaterThanOrEqual(200);
    expect(status.totals.committedSplits).toBe(status.totals.splits);
    expect(status.tables.map((table) => table.isEqual)).toEqual(TABLES.map(() => true));

    const client = dynamodbClient(dynamodb.endpoint);
    for (const table of TABLES) {
      expect({ table, differences: await tableDifferences(client, `${name}-${table}`, table, join(scratch, `work-${name}`)) }).toEqual({ table, differences: [] });
      await dropTable(client, `${name}-${table}`);
    }
    client.destroy();
    const staged = s3Client(s3.endpoint);
    const { lines, doubled } = await stagedLines(staged, BUCKET, `${name}/`);
    staged.destroy();
    expect({ lines, doubled }).toEqual({ lines: status.totals.loadedItems, doubled: 0 });
  }, TASK_MILLIS);
}

test('a killed engine is back within five seconds, and a killed server takes its engine along', async () => {
  server = await Serving.start(join(scratch, 'server-engine'));
  await server.kill('engine');
  const killedMillis = Date.now();
  for (let status = await server.server(); status.engine.state !== 'ready' || status.engine.restarts === 0; status = await server.server()) await sleep(20);
  expect(Date.now() - killedMillis).toBeLessThan(5_000);

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
  const { id } = await startTask('order');
  await waitFor(id, ({ totals }) => totals.committedSplits > 20);
  await server.api('POST', `/tasks/${id}/stop`);
  const stopped = await waitFor(id, ({ state }) => state === 'stopped');
  expect(stopped.totals.committedSplits).toBeLessThan(stopped.totals.splits);
  await expect(server.api('POST', `/tasks/${id}/start`)).rejects.toThrow('TASK_STATE');

  // The server may end in order too, while a task runs: the next one goes on with it.
  await server.api('POST', `/tasks/${id}/resume`);
  await waitFor(id, ({ totals }) => totals.committedSplits > stopped.totals.committedSplits + 10);
  await expect(server.api('DELETE', `/tasks/${id}`)).rejects.toThrow('TASK_STATE');
  expect(await server.stop()).toBe(0);
  server = await Serving.start(workspace);
  const ended = await waitFor(id, isOver);
  expect({ state: ended.state, tables: ended.tables.map((table) => table.isEqual) }).toEqual({ state: 'done', tables: TABLES.map(() => true) });

  await server.api('DELETE', `/tasks/${id}`);
  await expect(server.task(id)).rejects.toThrow('TASK_UNKNOWN');
  const client = s3Client(s3.endpoint);
  expect(await stagedLines(client, BUCKET, 'order/')).toEqual({ lines: 0, doubled: 0 });
  client.destroy();
}, TASK_MILLIS);
