// The agent within the server: what agents do with jobs, on threads of this process and without a network between. It may read whatever
// the server may. Like any agent it forgets its jobs when it ends.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { JobBoard, localJob, makeFolder, WorkerPool } from '@aeneas/agent';
import type { AgentFolders, Job, JobResult } from '@aeneas/agent';
import { AGENT_PROTOCOL_VERSION } from '@aeneas/protocol';
import type { AgentInput, AgentOutput } from '@aeneas/protocol';
import type { AgentClient } from './agent-client.ts';

export class LocalAgent implements AgentClient {
  readonly #pool: WorkerPool;
  readonly #board: JobBoard;
  readonly #folders: AgentFolders;
  readonly #bootId = randomUUID();
  readonly #startMillis = Date.now();

  private constructor(workers: number, folders: AgentFolders) {
    this.#pool = new WorkerPool(workers);
    this.#board = new JobBoard(this.#pool);
    this.#folders = folders;
  }

  /** Its own files are in `folder`. */
  static async open(workers: number, folder: string): Promise<LocalAgent> {
    const folders = { data: ['/'], staging: '/', rejected: join(folder, 'rejected'), spool: join(folder, 'spool') };
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
      agentId: 'built-in', bootId: this.#bootId, name: 'built-in', version: '0.1.0', protocolVersion: AGENT_PROTOCOL_VERSION, state: 'ready',
      clockMillis: Date.now(), uptimeSeconds: (Date.now() - this.#startMillis) / 1000,
      runningJobs: this.#board.count('running'), waitingJobs: this.#board.count('waiting'),
      throttles: { workers: this.#pool.size, readMegabytesPerSecond: null }, memoryBytes: process.memoryUsage().rss, freeBytes: 0, readBytes: 0,
    };
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

  /** What only the server does: making tables, sweeping. */
  run<R extends JobResult>(job: Job): Promise<R> {
    return this.#pool.run<R>(job, () => {});
  }

  /** Ends running jobs in order. */
  async close(): Promise<void> {
    await this.#pool.stop();
  }
}
