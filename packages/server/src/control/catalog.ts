// What the server knows besides the ledgers: its tasks, its agents, and a log of what happened. One SQLite file in the server's workspace,
// held by one process. What a task has done is in the ledger of its project; what runs next, and when, is the engine's.

import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { SQLOutputValue } from 'node:sqlite';
import type { AgentCredentials, AgentRefusal, LogEntry, TaskStatus } from '@aeneas/protocol';
import { serverError } from '../errors.ts';

const VERSION = 2;
/** Older entries go. */
const MAX_LOG_ENTRIES = 100_000;

const TABLES = `
create table server (only_one integer primary key check (only_one = 1), id text not null);
create table task (id text primary key, name text not null, project_file text not null, workspace text not null unique, agents text not null, now_seconds integer,
  state text not null, turn integer not null default 0, created_millis integer not null, started_millis integer, since_millis integer, ended_millis integer,
  elapsed_millis integer not null default 0, failure text, status text) without rowid;
create table agent (name text primary key, url text not null, credentials text not null, description text not null default '') without rowid;
create table log (number integer primary key autoincrement, millis integer not null, task text, kind text not null, text text not null);
create index log_task on log (task, number);
pragma user_version = ${VERSION};
`;

/** What makes a catalog of a version one of the next. */
const UPGRADES: Readonly<Record<number, string>> = {
  1: "alter table agent add column description text not null default ''",
};

export type TaskState = TaskStatus['state'];

export interface TaskEntry {
  readonly id: string;
  readonly name: string;
  readonly projectFile: string;
  readonly workspace: string;
  readonly agents: readonly string[];
  readonly nowSeconds: number | undefined;
  readonly state: TaskState;
  /** Messages to the task's objects carry it; those of an earlier turn are void. */
  readonly turn: number;
  readonly createdMillis: number;
  readonly startedMillis: number | undefined;
  readonly endedMillis: number | undefined;
  /** Until now. */
  readonly elapsedMillis: number;
  readonly failure: AgentRefusal | undefined;
  /** As it was when the ledger was closed. */
  readonly lastStatus: TaskStatus | undefined;
}

export interface AgentEntry {
  readonly name: string;
  readonly url: string;
  readonly description: string;
  readonly credentials: AgentCredentials;
}

type Value = string | number | null;

