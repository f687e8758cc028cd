// The tasks of the server: what users ask of them, and the little steps in which the engine moves them. The engine decides what runs next
// and when; whether it may is in the catalog; what is done is in the ledgers. So each of the three may be killed at any time.

import { resolve } from 'node:path';
import type { AgentRefusal, LogEntry, TaskStatus, TaskSummary } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import { forget } from '../migration.ts';
import { readProject } from '../project.ts';
import type { Project } from '../project.ts';
import { withServiceProfile } from '../service-profile.ts';
import type { FindServiceProfile } from '../service-profile.ts';
import { openWorkspace } from '../workspace.ts';
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
/** A request that was sent before its lease ended has arrived after so long, or never will. */
const LAST_REQUEST_MILLIS = 10_000;
/** Who opened the vault wants to see the task go on. */
const KEYS_MILLIS = 3_000;
const AT_ONCE: Next = { afterMillis: 0 };
/** A task or table that is not asked about for so long after it should have been has lost its messages: the task gets new ones. */
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

/** Errors of opening a task that waiting cannot mend. */
const ERROR_OF_PROJECT = /^(?:PROJECT_|AWS_PROFILE_UNKNOWN$|NO_TABLES$|WORKSPACE_|FILE_UNREADABLE$)/;

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
  readonly #findServiceProfile: FindServiceProfile;
  readonly #wake: Wake;
  readonly #open = new Map<string, OpenTask>();
  /** When the engine should ask for the next step of a task, or a table of it (`<task>/<table>`). */
  readonly #dueMillis = new Map<string, number>();
  /** How often opening a task failed in a row. */
  readonly #openFailures = new Map<string, number>();
  readonly #ending = new Map<string, Promise<void>>();
  readonly #deleting = new Map<string, Promise<void>>();
  readonly #watch: NodeJS.Timeout;
  #isClosing = false;
  #lastStepMillis: number | undefined;

  constructor(options: { readonly catalog: Catalog; readonly agents: Agents; readonly builtIn: LocalAgent; readonly leaseSeconds: number; readonly findServiceProfile: FindServiceProfile; readonly wake: Wake }) {
    this.#catalog = options.catalog;
    this.#agents = options.agents;
    this.#builtIn = options.builtIn;
    this.#leaseSeconds = options.leaseSeconds;
    this.#findServiceProfile = options.findServiceProfile;
    this.#wake = options.wake;
    this.#watch = setInterval(() => void this.#look(), FORGOTTEN_MILLIS / 3);
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
    const project = await this.#readProject(path);
    const entry = this.#catalog.addTask({ name: name ?? project.name, projectFile: path, workspace: project.workspace, agents, nowSeconds });
    this.#catalog.log('created', `Task ${entry.id} of ${path}`, entry.id);
    return this.#status(entry);
  }

  async start(id: string): Promise<TaskStatus> {
    this.#expectState(id, ['created'], 'be started; resume it instead');
    return this.#begin(id, 'started');
  }

  /** Goes on; tables that were given up are tried again. */
  async resume(id: string): Promise<TaskStatus> {
    this.#expectState(id, ['stopped', 'failed'], 'be resumed');
    return this.#begin(id, 'resumed');
  }

  async stop(id: string): Promise<TaskStatus> {
    this.#expectState(id, ['running'], 'be stopped');
    this.#catalog.setState(id, 'stopping');
    this.#catalog.log('stopping', 'Asked to stop', id);
    await this.#beginTurn(id);
    return this.get(id);
  }

  /** Throws AWS_KEYS_MISSING while its staged files cannot be deleted. A task whose agents do not all answer stays for a while, until what they have begun is over. */
  async delete(id: string): Promise<void> {
    this.#expectState(id, ['created', 'stopped', 'done', 'failed', 'deleting'], 'be deleted; stop it first');
    const entry = this.#catalog.task(id);
    if (entry.state !== 'deleting' && entry.startedMillis !== undefined) await this.#readable(entry);
    this.#catalog.setState(id, 'deleting');
    this.#catalog.log('deleting', 'Asked to delete', id);
    await this.#finishDelete(id);
  }

  /** When the engine last asked for a step of a task that is at work. */
  get lastStepMillis(): number | undefined {
    return this.#lastStepMillis;
  }

  // What the engine asks

  /** Begins new turns for what was at work when the server ended, and ends what it had begun to delete. */
  async takeUp(): Promise<void> {
    for (const { id, state } of this.#catalog.tasks()) {
      if (state === 'running' || state === 'stopping') await this.#beginTurn(id);
      else if (state === 'deleting') await this.#goOnDeleting(id);
    }
  }

  /** A little step of a task. Does not throw. */
  async moveTask(id: string, turn: number): Promise<TaskMove> {
    const entry = this.#current(id, turn);
    if (entry === undefined) return { next: 'ended', tables: [] };
    this.#dueMillis.set(id, Infinity);
    const move = await this.#moveTask(entry).catch((error: unknown): TaskMove => ({ next: this.#stumbled(id, turn, error), tables: [] }));
    this.#expect(id, turn, id, move.next);
    for (const table of move.tables) {
      const key = `${id}/${table}`;
      if (!this.#dueMillis.has(key)) this.#expect(id, turn, key, AT_ONCE);
    }
    return move;
  }

  /** A little step of a table. Does not throw. */
  async moveTable(id: string, table: number, turn: number): Promise<Next> {
    const entry = this.#current(id, turn);
    if (entry === undefined || entry.state !== 'running') return 'ended';
    const key = `${id}/${table}`;
    this.#dueMillis.set(key, Infinity);
    const next = await this.#moveTable(entry, table).catch((error: unknown) => this.#stumbled(id, turn, error));
    this.#expect(id, turn, key, next);
    return next;
  }

  async #moveTask(entry: TaskEntry): Promise<TaskMove> {
    const run = await this.#opened(entry);
    if (run === 'ended' || 'afterMillis' in run) return { next: run, tables: [] };
    const tables = entry.state === 'stopping' ? [] : run.active();
    if (tables.length > 0) return { next: { afterMillis: HEARTBEAT_MILLIS }, tables };
    // Nothing may write any more for a task that has ended: it could be deleted next.
    if (!await run.isStopped()) return { next: { afterMillis: NOT_OPEN_MILLIS }, tables: [] };
    const ending = this.#ending.get(entry.id) ?? this.#end(entry, run).finally(() => this.#ending.delete(entry.id));
    this.#ending.set(entry.id, ending);
    await ending;
    return { next: 'ended', tables: [] };
  }

  async #moveTable(entry: TaskEntry, table: number): Promise<Next> {
    const run = await this.#opened(entry);
    return run === 'ended' || 'afterMillis' in run ? run : run.advance(table);
  }

  onLog(listener: (entry: LogEntry) => void): () => void {
    return this.#catalog.onLog(listener);
  }

  /** The last entries of the log, of one task or of all. */
  log(limit: number, task?: string): LogEntry[] {
    return this.#catalog.lastEntries(limit, task);
  }

  logAfter(id: string, number: number): LogEntry[] {
    return this.#catalog.logAfter(id, number);
  }

  /** Of the workspace's disk, or a bug: neither may stop the engine's messages. */
  #stumbled(id: string, turn: number, error: unknown): Next {
    try {
      // Its ledger was closed meanwhile.
      if (this.#current(id, turn) === undefined) return 'ended';
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
    this.#catalog.countElapsed();
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
    for (const key of this.#keysOf(id)) this.#dueMillis.delete(key);
    this.#dueMillis.set(id, Date.now());
    await this.#wake(id, turn).catch(() => this.#dueMillis.set(id, 0));
  }

  /** Looks after tasks whose messages were lost. The next look follows whatever comes of this one. */
  async #look(): Promise<void> {
    try {
      this.#catalog.countElapsed();
      for (const { id, state } of this.#catalog.tasks()) {
        if (state === 'deleting') await this.#goOnDeleting(id);
        if (state !== 'running' && state !== 'stopping') continue;
        const due = this.#keysOf(id).map((key) => this.#dueMillis.get(key)!);
        if (due.length === 0 || Math.min(...due) < Date.now() - FORGOTTEN_MILLIS) await this.#beginTurn(id);
      }
    } catch {
      // The disk of the catalog is full, or away.
    }
  }

  #keysOf(id: string): string[] {
    return [...this.#dueMillis.keys()].filter((key) => key === id || key.startsWith(`${id}/`));
  }

  /** Notes when the engine should ask again, unless a newer turn has begun meanwhile. */
  #expect(id: string, turn: number, key: string, next: Next): void {
    if (this.#isClosing || this.#catalog.tasks().find((task) => task.id === id)?.turn !== turn) return;
    if (next === 'ended') this.#dueMillis.delete(key);
    else this.#dueMillis.set(key, Date.now() + next.afterMillis);
  }

  /** The task, if a message of this turn still means something. */
  #current(id: string, turn: number): TaskEntry | undefined {
    const entry = this.#catalog.tasks().find((task) => task.id === id);
    if (entry === undefined || entry.turn !== turn || this.#isClosing) return undefined;
    if (entry.state !== 'running' && entry.state !== 'stopping') return undefined;
    this.#lastStepMillis = Date.now();
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
      const isForKeys = failure.code === 'AWS_KEYS_MISSING';
      if (!isForKeys || failures === 0) this.#catalog.log('not-opened', `${failure.code}: ${failure.message}`, entry.id);
      if (entry.state === 'stopping') {
        this.#catalog.setState(entry.id, 'stopped', failure);
        return 'ended';
      }
      if (isWaiting(failure) || (!isLasting(failure, failures) && !ERROR_OF_PROJECT.test(failure.code))) {
        this.#catalog.setFailure(entry.id, failure);
        return { afterMillis: isForKeys ? KEYS_MILLIS : retryMillis(failures) - Date.now() };
      }
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
      this.#openFailures.delete(entry.id);
      this.#catalog.setFailure(entry.id, undefined);
      if (entry.state === 'running') run.ledger.work.retryAll();
    }, () => {});
    return open;
  }

  async #readProject(path: string): Promise<Project> {
    return withServiceProfile(await readProject(path), this.#findServiceProfile);
  }

  /** The project of a task that is to work now. Throws AWS_KEYS_MISSING. */
  async #readable(entry: TaskEntry): Promise<Project> {
    const project = await this.#readProject(entry.projectFile);
    project.access?.credentials?.();
    return project;
  }

  async #load(entry: TaskEntry): Promise<TaskRun> {
    return TaskRun.open({
      taskId: entry.id, project: await this.#readable(entry), agents: this.#agents, agentNames: entry.agents, runHere: (job, onEvent, signal) => this.#builtIn.run(job, onEvent, signal), serverId: this.#catalog.serverId, leaseSeconds: this.#leaseSeconds,
      nowSeconds: entry.nowSeconds, note: (kind, text) => this.#catalog.log(kind, text, entry.id),
    });
  }

  /** The task is over, or stopped: what it came to is kept, its ledger closed. */
  async #end(entry: TaskEntry, run: TaskRun): Promise<void> {
    const isFailed = runningStatus(entry, run, new RowRate()).tables.some((table) => table.failure !== undefined);
    const state = entry.state === 'stopping' ? 'stopped' : isFailed ? 'failed' : 'done';
    if (state === 'done' || state === 'failed') await run.report(this.#catalog.task(entry.id).elapsedMillis / 1000);
    // Before the state: nobody moves an ended task again, so what is not written down by then never would be.
    this.#catalog.setLastStatus(entry.id, runningStatus(entry, run, new RowRate()));
    this.#catalog.setState(entry.id, state);
    this.#open.delete(entry.id);
    run.close();
    this.#catalog.log(state, `Task ${state}`, entry.id);
  }

  async #goOnDeleting(id: string): Promise<void> {
    await this.#finishDelete(id).catch((error: unknown) => this.#catalog.log('delete-failed', refusalOf(error).message, id));
  }

  #finishDelete(id: string): Promise<void> {
    const deleting = this.#deleting.get(id) ?? this.#deleteSoon(this.#catalog.task(id)).finally(() => this.#deleting.delete(id));
    this.#deleting.set(id, deleting);
    return deleting;
  }

  /** Nothing is taken away while an agent that nobody hears may still add to it. */
  async #deleteSoon(entry: TaskEntry): Promise<void> {
    if (entry.startedMillis !== undefined) {
      const project = await this.#readable(entry);
      const workspace = await openWorkspace(project.workspace, false);
      try {
        if (Date.now() < workspace.ledger.work.looseUntilMillis() + LAST_REQUEST_MILLIS) return;
        await forget(project, workspace, (job) => this.#builtIn.run(job));
      } finally {
        workspace.ledger.close();
      }
    }
    this.#catalog.removeTask(entry.id);
    this.#catalog.log('deleted', `Task ${entry.id} was deleted`, entry.id);
  }

  #status(entry: TaskEntry): TaskStatus {
    const open = this.#open.get(entry.id);
    return open?.opened === undefined ? restingStatus(entry) : runningStatus(entry, open.opened, open.rate);
  }

  #expectState(id: string, states: readonly TaskState[], what: string): void {
    const { state } = this.#catalog.task(id);
    if (!states.includes(state)) throw serverError('TASK_STATE', `Task ${id} is ${state}: it cannot ${what}`);
  }
}

/** Agents may come back, and the vault be opened, at any time. */
function isWaiting({ code }: AgentRefusal): boolean {
  return code === 'NO_AGENT' || code === 'AWS_KEYS_MISSING' || code === 'AGENT_UNREACHABLE' || code === 'AGENT_STOPPING';
}
