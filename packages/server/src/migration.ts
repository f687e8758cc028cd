// The story of a migration, as `aeneas migrate` runs it: in one process, with threads for the work.

import { join } from 'node:path';
import { defaultWorkers, WorkerPool } from '@aeneas/agent';
import type { Job, StagingSettings, SurveyResult } from '@aeneas/agent';
import { CodedError, qualifiedName } from '@aeneas/cassandra';
import { checkMapping, DEFAULT_MAPPING } from '@aeneas/dynamodb';
import type { Mapping } from '@aeneas/dynamodb';
import { withoutPairs } from './mapping/pair.ts';
import { checkSchemas, pinMigration } from './pinning.ts';
import type { TableTask } from './pinning.ts';
import { Progress } from './progress.ts';
import type { MigrationListener } from './progress.ts';
import { encryptsData } from './project.ts';
import type { Project } from './project.ts';
import { makeReport } from './report.ts';
import type { MigrationReport, TableFailure } from './report.ts';
import { runAll } from './run-all.ts';
import { surveyJob } from './source.ts';
import { migrateTable } from './table-migration.ts';
import { awsOf, folderOf } from './table-work.ts';
import type { MigrationContext } from './table-work.ts';
import type { ValidationResult } from './validation.ts';
import { clearWorkspace, openWorkspace } from './workspace.ts';
import type { Workspace } from './workspace.ts';

/** Tables at work at the same time: one can load while another is extracted, and a big one does not hold up the small ones. */
const TABLES_AT_ONCE = 4;

/** Errors that speak of one table: the others go on. Anything else (disk, network, credentials, a bug) ends the run for all. */
const ERROR_OF_ONE_TABLE = /^(?:SSTABLE_|SCHEMA_|TABLE_|VALUE_|TARGET_TABLE_|TARGET_REFUSED$|FILE_UNREADABLE$)/;

export interface MigrateOptions {
  /** The moment at which TTLs are judged; default: the clock, when the migration begins. */
  readonly nowSeconds?: number | undefined;
  /** Forget the progress of an earlier run. */
  readonly isRestart?: boolean | undefined;
  /** Aborted to stop soon and in order: then `migrate` throws JOB_STOPPED. */
  readonly signal?: AbortSignal | undefined;
  readonly listener?: MigrationListener | undefined;
}

/**
 * Runs a project to its end, or continues it where an earlier run stopped. Throws coded errors; what is acknowledged stays, and the same
 * call continues. Tables that fail alone are in the report.
 */
export async function migrate(project: Project, options: MigrateOptions = {}): Promise<MigrationReport> {
  const mapping = mappingOf(project);
  const workspace = await openWorkspace(project.workspace, options.isRestart === true);
  const pool = new WorkerPool(project.workers ?? defaultWorkers());
  const stop = (): void => void pool.stop();
  options.signal?.addEventListener('abort', stop);
  try {
    const { ledger } = workspace;
    if (options.isRestart === true) await forget(project, workspace, (job) => pool.run(job, () => {}));
    if (ledger.migration() !== undefined) await pool.run({ kind: 'check', pins: ledger.inputs(), trustTimes: true }, () => {});
    const survey = await pool.run<SurveyResult>(await surveyJob(project), () => {});
    const { migration, tasks, isResumed } = await pinMigration(project, mapping, ledger, options.nowSeconds, async () => survey);
    checkSchemas(project, ledger, survey.tables);

    const progress = new Progress(options.listener ?? (() => {}));
    progress.note(isResumed ? `Continuing migration ${migration.id}` : `Beginning migration ${migration.id}`);
    const context = { project, mapping, migration, workspace, ledger, pool, staging: stagingOf(project, workspace, migration.id) };
    if (isResumed && tasks.every((task) => isFinished(project, task))) progress.note('Nothing is left to do; --restart would begin anew.');
    const failures = await migrateTables(context, tasks, progress);
    return await makeReport(context, tasks, failures, progress.totals());
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await pool.stop();
    workspace.ledger.close();
  }
}

async function migrateTables(context: MigrationContext, tasks: readonly TableTask[], progress: Progress): Promise<TableFailure[]> {
  const { project, migration, mapping } = context;
  const failures: TableFailure[] = [];
  const works = tasks.map((task) => ({
    context, task, progress: progress.addTable(task.record, task.sizeBytes),
    source: { table: task.table, dataFiles: task.dataFiles, nowSeconds: migration.nowSeconds, mapping },
  }));
  // With a ceiling of write capacity a table must know its share, so they come one by one.
  await runAll(works, project.writeCapacityUnits === undefined ? TABLES_AT_ONCE : 1, async (work) => {
    try {
      await migrateTable(work);
    } catch (error) {
      if (!(error instanceof CodedError) || !ERROR_OF_ONE_TABLE.test(error.code)) {
        // The others would meet the same, or work on for hours before anybody hears of it.
        void context.pool.stop();
        throw error;
      }
      failures.push({ table: qualifiedName(work.task.table), code: error.code, message: error.message, remedy: error.remedy });
      work.progress.fail(error);
    }
  });
  progress.flush();
  return failures;
}

function isFinished({ loader, validation }: Project, { record }: TableTask): boolean {
  return loader !== 's3-import' && validation === 'full' && record.validation !== undefined && (JSON.parse(record.validation) as ValidationResult).isEqual;
}

export function mappingOf(project: Pick<Project, 'mapping'>): Mapping {
  return project.mapping === undefined ? DEFAULT_MAPPING : withoutPairs(checkMapping(project.mapping.content, project.mapping.path));
}

/** Everything that a migration did goes, its staged files first: without the ledger nobody would know them. Asks nothing of its source. */
export async function forget(project: Project, { ledger, ...workspace }: Workspace, run: (job: Job) => Promise<unknown>): Promise<void> {
  const begun = ledger.migration();
  if (begun === undefined) return;
  const staging = stagingOf(project, workspace, begun.id);
  for (const task of ledger.tasks()) await run({ kind: 'sweep', staging, under: folderOf(task), keep: [] });
  await clearWorkspace(workspace);
  ledger.forget();
}

export function stagingOf(project: Project, workspace: Omit<Workspace, 'ledger'>, migrationId: string): StagingSettings {
  const { target, staging: { s3, folder } } = project;
  if (s3 === undefined) return { kind: 'folder', folder: join(folder ?? join(workspace.folder, 'staging'), migrationId) };
  const { profile, credentials } = s3.profile === undefined ? awsOf(project) : { profile: s3.profile };
  return {
    kind: 's3', bucket: s3.bucket, prefix: join(s3.prefix, migrationId), region: s3.region ?? target.region, endpoint: s3.endpoint,
    profile, credentials, kmsKey: s3.kmsKey, ...(encryptsData(s3) ? { isEncrypted: true } : {}), spool: workspace.spoolFolder,
    ...(s3.deleteLocalFiles ? {} : { keepIn: join(workspace.folder, 'extracted', migrationId) }),
  };
}
