// Two agents as real processes, and this test as their server: leases, epochs, kill -9, throttles, secrets.

import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localFiles, TableCatalogue, TableReader } from '@aeneas/cassandra';
import type { LoadedTable } from '@aeneas/cassandra';
import type { AgentInput, AgentOutput, JobAttempt, WireJob } from '@aeneas/protocol';
import { unpackedDemo } from '../../../../fixtures/unpack.ts';
import { Ledger } from '../ledger.ts';
import type { Attempt } from '../ledger.ts';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../../../../fixtures/agent-process.ts';
import { RemoteAgent } from './remote-agent.ts';

const READINGS = 50_052;
const NOW = 1_795_380_787;
const SERVER = 'server-1';
const servicePassword = 'planted-service-password-5512';
const storePassword = 'planted-store-password-7730';

let folder: string;
let data: string;
let table: LoadedTable;
let first: AgentProcess;
let second: AgentProcess;
let firstClient: RemoteAgent;
let secondClient: RemoteAgent;
const children: AgentProcess[] = [];

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-agents-')));
  data = await unpackedDemo();
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [data] });
  table = await catalogue.load({ keyspace: 'sensor', name: 'readings' });

  const stores = join(folder, 'stores');
  const storePasswordFile = writePrivately(join(folder, 'store-password'), storePassword);
  generated = await runCommand(['keystore', 'generate', stores, '--agent', 'second=127.0.0.1', '--store-password-file', storePasswordFile, '--authority-password-file', storePasswordFile]);

  const common = { dataDirectories: [data], stagingFolder: join(folder, 'staging'), workers: 2 };
  firstSettings = settingsIn(join(folder, 'first'), { ...common, name: 'first', security: { mode: 'password' } });
  const passwordFile = writePrivately(join(folder, 'service-password'), servicePassword);
  passwordSet = await runCommand(['agent', 'password', firstSettings, '--password-file', passwordFile]);
  const secondSettings = settingsIn(join(folder, 'second'), {
    ...common, name: 'second', security: { mode: 'mutual-tls', keyStore: join(stores, 'agent-second.p12'), trustStore: join(stores, 'trust.p12'), storePasswordFile },
  });
  [first, second] = await Promise.all([started(firstSettings), started(secondSettings)]);
  firstClient = clientOfFirst();
  secondClient = new RemoteAgent({ host: '127.0.0.1', port: second.port }, {
    kind: 'mutual-tls', keyStore: readFileSync(join(stores, 'server.p12')), trustStore: readFileSync(join(stores, 'trust.p12')), storePassword,
  });
}, 60_000);
afterAll(async () => {
  await firstClient?.close();
  await secondClient?.close();
  for (const agent of children) if (agent.child.exitCode === null && agent.child.signalCode === null) await agent.end('SIGKILL');
  rmSync(folder, { recursive: true });
});

let firstSettings: string;
let generated: Awaited<ReturnType<typeof runCommand>>;
let passwordSet: Awaited<ReturnType<typeof runCommand>>;

async function started(settings: string): Promise<AgentProcess> {
  const agent = await AgentProcess.start(settings);
  children.push(agent);
  return agent;
}

function clientOfFirst(): RemoteAgent {
  return new RemoteAgent({ host: '127.0.0.1', port: first.port }, { kind: 'password', password: servicePassword, fingerprint: first.fingerprint });
}

const attemptOf = (jobId: number | string, epoch: number): JobAttempt => ({ serverId: SERVER, taskId: 'task-1', jobId: String(jobId), epoch });

function extractJob(change: object = {}): Extract<WireJob, { kind: 'extract' }> {
  return {
    kind: 'extract', range: {},
    source: { table: table.table as never, dataFiles: [...table.dataFiles], nowSeconds: NOW, mapping: { rules: [] } },
    destination: { kind: 'files', staging: { kind: 'folder', folder: join(folder, 'staging/task-1') }, compression: 'gzip', fileBytes: 300_000 },
    ...change,
  };
}

/** Starts a job and asks about it: then it begins. */
async function begin(client: RemoteAgent, request: AgentInput<'startJob'>): Promise<void> {
  await client.startJob(request);
  await client.pollJob({ attempt: request.attempt, after: 0, waitSeconds: 0 });
}

