// One table from its SSTables into DynamoDB, step by step. Every step looks at the ledger first, so a run that follows a crash passes
// through what is done and takes up what is not.

import { join } from 'node:path';
import { faultPoint } from '@aeneas/agent';
import type { ItemDestination, Job, JobEvent, LoadFile, PlanResult, TableSource } from '@aeneas/agent';
import type { PreparedTable } from '@aeneas/dynamodb';
import type { Attempt, SplitRecord } from './ledger.ts';
import type { TableTask } from './pinning.ts';
import type { Project } from './project.ts';
import { runAll } from './run-all.ts';
import { awsOf, folderOf, targetOf } from './table-work.ts';
import type { MigrationContext, TableWork } from './table-work.ts';
import { validateTable } from './validation.ts';
import type { ValidationResult } from './validation.ts';

const BYTES_PER_MB = 1024 * 1024;
/** Files that one load job reads in turn, so that one partition's items do not come in a row. */
const FILES_PER_LOAD = 8;

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
  if (project.validation === 'full' && (project.loader !== 's3-import' || await isImported(work))) {
    progress.enter('validate');
    await validate(work);
  }
  progress.enter('done');
}

async function prepareTarget({ context: { ledger, pool, project }, task, source }: TableWork): Promise<void> {
  if (task.record.prepared !== undefined) return;
  const prepared = await pool.run<PreparedTable>(prepareJob(project, source), () => {});
  faultPoint('table-prepared');
  ledger.setPrepared(task.record.id, JSON.stringify(prepared));
}

/** The job that makes the target table. */
export function prepareJob(project: Project, source: TableSource): Job {
  const { preparation, dropPopulated, endpoint } = project.target;
  return {
    kind: 'prepare', source, aws: awsOf(project),
    // Tables of AWS take seconds to be there, others hardly any time.
    options: { existing: preparation === 'drop-tables' ? 'drop' : 'keep', dropPopulated, ...(endpoint === undefined ? {} : { pollMillis: 100 }) },
  };
}

/** The import is the user's to start: a run after it finds the table and compares it. */
function isImported({ context: { pool, project }, source }: TableWork): Promise<boolean> {
  return pool.run<boolean>({ kind: 'exists', source, aws: awsOf(project) }, () => {});
}

async function planSplits({ context: { ledger, project, pool }, task, source }: TableWork): Promise<void> {
  if (task.record.isPlanned) return;
  const planned = task.dataFiles.length === 0 ? undefined
    : await pool.run<PlanResult>({ kind: 'plan', source, splitBytes: project.splitSizeMB * BYTES_PER_MB, workers: pool.size }, () => {});
  ledger.plan(task.record.id, planned?.ranges ?? []);
  faultPoint('splits-planned');
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
      rejectedFile: join(workspace.rejectedFolder, `${folderOf(task.table)}-${attempt.splitId}-${attempt.epoch}.jsonl`),
    }, hear);
  } catch (error) {
    ledger.fail(attempt, (error as Error).message);
    throw error;
  }
}

function destinationOf(context: MigrationContext, task: TableTask, attempt: Attempt): ItemDestination {
  const { project, staging, pool } = context;
  if (project.loader === 'direct') return { kind: 'table', target: targetOf(context, pool.size) };
  const { compression, fileSizeMB } = project.staging;
  return { kind: 'files', staging, namePrefix: `${folderOf(task.table)}/${attempt.splitId}-${attempt.epoch}`, compression, fileBytes: Math.ceil(fileSizeMB * BYTES_PER_MB) };
}

/** Takes away what attempts left behind that did not commit it: an import from S3 would read everything under the table's prefix. */
async function sweepStaging({ context: { ledger, pool, project, staging }, task }: TableWork): Promise<void> {
  if (project.loader === 'direct') return;
  const keep = ledger.committedFiles(task.record.id).map((file) => file.name);
  await pool.run({ kind: 'sweep', staging, under: folderOf(task.table), keep }, () => {});
  faultPoint('orphans-swept');
}

async function load(work: TableWork): Promise<void> {
  const { context, task, source, progress } = work;
  const { ledger, pool, project, staging } = context;
  const files = ledger.committedFiles(task.record.id);
  const items = files.reduce((sum, file) => sum + file.items, 0);
  const done = files.reduce((sum, file) => sum + file.loadedItems, 0);
  progress.add({ phaseFraction: done / Math.max(1, items) });
  const groups = groupsOf(files.filter((file) => file.loadedItems < file.items));
  await runAll(groups, pool.size, async (group) => {
    await pool.run({
      kind: 'load', source, staging, compression: project.staging.compression, files: group, target: targetOf(context, Math.min(groups.length, pool.size)),
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

/** Groups of files that lie far apart in the table. */
function groupsOf(files: readonly LoadFile[]): LoadFile[][] {
  const count = Math.ceil(files.length / FILES_PER_LOAD);
  return Array.from({ length: count }, (_, i) => files.filter((_file, index) => index % count === i));
}

async function validate(work: TableWork): Promise<void> {
  const { context: { ledger }, task } = work;
  // What differed may have been put right since.
  if (task.record.validation !== undefined && (JSON.parse(task.record.validation) as ValidationResult).isEqual) return;
  ledger.setValidation(task.record.id, JSON.stringify(await validateTable(work)));
  faultPoint('validation-recorded');
}
