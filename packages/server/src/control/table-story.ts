// The way of a table, step by step, as the control plane goes it. A step is either done by the server itself (`here`) or cut into jobs for
// agents (`plan`, `job`). The ledger knows the step; whoever follows a crash takes it up again, so each may run twice.

import type { TokenRange } from '@aeneas/cassandra';
import { faultPoint } from '@aeneas/agent';
import type { CompareResult, Job, JobResult, RangeSums, ScanResult, StagingSettings } from '@aeneas/agent';
import { DEFAULT_MAPPING } from '@aeneas/dynamodb';
import type { PreparedTable } from '@aeneas/dynamodb';
import type { WireJob } from '@aeneas/protocol';
import type { Ledger, MigrationRecord } from '../ledger.ts';
import type { Lease, PlannedWork } from '../ledger-work.ts';
import { mappingOf } from '../migration.ts';
import type { TableTask } from '../pinning.ts';
import type { Phase } from '../progress.ts';
import type { Project } from '../project.ts';
import { prepareJob } from '../table-migration.ts';
import { awsOf, folderOf } from '../table-work.ts';
import { itemsOf, joinScans, MAX_NAMED, rangesToExamine, scanSegments, validationResult } from '../validation.ts';

const BYTES_PER_MB = 1024 * 1024;
/** Files that one load job reads in turn, so that one partition's items do not come in a row. */
const FILES_PER_LOAD = 8;

/** What a step needs to know. */
export interface TableContext {
  readonly project: Project;
  readonly migration: MigrationRecord;
  readonly ledger: Ledger;
  readonly task: TableTask;
  readonly staging: StagingSettings;
  /** Of all agents of the task. */
  readonly workers: number;
  /** Runs a job of the server's own. */
  readonly runHere: <R extends JobResult>(job: Job) => Promise<R>;
}

interface TableStep {
  readonly name: string;
  /** What people are told. */
  readonly phase: Phase;
  readonly isLeftOut?: (project: Project) => boolean;
  /** Done by the server; idempotent. */
  readonly here?: (context: TableContext) => Promise<void>;
  /** Cut into jobs; asked once. */
  readonly plan?: (context: TableContext) => readonly PlannedWork[];
  readonly job?: (context: TableContext, lease: Lease) => WireJob;
  /** What follows from its jobs, once all are done; idempotent. */
  readonly settle?: (context: TableContext) => void;
}

const isNotLoaded = ({ loader }: Project): boolean => loader !== 'built-in';
const isNotValidated = ({ loader, validation }: Project): boolean => validation === 'off' || loader === 's3-import';

export const STORY: readonly TableStep[] = [
  { name: 'prepare-table', phase: 'prepare', isLeftOut: ({ loader }) => loader === 's3-import', here: prepareTable },
  { name: 'plan-splits', phase: 'prepare', plan: planPlanning, job: planningJob, settle: settleSplits },
  { name: 'extract', phase: 'extract', plan: ({ ledger, task }) => openSplits(ledger, task), job: extractJob },
  { name: 'sweep', phase: 'extract', isLeftOut: ({ loader }) => loader === 'direct', here: sweep },
  { name: 'load', phase: 'load', isLeftOut: isNotLoaded, plan: planLoad, job: loadJob },
  { name: 'digest', phase: 'validate', isLeftOut: isNotValidated, plan: planDigest, job: digestJob },
  { name: 'scan', phase: 'validate', isLeftOut: isNotValidated, plan: planScan, job: scanJob },
  { name: 'compare', phase: 'validate', isLeftOut: isNotValidated, plan: planCompare, job: compareJob },
  { name: 'verdict', phase: 'validate', isLeftOut: isNotValidated, here: verdict },
  { name: 'done', phase: 'done' },
];

/** The step after a step; the first without one. */
export function stepAfter(name: string | undefined, project: Project): TableStep {
  const next = name === undefined ? 0 : STORY.findIndex((step) => step.name === name) + 1;
  return STORY.slice(next).find((step) => step.isLeftOut?.(project) !== true)!;
}

