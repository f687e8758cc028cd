// A task on two agents of their own, one known by its certificate and one by its password, as a user sets them up. One is killed in the
// middle and never comes back. No password is found anywhere but where it was put.

import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../fixtures/agent-process.ts';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { LateProxy } from './late-proxy.ts';
import { committedFiles, countStagedLines, DEMO_NOW, dynamodbClient, s3Client, stagedLines, tableDifferences } from './migrated-tables.ts';
import { isOver, Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const TABLES = ['shop.customers', 'shop.orders'];
const BUCKET = 'agents-test';
const servicePassword = 'planted-service-password-8842';
const storePassword = 'planted-store-password-1906';
const LEASE_SECONDS = 3;

let dynamodb: StandIn;
let s3: StandIn;
let data: string;
let server: Serving;
let withPassword: AgentProcess;
let withCertificate: AgentProcess;
let printed = '';
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-agents-')));
const storePasswordFile = writePrivately(join(scratch, 'store-password'), storePassword);
const servicePasswordFile = writePrivately(join(scratch, 'service-password'), servicePassword);
const stores = join(scratch, 'stores');

beforeAll(async () => {
  [dynamodb, s3, data] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3'), unpackedDemo()]);
  const client = s3Client(s3.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
  const common = { dataDirectories: [data], workers: 2 };
  const certified = settingsIn(join(scratch, 'certified'), {
    ...common, name: 'certified', security: { mode: 'mutual-tls', keyStore: join(stores, 'agent-certified.p12'), trustStore: join(stores, 'trust.p12'), storePasswordFile },
  });
  const guarded = settingsIn(join(scratch, 'guarded'), { ...common, name: 'guarded', security: { mode: 'password' } });
  await command('keystore', 'generate', stores, '--agent', 'certified=127.0.0.1', '--store-password-file', storePasswordFile, '--authority-password-file', storePasswordFile);
  await command('agent', 'password', guarded, '--password-file', servicePasswordFile);
  server = await Serving.start(join(scratch, 'server'), ['--lease-seconds', String(LEASE_SECONDS)]);
  [withCertificate, withPassword] = await Promise.all([AgentProcess.start(certified), AgentProcess.start(guarded)]);
});
afterAll(async () => {
  await server?.stop();
  await withCertificate?.end('SIGKILL');
  await withPassword?.end('SIGKILL');
  await Promise.all([dynamodb.stop(), s3.stop()]);
  rmSync(scratch, { recursive: true });
});

async function command(...words: string[]): Promise<string> {
  const { exitCode, output } = await runCommand(words);
  printed += output;
  if (exitCode !== 0) throw new Error(`aeneas ${words.join(' ')}: ${exitCode} ${output}`);
  return output;
}

const asking = (): string[] => ['--server', server.url];

test('agents are registered by command, and refused with the reason', async () => {
  const certified = `https://127.0.0.1:${withCertificate.port}`;
  const byCertificate = ['--key-store', join(stores, 'server.p12'), '--trust-store', join(stores, 'trust.p12'), '--password-file', storePasswordFile];
  const wrong = await runCommand(['agent', 'register', 'wrong', certified, '--key-store', join(stores, 'agent-certified.p12'), ...byCertificate.slice(2), ...asking()]);
  expect(wrong).toMatchObject({ exitCode: 2, output: expect.stringContaining('AGENT_CERTIFICATE_UNFIT') });
  await command('agent', 'register', 'certified', certified, ...byCertificate, ...asking());

  const guarded = ['agent', 'register', 'guarded', `https://127.0.0.1:${withPassword.port}`, '--service-password-file', servicePasswordFile, '--fingerprint'];
  expect(await runCommand([...guarded, withCertificate.fingerprint, ...asking()])).toMatchObject({ exitCode: 2, output: expect.stringContaining('AGENT_NOT_TRUSTED') });
  await command(...guarded, withPassword.fingerprint, ...asking());
  expect((await command('agent', 'list', ...asking())).match(/healthy/g)).toHaveLength(3);
});

/** Starts a task over all tables, with target tables of its own. */
async function startTask(name: string, change: object): Promise<string> {
  const projectFile = join(scratch, `${name}.yaml`);
  writeFileSync(projectFile, JSON.stringify({
    source: { directories: [data] }, tables: TABLES,
    mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] },
    target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
    staging: { s3: { bucket: BUCKET, prefix: name, endpoint: s3.endpoint }, fileSizeMB: 0.2 },
    splitSizeMB: 0.02, workspace: `work-${name}`, ...change,
  }));
  const { id } = await server.api<TaskStatus>('POST', '/tasks', { projectFile, nowSeconds: DEMO_NOW });
  await server.api('POST', `/tasks/${id}/start`);
  return id;
}

