// The control plane's part of the ledger: at which step each table is, which jobs that step was cut into, who has them, and what came of
// them. A step's jobs are planned once, so that a server that follows a crash gives out the very same ones.

import type { JobEvent, Segment } from '@aeneas/agent';
import type { AgentRefusal, AgentOutput, JobAttempt } from '@aeneas/protocol';
import type { Attempt, Ledger } from './ledger.ts';
import type { LedgerDatabase } from './ledger-database.ts';
import { serverError } from './errors.ts';

export const WORK_TABLES = `
create table progress (task integer primary key references task, step text not null, planned integer not null default 0,
  failures integer not null default 0, failure text, retry_millis integer not null default 0, given_up integer not null default 0);
create table work (id integer primary key, task integer not null references task, step text not null, spec text not null, split integer references split,
  epoch integer not null default 0, agent text, leased_millis integer not null default 0, heard integer not null default 0, done integer not null default 0, result text,
  failures integer not null default 0, failure text, retry_millis integer not null default 0);
create index work_of_step on work (task, step, done);
create index work_running on work (task) where agent is not null;
`;

/** What version 2 of the ledger did not have. */
export const RETRY_COLUMNS = 'alter table progress add column retries integer not null default 0; alter table progress add column retry_reason text;';

export interface StepProgress {
  readonly step: string;
  readonly isPlanned: boolean;
  /** One after the other, of what the server itself does in this step. */
  readonly failures: number;
  readonly failure: AgentRefusal | undefined;
  readonly retryMillis: number;
  readonly isGivenUp: boolean;
  /** Requests to AWS that were made again, in all steps, and why the last of them. */
  readonly retries: number;
  readonly retryReason: string | undefined;
}

export interface WorkRecord {
  readonly id: number;
  readonly taskId: number;
  readonly step: string;
  readonly spec: unknown;
  readonly splitId: number | undefined;
  readonly epoch: number;
  /** Who has it; undefined: nobody. */
  readonly agent: string | undefined;
  readonly leasedMillis: number;
  /** Number of the agent's last event that is in the ledger. */
  readonly heard: number;
  readonly failures: number;
}

/** A job given to an agent; of a split, with the place where to go on. */
export interface Lease {
  readonly work: WorkRecord;
  readonly attempt: Attempt | undefined;
}

export interface WorkCounts {
  readonly total: number;
  readonly done: number;
  readonly running: number;
  readonly lastFailure: AgentRefusal | undefined;
  readonly nextRetryMillis: number | undefined;
}

export interface PlannedWork {
  readonly spec: unknown;
  readonly splitId?: number;
}

type JobEvents = AgentOutput<'pollJob'>['events'];
type WireSegment = Extract<JobEvents[number]['event'], { type: 'segment' }>['segment'];

export class WorkLedger {
  readonly #database: LedgerDatabase;
  readonly #ledger: Ledger;

  constructor(database: LedgerDatabase, ledger: Ledger) {
    this.#database = database;
    this.#ledger = ledger;
  }

  progress(taskId: number): StepProgress | undefined {
    const row = this.#database.get('select * from progress where task = ?', taskId);
    if (row === undefined) return undefined;
    return {
      step: String(row.step), isPlanned: row.planned === 1, failures: Number(row.failures), failure: refusal(row.failure), retryMillis: Number(row.retry_millis), isGivenUp: row.given_up === 1,
      retries: Number(row.retries), retryReason: row.retry_reason === null ? undefined : String(row.retry_reason),
    };
  }

