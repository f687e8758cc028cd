// What a migration has done so far, durable before anybody acts on it. One SQLite file in the project's workspace, written by one
// process (an exclusive lock that dies with its owner), every transaction synced to the disk.
//
//   migration 1 --- n task (a table) 1 --- n split (a token range) 1 --- n attempt (who worked on it, by epoch)
//                                               split 1 --- n segment (a checkpoint: what one stretch of rows became)
//
// The rules that make a crash harmless:
// - A segment is recorded after its effect is acknowledged (file synced and staged, or items stored), with the position after it.
//   A new attempt continues behind the last recorded segment; what the old one did past it is not in the ledger, so it is not real.
// - Recording takes the epoch of the attempt: once a split was leased again, the old owner's records are refused.
// - A split is committed once, as a whole; loaders see the files of committed splits only.

import type { SQLOutputValue } from 'node:sqlite';
import type { LoadFile, LostDetail, PinnedInput, Segment } from '@aeneas/agent';
import type { Position, TokenRange } from '@aeneas/cassandra';
import { LedgerDatabase } from './ledger-database.ts';
import { positionOf, positionText, rangeOf, rangeText } from './ledger-text.ts';
import { serverError } from './errors.ts';
import { RETRY_COLUMNS, WORK_TABLES, WorkLedger } from './ledger-work.ts';

const LEDGER_VERSION = 4;

const TABLES = `
create table migration (only_one integer primary key check (only_one = 1), id text not null, created_millis integer not null, now_seconds integer not null, identity text not null);
create table task (id integer primary key, keyspace text not null, name text not null, target text not null, identity text not null,
  prepared text, planned integer not null default 0, validation text, failure text);
create table input (task integer not null references task, path text primary key, size_bytes integer not null, mtime_millis integer not null, digest text not null) without rowid;
create table split (id integer primary key, task integer not null references task, range text not null,
  epoch integer not null default 0, committed integer not null default 0);
create index split_task on split (task);
create table attempt (split integer not null references split, epoch integer not null, started_millis integer not null, failure text,
  primary key (split, epoch)) without rowid;
create table segment (id integer primary key, split integer not null references split, epoch integer not null, position text,
  rows integer not null, items integer not null, rejected integer not null, item_bytes integer not null, write_units integer not null,
  mixed_expiry integer not null, negative_zeros integer not null, decimal_scales integer not null, rejected_file text, rejected_bytes integer not null,
  file text, file_bytes integer, file_crc text, loaded_items integer not null default 0);
create index segment_split on segment (split);
`;

/** What makes a ledger of the next version of one; a new one goes through all. */
const UPGRADES: readonly string[] = [
  TABLES,
  WORK_TABLES,
  RETRY_COLUMNS,
  'alter table task add column definition text; alter table work add column loose_millis integer not null default 0;',
];

export interface MigrationRecord {
  readonly id: string;
  readonly createdMillis: number;
  /** The one "now" of this migration: what is expired is decided by it, in every attempt. */
  readonly nowSeconds: number;
  /** Hash of what must not change between runs, apart from the tables' own. */
  readonly identity: string;
}

export interface NewTask {
  readonly keyspace: string;
  readonly name: string;
  readonly target: string;
  readonly identity: string;
  /** The table's schema, as JSON. */
  readonly definition: string;
  readonly inputs: readonly PinnedInput[];
}

export interface TaskRecord {
  readonly id: number;
  readonly keyspace: string;
  readonly name: string;
  /** Name of the DynamoDB table. */
  readonly target: string;
  /** Hash of the table's schema and of what the mapping makes of it. */
  readonly identity: string;
  /** The table's schema, as JSON; undefined in a ledger of an older version. */
  readonly definition: string | undefined;
  /** What was found and done when the target table was prepared, as JSON; undefined before. */
  readonly prepared: string | undefined;
  readonly isPlanned: boolean;
  /** The result of the validation as JSON, once there is one. */
  readonly validation: string | undefined;
}

export interface SplitRecord {
  readonly id: number;
  readonly taskId: number;
  readonly range: TokenRange;
  readonly epoch: number;
  readonly isCommitted: boolean;
}

/** The right to work on a split; `after` is where an earlier attempt got to. */
export interface Attempt {
  readonly splitId: number;
  readonly epoch: number;
  readonly after: Position | undefined;
}

export interface TaskTotals {
  readonly splits: number;
  readonly committedSplits: number;
  readonly attempts: number;
  readonly rows: number;
  readonly items: number;
  readonly rejected: number;
  readonly itemBytes: number;
  readonly writeUnits: number;
  readonly lost: LostDetail;
  readonly fileBytes: number;
  readonly files: number;
  readonly loadedItems: number;
}

export class Ledger {
  /** Jobs of the control plane: who works on what, and what came of it. */
  readonly work: WorkLedger;
  readonly #database: LedgerDatabase;

  private constructor(database: LedgerDatabase) {
    this.#database = database;
    this.work = new WorkLedger(database, this);
  }