async function prepareTable({ ledger, migration, project, runHere, task }: TableContext): Promise<void> {
  if (task.record.prepared !== undefined) return;
  const source = { table: task.table, dataFiles: task.dataFiles, nowSeconds: migration.nowSeconds, mapping: mappingOf(project) };
  const prepared = await runHere<PreparedTable>(prepareJob(project, source));
  faultPoint('table-prepared');
  ledger.setPrepared(task.record.id, JSON.stringify(prepared));
}

function planPlanning({ task }: TableContext): PlannedWork[] {
  return task.record.isPlanned || task.dataFiles.length === 0 ? [] : [{ spec: {} }];
}

function planningJob(context: TableContext): WireJob {
  const { project: { splitSizeMB }, workers } = context;
  return { kind: 'plan', source: sourceOf(context), splitBytes: splitSizeMB * BYTES_PER_MB, workers };
}

function settleSplits({ ledger, task }: TableContext): void {
  const planned = ledger.work.results(task.record.id, 'plan-splits')[0]?.result as { readonly ranges: readonly unknown[] } | undefined;
  ledger.plan(task.record.id, (planned?.ranges ?? []).map(rangeOf));
  faultPoint('splits-planned');
}

function openSplits(ledger: Ledger, task: TableTask): PlannedWork[] {
  return ledger.splits(task.record.id).filter((split) => !split.isCommitted).map(({ id, range }) => ({ splitId: id, spec: textOf(range) }));
}

function extractJob(context: TableContext, { work, attempt }: Lease): WireJob {
  const { project: { loader, staging }, workers } = context;
  return {
    kind: 'extract', source: sourceOf(context), range: rangeOf(work.spec), after: attempt?.after as never,
    destination: loader === 'direct' ? { kind: 'table', target: targetOf(context, workers) }
      : { kind: 'files', staging: wireStaging(context.staging), compression: staging.compression, fileBytes: Math.ceil(staging.fileSizeMB * BYTES_PER_MB) },
  };
}

/** Takes away what attempts left behind that did not commit it: an import from S3 would read everything under the table's prefix. */
async function sweep({ ledger, runHere, staging, task }: TableContext): Promise<void> {
  const keep = ledger.committedFiles(task.record.id).map((file) => file.name);
  await runHere({ kind: 'sweep', staging, under: folderOf(task.table), keep });
  faultPoint('orphans-swept');
}

/** Groups of files that lie far apart in the table. */
function planLoad({ ledger, task, workers }: TableContext): PlannedWork[] {
  const files = ledger.committedFiles(task.record.id).filter((file) => file.loadedItems < file.items).map((file) => file.segmentId);
  const count = Math.max(Math.ceil(files.length / FILES_PER_LOAD), Math.min(workers, files.length));
  return Array.from({ length: count }, (_, i) => ({ spec: { segments: files.filter((_file, index) => index % count === i), jobs: Math.min(count, workers) } }));
}

function loadJob(context: TableContext, { work }: Lease): WireJob {
  const { segments, jobs } = work.spec as { readonly segments: readonly number[]; readonly jobs: number };
  const files = context.ledger.committedFiles(work.taskId, segments).filter((file) => file.loadedItems < file.items);
  return { kind: 'load', source: sourceOf(context), staging: wireStaging(context.staging), compression: context.project.staging.compression, files, target: targetOf(context, jobs) };
}

interface DigestSpec { readonly range: unknown; readonly expiredBeforeSeconds: number }
interface ScanSpec { readonly segment: number; readonly segments: number; readonly expiredBeforeSeconds: number }

function planDigest({ ledger, task }: TableContext): PlannedWork[] {
  const expiredBeforeSeconds = Math.floor(Date.now() / 1000);
  return ledger.splits(task.record.id).map(({ range }) => ({ spec: { range: textOf(range), expiredBeforeSeconds } satisfies DigestSpec }));
}

function digestJob(context: TableContext, { work }: Lease): WireJob {
  const { range, expiredBeforeSeconds } = work.spec as DigestSpec;
  return { kind: 'digest', source: sourceOf(context), range: rangeOf(range), expiredBeforeSeconds };
}

