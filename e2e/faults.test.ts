// Services that answer with errors, throttle, take a part of a batch, hang, and connections that break: a task ends all the same, equal to
// what the Cassandra node answered, with nothing doubled, and shows what it had to ask for again.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { FaultCounts, FaultProxy } from './fault-proxy.ts';
import { committedFiles, countStagedLines, DEMO_NOW, dynamodbClient, s3Client, tableDifferences } from './migrated-tables.ts';
import { isOver, Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const TABLES = ['shop.carts', 'shop.customers', 'shop.orders', 'shop.page_views'];
const BUCKET = 'faults-test';
const SEED = 7;

let dynamodb: StandIn;
let s3: StandIn;
let proxies: Record<'dynamodb' | 's3', FaultProxy>;
let data: string;
let server: Serving;
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-faults-'));
beforeAll(async () => {
  [dynamodb, s3, data, server] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3'), unpackedDemo(), Serving.start(join(scratch, 'server'))]);
  const client = s3Client(s3.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  proxies = { dynamodb: await startFaultProxy('dynamodb', dynamodb.endpoint, SEED), s3: await startFaultProxy('s3', s3.endpoint, SEED) };
});
afterAll(async () => {
  await server.stop();
  await Promise.all([dynamodb, s3, proxies.dynamodb, proxies.s3].map((one) => one.stop()));
  rmSync(scratch, { recursive: true });
});

/** Faults of both services. */
async function faultCounts(): Promise<FaultCounts> {
  const [ofDynamodb, ofS3] = await Promise.all([proxies.dynamodb.counts(), proxies.s3.counts()]);
  return Object.fromEntries(Object.entries(ofDynamodb).map(([fault, count]) => [fault, count + ofS3[fault as keyof FaultCounts]])) as FaultCounts;
}

/** Those after which a request is made again; after `cut-after` that is so if the next one was on its way already. */
function retriesOf(counts: FaultCounts): number {
  return Object.entries(counts).reduce((sum, [fault, count]) => sum + (fault === 'stall' || fault === 'cut-after' ? 0 : count), 0);
}

async function runTask(name: string, loader: string): Promise<TaskStatus> {
  const projectFile = join(scratch, `${name}.yaml`);
  writeFileSync(projectFile, JSON.stringify({
    source: { directories: [data] }, tables: TABLES, loader,
    mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] },
    target: { region: 'us-east-1', endpoint: proxies.dynamodb.endpoint },
    staging: { s3: { bucket: BUCKET, prefix: name, endpoint: proxies.s3.endpoint }, fileSizeMB: 0.02 },
    splitSizeMB: 0.05, workspace: `work-${name}`,
  }));
  const { id } = await server.api<TaskStatus>('POST', '/tasks', { projectFile, nowSeconds: DEMO_NOW });
  await server.api('POST', `/tasks/${id}/start`);
  // They are seen while it runs, not in the end only.
  const running = await server.reached(id, ({ state, totals }) => totals.retries > 0 || state === 'failed');
  expect(running).toMatchObject({ state: 'running' });
  return server.reached(id, isOver);
}

test.each(['built-in', 'direct'])('a task with the loader %s', async (loader) => {
  const before = await faultCounts();
  const status = await runTask(loader, loader);
  expect(status.failure).toBeUndefined();
  expect(status).toMatchObject({ state: 'done', tables: TABLES.map((table) => ({ table, isEqual: true })) });
  const workspace = join(scratch, `work-${loader}`);
  const client = dynamodbClient(dynamodb.endpoint);
  for (const table of TABLES) expect([table, ...await tableDifferences(client, `${loader}-${table}`, table, workspace)]).toEqual([table]);
  client.destroy();
  if (loader === 'built-in') {
    const staged = s3Client(s3.endpoint);
    expect(await countStagedLines(staged, BUCKET, `${loader}/`, committedFiles(workspace))).toEqual({ lines: status.totals.loadedItems, doubled: 0 });
    staged.destroy();
  }
  const after = await faultCounts();
  const faults = retriesOf(after) - retriesOf(before);
  expect(faults).toBeGreaterThan(50);
  expect(status.totals.retries).toBeGreaterThanOrEqual(faults);
  // On a busy machine a connection may take too long all by itself.
  expect(status.totals.retries).toBeLessThan(1.5 * (faults + after['cut-after'] - before['cut-after']));
  for (const { retries, lastRetryReason } of status.tables) expect({ retries, lastRetryReason }).toEqual({ retries: expect.any(Number), lastRetryReason: expect.stringMatching(/^[A-Z]\w+$/) });
});

test('every fault was met, of S3 too', async () => {
  expect(Object.entries(await faultCounts()).filter(([, count]) => count === 0)).toEqual([]);
  expect(retriesOf(await proxies.s3.counts())).toBeGreaterThan(10);
});