async function expectDone(id: string): Promise<void> {
  const status = await server.reached(id, isOver);
  expect(status.failure).toBeUndefined();
  expect(status.state).toBe('done');
  expect(status.tables.map(({ isEqual }) => isEqual)).toEqual(TABLES.map(() => true));
  expect(status.totals.committedSplits).toBe(status.totals.splits);
  expect(status.totals.attempts).toBeGreaterThan(status.totals.splits);
}

async function expectRightTables(name: string): Promise<void> {
  const client = dynamodbClient(dynamodb.endpoint);
  for (const table of TABLES) expect([table, ...await tableDifferences(client, `${name}-${table}`, table, join(scratch, `work-${name}`))]).toEqual([table]);
  client.destroy();
}

test('an agent that hangs loses its work; what it writes when it comes to changes nothing', async () => {
  const id = await startTask('late', { loader: 'direct' });
  await server.reached(id, ({ totals }) => totals.committedSplits >= 5);
  expect(withPassword.output).toContain('job started');
  withPassword.child.kill('SIGSTOP');
  await expectDone(id);
  const { totals } = await server.task(id);
  withPassword.child.kill('SIGCONT');
  // It writes what it held, and its leases end.
  await sleep(2 * LEASE_SECONDS * 1_000);
  expect((await server.task(id)).totals).toEqual(totals);
  await expectRightTables('late');
  expect((await command('agent', 'list', ...asking())).match(/healthy/g)).toHaveLength(3);
});

test('a file that comes to S3 after its split went to the other agent is nobody\'s', async () => {
  const late = await LateProxy.before(s3.endpoint, 5);
  const id = await startTask('late-file', { staging: { s3: { bucket: BUCKET, prefix: 'late-file', endpoint: late.endpoint }, fileSizeMB: 0.2 } });
  const path = await late.held;
  const [, name, jobId] = /([^/]+\/(extract-\d+)-1-[^/]+)$/.exec(path.split('?')[0]!)!;
  const owner = [withPassword, withCertificate].find(({ output }) => output.includes(`"taskId":"${path.split('/')[3]}","jobId":"${jobId}"`))!;
  owner.child.kill('SIGSTOP');
  await expectDone(id);
  const { totals } = await server.task(id);
  expect(await late.letGo()).toBe(200);
  const client = s3Client(s3.endpoint);
  const lateLines = (): Promise<string[]> => stagedLines(client, BUCKET, 'late-file/', new Set([name!]));
  expect(await lateLines()).not.toEqual([]);
  owner.child.kill('SIGCONT');
  await sleep(2 * LEASE_SECONDS * 1_000);
  late.close();

  const committed = committedFiles(join(scratch, 'work-late-file'));
  expect(committed.has(name!)).toBe(false);
  // Its owner has seen that its lease is over, and took it away.
  expect(await lateLines()).toEqual([]);
  expect(await countStagedLines(client, BUCKET, 'late-file/', committed)).toEqual({ lines: totals.loadedItems, doubled: 0 });
  client.destroy();
  expect((await server.task(id)).totals).toEqual(totals);
  await expectRightTables('late-file');
});

test('the work of an agent that is killed goes to the other, and the tables are right', async () => {
  const id = await startTask('killed', {});
  await server.reached(id, ({ totals }) => totals.committedSplits >= 5);
  for (const agent of [withPassword, withCertificate]) expect(agent.output).toContain('job started');
  expect(await withPassword.end('SIGKILL')).toBe('SIGKILL');
  await expectDone(id);
  await expectRightTables('killed');
  expect(await command('agent', 'list', ...asking())).toMatch(/guarded +unreachable/);
});

test('no password is in a log, a report, an answer, the engine\'s state, an argument or a file but its own', async () => {
  printed += JSON.stringify(await Promise.all(['/tasks', '/agents', '/server'].map((path) => server.api('GET', path))));
  const basic = Buffer.from(`aeneas:${servicePassword}`).toString('base64');
  const ownFiles = new Set([storePasswordFile, servicePasswordFile]);
  const places = new Map([
    ['what commands printed and the API answered', printed], ['log of the certified agent', withCertificate.output], ['log of the guarded agent', withPassword.output],
    ...readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => [[`arguments of ${name}`, contentOf(`/proc/${name}/cmdline`)]] as const),
    ...filesUnder(scratch).filter((file) => !ownFiles.has(file)).map((file) => [file, contentOf(file)] as const),
  ]);
  expect([...places.keys()].filter((place) => place.includes('/server/engine')).length).toBeGreaterThan(3);
  expect([...places].filter(([, text]) => [servicePassword, storePassword, basic].some((secret) => text.includes(secret))).map(([place]) => place)).toEqual([]);
});

function filesUnder(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name)).filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
}

/** Processes and files of the engine come and go. */
function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
