// The tasks of the server: what users ask of them, and the little steps in which the engine moves them. The engine decides what runs next
// and when; whether it may is in the catalog; what is done is in the ledgers. So each of the three may be killed at any time.

import { resolve } from 'node:path';
import type { LogEntry, TaskStatus, TaskSummary } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import { readProject } from '../project.ts';
import type { Agents } from './agents.ts';
import { BUILT_IN } from './agents.ts';
import type { Catalog, TaskEntry, TaskState } from './catalog.ts';
import { isLasting, retryMillis } from './dispatcher.ts';
import type { LocalAgent } from './local-agent.ts';
import { refusalOf } from './refusal.ts';
import { TaskRun, withPatience } from './task-run.ts';
import { restingStatus, RowRate, runningStatus } from './task-status.ts';

const HEARTBEAT_MILLIS = 1_000;
const NOT_OPEN_MILLIS = 100;
const STUMBLED_MILLIS = 2_000;
/** A running task that nobody moved for so long has lost its messages: it gets new ones. */
const FORGOTTEN_MILLIS = 15_000;

/** Begins a turn of a task: the engine gets its first message. */
export type Wake = (taskId: string, turn: number) => Promise<void>;

/** What follows a step: another after a pause, or nothing. */
export type Next = { readonly afterMillis: number } | 'ended';

/** A task's step also tells which tables are to be moved now. */
export interface TaskMove {
  readonly next: Next;
  readonly tables: readonly number[];
}

export interface NewTask {
  readonly projectFile: string;
  readonly name?: string | undefined;
  readonly agents?: readonly string[] | undefined;
  readonly nowSeconds?: number | undefined;
}

interface OpenTask {
  readonly run: Promise<TaskRun>;
  readonly rate: RowRate;
  /** Once it is open. */
  opened?: TaskRun;
}

export class Tasks {
  readonly #catalog: Catalog;
  readonly #agents: Agents;
  readonly #builtIn: LocalAgent;
  readonly #leaseSeconds: number;
  readonly #wake: Wake;
  readonly #open = new Map<string, OpenTask>();
  /** When a task was last moved, and how often opening it failed in a row. */
  readonly #movedMillis = new Map<string, number>();
  readonly #openFailures = new Map<string, number>();
  readonly #watch: NodeJS.Timeout;
  #isClosing = false;

  constructor(options: { readonly catalog: Catalog; readonly agents: Agents; readonly builtIn: LocalAgent; readonly leaseSeconds: number; readonly wake: Wake }) {
    this.#catalog = options.catalog;
    this.#agents = options.agents;
    this.#builtIn = options.builtIn;
    this.#leaseSeconds = options.leaseSeconds;
    this.#wake = options.wake;
    this.#watch = setInterval(() => void this.#wakeForgotten(), FORGOTTEN_MILLIS / 3);
  }

  // What users ask

