// The agent within the server: the same jobs as any agent's, on threads of this process. Like any agent it forgets its jobs when it ends.

import { randomUUID } from 'node:crypto';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { agentError, WorkerPool } from '@aeneas/agent';
import type { Job, JobEvent, JobResult, StagingSettings, TableSource, TargetTable } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import { checkMapping } from '@aeneas/dynamodb';
import { AGENT_PROTOCOL_VERSION } from '@aeneas/protocol';
import type { AgentInput, AgentOutput, AgentRefusal, JobAttempt, JobState, WireJob } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { AgentClient } from './agent-client.ts';

type JobEvents = AgentOutput<'pollJob'>['events'];

interface LocalJob {
  state: JobState;
  result: JobResult | undefined;
  error: AgentRefusal | undefined;
  events: JobEvents;
  lastNumber: number;
  isStopping: boolean;
  readonly ended: Promise<void>;
  /** Called when there is something new. */
  wake: () => void;
}

/** Where the agent keeps files of its own. */
export interface LocalFolders {
  readonly spool: string;
  readonly rejected: string;
}

export class LocalAgent implements AgentClient {
  readonly #pool: WorkerPool;
  readonly #folders: LocalFolders;
  readonly #jobs = new Map<string, LocalJob>();
  readonly #bootId = randomUUID();
  readonly #startMillis = Date.now();

  constructor(workers: number, folders: LocalFolders) {
    this.#pool = new WorkerPool(workers);
    this.#folders = folders;
  }

  async register(): Promise<void> {
    // It knows no other server than this.
  }

  async unregister(): Promise<void> {
    // It ends with the server.
  }

  async health(): Promise<AgentOutput<'health'>> {
    const states = [...this.#jobs.values()].filter((job) => job.state === 'running').length;
    return {
      agentId: 'built-in', bootId: this.#bootId, name: 'built-in', version: '0.1.0', protocolVersion: AGENT_PROTOCOL_VERSION, state: 'ready', clockMillis: Date.now(),
      uptimeSeconds: (Date.now() - this.#startMillis) / 1000, runningJobs: states, waitingJobs: 0,
      throttles: { workers: this.#pool.size, readMegabytesPerSecond: null }, memoryBytes: process.memoryUsage().rss, freeBytes: freemem(), readBytes: 0,
    };
  }

  async startJob({ attempt, job }: AgentInput<'startJob'>): Promise<AgentOutput<'startJob'>> {
    const known = this.#jobs.get(nameOf(attempt)) ?? this.#start(attempt, job);
    return { bootId: this.#bootId, state: known.state };
  }

  async pollJob({ attempt, after, waitSeconds }: AgentInput<'pollJob'>): Promise<AgentOutput<'pollJob'>> {
    const job = this.#find(attempt);
    job.events = job.events.filter(({ number }) => number > after);
    if (job.state === 'running' && job.events.length === 0 && waitSeconds > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitSeconds * 1000);
        const before = job.wake;
        job.wake = () => {
          before();
          clearTimeout(timer);
          resolve();
        };
      });
    }
    // What was told to its end and acknowledged is of no more use; what was told for the first time stays until it is asked for again.
    if (job.state !== 'running' && job.events.length === 0) this.#jobs.delete(nameOf(attempt));
    return { state: job.state, ...(job.result === undefined ? {} : { result: job.result as never }), ...(job.error === undefined ? {} : { error: job.error }), events: job.events };
  }

  async stopJob({ attempt }: AgentInput<'stopJob'>): Promise<void> {
    const job = this.#jobs.get(nameOf(attempt));
    if (job === undefined) return;
    job.isStopping = true;
    await job.ended;
  }

  /** Ends running jobs in order. */
  async close(): Promise<void> {
    await this.#pool.stop();
  }

  #find(attempt: JobAttempt): LocalJob {
    const job = this.#jobs.get(nameOf(attempt));
    if (job === undefined) throw agentError('AGENT_JOB_UNKNOWN', `Job ${attempt.jobId} was lost when the server ended`);
    return job;
  }

  #start(attempt: JobAttempt, wire: WireJob): LocalJob {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const job: LocalJob = { state: 'running', result: undefined, error: undefined, events: [], lastNumber: 0, isStopping: false, ended, wake: () => {} };
    this.#jobs.set(nameOf(attempt), job);
    const hear = (event: JobEvent): void => {
      if (job.isStopping) throw agentError('JOB_STOPPED', 'The job was stopped');
      job.events.push({ number: ++job.lastNumber, event: event as JobEvents[number]['event'] });
      this.#wake(job);
    };
    void this.#pool.run(this.#jobOf(wire, attempt), hear).then((result) => {
      job.result = result === undefined ? undefined : result;
      job.state = 'done';
    }, (error: unknown) => {
      job.error = refusalOf(error);
      job.state = job.error.code === 'JOB_STOPPED' ? 'stopped' : 'failed';
    }).finally(() => {
      resolve();
      this.#wake(job);
    });
    return job;
  }

  #wake(job: LocalJob): void {
    const { wake } = job;
    job.wake = () => {};
    wake();
  }

  /** The job with the paths of this machine. */
  #jobOf(wire: WireJob, attempt: JobAttempt): Job {
    const source = { ...wire.source, mapping: checkMapping(wire.source.mapping, 'the mapping of a job') } as unknown as TableSource;
    const staged = (staging: object): StagingSettings => ({ ...staging, spool: this.#folders.spool }) as unknown as StagingSettings;
    if (wire.kind === 'extract') {
      const place = `${source.table.keyspace}.${source.table.name}/${attempt.jobId}-${attempt.epoch}`;
      const { destination } = wire;
      return {
        ...wire, source, after: wire.after as never, range: wire.range as never,
        destination: destination.kind === 'table' ? { kind: 'table', target: destination.target as TargetTable } : { ...destination, staging: staged(destination.staging), namePrefix: place },
        rejectedFile: join(this.#folders.rejected, `${attempt.taskId}-${place.replaceAll('/', '-')}.jsonl`),
      };
    }
    if (wire.kind === 'load') return { ...wire, source, staging: staged(wire.staging), target: wire.target as TargetTable };
    if (wire.kind === 'compare') return { ...wire, source, ranges: wire.ranges as never, target: wire.target as TargetTable, spool: this.#folders.spool };
    return { ...wire, source } as Job;
  }
}

/** An error as it is told to others: with its code and remedy; without one it is a bug. */
export function refusalOf(error: unknown): AgentRefusal {
  if (error instanceof CodedError) return { code: error.code, message: error.message, remedy: error.remedy };
  const bug = serverError('STEP_FAILED', error instanceof Error ? error.message : String(error));
  return { code: bug.code, message: bug.message, remedy: bug.remedy };
}

function nameOf({ taskId, jobId, epoch }: JobAttempt): string {
  return `${taskId}/${jobId}/${epoch}`;
}