/** Polls until the condition holds or the job is over; every event once, in order. */
async function follow(client: RemoteAgent, attempt: JobAttempt, hear: (event: AgentOutput<'pollJob'>['events'][number]['event']) => boolean | void): Promise<AgentOutput<'pollJob'>> {
  for (let after = 0; ;) {
    const answer = await client.pollJob({ attempt, after, waitSeconds: 5 });
    for (const { number, event } of answer.events) {
      expect(number).toBe(after + 1);
      after = number;
      if (hear(event) === true) return answer;
    }
    if (answer.state !== 'running' && answer.state !== 'waiting') return answer;
  }
}

test('the commands say what belongs where, and no password', () => {
  expect(generated.exitCode).toBe(0);
  expect(generated.output.split('\n').map((line) => line.split(/ +/).slice(0, 4).join(' '))).toEqual([
    'made authority.p12 NEVER leaves', 'made trust.p12 to the', 'made server.p12 to the', 'made agent-second.p12 to this', '',
  ]);
  expect(passwordSet).toEqual({ exitCode: 0, output: '' });
});

test('an agent works for registered servers only', async () => {
  const request = { attempt: attemptOf('x', 1), leaseSeconds: 10, job: extractJob() };
  await expect(firstClient.startJob(request)).rejects.toMatchObject({ code: 'AGENT_NOT_REGISTERED' });
  expect(await firstClient.register(SERVER)).toMatchObject({ name: 'first', dataDirectories: [data], stagingFolder: join(folder, 'staging'), throttles: { workers: 2, readMegabytesPerSecond: null } });
  await secondClient.register(SERVER);
  await expect(firstClient.call('register', { serverId: SERVER, protocolVersion: 99 })).rejects.toMatchObject({ code: 'AGENT_VERSION_MISMATCH' });
});

test('requests read and write nothing outside the configured folders', async () => {
  const refusedJobs = [
    { source: { ...extractJob().source, dataFiles: ['/etc/passwd'] } },
    { source: { ...extractJob().source, dataFiles: [`${data}/../../../package.json`] } },
    { destination: { kind: 'files', staging: { kind: 'folder', folder: '/tmp/elsewhere' }, compression: 'gzip', fileBytes: 1000 } },
    { destination: { kind: 'files', staging: { kind: 'folder', folder: `${folder}/staging/../outside` }, compression: 'gzip', fileBytes: 1000 } },
  ];
  for (const change of refusedJobs) {
    await expect(secondClient.startJob({ attempt: attemptOf('outside', 1), leaseSeconds: 10, job: extractJob(change) })).rejects.toMatchObject({ code: 'AGENT_PATH_REFUSED' });
  }
  const looks: WireJob[] = [
    { kind: 'survey', directories: [data, '/etc'], patterns: ['*.*'] },
    { kind: 'check', pins: [{ path: '/etc/passwd', sizeBytes: 1, mtimeMillis: 1, digest: '' }], trustTimes: true },
    { kind: 'plan', source: { ...extractJob().source, dataFiles: ['/etc/passwd'] }, splitBytes: 1, workers: 1 },
  ];
  for (const job of looks) await expect(secondClient.startJob({ attempt: attemptOf('outside', 1), leaseSeconds: 10, job })).rejects.toMatchObject({ code: 'AGENT_PATH_REFUSED' });
  for (const file of ['/etc/passwd', join(folder, 'store-password'), join(folder, 'second/out/rejected')]) {
    await expect(secondClient.call('rejectedRows', { file, offset: 0, maxBytes: 100 })).rejects.toMatchObject({ code: 'AGENT_PATH_REFUSED' });
  }
});

