// The beginning of a migration, and of every later run of it: what it depends on is pinned once, and must be the same ever after.

import { createHash, randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { faultPoint } from '@aeneas/agent';
import { localFiles, qualifiedName } from '@aeneas/cassandra';
import type { LoadedTable, TableMetadata } from '@aeneas/cassandra';
import type { Mapping, TablePlan } from '@aeneas/dynamodb';
import { planTables } from '@aeneas/dynamodb';
import { serverError } from './errors.ts';
import { checkInputs, pinInputs } from './inputs.ts';
import type { Ledger, MigrationRecord, TaskRecord } from './ledger.ts';
import type { Project } from './project.ts';

/** One table of the migration with all that its work needs. */
export interface TableTask {
  readonly record: TaskRecord;
  readonly table: TableMetadata;
  readonly plan: TablePlan;
  /** The pinned Data.db files. */
  readonly dataFiles: readonly string[];
  /** Of all pinned files. */
  readonly sizeBytes: number;
}

export interface PinnedMigration {
  readonly migration: MigrationRecord;
  readonly isResumed: boolean;
  readonly tasks: readonly TableTask[];
}

/** Begins the migration, or continues it if nothing changed. Throws PROJECT_CHANGED, INPUT_CHANGED, MAPPING_* and errors of the files. */
export async function pinMigration(project: Project, mapping: Mapping, tables: readonly LoadedTable[], ledger: Ledger, nowSeconds: number | undefined): Promise<PinnedMigration> {
  const plans = planTables(tables.map(({ table }) => table), mapping);
  const begun = ledger.migration();
  if (begun === undefined) await begin(project, mapping, tables, plans, ledger, nowSeconds);
  else await checkUnchanged(begun, project, mapping, tables, ledger, nowSeconds);
  faultPoint('inputs-pinned');

  const byName = new Map(tables.map(({ table }, i) => [qualifiedName(table), { table, plan: plans[i] }]));
  return {
    migration: ledger.migration()!,
    isResumed: begun !== undefined,
    tasks: ledger.tasks().map((record) => ({ record, ...byName.get(qualifiedName(record))!, ...ledger.pinnedFiles(record.id) })),
  };
}

async function begin(project: Project, mapping: Mapping, tables: readonly LoadedTable[], plans: readonly TablePlan[], ledger: Ledger, nowSeconds: number | undefined): Promise<void> {
  const nowMillis = Date.now();
  const migration = {
    id: `${new Date(nowMillis).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}-${randomBytes(3).toString('hex')}`,
    createdMillis: nowMillis, nowSeconds: nowSeconds ?? Math.floor(nowMillis / 1000), identity: JSON.stringify(identityOf(project, mapping)),
  };
  const tasks = [];
  for (const [i, { table, dataFiles }] of tables.entries()) {
    const paths = [];
    for (const dataFile of dataFiles) paths.push(...await componentsOf(dataFile));
    tasks.push({ keyspace: table.keyspace, name: table.name, target: plans[i].targetName, identity: hashOf(table), inputs: await pinInputs(paths) });
  }
  ledger.begin(migration, tasks);
}

/** The components that are read. */
const COMPONENT = /^(?:(?:Data|Index|Statistics|CompressionInfo|Summary|CRC|Partitions|Rows)\.db|TOC\.txt|Digest\.[a-z0-9]+)$/;

/** The files of an SSTable that are there. */
async function componentsOf(dataFile: string): Promise<string[]> {
  const folder = dirname(dataFile);
  const prefix = dataFile.slice(folder.length + 1, -'Data.db'.length);
  return (await localFiles.list(folder)).filter((entry) => !entry.isDirectory && entry.name.startsWith(prefix) && COMPONENT.test(entry.name.slice(prefix.length))).map((entry) => `${folder}/${entry.name}`);
}

async function checkUnchanged(begun: MigrationRecord, project: Project, mapping: Mapping, tables: readonly LoadedTable[], ledger: Ledger, nowSeconds: number | undefined): Promise<void> {
  const was = JSON.parse(begun.identity) as Record<string, string>;
  const changed = Object.entries(identityOf(project, mapping)).filter(([part, hash]) => was[part] !== hash).map(([part]) => `"${part}"`);
  if (changed.length > 0) throw serverError('PROJECT_CHANGED', `${changed.join(' and ')} changed since this migration began`, { file: project.path });
  if (nowSeconds !== undefined && nowSeconds !== begun.nowSeconds) {
    throw serverError('PROJECT_CHANGED', `This migration began with --now ${begun.nowSeconds}, not ${nowSeconds}`, { file: project.path });
  }
  for (const task of ledger.tasks()) {
    const found = tables.find(({ table }) => table.keyspace === task.keyspace && table.name === task.name);
    if (found === undefined) throw serverError('PROJECT_CHANGED', `${qualifiedName(task)} is no longer in the source`, { file: project.path });
    if (hashOf(found.table) !== task.identity) throw serverError('PROJECT_CHANGED', `The schema of ${qualifiedName(task)} changed since this migration began`, { file: project.path });
  }
  await checkInputs(ledger.inputs());
}

/** What may not change between runs, by the name of its part of the project; how fast and how carefully things are done may. */
function identityOf(project: Project, mapping: Mapping): Record<string, string> {
  const { source, tables, target, staging, loader } = project;
  return {
    source: hashOf(source), tables: hashOf(tables), mapping: hashOf(mapping), loader: hashOf(loader),
    target: hashOf([target.region, target.endpoint]),
    staging: hashOf([staging.folder, staging.s3?.bucket, staging.s3?.prefix, staging.s3?.endpoint, staging.compression]),
  };
}

function hashOf(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
  return createHash('sha256').update(text ?? '').digest('hex').slice(0, 32);
}
