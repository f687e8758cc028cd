// A task while its ledger is open: its tables, their progress, and the one way to move a table a little further.

import { join } from 'node:path';
import type { Job, JobEvent, JobResult } from '@aeneas/agent';
import { qualifiedName } from '@aeneas/cassandra';
import type { AgentRefusal, RefusedAgent } from '@aeneas/protocol';
import type { Ledger } from '../ledger.ts';
import type { WorkRecord } from '../ledger-work.ts';
import { mappingOf, stagingOf } from '../migration.ts';
import { pinMigration } from '../pinning.ts';
import type { PinnedMigration, TableTask } from '../pinning.ts';
import type { Project } from '../project.ts';
import { makeReport } from '../report.ts';
import { surveyJob } from '../source.ts';
import { openWorkspace } from '../workspace.ts';
import type { Workspace } from '../workspace.ts';
import type { Agents } from './agents.ts';
import { isLasting, Dispatcher, retryMillis } from './dispatcher.ts';
import { refusalOf } from './refusal.ts';
import { SourceAgents } from './source-agents.ts';
import { STORY, stepAfter } from './table-story.ts';
import type { TableContext } from './table-story.ts';

/** How long a call may take before it says "again": handlers of the engine are short. */
const PATIENCE_MILLIS = 500;
/** Tables at work at the same time: one can load while another is extracted, and a big one does not hold up the small ones. */
const TABLES_AT_ONCE = 4;

export interface RunOptions {
  readonly taskId: string;
  readonly project: Project;
  readonly agents: Agents;
  readonly agentNames: readonly string[];
  /** Runs a job of the server's own. */
  readonly runHere: <R extends JobResult>(job: Job, onEvent: (event: JobEvent) => void, signal: AbortSignal) => Promise<R>;
  readonly serverId: string;
  readonly leaseSeconds: number;
  readonly nowSeconds: number | undefined;
  readonly note: (kind: string, text: string) => void;
}

/** What follows a little progress: more of it after a pause, or nothing since the table is through or was given up. */
export type Advance = { readonly afterMillis: number } | 'ended';

/** Counted by running jobs, but not yet in the ledger. */
export interface LiveCounts { rows: number; items: number; rejected: number; fraction: number }

export class TaskRun {
  readonly project: Project;
  readonly ledger: Ledger;
  readonly pinned: PinnedMigration;
  readonly live = new Map<number, LiveCounts>();
  readonly #options: RunOptions;
  readonly #workspace: Workspace;
  readonly #dispatcher: Dispatcher;
  readonly #sources: SourceAgents;
  #stop: Promise<void> | undefined;
  readonly #here = new Map<number, Promise<AgentRefusal | undefined>>();
  readonly #advancing = new Map<number, Promise<Advance>>();
  readonly #stopping = new AbortController();

