// `aeneas demo`: sample data of a real Cassandra node -> files -> a local S3 -> a local DynamoDB -> validation. A task like any other, on a
// server with its engine and an agent; only that the services of AWS are stand-ins on this machine and that the outcome is known beforehand.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskStatus } from '@aeneas/protocol';
import { createBucket, readProject, reportText } from '@aeneas/server';
import type { MigrationReport, Project } from '@aeneas/server';
import { CodedError } from '@aeneas/cassandra';
import { extract } from 'tar';
import { stringify } from 'yaml';
import { cliError } from '../errors.ts';
import { DONE, FINISHED_WITH_FINDINGS } from '../exit.ts';
import { count } from '../progress.ts';
import { askServer } from '../server-client.ts';
import { startStandIn } from '../stand-ins/start.ts';
import { startDemoLine } from './demo-line.ts';
import type { DemoLine } from './demo-line.ts';
import { stopOnSignal } from './migrate.ts';
import { followTask } from './task.ts';

const SAMPLE = fileURLToPath(new URL('../../../../fixtures/demo/', import.meta.url));
const BUCKET = 'aeneas-demo';
const DATA = 'cassandra-data';
const REGION = 'us-east-1';

export interface DemoFlags {
  readonly headless?: boolean;
  readonly json?: boolean;
}

/** What the node itself counted, and how many rows the sample holds that DynamoDB cannot. */
interface Expected {
  readonly countedAtMillis: number;
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly rejected: number }>>;
}

/** Runs the demo; 0 when everything came out as it must, rejected rows included. */
export async function demo(flags: DemoFlags): Promise<number> {
  const expected = await readExpected();
  const folder = await mkdtemp(join(tmpdir(), 'aeneas-demo-'));
  let line: DemoLine | undefined;
  const services = await Promise.all([startStandIn('s3'), startStandIn('dynamodb')]);
  try {
    const [s3, dynamodb] = services.map((service) => service.endpoint);
    const project = await prepareProject(folder, s3, dynamodb);
    line = await startDemoLine(folder, join(folder, DATA));
    say(flags, `Aeneas demo: sample data of a Cassandra 3.11.2 node -> agent (${line.agentUrl}) -> S3 (${s3}) -> DynamoDB (${dynamodb}), in ${folder}`);
    const id = await startTask(line, project, Math.floor(expected.countedAtMillis / 1000));
    say(flags, `Live page: ${line.url}/tasks/${id}`);
    const status = await followTask(id, line.url, flags.json === true ? (one) => printJson({ type: 'status', status: one }) : undefined);
    const report = await readReport(project, status);
    if (flags.json === true) printJson({ type: 'report', ...report });
    say(flags, `\n${reportText(report, { lasts: flags.headless !== true })}`);
    const surprises = compare(report, expected);
    say(flags, verdict(surprises, expected));
    if (flags.headless !== true) await waitForInterrupt(dynamodb, s3, line.url);
    return surprises.length === 0 ? DONE : FINISHED_WITH_FINDINGS;
  } finally {
    await line?.stop();
    await Promise.all(services.map((service) => service.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function readExpected(): Promise<Expected> {
  const path = join(SAMPLE, 'expected-counts.json');
  if (!existsSync(path)) throw cliError('DEMO_DATA_MISSING', 'The sample data is not there', { file: path });
  return JSON.parse(await readFile(path, 'utf8')) as Expected;
}

async function prepareProject(folder: string, s3: string, dynamodb: string): Promise<Project> {
  const data = join(folder, DATA);
  await mkdir(data);
  await extract({ file: join(SAMPLE, 'cassandra-data.tar.gz'), cwd: data });
  await createBucket({ endpoint: s3, region: REGION }, BUCKET);
  const path = join(folder, 'demo.yaml');
  await writeFile(path, stringify({
    source: { directories: [DATA] },
    target: { region: REGION, endpoint: dynamodb },
    staging: { s3: { bucket: BUCKET, endpoint: s3 }, fileSizeMB: 4 },
    splitSizeMB: 2,
  }));
  return readProject(path);
}

async function startTask({ url }: DemoLine, { path }: Project, nowSeconds: number): Promise<string> {
  const { id } = await askServer(url, (api) => api.tasks.create({ projectFile: path, nowSeconds }));
  await askServer(url, (api) => api.tasks.start({ id }));
  return id;
}

/** The report is there once the task has ended; a task that could not even begin has none. */
async function readReport({ workspace }: Project, { failure }: TaskStatus): Promise<MigrationReport> {
  if (failure !== undefined) throw new CodedError(failure.code, failure.remedy, failure.message);
  return JSON.parse(await readFile(join(workspace, 'report.json'), 'utf8')) as MigrationReport;
}

/** What came out otherwise than the node counted: an empty list is a success. */
function compare(report: MigrationReport, expected: Expected): string[] {
  const surprises = report.failures.map((failure) => `${failure.table} failed: ${failure.code}`);
  for (const [name, { rows, rejected }] of Object.entries(expected.tables)) {
    const table = report.tables.find((one) => one.table === name);
    if (table === undefined) surprises.push(`${name} was not migrated`);
    else if (table.rows !== rows) surprises.push(`${name} has ${table.rows} rows, Cassandra counted ${rows}`);
    else if (table.rejectedRows !== rejected) surprises.push(`${name} has ${table.rejectedRows} rejected rows, ${rejected} were expected`);
    else if (table.validation?.isEqual !== true) surprises.push(`${name} is not equal to its source`);
  }
  return surprises;
}

function verdict(surprises: readonly string[], expected: Expected): string {
  if (surprises.length > 0) return `The demo did NOT come out as it must:\n${surprises.map((surprise) => `  ${surprise}\n`).join('')}`;
  const tables = Object.values(expected.tables);
  const sum = (of: 'rows' | 'rejected'): number => tables.reduce((total, table) => total + table[of], 0);
  return `As expected: ${count(sum('rows'))} rows in ${tables.length} tables, as many as the Cassandra node itself counted; every item was read back and is equal; and\n`
    + `exactly the ${sum('rejected')} rows that the sample holds on purpose to show it were rejected, since DynamoDB cannot store them.\n`;
}

async function waitForInterrupt(dynamodb: string, s3: string, page: string): Promise<void> {
  const { signal, dispose } = stopOnSignal(() => {});
  process.stdout.write(`The page stays open at ${page}, and so do the local services: DynamoDB at ${dynamodb}, S3 at ${s3} (bucket ${BUCKET}). Without the aws command:\n`
    + `  curl -s ${dynamodb} --aws-sigv4 aws:amz:${REGION}:dynamodb -u local:local -H 'Content-Type: application/x-amz-json-1.0' \\\n`
    + `    -H 'X-Amz-Target: DynamoDB_20120810.Scan' -d '{"TableName":"shop.orders","Limit":3}'\n`
    + 'Ctrl-C ends the demo.\n');
  const alive = setInterval(() => {}, 60_000);
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(alive);
  dispose();
}

function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function say(flags: DemoFlags, text: string): void {
  (flags.json === true ? process.stderr : process.stdout).write(`${text}\n`);
}
