// A task on two agents, as processes of their own, over mutual TLS: one is killed in the middle and its jobs go to the other.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas, ROOT } from './aeneas-process.ts';
import { DEMO_NOW, dynamodbClient, s3Client, stagedLines, tableDifferences } from './migrated-tables.ts';
import { Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const TABLES = ['shop.customers', 'shop.orders', 'shop.product_reviews'];
const BUCKET = 'two-agents-test';
const LEASE_SECONDS = 3;
const TASK_MILLIS = 120_000;

interface Agent { readonly name: string; readonly port: number; readonly child: ChildProcess }

let dynamodb: StandIn;
let s3: StandIn;
let data: string;
let server: Serving;
const agents: Agent[] = [];
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-agents-'));
const stores = join(scratch, 'stores');
const passwordFile = join(scratch, 'password');
beforeAll(async () => {
  [dynamodb, s3, data] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3'), unpackedDemo()]);
  const client = s3Client(s3.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  writeFileSync(passwordFile, 'a password of this test\n', { mode: 0o600 });
  const made = await aeneas(['keystore', 'generate', stores, '--agent', 'one=127.0.0.1', '--agent', 'two=127.0.0.1', '--store-password-file', passwordFile, '--authority-password-file', passwordFile]);
  if (made.exitCode !== 0) throw new Error(made.stderr);
  for (const name of ['one', 'two']) agents.push(await startAgent(name));
  server = await Serving.start(join(scratch, 'server'), ['--lease-seconds', String(LEASE_SECONDS)]);
}, TASK_MILLIS);
afterAll(async () => {
  await server.stop();
  for (const { child } of agents) child.kill('SIGKILL');
  await Promise.all([dynamodb.stop(), s3.stop()]);
  rmSync(scratch, { recursive: true });
});

async function startAgent(name: string): Promise<Agent> {
  const folder = join(scratch, name);
  mkdirSync(folder, { recursive: true });
  const settings = join(folder, 'agent-settings.yaml');
  writeFileSync(settings, JSON.stringify({
    name, host: '127.0.0.1', port: 0, dataDirectories: [data], outputDirectory: join(folder, 'out'), workers: 1,
    security: { mode: 'mutual-tls', keyStore: join(stores, `agent-${name}.p12`), trustStore: join(stores, 'trust.p12'), storePasswordFile: passwordFile },
  }));
  const child = spawn(join(ROOT, 'node_modules/.bin/aeneas'), ['agent', 'run', settings], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => {
    let said = '';
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString();
      const found = /"port":(\d+)/.exec(said);
      if (found !== null) resolve(Number(found[1]));
    });
  });
  return { name, port, child };
}

test('a task ends right though one of its agents is killed', async () => {
  const credentials = { '--key-store': join(stores, 'server.p12'), '--trust-store': join(stores, 'trust.p12'), '--password-file': passwordFile };
  for (const { name, port } of agents) {
    const registered = await aeneas(['agent', 'register', name, `https://127.0.0.1:${port}`, '--server', server.url, ...Object.entries(credentials).flat()]);
    expect({ exitCode: registered.exitCode, stderr: registered.stderr }).toEqual({ exitCode: 0, stderr: '' });
  }
  const path = join(scratch, 'shop.yaml');
  writeFileSync(path, JSON.stringify({
    source: { directories: [data] }, tables: TABLES, target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
    staging: { s3: { bucket: BUCKET, prefix: 'agents', endpoint: s3.endpoint }, fileSizeMB: 0.05 }, splitSizeMB: 0.01, workspace: 'work',
  }));
  const created = await aeneas(['task', 'create', path, '--server', server.url, '--now', String(DEMO_NOW), '--start']);
  expect({ exitCode: created.exitCode, stderr: created.stderr }).toEqual({ exitCode: 0, stderr: '' });
  const id = created.stdout.trim();

  let status = await server.task(id);
  for (; status.totals.committedSplits < 30; status = await server.task(id)) await sleep(50);
  agents[1]!.child.kill('SIGKILL');
  // The lease of its splits ends, then the other agent has it; the server may be killed meanwhile as well.
  await sleep(500);
  await server.kill('both');
  server = await Serving.start(join(scratch, 'server'), ['--lease-seconds', String(LEASE_SECONDS)]);
  const followed = await aeneas(['task', 'status', id, '--wait', '--json', '--server', server.url]);
  expect({ exitCode: followed.exitCode, stderr: followed.stderr }).toEqual({ exitCode: 1, stderr: '' });
  const ended = JSON.parse(followed.stdout) as TaskStatus;
  expect({ state: ended.state, equal: ended.tables.map((table) => table.isEqual), rejected: ended.totals.rejectedRows }).toEqual({ state: 'done', equal: TABLES.map(() => true), rejected: 5 });
  expect(ended.totals.attempts).toBeGreaterThan(ended.totals.splits);

  const client = dynamodbClient(dynamodb.endpoint);
  for (const table of TABLES) expect({ table, differences: await tableDifferences(client, table, table, join(scratch, 'work')) }).toEqual({ table, differences: [] });
  client.destroy();
  const staged = s3Client(s3.endpoint);
  expect(await stagedLines(staged, BUCKET, 'agents/')).toEqual({ lines: ended.totals.loadedItems, doubled: 0 });
  staged.destroy();

  const listed = JSON.parse((await aeneas(['agent', 'list', '--json', '--server', server.url])).stdout) as { readonly name: string; readonly health: string; readonly runningJobs: number }[];
  expect(listed.map(({ name, health, runningJobs }) => ({ name, health, runningJobs }))).toEqual([
    { name: 'built-in', health: 'healthy', runningJobs: 0 }, { name: 'one', health: 'healthy', runningJobs: 0 }, { name: 'two', health: 'unreachable', runningJobs: 0 },
  ]);
  expect((await aeneas(['agent', 'unregister', 'two', '--server', server.url])).exitCode).toBe(0);
}, TASK_MILLIS);
