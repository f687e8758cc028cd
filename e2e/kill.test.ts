// kill -9 of `aeneas migrate` at forty seeded points (a hundred with AENEAS_LARGE=1), by name (between any two effects) and by time, each followed by the same
// command; what comes of it must equal what the Cassandra node answered, by the product's validation and by the tests' own decoder.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULT_POINTS } from '@aeneas/agent';
import type { FaultPoint } from '@aeneas/agent';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { ROOT } from './aeneas-process.ts';
import { DEMO_NOW, dropTable, dynamodbClient, s3Client, stagedLines, tableDifferences } from './migrated-tables.ts';
import { randomOf } from './random.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

/** Five kills each. Six seeds meet every named point with files, and two of eight write without. */
const SEEDS = Array.from({ length: process.env['AENEAS_LARGE'] !== undefined ? 20 : 8 }, (_, i) => i + 1);
/** Rejected rows, and static items. */
const TABLES = ['shop.customers', 'shop.product_reviews'];
/** Points that only files have. */
const OF_FILES = new Set<FaultPoint>(['file-written', 'file-uploading', 'file-staged', 'orphans-swept', 'load-recorded']);
const BUCKET = 'kill-test';
/** Rows that DynamoDB cannot hold make a migration end with 1. */
const EXPECTED_EXIT = 1;

let dynamodb: StandIn;
let s3: StandIn;
let data: string;
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-kill-'));
beforeAll(async () => {
  [dynamodb, s3, data] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3'), unpackedDemo()]);
  const client = s3Client(s3.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  client.destroy();
});
afterAll(async () => {
  await Promise.all([dynamodb.stop(), s3.stop()]);
  rmSync(scratch, { recursive: true });
});

interface Project {
  readonly path: string;
  readonly name: string;
  readonly workspace: string;
}

/** A project with tables of its own. Small files and splits, so that there is much to be interrupted; every third one writes without files. */
function makeProject(name: string, seed: number): Project {
  const workspace = join(scratch, name);
  const path = join(scratch, `${name}.yaml`);
  writeFileSync(path, JSON.stringify({
    source: { directories: [data] },
    tables: TABLES,
    mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] },
    target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
    staging: { s3: { bucket: BUCKET, prefix: name, endpoint: s3.endpoint }, fileSizeMB: 0.05 },
    loader: seed % 3 === 0 ? 'direct' : 'built-in',
    splitSizeMB: 0.05,
    workers: 1 + (seed % 2),
    workspace,
  }));
  return { path, name, workspace };
}

type Kill = { readonly point: FaultPoint; readonly passage: number } | { readonly afterMillis: number };

/** Runs the command; resolves to its exit code, or undefined when it was killed. */
async function run(project: Project, kill?: Kill): Promise<{ readonly exitCode: number | undefined; readonly stderr: string }> {
  const child = spawn(join(ROOT, 'node_modules/.bin/aeneas'), ['migrate', project.path, '--now', String(DEMO_NOW)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`, ...(kill !== undefined && 'point' in kill ? { AENEAS_KILL_AT: `${kill.point}:${kill.passage}` } : {}) },
  });
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString();
  });
  const timer = kill !== undefined && 'afterMillis' in kill ? setTimeout(() => child.kill('SIGKILL'), kill.afterMillis) : undefined;
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, name) => resolve(name)));
  clearTimeout(timer);
  return { exitCode: signal === 'SIGKILL' ? undefined : child.exitCode ?? -1, stderr };
}

/** Everything that must hold of a migration that has ended, whatever happened before. */
async function verify(project: Project, hasFiles: boolean): Promise<void> {
  const report = JSON.parse(readFileSync(join(project.workspace, 'report.json'), 'utf8')) as { tables: { table: string; rows: number; items: number; rejectedRows: number; validation: { isEqual: boolean } }[] };
  const counts = JSON.parse(readFileSync(join(ROOT, 'fixtures/demo/expected-counts.json'), 'utf8')) as { tables: Record<string, { rows: number; rejected: number }> };
  const client = dynamodbClient(dynamodb.endpoint);
  for (const table of TABLES) {
    const said = report.tables.find((one) => one.table === table)!;
    expect(said).toMatchObject({ rows: counts.tables[table]!.rows, rejectedRows: counts.tables[table]!.rejected, validation: { isEqual: true } });
    const target = `${project.name}-${table}`;
    expect(await tableDifferences(client, target, table, project.workspace)).toEqual([]);
    await dropTable(client, target);
  }
  client.destroy();
  if (!hasFiles) return;
  const staging = s3Client(s3.endpoint);
  const items = report.tables.reduce((sum, table) => sum + table.items, 0);
  const lines = await stagedLines(staging, BUCKET, `${project.name}/`);
  expect({ lines: lines.length, distinct: new Set(lines).size }).toEqual({ lines: items, distinct: items });
  staging.destroy();
}

const met = new Set<FaultPoint>();

/** The kills of a seed: three at named points, in the order in which a migration passes them, so over all seeds each point comes; two at any moment. */
function killsOf(seed: number, random: () => number, points: readonly FaultPoint[]): Kill[] {
  // Consecutive seeds take neighbours, a third of the list apart from each other: six seeds meet all of them.
  const named = [0, 1, 2].map((i) => (seed - Math.floor(seed / 3) + i * 6) % points.length).sort((a, b) => a - b).map((i) => ({ point: points[i]!, passage: 1 + Math.floor(random() * 3) }));
  const timed = [0, 1].map(() => ({ afterMillis: 150 + random() * 2000 }));
  return [named[0]!, timed[0]!, named[1]!, timed[1]!, named[2]!];
}

test.each(SEEDS)('seed %i', async (seed) => {
  const hasFiles = seed % 3 !== 0;
  const kills = killsOf(seed, randomOf(seed), FAULT_POINTS.filter((point) => hasFiles || !OF_FILES.has(point)));
  for (let round = 0; ; round++) {
    const project = makeProject(`s${seed}r${round}`, seed);
    for (;;) {
      const [kill] = kills;
      const { exitCode, stderr } = await run(project, kill);
      if (exitCode === undefined) {
        if ('point' in kill!) met.add(kill.point);
        kills.shift();
        continue;
      }
      expect({ exitCode, stderr: stderr.replace(/^(?:(?:Beginning|Continuing) migration|Nothing is left to do;) .*\n/gm, '') }).toEqual({ exitCode: EXPECTED_EXIT, stderr: '' });
      // It came to its end before the kill: a new migration passes every point at least once.
      if (kill !== undefined) kills[0] = 'point' in kill ? { ...kill, passage: 1 } : { afterMillis: kill.afterMillis / 2 };
      break;
    }
    await verify(project, hasFiles);
    if (kills.length === 0) return;
  }
}, 180_000);

test('every named point was met', () => {
  expect(FAULT_POINTS.filter((point) => !met.has(point))).toEqual([]);
});
