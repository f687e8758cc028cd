// One table from its SSTables into DynamoDB, step by step. Every step looks at the ledger first, so a run that follows a crash passes
// through what is done and takes up what is not.

import { join } from 'node:path';
import { faultPoint } from '@aeneas/agent';
import type { ItemDestination, JobEvent, LoadFile, Staging, StagingSettings, TableSource, TargetTable, WorkerPool } from '@aeneas/agent';
import { localFiles, TableReader } from '@aeneas/cassandra';
import type { Mapping } from '@aeneas/dynamodb';
import type { Attempt, Ledger, MigrationRecord, SplitRecord } from './ledger.ts';
import type { TableTask } from './pinning.ts';
import type { TableProgress } from './progress.ts';
import type { Project } from './project.ts';
import { runAll } from './run-all.ts';
import type { Target } from './target.ts';
import { validateTable } from './validation.ts';
import type { Workspace } from './workspace.ts';

const BYTES_PER_MB = 1024 * 1024;
/** More splits than this are only a burden for the ledger. */
const MAX_SPLITS = 10_000;
/** Files that one load job reads in turn, so that one partition's items do not come in a row. */
const FILES_PER_LOAD = 8;

/** What all tables of a migration share. */
export interface MigrationContext {
  readonly project: Project;
  readonly mapping: Mapping;
  readonly migration: MigrationRecord;
  readonly workspace: Workspace;
  readonly ledger: Ledger;
  readonly pool: WorkerPool;
  readonly staging: Staging;
  readonly stagingSettings: StagingSettings;
  readonly target: Target;
}

/** A table's task with the settings that its jobs get. */
export interface TableWork {
  readonly context: MigrationContext;
  readonly task: TableTask;
  readonly source: TableSource;
  readonly progress: TableProgress;
}

/** The whole way of a table. */
export async function migrateTable(work: TableWork): Promise<void> {
  const { context: { project }, progress } = work;
  progress.enter('prepare');
  if (project.loader !== 's3-import') await prepareTarget(work);
  await planSplits(work);
  progress.enter('extract');
  await extract(work);
  await sweepStaging(work);
  if (project.loader === 'built-in') {
    progress.enter('load');
    await load(work);
  }
  if (project.validation === 'full' && project.loader !== 's3-import') {
    progress.enter('validate');
    await validate(work);
  }
  progress.enter('done');
}

async function prepareTarget({ context: { ledger, target }, task }: TableWork): Promise<void> {
  if (task.record.isPrepared) return;
  await target.prepare(task.plan);
  faultPoint('table-prepared');
  ledger.setPrepared(task.record.id);
}

async function planSplits({ context: { ledger, project, pool }, task }: TableWork): Promise<void> {
  if (task.record.isPlanned) return;
  const reader = await TableReader.open(localFiles, task.table, task.dataFiles);
  ledger.plan(task.record.id, task.dataFiles.length === 0 ? [] : await reader.planRanges(splitCount(reader.dataLength, project.splitSizeMB, pool.size)));
  faultPoint('splits-planned');
}

/** Into how many splits a table is cut. */
export function splitCount(dataBytes: number, splitSizeMB: number, workers: number): number {
  const bySize = Math.ceil(dataBytes / (splitSizeMB * BYTES_PER_MB));
  // A table that is worth the start of a thread gets a split for each.
  const byWorkers = dataBytes > 8 * BYTES_PER_MB ? workers : 1;
  return Math.min(MAX_SPLITS, Math.max(bySize, byWorkers));
}

async function extract(work: TableWork): Promise<void> {
  const { context: { ledger, pool }, task, progress } = work;
  const splits = ledger.splits(task.record.id);
  const open = splits.filter((split) => !split.isCommitted);
  progress.add({ phaseFraction: 1 - open.length / Math.max(1, splits.length) });
  await runAll(open, pool.size, (split) => extractSplit(work, split, splits.length));
}

