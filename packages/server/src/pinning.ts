// The beginning of a migration, and of every later run of it: what it depends on is pinned once, and must be the same ever after.

import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { faultPoint } from '@aeneas/agent';
import type { SurveyedTable, SurveyResult } from '@aeneas/agent';
import { qualifiedName } from '@aeneas/cassandra';
import type { TableMetadata } from '@aeneas/cassandra';
import type { Mapping, TablePlan } from '@aeneas/dynamodb';
import { planTables } from '@aeneas/dynamodb';
import { tableSchema } from '@aeneas/protocol';
import { serverError } from './errors.ts';
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

/**
 * Begins the migration with what `survey` finds, or continues it with what was pinned then, if the project did not change. A ledger of an
 * older version has no schemas: they are surveyed again. Throws PROJECT_CHANGED, MAPPING_*, and what `survey` throws.
 */
export async function pinMigration(project: Project, mapping: Mapping, ledger: Ledger, nowSeconds: number | undefined, survey: () => Promise<SurveyResult>): Promise<PinnedMigration> {
  const begun = ledger.migration();
  if (begun === undefined) {
    begin(project, mapping, await survey(), ledger, nowSeconds);
  } else {
    checkProject(begun, project, mapping, nowSeconds);
    if (ledger.tasks().some(({ definition }) => definition === undefined)) {
      const { tables } = await survey();
      checkSchemas(project, ledger, tables);
      for (const record of ledger.tasks()) ledger.setDefinition(record.id, definitionOf(tableOf(tables, record)!));
    }
  }
  faultPoint('inputs-pinned');

  const records = ledger.tasks();
  const tables = records.map(({ definition }) => tableSchema.parse(JSON.parse(definition!)) as never);
  const plans = planTables(tables, mapping);
  return {
    migration: ledger.migration()!,
    isResumed: begun !== undefined,
    tasks: records.map((record, i) => ({ record, table: tables[i], plan: plans[i], ...ledger.pinnedFiles(record.id) })),
  };
}

function begin(project: Project, mapping: Mapping, { tables }: SurveyResult, ledger: Ledger, nowSeconds: number | undefined): void {
  const plans = planTables(tables.map(({ table }) => table), mapping);
  const nowMillis = Date.now();
  const migration = {
    id: `${new Date(nowMillis).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}-${randomBytes(3).toString('hex')}`,
    createdMillis: nowMillis, nowSeconds: nowSeconds ?? Math.floor(nowMillis / 1000), identity: JSON.stringify(identityOf(project, mapping)),
  };
  ledger.begin(migration, tables.map(({ table, inputs }, i) => ({
    keyspace: table.keyspace, name: table.name, target: plans[i].targetName, identity: identityOfTable(table), definition: definitionOf(table), inputs,
  })));
}

function checkProject(begun: MigrationRecord, project: Project, mapping: Mapping, nowSeconds: number | undefined): void {
  const was = JSON.parse(begun.identity) as Record<string, string>;
  const changed = Object.entries(identityOf(project, mapping)).filter(([part, hash]) => was[part] !== hash).map(([part]) => `"${part}"`);
  if (changed.length > 0) throw serverError('PROJECT_CHANGED', `${changed.join(' and ')} changed since this migration began`, { file: project.path });
  if (nowSeconds !== undefined && nowSeconds !== begun.nowSeconds) {
    throw serverError('PROJECT_CHANGED', `This migration began with --now ${begun.nowSeconds}, not ${nowSeconds}`, { file: project.path });
  }
}

/** Throws PROJECT_CHANGED when the source has other schemas than those that were pinned. */
export function checkSchemas(project: Project, ledger: Ledger, tables: readonly SurveyedTable[]): void {
  for (const task of ledger.tasks()) {
    const table = tableOf(tables, task);
    if (table === undefined) throw serverError('PROJECT_CHANGED', `${qualifiedName(task)} is no longer in the source`, { file: project.path });
    if (identityOfTable(table) !== task.identity) throw serverError('PROJECT_CHANGED', `The schema of ${qualifiedName(task)} changed since this migration began`, { file: project.path });
  }
}

function tableOf(tables: readonly SurveyedTable[], { keyspace, name }: TaskRecord): TableMetadata | undefined {
  return tables.find(({ table }) => table.keyspace === keyspace && table.name === name)?.table;
}

/** What its rows depend on: not its indexes and views in Cassandra, which may come and go. */
function identityOfTable({ indexes: _indexes, views: _views, ...table }: TableMetadata): string {
  return hashOf(table);
}

function definitionOf(table: TableMetadata): string {
  return JSON.stringify(z.encode(tableSchema, table as never));
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
