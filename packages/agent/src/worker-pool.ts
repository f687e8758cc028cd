// A few threads that run jobs, started when there is work for them. Jobs and events are small plain messages; rows never cross.

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CodedError } from '@aeneas/cassandra';
import { agentError } from './errors.ts';
import type { Job, JobEvent, JobResult } from './job.ts';
import type { SharedReading } from './reading.ts';
import type { FromWorker, PlainError } from './worker.ts';

/** A worker streams, so its heap stays small; the limit turns a runaway row into a coded error instead of an exhausted machine. */
const MAX_HEAP_MB = 512;
const MAX_YOUNG_HEAP_MB = 8;
/** How long a worker may take to put its work in order when it is told to stop. */
const STOP_MILLIS = 5_000;

interface Assignment {
  readonly job: Job;
  readonly lease: SharedArrayBuffer | undefined;
  readonly onStart: () => void;
  readonly onEvent: (event: JobEvent) => void;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: unknown) => void;
}

/** One thread for each core, unless told otherwise. */
export function defaultWorkers(): number {
  return availableParallelism();
}

export interface JobOptions {
  /** Aborted to stop this job alone: it puts its work in order and rejects with JOB_STOPPED. */
  readonly signal?: AbortSignal | undefined;
  /** When the right to work ends, in milliseconds since 1970 (one 64-bit integer that may change); the job looks there by itself. */
  readonly lease?: SharedArrayBuffer | undefined;
  /** A thread has taken it. */
  readonly onStart?: (() => void) | undefined;
}

export class WorkerPool {
  #size: number;
  readonly #reading: SharedReading | undefined;
  readonly #idle: PoolWorker[] = [];
  readonly #busy = new Set<PoolWorker>();
  readonly #waiting: Assignment[] = [];
  #isStopping = false;

  constructor(size: number, reading?: SharedReading) {
    this.#size = size;
    this.#reading = reading;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Runs a job on the next free thread. `onEvent` hears what the job reports, in order; when it throws, the job is stopped and fails
   * with that error. Rejects with the job's CodedError, WORKER_FAILED, or JOB_STOPPED after `stop`.
   */
  run<R extends JobResult>(job: Job, onEvent: (event: JobEvent) => void, { signal, lease, onStart = () => {} }: JobOptions = {}): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(stopped());
        return;
      }
      const assignment: Assignment = { job, lease, onEvent, onStart, resolve: resolve as (result: JobResult) => void, reject };
      signal?.addEventListener('abort', () => this.#cancel(assignment), { once: true });
      this.#waiting.push(assignment);
      this.#assign();
    });
  }

  /** Changes how many jobs run at the same time. Jobs that run are left in peace; the next ones wait until there is room. */
  resize(size: number): void {
    this.#size = size;
    while (this.#idle.length > 0 && this.#idle.length + this.#busy.size > size) void this.#idle.pop()!.stop();
    this.#assign();
  }

  /** Refuses what waits, lets running jobs put their work in order, and ends the threads. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const assignment of this.#waiting.splice(0)) assignment.reject(stopped());
    await Promise.all([...this.#idle, ...this.#busy].map((worker) => worker.stop()));
  }

  #cancel(assignment: Assignment): void {
    const place = this.#waiting.indexOf(assignment);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      assignment.reject(stopped());
      return;
    }
    for (const worker of this.#busy) worker.cancel(assignment);
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      if (this.#isStopping) {
        this.#waiting.shift()!.reject(stopped());
        continue;
      }
      if (this.#busy.size >= this.#size) return;
      const worker = this.#idle.pop() ?? new PoolWorker(this.#reading, (freed, isAlive) => this.#freed(freed, isAlive));
      this.#busy.add(worker);
      worker.run(this.#waiting.shift()!);
    }
  }

  #freed(worker: PoolWorker, isAlive: boolean): void {
    this.#busy.delete(worker);
    if (isAlive && !this.#isStopping && this.#busy.size + this.#idle.length < this.#size) this.#idle.push(worker);
    else if (isAlive) void worker.stop();
    else this.#idle.splice(0, this.#idle.length, ...this.#idle.filter((idle) => idle !== worker));
    this.#assign();
  }
}

/** One thread and the job that it has. */
class PoolWorker {
  readonly #thread: Worker;
  #assignment: Assignment | undefined;
  #failure: unknown;
  readonly #freed: (worker: PoolWorker, isAlive: boolean) => void;
  #waitingForEnd: (() => void) | undefined;

  /** `freed` hears when a job is over, before its result is known, and whether the thread can take another. */
  constructor(reading: SharedReading | undefined, freed: (worker: PoolWorker, isAlive: boolean) => void) {
    this.#freed = freed;
    this.#thread = new Worker(new URL('./worker-start.js', import.meta.url), {
      workerData: reading,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB, maxYoungGenerationSizeMb: MAX_YOUNG_HEAP_MB },
    });
    this.#thread.on('message', (message: FromWorker) => this.#receive(message));
    this.#thread.on('error', (error: Error) => this.#settle(agentError('WORKER_FAILED', `A worker thread ended: ${error.message}`, {}, error), undefined, false));
    this.#thread.on('exit', () => this.#settle(stopped(), undefined, false));
  }

  run(assignment: Assignment): void {
    this.#assignment = assignment;
    this.#failure = undefined;
    assignment.onStart();
    this.#thread.postMessage({ type: 'run', job: assignment.job, lease: assignment.lease });
  }

  /** Stops the job if it is at work here; a thread that does not heed is ended. */
  cancel(assignment: Assignment): void {
    if (this.#assignment !== assignment) return;
    this.#thread.postMessage({ type: 'stop' });
    setTimeout(() => {
      if (this.#assignment === assignment) void this.#thread.terminate();
    }, STOP_MILLIS).unref();
  }

  async stop(): Promise<void> {
    if (this.#assignment !== undefined) {
      const ended = Promise.withResolvers<void>();
      this.#waitingForEnd = ended.resolve;
      this.#thread.postMessage({ type: 'stop' });
      const timer = setTimeout(ended.resolve, STOP_MILLIS);
      await ended.promise;
      clearTimeout(timer);
    }
    await this.#thread.terminate();
  }

  #receive(message: FromWorker): void {
    if (message.type === 'done') this.#settle(this.#failure, message.result, true);
    else if (message.type === 'failed') this.#settle(this.#failure ?? revived(message.error), undefined, true);
    else this.#hear(message.event);
  }

  #hear(event: JobEvent): void {
    if (this.#failure !== undefined) return;
    try {
      this.#assignment?.onEvent(event);
    } catch (error) {
      this.#failure = error;
      this.#thread.postMessage({ type: 'stop' });
    }
  }

  #settle(failure: unknown, result: JobResult | undefined, isAlive: boolean): void {
    const assignment = this.#assignment;
    this.#assignment = undefined;
    // First the thread is free, then the caller goes on: its next job finds this thread instead of starting another.
    this.#freed(this, isAlive);
    this.#waitingForEnd?.();
    if (assignment === undefined) return;
    if (failure === undefined) assignment.resolve(result!);
    else assignment.reject(failure);
  }
}

function stopped(): CodedError {
  return agentError('JOB_STOPPED', 'The work was stopped before its end');
}

function revived(error: PlainError): Error {
  if (error.code !== undefined) return new CodedError(error.code, error.remedy ?? '', error.message);
  const bug = new Error(error.message);
  if (error.stack !== undefined) bug.stack = error.stack;
  return bug;
}