async function extractSplit({ context, task, source, progress }: TableWork, split: SplitRecord, splits: number): Promise<void> {
  const { ledger, pool, workspace } = context;
  const attempt = ledger.lease(split.id, Date.now());
  faultPoint('attempt-leased');
  let known = 0;
  const hear = (event: JobEvent): void => {
    if (event.type === 'segment') {
      ledger.record(attempt, event.segment);
      faultPoint('checkpoint-recorded');
      if (event.segment.position === undefined) faultPoint('split-committed');
    } else if (event.type === 'progress') {
      progress.add({ rows: event.rows, items: event.items, rejected: event.rejected, phaseFraction: (event.fraction - known) / splits });
      known = event.fraction;
    }
  };
  try {
    await pool.run({
      kind: 'extract', source, range: split.range, after: attempt.after, destination: destinationOf(context, task, attempt),
      rejectedFile: join(workspace.rejectedFolder, `${folderOf(task)}-${attempt.splitId}-${attempt.epoch}.jsonl`),
    }, hear);
  } catch (error) {
    ledger.fail(attempt, (error as Error).message);
    throw error;
  }
}

function destinationOf(context: MigrationContext, task: TableTask, attempt: Attempt): ItemDestination {
  const { project, stagingSettings, pool } = context;
  if (project.loader === 'direct') return { kind: 'table', target: targetOf(context, pool.size) };
  const { compression, fileSizeMB } = project.staging;
  return { kind: 'files', staging: stagingSettings, namePrefix: `${folderOf(task)}/${attempt.splitId}-${attempt.epoch}`, compression, fileBytes: Math.ceil(fileSizeMB * BYTES_PER_MB) };
}

/** Takes away what attempts left behind that did not commit it: an import from S3 would read everything under the table's prefix. */
async function sweepStaging({ context: { ledger, project, staging }, task }: TableWork): Promise<void> {
  if (project.loader === 'direct') return;
  const committed = new Set(ledger.committedFiles(task.record.id).map((file) => file.name));
  const orphans = (await staging.list(folderOf(task))).filter((name) => !committed.has(name));
  await staging.remove(orphans);
  await staging.abandonUploads(folderOf(task));
  faultPoint('orphans-swept');
}

async function load(work: TableWork): Promise<void> {
  const { context, task, source, progress } = work;
  const { ledger, pool, project, stagingSettings } = context;
  const files = ledger.committedFiles(task.record.id);
  const items = files.reduce((sum, file) => sum + file.items, 0);
  const done = files.reduce((sum, file) => sum + file.loadedItems, 0);
  progress.add({ phaseFraction: done / Math.max(1, items) });
  const groups = groupsOf(files.filter((file) => file.loadedItems < file.items), pool.size);
  await runAll(groups, pool.size, async (group) => {
    await pool.run({
      kind: 'load', source, staging: stagingSettings, compression: project.staging.compression, files: group, target: targetOf(context, Math.min(groups.length, pool.size)),
    }, (event) => {
      if (event.type === 'loaded') {
        ledger.recordLoad(event.segmentId, event.items);
        faultPoint('load-recorded');
      } else if (event.type === 'progress') {
        progress.add({ loadedItems: event.items, phaseFraction: event.items / items });
      }
    });
  });
}

/** Groups of files that lie far apart in the table: at least one for each worker. */
function groupsOf(files: readonly LoadFile[], workers: number): LoadFile[][] {
  const count = Math.max(Math.ceil(files.length / FILES_PER_LOAD), Math.min(workers, files.length));
  return Array.from({ length: count }, (_, i) => files.filter((_file, index) => index % count === i));
}

async function validate(work: TableWork): Promise<void> {
  const { context: { ledger }, task } = work;
  if (task.record.validation !== undefined) return;
  ledger.setValidation(task.record.id, JSON.stringify(await validateTable(work)));
  faultPoint('validation-recorded');
}

/** The target for a job that is one of `jobs` to write it at the same time. */
export function targetOf({ project, target }: MigrationContext, jobs: number): TargetTable {
  const ceiling = project.writeCapacityUnits;
  return { aws: target.aws, giveUpSeconds: project.giveUpSeconds, writeUnitsPerSecond: ceiling === undefined ? undefined : Math.max(1, ceiling / jobs) };
}

/** Name of the table in paths and object keys. CQL names are word characters. */
export function folderOf({ table }: TableTask): string {
  return `${table.keyspace}.${table.name}`;
}
