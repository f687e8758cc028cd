// What a migration tells while it runs. Tables are at different phases at the same time; the totals are over all of them.

import { qualifiedName } from '@aeneas/cassandra';
import type { CodedError } from '@aeneas/cassandra';
import type { TaskRecord } from './ledger.ts';

/** The phases of a table, in order. */
export const PHASES = ['prepare', 'extract', 'load', 'validate', 'done'] as const;
export type Phase = (typeof PHASES)[number];

/** How much of a table's work each phase is, by experience. */
const WEIGHTS: Readonly<Record<Phase, number>> = { prepare: 0, extract: 0.35, load: 0.4, validate: 0.25, done: 0 };

export interface ProgressSnapshot {
  /** The earliest phase that a table is in. */
  readonly phase: Phase;
  readonly tables: number;
  readonly tablesDone: number;
  /** Between 0 and 1, over all tables by size. */
  readonly fraction: number;
  readonly rows: number;
  readonly items: number;
  readonly rejected: number;
  readonly loadedItems: number;
  readonly rowsPerSecond: number;
}

export type MigrationEvent =
  | ({ readonly type: 'progress' } & ProgressSnapshot)
  | { readonly type: 'phase'; readonly table: string; readonly phase: Phase }
  | { readonly type: 'table-failed'; readonly table: string; readonly code: string; readonly message: string; readonly remedy: string }
  | { readonly type: 'note'; readonly text: string };

export type MigrationListener = (event: MigrationEvent) => void;

const REPORT_MILLIS = 200;
/** Rows a second are over the last such stretch. */
const RATE_MILLIS = 5_000;

/** For how long at least one table was at each phase. */
class PhaseClock {
  readonly #tables = new Map<Phase, number>();
  readonly #sinceMillis = new Map<Phase, number>();
  readonly #millis = new Map<Phase, number>();

  move(from: Phase, to: Phase): void {
    const left = (this.#tables.get(from) ?? 0) - 1;
    if (left >= 0) this.#tables.set(from, left);
    if (left === 0) this.#millis.set(from, (this.#millis.get(from) ?? 0) + performance.now() - this.#sinceMillis.get(from)!);
    const entered = (this.#tables.get(to) ?? 0) + 1;
    this.#tables.set(to, entered);
    if (entered === 1) this.#sinceMillis.set(to, performance.now());
  }

  seconds(phase: Phase): number {
    return (this.#millis.get(phase) ?? 0) / 1000;
  }
}

/** What this run has done, and how long it took. */
export interface ProgressTotals {
  readonly rows: number;
  readonly loadedItems: number;
  readonly seconds: number;
  readonly extractSeconds: number;
  readonly loadSeconds: number;
  readonly validateSeconds: number;
}

/** One table's part; jobs and phases add to it. */
export class TableProgress {
  readonly table: string;
  readonly sizeBytes: number;
  phase: Phase = 'prepare';
  rows = 0;
  items = 0;
  rejected = 0;
  loadedItems = 0;
  /** Of the current phase, between 0 and 1. */
  phaseFraction = 0;
  readonly #clock: PhaseClock;
  readonly #changed: () => void;
  readonly #announce: MigrationListener;

  constructor(task: TaskRecord, sizeBytes: number, clock: PhaseClock, changed: () => void, announce: MigrationListener) {
    this.#clock = clock;
    this.table = qualifiedName(task);
    this.sizeBytes = sizeBytes;
    this.#changed = changed;
    this.#announce = announce;
  }

  enter(phase: Phase): void {
    this.#clock.move(this.phase, phase);
    this.phase = phase;
    this.phaseFraction = 0;
    this.#announce({ type: 'phase', table: this.table, phase });
    this.#changed();
  }

  add(change: { readonly rows?: number; readonly items?: number; readonly rejected?: number; readonly loadedItems?: number; readonly phaseFraction?: number }): void {
    this.rows += change.rows ?? 0;
    this.items += change.items ?? 0;
    this.rejected += change.rejected ?? 0;
    this.loadedItems += change.loadedItems ?? 0;
    this.phaseFraction = Math.min(1, this.phaseFraction + (change.phaseFraction ?? 0));
    this.#changed();
  }

  fail({ code, message, remedy }: CodedError): void {
    this.#announce({ type: 'table-failed', table: this.table, code, message, remedy });
  }

  get fraction(): number {
    if (this.phase === 'done') return 1;
    let before = 0;
    for (const phase of PHASES) {
      if (phase === this.phase) break;
      before += WEIGHTS[phase];
    }
    return before + WEIGHTS[this.phase] * this.phaseFraction;
  }
}

/** The whole migration's progress: sums up, and tells the listener a few times a second. */
export class Progress {
  readonly #tables: TableProgress[] = [];
  readonly #listener: MigrationListener;
  readonly #clock = new PhaseClock();
  readonly #startMillis = performance.now();
  #reportedMillis = 0;
  #window: { readonly millis: number; readonly rows: number }[] = [];

  constructor(listener: MigrationListener) {
    this.#listener = listener;
  }

  addTable(task: TaskRecord, sizeBytes: number): TableProgress {
    const table = new TableProgress(task, sizeBytes, this.#clock, () => this.#changed(), this.#listener);
    this.#tables.push(table);
    return table;
  }

  note(text: string): void {
    this.#listener({ type: 'note', text });
  }

  /** The state as it is now; also told to the listener. */
  flush(): void {
    this.#reportedMillis = Date.now();
    this.#listener({ type: 'progress', ...this.#snapshot() });
  }

  totals(): ProgressTotals {
    const sum = (of: (table: TableProgress) => number): number => this.#tables.reduce((total, table) => total + of(table), 0);
    return {
      rows: sum((table) => table.rows), loadedItems: sum((table) => table.loadedItems), seconds: (performance.now() - this.#startMillis) / 1000,
      extractSeconds: this.#clock.seconds('extract'), loadSeconds: this.#clock.seconds('load'), validateSeconds: this.#clock.seconds('validate'),
    };
  }

  #changed(): void {
    if (Date.now() - this.#reportedMillis >= REPORT_MILLIS) this.flush();
  }

  #snapshot(): ProgressSnapshot {
    const sum = (of: (table: TableProgress) => number): number => this.#tables.reduce((total, table) => total + of(table), 0);
    const unfinished = this.#tables.filter((table) => table.phase !== 'done');
    const rows = sum((table) => table.rows);
    return {
      phase: PHASES.find((phase) => unfinished.some((table) => table.phase === phase)) ?? 'done',
      tables: this.#tables.length,
      tablesDone: this.#tables.length - unfinished.length,
      fraction: sum((table) => table.fraction * (table.sizeBytes + 1)) / Math.max(1, sum((table) => table.sizeBytes + 1)),
      rows, items: sum((table) => table.items), rejected: sum((table) => table.rejected), loadedItems: sum((table) => table.loadedItems),
      rowsPerSecond: this.#rate(rows),
    };
  }

  #rate(rows: number): number {
    const now = Date.now();
    this.#window.push({ millis: now, rows });
    this.#window = this.#window.filter((sample) => now - sample.millis <= RATE_MILLIS);
    const [first] = this.#window;
    return now === first.millis ? 0 : ((rows - first.rows) * 1000) / (now - first.millis);
  }
}