  list(): TaskSummary[] {
    return this.#catalog.tasks().map((entry) => {
      const { tables: _tables, ...summary } = this.#status(entry);
      return summary;
    });
  }

  get(id: string): TaskStatus {
    return this.#status(this.#catalog.task(id));
  }

  async create({ projectFile, name, agents = [], nowSeconds }: NewTask): Promise<TaskStatus> {
    for (const agent of agents) this.#agents.client(agent);
    const path = resolve(projectFile);
    const project = await readProject(path);
    const entry = this.#catalog.addTask({ name: name ?? project.name, projectFile: path, workspace: project.workspace, agents, nowSeconds });
    this.#catalog.log('created', `Task ${entry.id} of ${path}`, entry.id);
    return this.#status(entry);
  }

  async start(id: string): Promise<TaskStatus> {
    this.#expect(id, ['created'], 'be started; resume it instead');
    return this.#begin(id, 'started');
  }

  /** Goes on; tables that were given up are tried again. */
  async resume(id: string): Promise<TaskStatus> {
    this.#expect(id, ['stopped', 'failed'], 'be resumed');
    return this.#begin(id, 'resumed');
  }

  async stop(id: string): Promise<TaskStatus> {
    this.#expect(id, ['running'], 'be stopped');
    this.#catalog.setState(id, 'stopping');
    this.#catalog.log('stopping', 'Asked to stop', id);
    await this.#beginTurn(id);
    return this.get(id);
  }

  async delete(id: string): Promise<void> {
    this.#expect(id, ['created', 'stopped', 'done', 'failed', 'deleting'], 'be deleted; stop it first');
    this.#catalog.setState(id, 'deleting');
    await this.#finishDelete(id);
  }

  // What the engine asks

  /** Begins new turns for what was at work when the server ended, and ends what it had begun to delete. */
  async takeUp(): Promise<void> {
    for (const { id, state } of this.#catalog.tasks()) {
      if (state === 'running' || state === 'stopping') await this.#beginTurn(id);
      else if (state === 'deleting') await this.#finishDelete(id).catch((error: unknown) => this.#catalog.log('delete-failed', refusalOf(error).message, id));
    }
  }

  /** A little step of a task. Does not throw. */
  async moveTask(id: string, turn: number): Promise<TaskMove> {
    return this.#moveTask(id, turn).catch((error: unknown) => ({ next: this.#stumbled(id, error), tables: [] }));
  }

  /** A little step of a table. Does not throw. */
  async moveTable(id: string, table: number, turn: number): Promise<Next> {
    return this.#moveTable(id, table, turn).catch((error: unknown) => this.#stumbled(id, error));
  }

  async #moveTask(id: string, turn: number): Promise<TaskMove> {
    const ended = { next: 'ended', tables: [] } as const;
    const entry = this.#current(id, turn);
    if (entry === undefined) return ended;
    const run = await this.#opened(entry);
    if (run === 'ended') return ended;
    if ('afterMillis' in run) return { next: run, tables: [] };
    if (entry.state === 'stopping') {
      if (!await run.stop()) return { next: { afterMillis: NOT_OPEN_MILLIS }, tables: [] };
      await this.#end(entry, run, 'stopped');
      return ended;
    }
    const tables = run.active();
    if (tables.length > 0) return { next: { afterMillis: HEARTBEAT_MILLIS }, tables };
    const failed = runningStatus(entry, run, new RowRate()).tables.find((table) => table.failure !== undefined);
    await this.#end(entry, run, failed === undefined ? 'done' : 'failed');
    return ended;
  }

  async #moveTable(id: string, table: number, turn: number): Promise<Next> {
    const entry = this.#current(id, turn);
    if (entry === undefined || entry.state !== 'running') return 'ended';
    const run = await this.#opened(entry);
    if (run === 'ended' || 'afterMillis' in run) return run;
    const next = await run.advance(table);
    this.#movedMillis.set(id, Date.now());
    return next;
  }

  onLog(listener: (entry: LogEntry) => void): () => void {
    return this.#catalog.onLog(listener);
  }

  logAfter(id: string, number: number): LogEntry[] {
    return this.#catalog.logAfter(id, number);
  }

  /** Of the workspace's disk, or a bug: neither may stop the engine's messages. */
  #stumbled(id: string, error: unknown): Next {
    if (this.#isClosing) return 'ended';
    try {
      this.#catalog.log('step-failed', refusalOf(error).message, id);
    } catch {
      // The disk of the catalog is at fault itself.
    }
    return { afterMillis: STUMBLED_MILLIS };
  }

  /** Lets the jobs within this process end in order; those of other agents go on without us. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearInterval(this.#watch);
    for (const { opened } of this.#open.values()) {
      if (opened === undefined) continue;
      await opened.stop((work) => work.agent === BUILT_IN);
      opened.close();
    }
    this.#open.clear();
  }

  async #begin(id: string, kind: string): Promise<TaskStatus> {
    this.#openFailures.delete(id);
    this.#catalog.setState(id, 'running');
    this.#catalog.log(kind, `Task ${kind}`, id);
    await this.#beginTurn(id);
    return this.get(id);
  }

  /** Without the engine the message waits: the watch sends it again. */
  async #beginTurn(id: string): Promise<void> {
    const turn = this.#catalog.nextTurn(id);
    this.#movedMillis.set(id, Date.now());
    await this.#wake(id, turn).catch(() => this.#movedMillis.set(id, 0));
  }

  async #wakeForgotten(): Promise<void> {
    for (const { id, state } of this.#catalog.tasks()) {
      if (state !== 'running' && state !== 'stopping') continue;
      if (Date.now() - (this.#movedMillis.get(id) ?? 0) > FORGOTTEN_MILLIS) await this.#beginTurn(id);
    }
  }

  /** The task, if a message of this turn still means something. */
  #current(id: string, turn: number): TaskEntry | undefined {
    const entry = this.#catalog.tasks().find((task) => task.id === id);
    if (entry === undefined || entry.turn !== turn || this.#isClosing) return undefined;
    if (entry.state !== 'running' && entry.state !== 'stopping') return undefined;
    this.#movedMillis.set(id, Date.now());
    return entry;
  }

  /** The open ledger of a task, or when to ask again. What cannot be opened, and will not get better by waiting, ends the task. */
  async #opened(entry: TaskEntry): Promise<TaskRun | Next> {
    try {
      const run = await withPatience(this.#openRun(entry).run);
      return run === 'working' ? { afterMillis: NOT_OPEN_MILLIS } : run;
    } catch (error) {
      this.#open.delete(entry.id);
      const failure = refusalOf(error);
      const failures = this.#openFailures.get(entry.id) ?? 0;
      this.#openFailures.set(entry.id, failures + 1);
      this.#catalog.log('not-opened', `${failure.code}: ${failure.message}`, entry.id);
      if (entry.state === 'stopping') {
        this.#catalog.setState(entry.id, 'stopped', failure);
        return 'ended';
      }
      if (!isLasting(failure, failures) && !/^(?:PROJECT_|NO_TABLES$|WORKSPACE_)/.test(failure.code)) return { afterMillis: retryMillis(failures) - Date.now() };
      this.#catalog.setState(entry.id, 'failed', failure);
      return 'ended';
    }
  }

  #openRun(entry: TaskEntry): OpenTask {
    const known = this.#open.get(entry.id);
    if (known !== undefined) return known;
    const open: OpenTask = { rate: new RowRate(), run: this.#load(entry) };
    this.#open.set(entry.id, open);
    open.run.then((run) => {
      open.opened = run;
      if (entry.state === 'running') run.ledger.work.retryAll();
    }, () => {});
    return open;
  }

  async #load(entry: TaskEntry): Promise<TaskRun> {
    return TaskRun.open({
      project: await readProject(entry.projectFile), agents: this.#agents, agentNames: entry.agents, runHere: (job) => this.#builtIn.run(job), serverId: this.#catalog.serverId, leaseSeconds: this.#leaseSeconds,
      nowSeconds: entry.nowSeconds, note: (kind, text) => this.#catalog.log(kind, text, entry.id),
    });
  }

  /** The task is over, or stopped: what it came to is kept, its ledger closed. */
  async #end(entry: TaskEntry, run: TaskRun, state: TaskState): Promise<void> {
    if (state === 'done' || state === 'failed') await run.report();
    this.#catalog.setState(entry.id, state);
    this.#catalog.setLastStatus(entry.id, runningStatus(this.#catalog.task(entry.id), run, new RowRate()));
    this.#open.delete(entry.id);
    run.close();
    this.#catalog.log(state, `Task ${state}`, entry.id);
  }

  async #finishDelete(id: string): Promise<void> {
    const entry = this.#catalog.task(id);
    if (entry.startedMillis !== undefined) {
      const run = await this.#load(entry);
      try {
        await run.forget();
      } finally {
        run.close();
      }
    }
    this.#catalog.removeTask(id);
    this.#catalog.log('deleted', `Task ${id} was deleted`, id);
  }

  #status(entry: TaskEntry): TaskStatus {
    const open = this.#open.get(entry.id);
    return open?.opened === undefined ? restingStatus(entry) : runningStatus(entry, open.opened, open.rate);
  }

  #expect(id: string, states: readonly TaskState[], what: string): void {
    const { state } = this.#catalog.task(id);
    if (!states.includes(state)) throw serverError('TASK_STATE', `Task ${id} is ${state}: it cannot ${what}`);
  }
}