  /** The table goes on to a step; what failed before is over. */
  enter(taskId: number, step: string): void {
    this.#database.run(`insert into progress (task, step) values (?, ?)
      on conflict (task) do update set step = excluded.step, planned = 0, failures = 0, failure = null, retry_millis = 0, given_up = 0`, taskId, step);
  }

  /** Counts requests that were made again. */
  countRetries(taskId: number, { requests, reason }: Pick<Extract<JobEvent, { type: 'retried' }>, 'requests' | 'reason'>): void {
    this.#database.run('update progress set retries = retries + ?, retry_reason = ? where task = ?', requests, reason, taskId);
  }

  /** Notes that the server's own part of a step failed, and when it is tried again; without that, the table is given up. */
  failStep(taskId: number, failure: AgentRefusal, retryMillis: number | undefined): void {
    this.#database.run('update progress set failures = failures + 1, failure = ?, retry_millis = ?, given_up = ? where task = ?',
      JSON.stringify(failure), retryMillis ?? 0, retryMillis === undefined ? 1 : 0, taskId);
  }

  /** Tables that were given up get another chance. */
  retryAll(): void {
    this.#database.transaction(() => {
      this.#database.run('update progress set failures = 0, retry_millis = 0, given_up = 0');
      this.#database.run('update work set failures = 0, retry_millis = 0 where done = 0');
    });
  }

  /** What failed before is over, as far as people are told. */
  recover(taskId: number): void {
    this.#database.run('update progress set failures = 0, failure = null, retry_millis = 0 where task = ?', taskId);
  }

  /** The jobs of the table's step; only the first plan counts. */
  plan(taskId: number, step: string, planned: readonly PlannedWork[]): void {
    this.#database.transaction(() => {
      for (const { spec, splitId } of planned) {
        this.#database.run('insert into work (task, step, spec, split) values (?, ?, ?, ?)', taskId, step, JSON.stringify(spec), splitId ?? null);
      }
      this.#database.run('update progress set planned = 1 where task = ?', taskId);
    });
  }

  /** Jobs that agents have; of one table, or of all. */
  running(taskId?: number): WorkRecord[] {
    const rows = taskId === undefined ? this.#database.all('select * from work where agent is not null')
      : this.#database.all('select * from work where task = ? and agent is not null', taskId);
    return rows.map(workOf);
  }

  /** Whether this attempt still has the job. */
  isHeld({ id, epoch }: WorkRecord): boolean {
    return this.#database.get('select 1 from work where id = ? and epoch = ? and agent is not null', id, epoch) !== undefined;
  }

  /** Jobs that nobody has and that may be begun now. */
  free(taskId: number, step: string, nowMillis: number, limit: number): WorkRecord[] {
    return this.#database.all('select * from work where task = ? and step = ? and done = 0 and agent is null and retry_millis <= ? order by id limit ?', taskId, step, nowMillis, limit).map(workOf);
  }

  isAllDone(taskId: number, step: string): boolean {
    return this.#database.get('select 1 from work where task = ? and step = ? and done = 0 limit 1', taskId, step) === undefined;
  }

  counts(taskId: number, step: string): WorkCounts {
    const row = this.#database.get('select count(*) as total, total(done) as done, count(agent) as running, min(case when done = 0 and agent is null then retry_millis end) as retry from work where task = ? and step = ?', taskId, step);
    const failed = this.#database.get('select failure from work where task = ? and step = ? and done = 0 and failures > 0 order by retry_millis desc limit 1', taskId, step);
    const retry = Number(row?.retry ?? 0);
    return {
      total: Number(row?.total), done: Number(row?.done), running: Number(row?.running), lastFailure: refusal(failed?.failure ?? null), nextRetryMillis: retry === 0 ? undefined : retry,
    };
  }

  /** Gives a job to an agent under a new epoch. Undefined: it was done all the same, an earlier attempt had committed its split. */
  lease(work: WorkRecord, agent: string, nowMillis: number): Lease | undefined {
    return this.#database.transaction(() => {
      if (work.splitId !== undefined && this.#ledger.isCommitted(work.splitId)) {
        this.#database.run('update work set done = 1, agent = null where id = ?', work.id);
        return undefined;
      }
      const attempt = work.splitId === undefined ? undefined : this.#ledger.lease(work.splitId, nowMillis);
      const epoch = attempt?.epoch ?? work.epoch + 1;
      this.#database.run('update work set epoch = ?, agent = ?, leased_millis = ?, heard = 0 where id = ?', epoch, agent, nowMillis, work.id);
      return { work: { ...work, epoch, agent, leasedMillis: nowMillis, heard: 0 }, attempt };
    });
  }

  /** Makes durable what a job tells, each event once, and with the last its result. Throws ATTEMPT_FENCED. */
  hear(work: WorkRecord, events: JobEvents, end?: { readonly result: unknown }): void {
    this.#database.transaction(() => {
      this.#checkOwner(work);
      const fresh = events.filter(({ number }) => number > work.heard);
      for (const { event } of fresh) {
        if (event.type === 'segment') this.#ledger.record({ splitId: work.splitId!, epoch: work.epoch, after: undefined }, segmentOf(event.segment));
        else if (event.type === 'loaded') this.#ledger.recordLoad(event.segmentId, event.items);
        else if (event.type === 'retried') this.countRetries(work.taskId, event);
      }
      // Failures count in a row: whoever gets on at all may go on.
      if (fresh.some(({ event }) => event.type === 'segment' || event.type === 'loaded')) this.#database.run('update work set failures = 0 where id = ?', work.id);
      const heard = Math.max(work.heard, events.at(-1)?.number ?? 0);
      if (end === undefined) this.#database.run('update work set heard = ? where id = ?', heard, work.id);
      else this.#database.run('update work set heard = ?, done = 1, agent = null, result = ?, failure = null where id = ?', heard, resultText(end.result), work.id);
    });
  }

  /**
   * Takes a job from its agent; with a failure it counts as one. Its next attempt begins at `retryMillis` at the earliest. `looseMillis`:
   * until then the agent may still be at it, since nobody heard that it has ended.
   */
  release(work: WorkRecord, failure: AgentRefusal | undefined, retryMillis: number, looseMillis = 0): void {
    this.#database.transaction(() => {
      this.#checkOwner(work);
      this.#database.run('update work set agent = null, failures = failures + ?, failure = coalesce(?, failure), retry_millis = ?, loose_millis = max(loose_millis, ?) where id = ?',
        failure === undefined ? 0 : 1, failure === undefined ? null : JSON.stringify(failure), retryMillis, looseMillis, work.id);
      if (failure !== undefined && work.splitId !== undefined) this.#ledger.fail({ splitId: work.splitId, epoch: work.epoch, after: undefined }, failure.message);
    });
  }

  /** When the last lease is over of which nobody heard the end. */
  looseUntilMillis(): number {
    return Number(this.#database.get('select max(loose_millis) as last from work')?.last ?? 0);
  }

  /** What the jobs of a step were and what came of them, in the order of the plan. */
  results(taskId: number, step: string): { readonly spec: unknown; readonly result: unknown }[] {
    return this.#database.all('select spec, result from work where task = ? and step = ? and done = 1 order by id', taskId, step)
      .map((row) => ({ spec: JSON.parse(String(row.spec)) as unknown, result: JSON.parse(String(row.result)) as unknown }));
  }

  #checkOwner(work: WorkRecord): void {
    const row = this.#database.get('select epoch, done from work where id = ?', work.id);
    if (Number(row?.epoch) !== work.epoch || row?.done === 1) {
      throw serverError('ATTEMPT_FENCED', `Job ${work.id} is at epoch ${String(row?.epoch)}, the record came from epoch ${work.epoch}`);
    }
  }
}

/** Integers beyond 2^53 (tokens) as text. */
function resultText(result: unknown): string {
  return JSON.stringify(result ?? null, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/** Name of an attempt towards agents. */
export function attemptOf(serverId: string, migrationId: string, work: WorkRecord): JobAttempt {
  return { serverId, taskId: migrationId, jobId: `${work.step}-${work.splitId ?? work.id}`, epoch: work.epoch };
}

function segmentOf(segment: WireSegment): Segment {
  return { ...segment, position: segment.position as Segment['position'], rejectedFile: segment.rejectedFile, file: segment.file };
}

function workOf(row: Record<string, unknown>): WorkRecord {
  return {
    id: Number(row.id), taskId: Number(row.task), step: String(row.step), spec: JSON.parse(String(row.spec)) as unknown, splitId: row.split === null ? undefined : Number(row.split),
    epoch: Number(row.epoch), agent: row.agent === null ? undefined : String(row.agent), leasedMillis: Number(row.leased_millis), heard: Number(row.heard), failures: Number(row.failures),
  };
}

function refusal(text: unknown): AgentRefusal | undefined {
  return text === null || text === undefined ? undefined : JSON.parse(String(text)) as AgentRefusal;
}
