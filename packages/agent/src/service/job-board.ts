// The jobs of an agent: started once by (server, task, job, epoch), told about until the asker has acknowledged, ended when their lease is
// over. In memory only: when the agent is started anew, its server leases the splits again, and the ledger decides what was real.

import { CodedError } from '@aeneas/cassandra';
import type { AgentOutput, AgentRefusal, JobAttempt, JobState } from '@aeneas/protocol';
import { agentError } from '../errors.ts';
import type { Job, JobEvent, JobResult } from '../job.ts';
import type { WorkerPool } from '../worker-pool.ts';

/** How long the end of a job can be asked for, and its epoch is remembered. */
const REMEMBER_MILLIS = 3_600_000;

type EndReason = Extract<JobState, 'stopped' | 'expired' | 'fenced'>;
type Poll = AgentOutput<'pollJob'>;

export class JobBoard {
  readonly #pool: WorkerPool;
  readonly #jobs = new Map<string, BoardJob>();

  constructor(pool: WorkerPool) {
    this.#pool = pool;
  }

  /**
   * Takes a job, or answers for the one that is there already. It begins with its first poll: a request that lay waiting while this process
   * hung, and whose sender has long given the job to another, begins nothing. `prepare` makes it a job of the workers.
   * Throws AGENT_JOB_FENCED and what `prepare` throws.
   */
  async start(attempt: JobAttempt, leaseSeconds: number, prepare: () => Promise<Job>): Promise<JobState> {
    const key = keyOf(attempt);
    const before = this.#jobs.get(key);
    if (before !== undefined && before.attempt.epoch > attempt.epoch) {
      throw agentError('AGENT_JOB_FENCED', `Job ${attempt.jobId} is at epoch ${before.attempt.epoch}, the request came from epoch ${attempt.epoch}`);
    }
    if (before?.attempt.epoch === attempt.epoch) {
      before.renew();
      return before.state;
    }
    const job = new BoardJob(attempt, leaseSeconds, () => {
      if (this.#jobs.get(key) === job) this.#jobs.delete(key);
    });
    this.#jobs.set(key, job);
    await before?.end('fenced');
    try {
      job.take(this.#pool, await prepare());
    } catch (error) {
      // Refused before it began: asking again is a new request.
      job.forget();
      throw error;
    }
    return job.state;
  }

  /** Throws AGENT_JOB_UNKNOWN, AGENT_JOB_FENCED. */
  poll(attempt: JobAttempt, after: number, waitMillis: number): Promise<Poll> {
    return this.#find(attempt).poll(after, waitMillis);
  }

  async stop(attempt: JobAttempt): Promise<void> {
    const job = this.#jobs.get(keyOf(attempt));
    if (job?.attempt.epoch === attempt.epoch) await job.end('stopped');
  }

  list(serverId: string): AgentOutput<'listJobs'>['jobs'] {
    return [...this.#jobs.values()].filter((job) => job.attempt.serverId === serverId).map((job) => job.entry());
  }

  count(state: JobState): number {
    return [...this.#jobs.values()].filter((job) => job.state === state).length;
  }

  /** Ends the jobs of a server, or all. Resolves when none of them works, and after their askers have heard of it or `patienceMillis` passed. */
  async stopAll(serverId: string | undefined, patienceMillis = 0): Promise<void> {
    const jobs = [...this.#jobs.values()].filter((job) => serverId === undefined || job.attempt.serverId === serverId);
    await Promise.all(jobs.map((job) => job.end('stopped')));
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, patienceMillis);
    await Promise.race([Promise.all(jobs.map((job) => job.heard)), patience.promise]);
    clearTimeout(timer);
    for (const job of jobs) job.forget();
  }

  #find(attempt: JobAttempt): BoardJob {
    const job = this.#jobs.get(keyOf(attempt));
    if (job === undefined || job.attempt.epoch < attempt.epoch) throw agentError('AGENT_JOB_UNKNOWN', `There is no job ${attempt.jobId} of epoch ${attempt.epoch}`);
    if (job.attempt.epoch > attempt.epoch) throw agentError('AGENT_JOB_FENCED', `Job ${attempt.jobId} is at epoch ${job.attempt.epoch}, the request came from epoch ${attempt.epoch}`);
    return job;
  }
}

class BoardJob {
  readonly attempt: JobAttempt;
  /** Resolves once an asker was told of the end. */
  readonly heard: Promise<void>;
  readonly #leaseMillis: number;
  readonly #onForgotten: () => void;
  readonly #stopping = new AbortController();
  readonly #heard = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #kind: Job['kind'] | undefined;
  #begin: (() => void) | undefined;
  #isBegun = false;
  #state: JobState = 'waiting';
  #endReason: EndReason | undefined;
  #result: Poll['result'];
  #error: AgentRefusal | undefined;
  #events: { number: number; event: JobEvent }[] = [];
  #lastNumber = 0;
  /** Events up to this one were told, so they no longer change. */
  #toldNumber = 0;
  readonly #lease = new BigInt64Array(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
  #timer: NodeJS.Timeout | undefined;
  #news = Promise.withResolvers<void>();

  constructor(attempt: JobAttempt, leaseSeconds: number, onForgotten: () => void) {
    this.attempt = attempt;
    this.heard = this.#heard.promise;
    this.#leaseMillis = leaseSeconds * 1000;
    this.#onForgotten = onForgotten;
    this.renew();
  }

  get state(): JobState {
    return this.#state;
  }

  /** The job waits for its first poll. */
  take(pool: WorkerPool, job: Job): void {
    this.#kind = job.kind;
    this.#begin = () => this.#run(pool, job);
  }

  #run(pool: WorkerPool, job: Job): void {
    this.#begin = undefined;
    this.#isBegun = true;
    pool.run(job, (event) => this.#hear(event), {
      signal: this.#stopping.signal,
      lease: this.#lease.buffer,
      onStart: () => {
        this.#state = 'running';
      },
    }).then((result) => this.#finish('done', result), (error: unknown) => this.#finish(this.#endReason ?? 'failed', undefined, error));
  }

  /** A working job ends when nobody asks for it; an ended one is forgotten later. A question that comes after the lease does not bring it back. */
  renew(): void {
    clearTimeout(this.#timer);
    const endMillis = Number(Atomics.load(this.#lease, 0));
    if (!this.#isOver() && endMillis !== 0 && endMillis < Date.now()) {
      void this.end('expired');
      return;
    }
    Atomics.store(this.#lease, 0, BigInt(Date.now() + Math.ceil(this.#leaseMillis)));
    this.#timer = this.#isOver() ? setTimeout(() => this.forget(), REMEMBER_MILLIS) : setTimeout(() => void this.end('expired'), this.#leaseMillis);
    this.#timer.unref();
  }

  async poll(after: number, waitMillis: number): Promise<Poll> {
    this.renew();
    if (!this.#isOver()) this.#begin?.();
    this.#events = this.#events.filter(({ number }) => number > after);
    if (this.#events.length === 0 && !this.#isOver() && waitMillis > 0) {
      const patience = Promise.withResolvers<void>();
      // The asker may be gone: waiting must not outlive the lease.
      const timer = setTimeout(patience.resolve, Math.min(waitMillis, this.#leaseMillis / 2));
      await Promise.race([this.#news.promise, patience.promise]);
      clearTimeout(timer);
    }
    const events = this.#events.filter(({ number }) => number > after);
    this.#toldNumber = Math.max(this.#toldNumber, events.at(-1)?.number ?? 0);
    if (this.#isOver()) this.#heard.resolve();
    return {
      state: this.#state, events: events as Poll['events'],
      ...(this.#result === undefined ? {} : { result: this.#result }), ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  /** Resolves when the job no longer works. */
  async end(reason: EndReason): Promise<void> {
    if (this.#isOver()) return;
    this.#endReason ??= reason;
    this.#stopping.abort();
    if (!this.#isBegun) this.#finish(this.#endReason);
    await this.#ended.promise;
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#onForgotten();
  }

  entry(): AgentOutput<'listJobs'>['jobs'][number] {
    return {
      attempt: this.attempt, kind: this.#kind ?? 'extract', state: this.#state,
      leaseEndsInSeconds: this.#isOver() ? 0 : Math.max(0, (Number(Atomics.load(this.#lease, 0)) - Date.now()) / 1000),
    };
  }

  #isOver(): boolean {
    return this.#state !== 'waiting' && this.#state !== 'running';
  }

  #hear(event: JobEvent): void {
    // What nobody has heard becomes one with what follows, so that a silent asker costs no memory.
    const last = this.#lastUntold(event.type);
    if (event.type === 'progress' && last?.event.type === 'progress') {
      const { rows, items, rejected } = last.event;
      last.event = { ...event, rows: rows + event.rows, items: items + event.items, rejected: rejected + event.rejected };
    } else if (event.type === 'retried' && last?.event.type === 'retried') {
      last.event = { ...event, requests: last.event.requests + event.requests };
    } else {
      this.#events.push({ number: ++this.#lastNumber, event });
    }
    this.#announce();
  }

  /** The event of a type that only others which are summed up have followed. */
  #lastUntold(type: JobEvent['type']): { event: JobEvent } | undefined {
    for (const one of this.#events.slice(-2).reverse()) {
      if (one.number <= this.#toldNumber || (one.event.type !== 'progress' && one.event.type !== 'retried')) return undefined;
      if (one.event.type === type) return one;
    }
    return undefined;
  }

  #finish(state: JobState, result?: JobResult, error?: unknown): void {
    if (this.#isOver()) return;
    this.#state = state;
    if (result !== undefined) this.#result = result as NonNullable<Poll['result']>;
    if (state === 'failed') this.#error = refusalOf(error);
    this.renew();
    this.#announce();
    this.#ended.resolve();
  }

  #announce(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}

/** An error as it goes over the wire. What has no code is a bug of ours, told by its message alone. */
export function refusalOf(error: unknown): AgentRefusal {
  if (error instanceof CodedError) return { code: error.code, message: error.message, remedy: error.remedy };
  return refusalOf(agentError('AGENT_FAILED', error instanceof Error ? error.message : String(error)));
}

function keyOf({ serverId, taskId, jobId }: JobAttempt): string {
  return `${serverId}/${taskId}/${jobId}`;
}