  /** Opens or makes the ledger, and holds it alone until `close` or the end of the process. Throws PROJECT_LOCKED, WORKSPACE_UNUSABLE, WORKSPACE_NEWER. */
  static open(path: string): Ledger {
    const database = LedgerDatabase.open(path);
    try {
      const version = number(database.get('pragma user_version')?.user_version);
      if (version > LEDGER_VERSION) throw serverError('WORKSPACE_NEWER', `The ledger is of version ${version}, this program knows ${LEDGER_VERSION}`, { file: path });
      for (let from = version; from < LEDGER_VERSION; from++) database.execute(`begin; ${UPGRADES[from]} pragma user_version = ${from + 1}; commit`);
      return new Ledger(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  // The migration and its inputs

  migration(): MigrationRecord | undefined {
    const row = this.#database.get('select * from migration');
    return row === undefined ? undefined
      : { id: text(row.id), createdMillis: number(row.created_millis), nowSeconds: number(row.now_seconds), identity: text(row.identity) };
  }

  /** Pins everything that the migration depends on, at once. */
  begin(migration: MigrationRecord, tasks: readonly NewTask[]): void {
    this.#database.transaction(() => {
      this.#database.run('insert into migration values (1, ?, ?, ?, ?)', migration.id, migration.createdMillis, migration.nowSeconds, migration.identity);
      for (const [i, task] of tasks.entries()) {
        this.#database.run('insert into task (id, keyspace, name, target, identity, definition) values (?, ?, ?, ?, ?, ?)', i + 1, task.keyspace, task.name, task.target, task.identity, task.definition);
        for (const input of task.inputs) this.#database.run('insert into input values (?, ?, ?, ?, ?)', i + 1, input.path, input.sizeBytes, input.mtimeMillis, input.digest);
      }
    });
  }

  inputs(): PinnedInput[] {
    return this.#database.all('select * from input order by path').map((row) => ({
      path: text(row.path), sizeBytes: number(row.size_bytes), mtimeMillis: number(row.mtime_millis), digest: text(row.digest),
    }));
  }

  /** The pinned Data.db files of a task, and their size. */
  pinnedFiles(taskId: number): { readonly dataFiles: string[]; readonly sizeBytes: number } {
    const rows = this.#database.all(`select path, size_bytes from input where task = ? and path like '%Data.db' order by path`, taskId);
    return { dataFiles: rows.map((row) => text(row.path)), sizeBytes: rows.reduce((sum, row) => sum + number(row.size_bytes), 0) };
  }

  /** Forgets the migration: the next run begins anew. */
  forget(): void {
    this.#database.transaction(() => {
      for (const table of ['work', 'progress', 'segment', 'attempt', 'split', 'input', 'task', 'migration']) this.#database.run(`delete from ${table}`);
    });
  }

  // Tasks and splits

  tasks(): TaskRecord[] {
    return this.#database.all('select * from task order by id').map((row) => ({
      id: number(row.id), keyspace: text(row.keyspace), name: text(row.name), target: text(row.target), identity: text(row.identity), definition: row.definition === null ? undefined : text(row.definition),
      prepared: row.prepared === null ? undefined : text(row.prepared), isPlanned: row.planned === 1, validation: row.validation === null ? undefined : text(row.validation),
    }));
  }

  setDefinition(taskId: number, definition: string): void {
    this.#database.run('update task set definition = ? where id = ?', definition, taskId);
  }

  setPrepared(taskId: number, resultJson: string): void {
    this.#database.run('update task set prepared = ? where id = ?', resultJson, taskId);
  }

  setValidation(taskId: number, resultJson: string): void {
    this.#database.run('update task set validation = ? where id = ?', resultJson, taskId);
  }

  /** The task's splits; the first plan stays, since segments refer to it. */
  plan(taskId: number, ranges: Iterable<TokenRange>): void {
    this.#database.transaction(() => {
      if (this.#database.get('select planned from task where id = ?', taskId)?.planned === 1) return;
      for (const range of ranges) this.#database.run('insert into split (task, range) values (?, ?)', taskId, rangeText(range));
      this.#database.run('update task set planned = 1 where id = ?', taskId);
    });
  }

  splits(taskId: number): SplitRecord[] {
    return this.#database.all('select * from split where task = ? order by id', taskId).map((row) => ({
      id: number(row.id), taskId: number(row.task), range: rangeOf(text(row.range)), epoch: number(row.epoch), isCommitted: row.committed === 1,
    }));
  }

  // Attempts, checkpoints, commits

  /** Gives a split to a new owner: a higher epoch, from which on the old owner's records are refused. */
  lease(splitId: number, nowMillis: number): Attempt {
    return this.#database.transaction(() => {
      this.#database.run('update split set epoch = epoch + 1 where id = ?', splitId);
      const epoch = number(this.#database.get('select epoch from split where id = ?', splitId)?.epoch);
      this.#database.run('insert into attempt (split, epoch, started_millis) values (?, ?, ?)', splitId, epoch, nowMillis);
      const last = this.#database.get('select position from segment where split = ? order by id desc limit 1', splitId);
      return { splitId, epoch, after: last === undefined ? undefined : positionOf(text(last.position)) };
    });
  }

  /** Records an acknowledged stretch; a stretch without position is the last and commits the split. Throws ATTEMPT_FENCED. */
  record(attempt: Attempt, segment: Segment): void {
    this.#database.transaction(() => {
      this.#checkOwner(attempt);
      this.#database.run(`insert into segment (split, epoch, position, rows, items, rejected, item_bytes, write_units, mixed_expiry, negative_zeros, decimal_scales, rejected_file, rejected_bytes, file, file_bytes, file_crc)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      attempt.splitId, attempt.epoch, segment.position === undefined ? null : positionText(segment.position), segment.rows, segment.items, segment.rejected,
      segment.itemBytes, segment.writeUnits, segment.lost.mixedExpiry, segment.lost.negativeZeros, segment.lost.decimalScales, segment.rejectedFile ?? null, segment.rejectedBytes,
      segment.file?.name ?? null, segment.file?.sizeBytes ?? null, segment.file?.crc32 ?? null);
      if (segment.position === undefined) this.#database.run('update split set committed = 1 where id = ?', attempt.splitId);
    });
  }

  isCommitted(splitId: number): boolean {
    return this.#database.get('select committed from split where id = ?', splitId)?.committed === 1;
  }

  /** Notes why an attempt ended without committing. */
  fail(attempt: Attempt, failure: string): void {
    this.#database.run('update attempt set failure = ? where split = ? and epoch = ?', failure, attempt.splitId, attempt.epoch);
  }

  // Files and their loading

  /** The files of the task's committed splits; of these segments alone, if they are named. */
  committedFiles(taskId: number, segments?: readonly number[]): LoadFile[] {
    const named = segments === undefined ? '' : 'and segment.id in (select value from json_each(?))';
    return this.#database.all(`select segment.id, file, file_bytes, file_crc, items, loaded_items from segment join split on split.id = segment.split
      where split.task = ? and split.committed = 1 and file is not null ${named} order by segment.id`, taskId, ...(segments === undefined ? [] : [JSON.stringify(segments)])).map((row) => ({
      segmentId: number(row.id), name: text(row.file), sizeBytes: number(row.file_bytes), crc32: text(row.file_crc), items: number(row.items), loadedItems: number(row.loaded_items),
    }));
  }

  /** Records that the first `items` items of a file are stored. */
  recordLoad(segmentId: number, items: number): void {
    this.#database.run('update segment set loaded_items = max(loaded_items, ?) where id = ?', items, segmentId);
  }

  /** Each attempt's file of rejected rows and the length up to which the ledger vouches for it. */
  rejectedFiles(taskId: number): { readonly path: string; readonly sizeBytes: number }[] {
    return this.#database.all(`select rejected_file, max(rejected_bytes) as size, min(segment.id) as first from segment join split on split.id = segment.split
      where split.task = ? and rejected_file is not null group by rejected_file order by segment.split, first`, taskId)
      .map((row) => ({ path: text(row.rejected_file), sizeBytes: number(row.size) }));
  }

  totals(taskId: number): TaskTotals {
    const splits = this.#database.get('select count(*) as splits, total(committed) as committed, total(epoch) as attempts from split where task = ?', taskId);
    const sums = this.#database.get(`select total(rows) as rows, total(items) as items, total(rejected) as rejected, total(item_bytes) as item_bytes, total(write_units) as write_units, total(mixed_expiry) as mixed_expiry, total(negative_zeros) as negative_zeros, total(decimal_scales) as decimal_scales,
      total(file_bytes) as file_bytes, count(file) as files, total(loaded_items) as loaded from segment where split in (select id from split where task = ?)`, taskId);
    const of = (name: string): number => number(sums?.[name]);
    return {
      splits: number(splits?.splits), committedSplits: number(splits?.committed), attempts: number(splits?.attempts),
      rows: of('rows'), items: of('items'), rejected: of('rejected'), itemBytes: of('item_bytes'), writeUnits: of('write_units'),
      lost: { mixedExpiry: of('mixed_expiry'), negativeZeros: of('negative_zeros'), decimalScales: of('decimal_scales') },
      fileBytes: of('file_bytes'), files: of('files'), loadedItems: of('loaded'),
    };
  }

  #checkOwner(attempt: Attempt): void {
    const split = this.#database.get('select epoch, committed from split where id = ?', attempt.splitId);
    if (split?.epoch !== attempt.epoch || split.committed === 1) {
      throw serverError('ATTEMPT_FENCED', `Split ${attempt.splitId} is at epoch ${String(split?.epoch)}, the record came from epoch ${attempt.epoch}`);
    }
  }
}

function number(value: SQLOutputValue | undefined): number {
  return Number(value);
}

function text(value: SQLOutputValue): string {
  return String(value);
}
