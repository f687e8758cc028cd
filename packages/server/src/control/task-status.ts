// What people and programs are told of a task.

import type { TableStatus, TaskStatus } from '@aeneas/protocol';
import { qualifiedName } from '@aeneas/cassandra';
import type { TableTask } from '../pinning.ts';
import type { ValidationResult } from '../validation.ts';
import type { TaskEntry } from './catalog.ts';
import type { TaskRun } from './task-run.ts';
import { STORY } from './table-story.ts';

/** How much of a table's work each step is, by experience. */
const WEIGHTS: Readonly<Record<string, number>> = { extract: 0.35, load: 0.4, digest: 0.1, scan: 0.15 };
/** Rows a second are over the last such stretch. */
const RATE_MILLIS = 5_000;

const NO_TOTALS: TaskStatus['totals'] = {
  tables: 0, tablesDone: 0, tablesFailed: 0, splits: 0, committedSplits: 0, attempts: 0, rows: 0, items: 0, bytes: 0, loadedItems: 0, rejectedRows: 0, retries: 0, rowsPerSecond: 0, fraction: 0,
};

/** What a status that an earlier version wrote does not have. */
const NEW_IN_TABLES = { retries: 0 };

export class RowRate {
  #samples: { readonly millis: number; readonly rows: number }[] = [];

  /** Rows a second, now that there are so many. */
  at(millis: number, rows: number): number {
    this.#samples = [...this.#samples.filter((sample) => millis - sample.millis <= RATE_MILLIS), { millis, rows }];
    const [first] = this.#samples;
    return millis === first.millis ? 0 : Math.max(0, ((rows - first.rows) * 1000) / (millis - first.millis));
  }
}

/** Of a task whose ledger is closed: as it was when that happened. */
export function restingStatus(entry: TaskEntry): TaskStatus {
  const { lastStatus } = entry;
  return {
    ...summaryOf(entry), totals: { ...NO_TOTALS, ...lastStatus?.totals, rowsPerSecond: 0 }, tables: (lastStatus?.tables ?? []).map((table) => ({ ...NEW_IN_TABLES, ...table })),
    ...(lastStatus?.isClean === undefined ? {} : { isClean: lastStatus.isClean }),
    ...(lastStatus?.staging === undefined ? {} : { staging: lastStatus.staging }),
    ...(lastStatus?.keptFiles === undefined ? {} : { keptFiles: lastStatus.keptFiles }),
  };
}

/** Of a task at work. */
export function runningStatus(entry: TaskEntry, run: TaskRun, rate: RowRate): TaskStatus {
  const tables = run.pinned.tasks.map((task) => tableStatus(task, run));
  const sum = (of: (table: TableStatus) => number): number => tables.reduce((total, table) => total + of(table), 0);
  const rows = sum((table) => table.rows);
  const sizes = run.pinned.tasks.map((task) => task.sizeBytes + 1);
  const refusedAgents = run.refusedAgents();
  const isEnded = tables.every((table) => table.phase === 'done' || table.failure !== undefined);
  return {
    ...summaryOf(entry),
    totals: {
      tables: tables.length, tablesDone: sum((table) => Number(table.phase === 'done')), tablesFailed: sum((table) => Number(table.failure !== undefined)),
      splits: sum((table) => table.splits), committedSplits: sum((table) => table.committedSplits), attempts: sum((table) => table.attempts),
      rows, items: sum((table) => table.items), bytes: sum((table) => table.bytes), loadedItems: sum((table) => table.loadedItems), rejectedRows: sum((table) => table.rejectedRows), retries: sum((table) => table.retries),
      rowsPerSecond: rate.at(Date.now(), rows),
      fraction: tables.reduce((total, table, i) => total + table.fraction * sizes[i], 0) / Math.max(1, sizes.reduce((total, size) => total + size, 0)),
    },
    tables,
    ...(refusedAgents.length === 0 ? {} : { refusedAgents }),
    ...(run.stagingAddress === undefined ? {} : { staging: run.stagingAddress }),
    ...(run.keptFiles === undefined ? {} : { keptFiles: run.keptFiles }),
    ...(isEnded ? { isClean: tables.every((table) => table.failure === undefined && table.rejectedRows === 0 && table.isEqual !== false) } : {}),
  };
}

function summaryOf(entry: TaskEntry): Omit<TaskStatus, 'totals' | 'tables'> {
  const { id, name, projectFile, agents, state, createdMillis, startedMillis, endedMillis, elapsedMillis, failure, workspace } = entry;
  return {
    id, name, projectFile, agents: [...agents], state, createdMillis, elapsedMillis, workspace,
    ...(startedMillis === undefined ? {} : { startedMillis }), ...(endedMillis === undefined ? {} : { endedMillis }), ...(failure === undefined ? {} : { failure }),
  };
}

function tableStatus(task: TableTask, run: TaskRun): TableStatus {
  const { ledger } = run;
  const { id } = task.record;
  const progress = ledger.work.progress(id);
  const step = STORY.find(({ name }) => name === progress?.step) ?? STORY[0]!;
  const counts = ledger.work.counts(id, step.name);
  const totals = ledger.totals(id);
  const live = ledger.work.running(id).flatMap((work) => run.live.get(work.id) ?? []);
  // Jobs of other steps count items too, but those that they load or read back.
  const extracted = step.name === 'extract' ? live : [];
  const validation = ledger.tasks().find((record) => record.id === id)?.validation;
  const isFailing = progress !== undefined && progress.failures > 0;
  const lastError = isFailing ? progress.failure : counts.lastFailure;
  const retry = isFailing ? progress.retryMillis : counts.nextRetryMillis;
  return {
    table: qualifiedName(task.table), target: task.plan.targetName, phase: step.phase, step: step.name,
    splits: totals.splits, committedSplits: totals.committedSplits, attempts: totals.attempts, running: counts.running,
    rows: totals.rows + sumOf(extracted, 'rows'), items: totals.items + sumOf(extracted, 'items'), rejectedRows: totals.rejected + sumOf(extracted, 'rejected'),
    bytes: totals.fileBytes, loadedItems: totals.loadedItems, retries: progress?.retries ?? 0, ...(progress?.retryReason === undefined ? {} : { lastRetryReason: progress.retryReason }),
    fraction: fractionOf(step.name, stepFraction(step.name, counts, totals, live)),
    ...(validation === undefined ? {} : { isEqual: (JSON.parse(validation) as ValidationResult).isEqual }),
    ...(progress?.isGivenUp === true && progress.failure !== undefined ? { failure: progress.failure } : {}),
    ...(lastError === undefined ? {} : { lastError }), ...(retry === undefined || retry <= Date.now() ? {} : { nextRetryMillis: retry }),
  };
}

function stepFraction(step: string, counts: { readonly done: number; readonly total: number }, totals: { readonly items: number; readonly loadedItems: number }, live: readonly { readonly fraction: number }[]): number {
  if (step === 'load') return totals.loadedItems / Math.max(1, totals.items);
  return Math.min(1, (counts.done + sumOf(live, 'fraction')) / Math.max(1, counts.total));
}

function fractionOf(step: string, withinStep: number): number {
  if (step === 'done') return 1;
  let before = 0;
  for (const { name } of STORY) {
    if (name === step) break;
    before += WEIGHTS[name] ?? 0;
  }
  return Math.min(1, before + (WEIGHTS[step] ?? 0) * withinStep);
}

function sumOf<Key extends string>(counts: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return counts.reduce((total, one) => total + Math.max(0, one[key]), 0);
}
