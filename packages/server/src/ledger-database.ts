// The ledger's file: one SQLite database, held alone by one process, every transaction synced to the disk.

import { DatabaseSync } from 'node:sqlite';
import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import { agentError } from '@aeneas/agent';
import { serverError } from './errors.ts';

export class LedgerDatabase {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  /** Opens or makes the file. Throws PROJECT_LOCKED, WORKSPACE_UNUSABLE, DISK_FULL. */
  static open(path: string): LedgerDatabase {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: 0 });
      // In exclusive mode the first write takes the file's lock for the life of the connection; the kernel drops it with the process.
      database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; begin immediate; commit');
      return new LedgerDatabase(path, database);
    } catch (error) {
      database?.close();
      throw ledgerError(path, error);
    }
  }

  close(): void {
    this.#database.close();
  }

  execute(sql: string): void {
    this.#guarded(() => this.#database.exec(sql));
  }

  /** All or nothing; within another transaction, part of it. */
  transaction<T>(work: () => T): T {
    if (this.#database.isTransaction) return work();
    return this.#guarded(() => {
      this.#database.exec('begin immediate');
      try {
        const result = work();
        this.#database.exec('commit');
        return result;
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('rollback');
        throw error;
      }
    });
  }

  run(sql: string, ...values: (string | number | null)[]): void {
    this.#guarded(() => this.#statement(sql).run(...values));
  }

  get(sql: string, ...values: (string | number)[]): Record<string, SQLOutputValue> | undefined {
    return this.#guarded(() => this.#statement(sql).get(...values));
  }

  all(sql: string, ...values: (string | number)[]): Record<string, SQLOutputValue>[] {
    return this.#guarded(() => this.#statement(sql).all(...values));
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw ledgerError(this.#path, error);
    }
  }
}

const SQLITE_BUSY = 5;
const SQLITE_FULL = 13;
/** Primary result codes that the state of the file or its folder explains: readonly, I/O error, corrupt, cannot open, not a database. */
const SQLITE_UNUSABLE: ReadonlySet<number> = new Set([8, 10, 11, 14, 26]);

function ledgerError(path: string, error: unknown): unknown {
  const { errcode, message } = error as Error & { readonly errcode?: number };
  if (errcode === undefined) return error;
  const primary = errcode & 0xff;
  if (primary === SQLITE_BUSY) return serverError('PROJECT_LOCKED', 'This project is being run by another process', { file: path }, error);
  if (primary === SQLITE_FULL) return agentError('DISK_FULL', 'The ledger cannot grow', { file: path }, error);
  if (SQLITE_UNUSABLE.has(primary)) return serverError('WORKSPACE_UNUSABLE', `The ledger cannot be used: ${message}`, { file: path }, error);
  return error;
}
