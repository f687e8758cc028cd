// One of two agents hangs (SIGSTOP), as machines do whose disk is gone: tables whose work is elsewhere go on, the task can be stopped and
// deleted, and when it comes to, nothing of what it still had in hand appears.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../fixtures/agent-process.ts';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { DEMO_NOW, s3Client } from './migrated-tables.ts';
import { Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const BUCKET = 'hung-test';
const LEASE_SECONDS = 6;
/** The last request that an agent may have sent within its lease. */
const LAST_REQUEST_SECONDS = 10;
const PATIENCE_MILLIS = 120_000;
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-hung-')));

let dynamodb: StandIn;
let s3: StandIn;
let server: Serving;
let id: string;
const agents: AgentProcess[] = [];

beforeAll(async () => {
  [dynamodb, s3] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3')]);
  const client = s3Client(s3.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  server = await Serving.start(join(scratch, 'server'), ['--lease-seconds', String(LEASE_SECONDS)]);
  const password = writePrivately(join(scratch, 'password'), 'a service password of the test');
  for (const name of ['steady', 'hung']) {
    const settings = settingsIn(join(scratch, name), { name, dataDirectories: [await unpackedDemo()], workers: 2, security: { mode: 'password' } });
    await command('agent', 'password', settings, '--password-file', password);
    const agent = await AgentProcess.start(settings);
    agents.push(agent);
    await command('agent', 'register', name, `https://127.0.0.1:${agent.port}`, '--service-password-file', password, '--fingerprint', agent.fingerprint, '--server', server.url);
  }
});
afterAll(async () => {
  await server?.stop();
  for (const agent of agents) await agent.end('SIGKILL');
  await Promise.all([dynamodb.stop(), s3.stop()]);
  rmSync(scratch, { recursive: true });
});

async function command(...words: string[]): Promise<string> {
  const { exitCode, output } = await runCommand(words);
  if (exitCode !== 0) throw new Error(`aeneas ${words.join(' ')}: ${exitCode} ${output}`);
  return output;
}

async function reached(isReached: (status: TaskStatus) => boolean): Promise<TaskStatus> {
  const deadline = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const status = await server.task(id);
    if (isReached(status)) return status;
    if (Date.now() > deadline) throw new Error(`The task does not get there: ${JSON.stringify(status)}`);
    await sleep(50);
  }
}

test('the fingerprint is told beside an agent that runs', async () => {
  expect((await command('agent', 'fingerprint', join(scratch, 'steady/agent-settings.yaml'))).trim()).toBe(agents[0]!.fingerprint);
});

test('throttles change while a task runs, of registered agents and of the one within the server', async () => {
  const projectFile = join(scratch, 'hung.yaml');
  writeFileSync(projectFile, JSON.stringify({
    source: { directories: [await unpackedDemo()] }, tables: ['sensor.readings', 'shop.orders'], target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
    staging: { s3: { bucket: BUCKET, prefix: 'hung', endpoint: s3.endpoint, deleteLocalFiles: false }, fileSizeMB: 0.05 }, splitSizeMB: 0.01, workspace: 'work',
  }));
  ({ id } = await server.api<TaskStatus>('POST', '/tasks', { projectFile, nowSeconds: DEMO_NOW }));
  await server.api('POST', `/tasks/${id}/start`);
  await reached(({ totals }) => totals.committedSplits > 0);
  expect(await command('agent', 'throttle', 'hung', '--workers', '3', '--read-mb-per-second', '0.5', '--server', server.url)).toMatch(/^hung +healthy +3 workers, 0.5 MB\/s/);
  expect(await command('agent', 'throttle', 'built-in', '--read-mb-per-second', '2.5', '--server', server.url)).toMatch(/^built-in +healthy +2 workers, 2.5 MB\/s/);
  expect(await command('agent', 'throttle', 'built-in', '--read-mb-per-second', 'unlimited', '--server', server.url)).toMatch(/^built-in +healthy +2 workers, /);
  expect(await runCommand(['agent', 'throttle', 'nobody', '--workers', '1', '--server', server.url])).toMatchObject({ exitCode: 2, output: expect.stringContaining('AGENT_UNKNOWN') });
});

test('while an agent hangs, the other goes on at once', async () => {
  agents[1]!.child.kill('SIGSTOP');
  const { totals } = await server.task(id);
  const begun = Date.now();
  await reached((status) => status.totals.committedSplits >= totals.committedSplits + 8);
  // Nobody waited for the lease of the other.
  expect(Date.now() - begun).toBeLessThan(LEASE_SECONDS * 1000);
});

test('the task is stopped and deleted without it, and nothing appears when it comes to', async () => {
  await server.api('POST', `/tasks/${id}/stop`);
  const stopping = Date.now();
  await reached(({ state }) => state === 'stopped');
  expect(Date.now() - stopping).toBeLessThan(12_000);
  expect(await command('task', 'delete', id, '--server', server.url)).toMatch(/(?:deleted|deleting)[\s\S]*left: its tables in DynamoDB[\s\S]*left: files that agents kept after the upload: extracted\/\w+\/\S+ in the output folder/);
  const isThere = async (): Promise<boolean> => (await server.api<TaskStatus[]>('GET', '/tasks')).some((task) => task.id === id);
  const deadline = Date.now() + (LEASE_SECONDS + LAST_REQUEST_SECONDS + 15) * 1000;
  while (await isThere()) {
    expect(Date.now()).toBeLessThan(deadline);
    await sleep(200);
  }
  expect(await staged()).toEqual([]);
  agents[1]!.child.kill('SIGCONT');
  await sleep(4_000);
  expect(await staged()).toEqual([]);
  expect(await command('agent', 'list', '--server', server.url)).toMatch(/hung +healthy/);
});

test('the log tells who came and what was done, also of a task that is gone', async () => {
  const lines = (await command('log', '--task', id, '--server', server.url)).trim().split('\n');
  expect(lines.map((line) => line.split('  ')[2]).filter((kind) => /^(?:created|started|stopping|stopped|deleting|deleted)$/.test(kind!))).toEqual(['created', 'started', 'stopping', 'stopped', 'deleting', 'deleted']);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z /);
  expect(await command('log', '--server', server.url, '--json')).toMatch(/"kind":"agent-registered","text":"Agent hung at https/);
});

async function staged(): Promise<string[]> {
  const client = s3Client(s3.endpoint);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
  client.destroy();
  return [...Contents, ...Uploads].map(({ Key }) => Key ?? '');
}