test('the splits of an agent that was killed go to another, and nothing is lost or doubled', async () => {
  const ledger = Ledger.open(join(folder, 'ledger.sqlite'));
  ledger.begin({ id: 'm', createdMillis: 1, nowSeconds: NOW, identity: '' }, [{ keyspace: 'sensor', name: 'readings', target: 't', identity: '', definition: '{}', inputs: [] }]);
  ledger.plan(1, (await (await TableReader.open(localFiles, table.table, table.dataFiles)).planSplits(4)).map(({ range }) => range));
  const splits = ledger.splits(1);
  // So slow that it is in the middle of all splits when it is killed.
  await firstClient.call('setThrottles', { readMegabytesPerSecond: 0.3 });
  const before: Attempt[] = [];
  for (const split of splits) {
    const attempt = ledger.lease(split.id, Date.now());
    before.push(attempt);
    await begin(firstClient, { attempt: attemptOf(split.id, attempt.epoch), leaseSeconds: 60, job: extractJob({ range: split.range }) });
  }
  const running = before[0];
  let recorded = 0;
  await follow(firstClient, attemptOf(running.splitId, running.epoch), (event) => {
    if (event.type !== 'segment') return false;
    ledger.record(running, event.segment as never);
    return ++recorded === 2;
  });
  expect((await firstClient.health()).runningJobs).toBe(2);
  expect(await first.end('SIGKILL')).toBe('SIGKILL');
  await expect(firstClient.health()).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE' });

  for (const split of splits) {
    const attempt = ledger.lease(split.id, Date.now());
    expect(attempt.after === undefined).toBe(split.id !== running.splitId);
    await secondClient.startJob({ attempt: attemptOf(split.id, attempt.epoch), leaseSeconds: 10, job: extractJob({ range: split.range, ...(attempt.after === undefined ? {} : { after: attempt.after }) }) });
    const end = await follow(secondClient, attemptOf(split.id, attempt.epoch), (event) => {
      if (event.type === 'segment') ledger.record(attempt, event.segment as never);
    });
    expect(end.state).toBe('done');
  }
  // The old owner speaks up too late.
  const late = { position: undefined, rows: 1, items: 1, rejected: 0, itemBytes: 1, writeUnits: 1, lost: { mixedExpiry: 0, negativeZeros: 0, decimalScales: 0 }, rejectedFile: undefined, rejectedBytes: 0, file: undefined };
  expect(() => ledger.record(running, late)).toThrow(/epoch/);
  await expect(secondClient.startJob({ attempt: attemptOf(running.splitId, running.epoch), leaseSeconds: 10, job: extractJob() })).rejects.toMatchObject({ code: 'AGENT_JOB_FENCED' });

  const files = ledger.committedFiles(1);
  expect(files.filter(({ name }) => name.startsWith(`sensor.readings/${running.splitId}-1-`))).toHaveLength(2);
  const lines = files.flatMap(({ name }) => gunzipSync(readFileSync(join(folder, 'staging/task-1', name))).toString().trimEnd().split('\n'));
  const totals = ledger.totals(1);
  expect(totals).toMatchObject({ rows: READINGS, rejected: 0, committedSplits: splits.length, attempts: 2 * splits.length });
  expect(lines).toHaveLength(totals.items);
  expect(new Set(lines).size).toBe(totals.items);
  ledger.close();
}, 90_000);

test('an agent that comes back keeps its name, its certificate and its throttles, and has forgotten its jobs', async () => {
  const { fingerprint } = first;
  await firstClient.close();
  first = await started(firstSettings);
  expect(first.fingerprint).toBe(fingerprint);
  firstClient = clientOfFirst();
  expect(await firstClient.health()).toMatchObject({ name: 'first', throttles: { readMegabytesPerSecond: 0.3 }, runningJobs: 0 });
  await expect(firstClient.pollJob({ attempt: attemptOf(1, 1), after: 0, waitSeconds: 0 })).rejects.toMatchObject({ code: 'AGENT_JOB_UNKNOWN' });
});