export class Catalog {
  readonly serverId: string;
  readonly #database: DatabaseSync;
  readonly #listeners = new Set<(entry: LogEntry) => void>();

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.serverId = String(database.prepare('select id from server').get()?.id);
  }

  /** Opens or makes the catalog, and holds it alone. Throws SERVER_RUNNING, WORKSPACE_UNUSABLE, WORKSPACE_NEWER. */
  static open(path: string): Catalog {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: 0 });
      database.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; begin immediate; commit');
      let version = Number(database.prepare('pragma user_version').get()?.user_version);
      for (let change = UPGRADES[version]; change !== undefined; change = UPGRADES[version]) {
        version++;
        database.exec(`begin; ${change}; pragma user_version = ${version}; commit`);
      }
      if (version === 0) {
        database.exec(`begin; ${TABLES} insert into server values (1, '${randomBytes(6).toString('hex')}'); commit`);
      } else if (version !== VERSION) {
        throw serverError('WORKSPACE_NEWER', `The server's catalog is of version ${version}, this program knows ${VERSION}`, { file: path });
      }
      // Nothing ran while there was no server.
      database.prepare('update task set since_millis = ? where since_millis is not null').run(Date.now());
      return new Catalog(database);
    } catch (error) {
      database?.close();
      const { errcode, message } = error as Error & { readonly errcode?: number };
      if (errcode === undefined) throw error;
      if ((errcode & 0xff) === 5) throw serverError('SERVER_RUNNING', 'Another server uses this workspace', { file: path }, error);
      throw serverError('WORKSPACE_UNUSABLE', `The server's catalog cannot be used: ${message}`, { file: path }, error);
    }
  }

  close(): void {
    this.#database.close();
  }

  // Tasks

  tasks(): TaskEntry[] {
    return this.#database.prepare('select * from task order by created_millis, id').all().map(taskOf);
  }

  /** Throws TASK_UNKNOWN. */
  task(id: string): TaskEntry {
    const row = this.#database.prepare('select * from task where id = ?').get(id);
    if (row === undefined) throw serverError('TASK_UNKNOWN', `There is no task ${id}`);
    return taskOf(row);
  }

  /** Throws TASK_EXISTS. */
  addTask(task: Pick<TaskEntry, 'name' | 'projectFile' | 'workspace' | 'agents' | 'nowSeconds'>): TaskEntry {
    const other = this.#database.prepare('select id from task where workspace = ?').get(task.workspace);
    if (other !== undefined) throw serverError('TASK_EXISTS', `Task ${String(other.id)} is already of this project`, { file: task.projectFile });
    const id = `${task.name.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 40)}-${randomBytes(3).toString('hex')}`;
    this.#run('insert into task (id, name, project_file, workspace, agents, now_seconds, state, created_millis) values (?, ?, ?, ?, ?, ?, ?, ?)',
      id, task.name, task.projectFile, task.workspace, JSON.stringify(task.agents), task.nowSeconds ?? null, 'created', Date.now());
    return this.task(id);
  }

  /** Begins a turn: from now on messages of earlier turns are void. */
  nextTurn(id: string): number {
    this.#run('update task set turn = turn + 1 where id = ?', id);
    return this.task(id).turn;
  }

  setState(id: string, state: TaskState, failure?: AgentRefusal): void {
    const now = Date.now();
    const isActive = state === 'running' || state === 'stopping';
    this.#run(`update task set state = ?1, failure = ?2,
      started_millis = case when ?1 = 'running' then coalesce(started_millis, ?3) else started_millis end,
      elapsed_millis = elapsed_millis + case when ?4 = 0 and since_millis is not null then ?3 - since_millis else 0 end,
      since_millis = case when ?4 = 1 then coalesce(since_millis, ?3) end,
      ended_millis = case when ?4 = 1 then null else ?3 end where id = ?5`, state, failure === undefined ? null : JSON.stringify(failure), now, isActive ? 1 : 0, id);
  }

  /** What keeps a task from going on, while it is tried again. */
  setFailure(id: string, failure: AgentRefusal | undefined): void {
    this.#run('update task set failure = ? where id = ?', failure === undefined ? null : JSON.stringify(failure), id);
  }

  /** Keeps the elapsed time of what runs: once the server was killed, nobody knows when. */
  countElapsed(): void {
    this.#run('update task set elapsed_millis = elapsed_millis + ?1 - since_millis, since_millis = ?1 where since_millis is not null', Date.now());
  }

  setLastStatus(id: string, status: TaskStatus): void {
    this.#run('update task set status = ? where id = ?', JSON.stringify(status), id);
  }

  removeTask(id: string): void {
    this.#run('delete from task where id = ?', id);
  }

  // Agents

  agents(): AgentEntry[] {
    return this.#database.prepare('select * from agent order by name').all()
      .map((row) => ({ name: String(row.name), url: String(row.url), description: String(row.description), credentials: JSON.parse(String(row.credentials)) as AgentCredentials }));
  }

  /** Throws AGENT_EXISTS. */
  addAgent({ name, url, description, credentials }: AgentEntry): void {
    if (this.agents().some((agent) => agent.name === name)) throw serverError('AGENT_EXISTS', `There is an agent ${name} already`);
    this.#run('insert into agent (name, url, credentials, description) values (?, ?, ?, ?)', name, url, JSON.stringify(credentials), description);
  }

  /** Keeps its description and credentials as they are now. */
  setAgent({ name, description, credentials }: AgentEntry): void {
    this.#run('update agent set description = ?, credentials = ? where name = ?', description, JSON.stringify(credentials), name);
  }

  removeAgent(name: string): void {
    this.#run('delete from agent where name = ?', name);
  }

  // Log

  log(kind: string, text: string, task?: string): void {
    const millis = Date.now();
    const number = Number(this.#run('insert into log (millis, task, kind, text) values (?, ?, ?, ?)', millis, task ?? null, kind, text));
    this.#run('delete from log where number <= ?', number - MAX_LOG_ENTRIES);
    for (const listener of this.#listeners) listener({ number, millis, kind, text, ...(task === undefined ? {} : { task }) });
  }

  /** Entries of a task after a number. */
  logAfter(task: string, number: number): LogEntry[] {
    return this.#database.prepare('select * from log where task = ? and number > ? order by number').all(task, number).map(entryOf);
  }

  /** The last entries, oldest first; of one task, or of the whole server. */
  lastEntries(limit: number, task?: string): LogEntry[] {
    const rows = task === undefined ? this.#database.prepare('select * from log order by number desc limit ?').all(limit)
      : this.#database.prepare('select * from log where task = ? order by number desc limit ?').all(task, limit);
    return rows.reverse().map(entryOf);
  }

  /** Returns how to stop listening. */
  onLog(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #run(sql: string, ...values: Value[]): number | bigint {
    return this.#database.prepare(sql).run(...values).lastInsertRowid;
  }
}

function entryOf({ number, millis, task, kind, text }: Record<string, SQLOutputValue>): LogEntry {
  return { number: Number(number), millis: Number(millis), kind: String(kind), text: String(text), ...(task === null ? {} : { task: String(task) }) };
}

function taskOf(row: Record<string, SQLOutputValue>): TaskEntry {
  const optional = (value: SQLOutputValue): number | undefined => (value === null ? undefined : Number(value));
  const json = <T>(value: SQLOutputValue): T | undefined => (value === null ? undefined : JSON.parse(String(value)) as T);
  return {
    id: String(row.id), name: String(row.name), projectFile: String(row.project_file), workspace: String(row.workspace), agents: JSON.parse(String(row.agents)) as string[],
    nowSeconds: optional(row.now_seconds), state: String(row.state) as TaskState, turn: Number(row.turn), createdMillis: Number(row.created_millis),
    startedMillis: optional(row.started_millis), endedMillis: optional(row.ended_millis),
    elapsedMillis: Number(row.elapsed_millis) + (row.since_millis === null ? 0 : Date.now() - Number(row.since_millis)),
    failure: json<AgentRefusal>(row.failure), lastStatus: json<TaskStatus>(row.status),
  };
}
