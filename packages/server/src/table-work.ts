// What the steps of a table's migration work with.

import type { AwsSettings, StagingSettings, TableSource, TargetTable, WorkerPool } from '@aeneas/agent';
import type { Mapping } from '@aeneas/dynamodb';
import { serverError } from './errors.ts';
import type { Ledger, MigrationRecord } from './ledger.ts';
import type { TableTask } from './pinning.ts';
import type { TableProgress } from './progress.ts';
import type { Project } from './project.ts';
import type { Workspace } from './workspace.ts';

/** What all tables of a migration share. */
export interface MigrationContext {
  readonly project: Project;
  readonly mapping: Mapping;
  readonly migration: MigrationRecord;
  readonly workspace: Workspace;
  readonly ledger: Ledger;
  readonly pool: WorkerPool;
  readonly staging: StagingSettings;
}

/** A table's task with the settings that its jobs get. */
export interface TableWork {
  readonly context: MigrationContext;
  readonly task: TableTask;
  readonly source: TableSource;
  readonly progress: TableProgress;
}

/** The target for a job that is one of `jobs` to write it at the same time. */
export function targetOf({ project }: MigrationContext, jobs: number): TargetTable {
  const ceiling = project.writeCapacityUnits;
  return { aws: awsOf(project), giveUpSeconds: project.giveUpSeconds, writeUnitsPerSecond: ceiling === undefined ? undefined : Math.max(1, ceiling / jobs) };
}

/** Throws AWS_KEYS_MISSING. */
export function awsOf({ target, access }: Project): AwsSettings {
  if (target.awsServiceProfile !== undefined && access === undefined) throw serverError('AWS_PROFILE_UNKNOWN', `The AWS service profile "${target.awsServiceProfile}" was not looked up`);
  return { region: target.region, endpoint: target.endpoint, profile: access?.profile ?? target.profile, credentials: access?.credentials?.() };
}

/** Name of a table in paths and object keys. CQL names are word characters. */
export function folderOf({ keyspace, name }: { readonly keyspace: string; readonly name: string }): string {
  return `${keyspace}.${name}`;
}
