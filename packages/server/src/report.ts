// What came of a migration: for people as text, for programs as the same object in report.json.

import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faultPoint, writeError } from '@aeneas/agent';
import type { LostDetail } from '@aeneas/agent';
import { qualifiedName } from '@aeneas/cassandra';
import { costOf, tableDescription } from '@aeneas/dynamodb';
import type { LoadCost, PreparedTable } from '@aeneas/dynamodb';
import type { TableTask } from './pinning.ts';
import type { ProgressTotals } from './progress.ts';
import { gatherRejectedRows } from './rejected-rows.ts';
import type { RejectedKind } from './rejected-rows.ts';
import { folderOf } from './table-work.ts';
import type { MigrationContext } from './table-work.ts';
import type { ValidationResult } from './validation.ts';

export interface TableFailure {
  readonly table: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

export interface TableReport {
  readonly table: string;
  readonly target: string;
  /** Rows as CQL counts them: a partition with only static values is one. */
  readonly rows: number;
  readonly items: number;
  readonly itemBytes: number;
  /** Of all attempts; more than splits means that some were repeated or continued. */
  readonly attempts: number;
  readonly splits: number;
  readonly lost: LostDetail;
  readonly rejectedRows: number;
  readonly rejected: readonly RejectedKind[];
  /** File with all rejected rows, if there are any. */
  readonly rejectedFile: string | undefined;
  readonly validation: ValidationResult | undefined;
  /** What is worth knowing about the target table. */
  readonly notes: readonly string[];
}

export interface MigrationReport {
  readonly project: string;
  readonly migrationId: string;
  readonly nowSeconds: number;
  /** Everything migrated, nothing rejected, nothing different. */
  readonly isClean: boolean;
  readonly tables: readonly TableReport[];
  readonly failures: readonly TableFailure[];
  /** Of this run alone: what earlier runs did is not in its speed. */
  readonly thisRun: ProgressTotals;
  /** What writing these items costs on AWS, by way of loading. */
  readonly cost: LoadCost;
  readonly howToLook: readonly string[];
  /** Commands that start the imports which are still to be made. */
  readonly imports: readonly string[];
  readonly workspace: string;
}

/** What a report is made of. */
type ReportContext = Pick<MigrationContext, 'project' | 'migration' | 'workspace' | 'ledger' | 'staging'>;

/** Gathers the report and writes it to the workspace. */
export async function makeReport(context: ReportContext, tasks: readonly TableTask[], failures: readonly TableFailure[], thisRun: ProgressTotals): Promise<MigrationReport> {
  const { project, migration, workspace } = context;
  const tables: TableReport[] = [];
  for (const task of tasks) {
    if (!failures.some((failure) => failure.table === qualifiedName(task.table))) tables.push(await reportTable(context, task));
  }
  const imports = importCommands(context, tasks.filter(({ table }) => tables.some((one) => one.table === qualifiedName(table) && one.validation === undefined)));
  const report: MigrationReport = {
    project: project.name, migrationId: migration.id, nowSeconds: migration.nowSeconds,
    isClean: failures.length === 0 && tables.every((table) => table.rejectedRows === 0 && table.validation?.isEqual !== false),
    tables, failures, thisRun, workspace: workspace.folder,
    cost: costOf(tasks.map((task) => context.ledger.totals(task.record.id))),
    howToLook: howToLook(context, tasks), imports,
  };
  await writeWhole(workspace.reportPath, `${JSON.stringify(report, null, 2)}\n`);
  faultPoint('report-written');
  return report;
}

async function reportTable({ ledger, workspace }: ReportContext, task: TableTask): Promise<TableReport> {
  const { record } = task;
  const totals = ledger.totals(record.id);
  const rejectedPath = join(workspace.folder, `rejected-${folderOf(task.table)}.jsonl`);
  const { validation, prepared } = ledger.tasks().find((one) => one.id === record.id)!;
  return {
    table: qualifiedName(task.table), target: task.plan.targetName,
    rows: totals.rows, items: totals.items, itemBytes: totals.itemBytes, attempts: totals.attempts, splits: totals.splits, lost: totals.lost, rejectedRows: totals.rejected,
    rejected: totals.rejected === 0 ? [] : await gatherRejectedRows(ledger.rejectedFiles(record.id), rejectedPath),
    rejectedFile: totals.rejected === 0 ? undefined : rejectedPath,
    validation: validation === undefined ? undefined : JSON.parse(validation) as ValidationResult,
    notes: [...task.plan.warnings, ...(prepared === undefined ? [] : notesOf(JSON.parse(prepared) as PreparedTable))],
  };
}

function notesOf({ outcome, hadItems, name, warnings }: PreparedTable): string[] {
  return [...(hadItems && outcome === 'kept' ? [`The table "${name}" held items before`] : []), ...warnings];
}

/** The shell commands that have DynamoDB import the staged files of these tables, with the loader "s3-import". */
function importCommands({ project: { loader, staging: settings, target }, staging }: ReportContext, tasks: readonly TableTask[]): string[] {
  if (loader !== 's3-import' || staging.kind !== 's3') return [];
  return tasks.map(({ plan, table }) => {
    const { Tags: _tags, ...creation } = tableDescription(plan);
    return `aws dynamodb import-table --region ${target.region} --input-format DYNAMODB_JSON --input-compression-type ${settings.compression.toUpperCase()} `
      + `--s3-bucket-source S3Bucket=${staging.bucket},S3KeyPrefix=${staging.prefix}/${folderOf(table)}/ --table-creation-parameters '${JSON.stringify(creation).replaceAll("'", String.raw`'\\''`)}'`;
  });
}

function howToLook({ project: { target } }: ReportContext, tasks: readonly TableTask[]): string[] {
  // A DynamoDB that is not of AWS asks for a key too, whichever.
  const key = target.endpoint === undefined || target.profile !== undefined ? '' : 'AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local ';
  const endpoint = target.endpoint === undefined ? '' : ` --endpoint-url ${target.endpoint}`;
  const profile = target.profile === undefined ? '' : ` --profile ${target.profile}`;
  return tasks.map(({ plan }) => `${key}aws dynamodb scan --table-name ${plan.targetName} --max-items 3 --region ${target.region}${endpoint}${profile}`);
}

async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await writeFile(`${path}.partial`, text);
    await rename(`${path}.partial`, path);
  } catch (error) {
    throw writeError(path, error);
  }
}
