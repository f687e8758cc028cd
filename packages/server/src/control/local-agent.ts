// The agent within the server: what agents do with jobs, on threads of this process and without a network between. It may read whatever
// the server may. Like any agent it forgets its jobs when it ends.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AGENT_VERSION, JobBoard, localJob, makeFolder, ReadBudget, WorkerPool } from '@aeneas/agent';
import type { AgentFolders, Job, JobEvent, JobResult } from '@aeneas/agent';
import { AGENT_PROTOCOL_VERSION } from '@aeneas/protocol';
import type { AgentInput, AgentOutput } from '@aeneas/protocol';
import type { AgentClient } from './agent-client.ts';

const BYTES_PER_MB = 1024 * 1024;

export class LocalAgent implements AgentClient {
  readonly #budget = new ReadBudget();
  readonly #pool: WorkerPool;
  readonly #board: JobBoard;
  readonly #folders: AgentFolders;
  readonly #bootId = randomUUID();
  readonly #startMillis = Date.now();

  private constructor(workers: number, folders: AgentFolders) {
    this.#pool = new WorkerPool(workers, { budget: this.#budget.memory, roots: folders.data });
    this.#board = new JobBoard(this.#pool);
    this.#folders = folders;
  }

  /** Its own files are in `folder`. */
  static async open(workers: number, folder: string): Promise<LocalAgent> {
    const folders = { data: ['/'], mounts: [], staging: '/', rejected: join(folder, 'rejected'), spool: join(folder, 'spool'), extracted: join(folder, 'extracted') };
    for (const path of [folders.rejected, folders.spool]) await makeFolder(path);
    return new LocalAgent(workers, folders);
  }

  async register(): Promise<void> {
    // It knows no other server than this.
  }

  async unregister(): Promise<void> {
    // It ends with the server.
  }

  async health(): Promise<AgentOutput<'health'>> {
    return {
      agentId: 'built-in', bootId: this.#bootId, name: 'built-in', version: AGENT_VERSION, protocolVersion: AGENT_PROTOCOL_VERSION, state: 'ready',
      clockMillis: Date.now(), uptimeSeconds: (Date.now() - this.#startMillis) / 1000,
      runningJobs: this.#board.count('running'), waitingJobs: this.#board.count('waiting'),
      throttles: this.#throttles(), memoryBytes: process.memoryUsage.rss(), freeBytes: 0, readBytes: this.#budget.bytesRead,
    };
  }

  /** Until the server ends: at its start its own settings hold. */
  async setThrottles({ workers, readMegabytesPerSecond }: AgentInput<'setThrottles'>): Promise<AgentOutput<'setThrottles'>> {
    if (workers !== undefined) this.#pool.resize(workers);
    if (readMegabytesPerSecond !== undefined) this.#budget.setRate((readMegabytesPerSecond ?? 0) * BYTES_PER_MB);
    return this.#throttles();
  }

  #throttles(): AgentOutput<'setThrottles'> {
    const rate = this.#budget.bytesPerSecond / BYTES_PER_MB;
    return { workers: this.#pool.size, readMegabytesPerSecond: rate === 0 ? null : rate };
  }

  async startJob({ attempt, leaseSeconds, job }: AgentInput<'startJob'>): Promise<AgentOutput<'startJob'>> {
    return { bootId: this.#bootId, state: await this.#board.start(attempt, leaseSeconds, () => localJob(job, attempt, this.#folders)) };
  }

  pollJob({ attempt, after, waitSeconds }: AgentInput<'pollJob'>): Promise<AgentOutput<'pollJob'>> {
    return this.#board.poll(attempt, after, waitSeconds * 1000);
  }

  stopJob({ attempt }: AgentInput<'stopJob'>): Promise<void> {
    return this.#board.stop(attempt);
  }

  /** What only the server does: making tables, sweeping. One that is aborted ends within seconds, whatever it waits for. */
  run<R extends JobResult>(job: Job, onEvent: (event: JobEvent) => void = () => {}, signal?: AbortSignal): Promise<R> {
    return this.#pool.run<R>(job, onEvent, { signal });
  }

  /** Ends running jobs in order. */
  async close(): Promise<void> {
    await this.#pool.stop();
  }
}