  private constructor(options: RunOptions, workspace: Workspace, pinned: PinnedMigration, sources: SourceAgents) {
    this.project = options.project;
    this.ledger = workspace.ledger;
    this.pinned = pinned;
    this.#options = options;
    this.#workspace = workspace;
    this.#sources = sources;
    this.#dispatcher = new Dispatcher({
      ledger: this.ledger, agents: options.agents, serverId: options.serverId, migrationId: pinned.migration.id, leaseSeconds: options.leaseSeconds, rejectedFolder: workspace.rejectedFolder,
      listener: { heard: (work, events) => this.#count(work, events), settled: (work) => void this.live.delete(work.id), lostSource: (agent) => sources.doubt(agent), note: (text) => options.note('job', text) },
    });
  }

  /** Pins the inputs of a new task, or takes those of a begun one. Throws PROJECT_*, NO_AGENT, and what a survey of the source throws. */
  static async open(options: RunOptions): Promise<TaskRun> {
    const { project, agents, agentNames, nowSeconds, note } = options;
    const mapping = mappingOf(project);
    const sources = new SourceAgents({ ...options, names: () => agents.chosen(agentNames), note: (text) => note('source', text) });
    const workspace = await openWorkspace(project.workspace, false);
    try {
      const pinned = await pinMigration(project, mapping, workspace.ledger, nowSeconds, async () => sources.survey(await surveyJob(project)));
      return new TaskRun(options, workspace, pinned, sources);
    } catch (error) {
      workspace.ledger.close();
      throw error;
    }
  }

  /** Ids of the tables that are neither through nor given up, as many as may be at work. */
  active(): number[] {
    const open = this.pinned.tasks.map((task) => task.record.id).filter((id) => !this.isEnded(id));
    return open.slice(0, this.project.writeCapacityUnits === undefined ? TABLES_AT_ONCE : 1);
  }

  isEnded(id: number): boolean {
    const progress = this.ledger.work.progress(id);
    return progress !== undefined && (progress.isGivenUp || progress.step === 'done');
  }

  /** Moves a table on. Called again at any time, also after a crash, also while an earlier call is still at it. */
  async advance(id: number): Promise<Advance> {
    if (this.#stopping.signal.aborted) return 'ended';
    const running = this.#advancing.get(id) ?? this.#advance(id).finally(() => this.#advancing.delete(id));
    this.#advancing.set(id, running);
    const advance = await withPatience(running);
    return advance === 'working' ? { afterMillis: 0 } : advance;
  }

  async #advance(id: number): Promise<Advance> {
    const { work } = this.ledger;
    const progress = work.progress(id);
    if (progress === undefined) return this.#enter(id, undefined);
    const step = STORY.find(({ name }) => name === progress.step)!;
    if (progress.isGivenUp || step.name === 'done') return 'ended';
    const wait = progress.retryMillis - Date.now();
    if (wait > 0) return { afterMillis: wait };

    if (step.here !== undefined) {
      const outcome = await this.#doHere(id, step.here);
      if (outcome === 'working') return { afterMillis: 0 };
      return outcome === undefined ? this.#enter(id, step.name) : this.#fail(id, outcome, progress.failures);
    }
    const context = this.#context(id);
    if (!progress.isPlanned) work.plan(id, step.name, step.plan!(context));
    if (work.isAllDone(id, step.name)) return this.#settle(context, step);
    const agents = this.#sources.ready(() => this.ledger.inputs());
    if (agents.length === 0) this.#tellOfSource(id, progress.failure);
    else if (progress.failures > 0) work.recover(id);
    const fatal = await this.#dispatcher.round(id, step.name, agents, (lease) => step.job!(context, lease));
    if (fatal !== undefined) {
      await this.#dispatcher.stop((one) => one.taskId === id);
      return this.#fail(id, fatal, Infinity);
    }
    return work.isAllDone(id, step.name) ? this.#settle(context, step) : { afterMillis: 0 };
  }

  #settle(context: TableContext, step: (typeof STORY)[number]): Advance {
    step.settle?.(context);
    return this.#enter(context.task.record.id, step.name);
  }

  /** No agent has the pinned files. The table waits for one, and says so. */
  #tellOfSource(id: number, told: AgentRefusal | undefined): void {
    const [refused] = this.refusedAgents();
    if (refused === undefined || refused.message === told?.message) return;
    const { code, message, remedy } = refused;
    this.ledger.work.failStep(id, { code, message, remedy }, Date.now());
  }

  /** Agents of the task that get no work, since they have other files. */
  refusedAgents(): RefusedAgent[] {
    return this.#sources.refused();
  }

  /** Stops what runs in order within some seconds, and begins nothing more. */
  async stop(isMeant: (work: WorkRecord) => boolean = () => true): Promise<void> {
    this.#stopping.abort();
    await this.#dispatcher.stop(isMeant);
  }

  /** Stops everything, from call to call; resolves with whether nothing runs any more. */
  async isStopped(): Promise<boolean> {
    this.#stop ??= this.stop().finally(() => {
      this.#stop = undefined;
    });
    if (await withPatience(this.#stop) === 'working') return false;
    // Nobody asks for the outcome of what the server does itself any more; done again, it does no harm.
    for (const [id, doing] of this.#here) if (await withPatience(doing) !== 'working') this.#here.delete(id);
    return this.#advancing.size === 0 && this.#here.size === 0 && this.ledger.work.running().length === 0;
  }

  /** Writes the report of the task, which took so long, to its workspace. */
  async report(seconds: number): Promise<void> {
    const failures = this.pinned.tasks.flatMap(({ record, table }) => {
      const failure = this.ledger.work.progress(record.id)?.failure;
      return failure === undefined ? [] : [{ table: qualifiedName(table), ...failure }];
    });
    const context = { project: this.project, migration: this.pinned.migration, workspace: this.#workspace, ledger: this.ledger, staging: this.#staging };
    const totals = this.pinned.tasks.map((task) => this.ledger.totals(task.record.id));
    const sum = (of: (one: (typeof totals)[number]) => number): number => totals.reduce((total, one) => total + of(one), 0);
    // Tables are at different phases side by side, over restarts: only the whole time means something.
    await makeReport(context, this.pinned.tasks, failures, {
      rows: sum(({ rows }) => rows), loadedItems: sum(({ loadedItems }) => loadedItems), seconds, extractSeconds: 0, loadSeconds: 0, validateSeconds: 0,
    });
  }

  close(): void {
    this.#dispatcher.close();
    this.ledger.close();
  }

  /** Where it stages files; none when rows go straight to the table. */
  get stagingAddress(): string | undefined {
    if (this.project.loader === 'direct') return undefined;
    const staging = this.#staging;
    return staging.kind === 's3' ? `s3://${staging.bucket}/${staging.prefix}` : staging.folder;
  }

  /** Where in the output folder of each agent its uploaded files stay; none when they are deleted. */
  get keptFiles(): string | undefined {
    const staging = this.#staging;
    return this.project.loader !== 'direct' && staging.kind === 's3' && staging.keepIn !== undefined ? join('extracted', this.#options.serverId, this.pinned.migration.id) : undefined;
  }

  get #staging() {
    return stagingOf(this.project, this.#workspace, this.pinned.migration.id);
  }

  #agentNames(): string[] {
    return this.#options.agents.chosen(this.#options.agentNames);
  }

  #task(id: number): TableTask {
    return this.pinned.tasks.find((task) => task.record.id === id)!;
  }

  #context(id: number): TableContext {
    return {
      project: this.project, migration: this.pinned.migration, ledger: this.ledger, task: this.#task(id), staging: this.#staging,
      workers: this.#options.agents.workers(this.#agentNames()),
      runHere: (job) => this.#options.runHere(job, (event) => {
        if (event.type === 'retried') this.ledger.work.countRetries(id, event);
      }, this.#stopping.signal),
    };
  }

  #enter(id: number, after: string | undefined): Advance {
    const step = stepAfter(after, this.project);
    this.ledger.work.enter(id, step.name);
    this.#options.note('step', `${this.#name(id)}: ${step.name}`);
    return step.name === 'done' ? 'ended' : { afterMillis: 0 };
  }

  /** What the server does itself goes on from call to call. */
  async #doHere(id: number, work: (context: TableContext) => Promise<void>): Promise<AgentRefusal | undefined | 'working'> {
    const doing = this.#here.get(id) ?? work(this.#context(id)).then(() => undefined, refusalOf);
    this.#here.set(id, doing);
    const outcome = await withPatience(doing);
    if (outcome !== 'working') this.#here.delete(id);
    return outcome;
  }

  #fail(id: number, failure: AgentRefusal, failures: number): Advance {
    const isLast = isLasting(failure, failures);
    const retryAt = isLast ? undefined : retryMillis(failures);
    this.ledger.work.failStep(id, failure, retryAt);
    this.#options.note(isLast ? 'table-failed' : 'step-failed', `${this.#name(id)}: ${failure.code}: ${failure.message}`);
    return retryAt === undefined ? 'ended' : { afterMillis: retryAt - Date.now() };
  }

  #name(id: number): string {
    return qualifiedName(this.#task(id).table);
  }

  #count(work: WorkRecord, events: Parameters<ConstructorParameters<typeof Dispatcher>[0]['listener']['heard']>[1]): void {
    const counts = this.live.get(work.id) ?? { rows: 0, items: 0, rejected: 0, fraction: 0 };
    for (const event of events) {
      if (event.type === 'progress') {
        counts.rows += event.rows;
        counts.items += event.items;
        counts.rejected += event.rejected;
        counts.fraction = event.fraction;
      } else if (event.type === 'segment') {
        counts.rows -= event.segment.rows;
        counts.items -= event.segment.items;
        counts.rejected -= event.segment.rejected;
      }
    }
    this.live.set(work.id, counts);
  }
}

/** The outcome if it comes soon. */
export async function withPatience<T>(doing: Promise<T>): Promise<T | 'working'> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<'working'>((resolve) => {
    timer = setTimeout(() => resolve('working'), PATIENCE_MILLIS);
  });
  return Promise.race([doing, patience]).finally(() => clearTimeout(timer));
}