function planScan({ ledger, task, workers }: TableContext): PlannedWork[] {
  const digests = ledger.work.results(task.record.id, 'digest');
  const expiredBeforeSeconds = (digests[0]?.spec as DigestSpec | undefined)?.expiredBeforeSeconds ?? Math.floor(Date.now() / 1000);
  const segments = scanSegments(itemsOf(digests.map(({ result }) => result as RangeSums)), workers);
  return Array.from({ length: segments }, (_, segment) => ({ spec: { segment, segments, expiredBeforeSeconds } satisfies ScanSpec }));
}

function scanJob(context: TableContext, { work }: Lease): WireJob {
  const cuts = context.ledger.splits(work.taskId).flatMap(({ range }) => range.end ?? []);
  return { kind: 'scan', source: sourceOf(context), target: targetOf(context, 1), cuts, ...(work.spec as ScanSpec) };
}

function findings({ ledger, task }: TableContext) {
  const { id } = task.record;
  const ranges = ledger.splits(id).map((split) => split.range);
  const cuts = ranges.filter((range) => range.end !== undefined).length;
  const sums = ledger.work.results(id, 'digest').map(({ result }) => result as RangeSums);
  return { ranges, sums, scan: joinScans(ledger.work.results(id, 'scan').map(({ result }) => result as ScanResult), cuts + 1) };
}

function planCompare(context: TableContext): PlannedWork[] {
  const { ranges, sums, scan } = findings(context);
  const toExamine = rangesToExamine(ranges, sums, scan);
  return toExamine === undefined ? [] : [{ spec: toExamine.map((range) => textOf(range)) }];
}

function compareJob(context: TableContext, { work }: Lease): WireJob {
  return { kind: 'compare', source: sourceOf(context), target: targetOf(context, 1), ranges: (work.spec as unknown[]).map(rangeOf), maxNamed: MAX_NAMED };
}

async function verdict(context: TableContext): Promise<void> {
  const { ledger, task, migration } = context;
  const { id } = task.record;
  const found = ledger.work.results(id, 'compare')[0]?.result as CompareResult | undefined;
  const result = validationResult({ ...findings(context), found, extractedItems: ledger.totals(id).items }, task.dataFiles.length, migration.nowSeconds);
  ledger.setValidation(id, JSON.stringify(result));
  faultPoint('validation-recorded');
}

function sourceOf({ project, migration, task }: TableContext): Extract<WireJob, { kind: 'plan' }>['source'] {
  return { table: task.table as never, dataFiles: [...task.dataFiles], nowSeconds: migration.nowSeconds, mapping: (project.mapping?.content ?? DEFAULT_MAPPING) as never };
}

function targetOf({ project }: TableContext, jobs: number) {
  const ceiling = project.writeCapacityUnits;
  const share = ceiling === undefined ? {} : { writeUnitsPerSecond: Math.max(1, ceiling / jobs) };
  return { aws: defined(awsOf(project)), giveUpSeconds: project.giveUpSeconds, ...share };
}

function wireStaging(staging: StagingSettings) {
  if (staging.kind === 'folder') return { kind: 'folder' as const, folder: staging.folder };
  const { bucket, prefix, region, endpoint, profile, credentials, kmsKey, isEncrypted, keepIn } = staging;
  return { kind: 's3' as const, bucket, prefix, ...defined({ region, endpoint, profile, credentials, kmsKey, isEncrypted, keepsLocalFiles: keepIn === undefined ? undefined : true }) };
}

/** Without the keys that have no value. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

function textOf({ start, end }: TokenRange): unknown {
  return { ...(start === undefined ? {} : { start: start.toString() }), ...(end === undefined ? {} : { end: end.toString() }) };
}

function rangeOf(spec: unknown): { start?: bigint; end?: bigint } {
  const { start, end } = spec as { readonly start?: string; readonly end?: string };
  return { ...(start === undefined ? {} : { start: BigInt(start) }), ...(end === undefined ? {} : { end: BigInt(end) }) };
}