test('a lost answer is asked for again, and starting twice is starting once', async () => {
  const attempt = attemptOf('again', 1);
  const request = { attempt, leaseSeconds: 10, job: extractJob() };
  await firstClient.startJob(request);
  let told: AgentOutput<'pollJob'>;
  do told = await firstClient.pollJob({ attempt, after: 0, waitSeconds: 5 });
  while (told.events.length === 0);
  const again = await firstClient.pollJob({ attempt, after: 0, waitSeconds: 0 });
  expect(again.events.slice(0, told.events.length)).toEqual(told.events);
  expect(await firstClient.startJob(request)).toMatchObject({ state: 'running' });
  expect((await firstClient.call('listJobs', { serverId: SERVER })).jobs).toMatchObject([{ attempt, kind: 'extract', state: 'running' }]);
  expect((await firstClient.call('listJobs', { serverId: 'other' })).jobs).toEqual([]);

  // A later attempt ends the earlier one; what the earlier one asks for is refused.
  await firstClient.startJob({ ...request, attempt: attemptOf('again', 2) });
  await expect(firstClient.pollJob({ attempt, after: 0, waitSeconds: 0 })).rejects.toMatchObject({ code: 'AGENT_JOB_FENCED' });
  await firstClient.stopJob({ attempt: attemptOf('again', 2) });
  expect(await firstClient.pollJob({ attempt: attemptOf('again', 2), after: 0, waitSeconds: 0 })).toMatchObject({ state: 'stopped' });
});

test('a job that nobody asks for ends with its lease', async () => {
  const attempt = attemptOf('lease', 1);
  await firstClient.call('setThrottles', { readMegabytesPerSecond: 0.1 });
  await begin(firstClient, { attempt, leaseSeconds: 1.5, job: extractJob() });
  for (let i = 0; i < 4; i++) {
    await sleep(700);
    expect((await firstClient.pollJob({ attempt, after: 0, waitSeconds: 0 })).state).toBe('running');
  }
  await sleep(4_000);
  expect(await firstClient.pollJob({ attempt, after: 0, waitSeconds: 0 })).toMatchObject({ state: 'expired' });
});

test('throttles hold for what runs already', async () => {
  const attempts = [1, 2, 3].map((i) => attemptOf(`throttled-${i}`, 1));
  for (const attempt of attempts) await begin(firstClient, { attempt, leaseSeconds: 60, job: extractJob() });
  await sleep(300);
  expect(await firstClient.health()).toMatchObject({ runningJobs: 2, waitingJobs: 1 });
  const { readBytes } = await firstClient.health();
  await sleep(2_000);
  const slow = (await firstClient.health()).readBytes - readBytes;
  // 0.1 MB a second, and one read of each worker ahead.
  expect(slow).toBeLessThan(1_000_000);
  expect(await firstClient.call('setThrottles', { workers: 3, readMegabytesPerSecond: null })).toEqual({ workers: 3, readMegabytesPerSecond: null });
  for (const attempt of attempts) expect((await follow(firstClient, attempt, () => {})).state).toBe('done');
});

test('SIGTERM ends jobs in order, and their server hears of it', async () => {
  const attempt = attemptOf('graceful', 1);
  await firstClient.call('setThrottles', { readMegabytesPerSecond: 0.1 });
  await begin(firstClient, { attempt, leaseSeconds: 60, job: extractJob() });
  const followed = follow(firstClient, attempt, () => {});
  await sleep(500);
  expect(await first.end('SIGTERM')).toBe(0);
  expect((await followed).state).toBe('stopped');
  expect(readdirSync(join(folder, 'first/out/spool'))).toEqual([]);
});

test('no password is in a log, a process list, an error or a file but its own', () => {
  const secrets = [servicePassword, storePassword, ...[servicePassword, storePassword].map((text) => Buffer.from(`aeneas:${text}`).toString('base64'))];
  const places = new Map([
    ['logs and errors', generated.output + passwordSet.output + children.map(({ output }) => output).join('')],
    ['process list', readFileSync(`/proc/${second.child.pid}/cmdline`, 'utf8')],
    ['environment', readFileSync(`/proc/${second.child.pid}/environ`, 'utf8')],
    ...filesUnder(folder).filter((file) => !file.endsWith('-password')).map((file) => [file, readFileSync(file, 'latin1')] as const),
  ]);
  expect(places.size).toBeGreaterThan(10);
  expect([...places].filter(([, text]) => secrets.some((secret) => text.includes(secret))).map(([place]) => place)).toEqual([]);
});

function filesUnder(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name)).filter((file) => statSync(file).isFile());
}
