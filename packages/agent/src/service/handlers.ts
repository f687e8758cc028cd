// What an agent does for each call of its contract. Who asks has been looked at before.

import { statfs } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { AGENT_PROTOCOL_VERSION } from '@aeneas/protocol';
import type { AgentOutput, Throttles } from '@aeneas/protocol';
import { agentError } from '../errors.ts';
import { confined } from '../reading.ts';
import type { ReadBudget } from '../reading.ts';
import type { WorkerPool } from '../worker-pool.ts';
import type { AgentState } from './agent-state.ts';
import type { AgentHandlers } from './https-service.ts';
import type { JobBoard } from './job-board.ts';
import { ENCRYPTED_SUFFIX, localJob } from './local-job.ts';
import type { AgentFolders } from './local-job.ts';
import type { MachineWatch } from './machine-watch.ts';
import { rejectedText } from './rejected-rows.ts';
import type { AgentSettings } from './settings.ts';

const BYTES_PER_MB = 1024 * 1024;

/** Hears what happens, for the log: no secrets, no contents of rows. */
export type AgentLog = (event: string, details: Readonly<Record<string, unknown>>) => void;

/** The parts of a running agent. */
export interface AgentParts {
  readonly settings: AgentSettings;
  readonly state: AgentState;
  readonly folders: AgentFolders;
  readonly pool: WorkerPool;
  readonly budget: ReadBudget;
  readonly board: JobBoard;
  readonly machine: MachineWatch;
  readonly who: Pick<AgentOutput<'health'>, 'agentId' | 'bootId' | 'name' | 'version' | 'protocolVersion'>;
  readonly isStopping: () => boolean;
  readonly log: AgentLog;
}

/** What the last server set, or else the settings. */
function throttlesOf({ state, settings }: AgentParts): Throttles {
  return state.get('throttles') ?? { workers: settings.workers, readMegabytesPerSecond: settings.readMegabytesPerSecond ?? null };
}

/** Makes workers and reading as fast as they may be; running jobs as well. */
export function applyThrottles(parts: AgentParts): void {
  const { workers, readMegabytesPerSecond } = throttlesOf(parts);
  parts.pool.resize(workers);
  parts.budget.setRate((readMegabytesPerSecond ?? 0) * BYTES_PER_MB);
}

export function handlersOf(parts: AgentParts): AgentHandlers {
  const { settings, state, folders, budget, board, machine, who, log } = parts;
  return {
    register({ serverId, protocolVersion }) {
      if (protocolVersion !== AGENT_PROTOCOL_VERSION) {
        throw agentError('AGENT_VERSION_MISMATCH', `The server speaks version ${protocolVersion} of the protocol, this agent version ${AGENT_PROTOCOL_VERSION}`);
      }
      state.addServer(serverId);
      log('registered', { serverId });
      return { ...who, dataDirectories: [...settings.dataDirectories], stagingFolder: folders.staging, throttles: throttlesOf(parts), cores: availableParallelism() };
    },
    async unregister({ serverId }) {
      state.removeServer(serverId);
      await board.stopAll(serverId);
      log('unregistered', { serverId });
      return {};
    },
    async health() {
      const { bavail, bsize } = await statfs(settings.outputDirectory);
      return {
        ...who, state: parts.isStopping() ? 'stopping' : 'ready', clockMillis: Date.now(), uptimeSeconds: process.uptime(),
        runningJobs: board.count('running'), waitingJobs: board.count('waiting'), throttles: throttlesOf(parts),
        memoryBytes: process.memoryUsage.rss(), freeBytes: bavail * bsize, readBytes: budget.bytesRead, machine: await machine.report(),
      };
    },
    async startJob({ attempt, leaseSeconds, job }) {
      if (parts.isStopping()) throw agentError('AGENT_STOPPING', 'The agent is being stopped');
      if (!state.knows(attempt.serverId)) throw agentError('AGENT_NOT_REGISTERED', 'This agent is not registered with the server that asks');
      const jobState = await board.start(attempt, leaseSeconds, () => localJob(job, attempt, folders));
      log('job started', { ...attempt, kind: job.kind });
      return { bootId: who.bootId, state: jobState };
    },
    pollJob: ({ attempt, after, waitSeconds }) => board.poll(attempt, after, waitSeconds * 1000),
    async stopJob({ attempt }) {
      await board.stop(attempt);
      log('job stopped', attempt);
      return {};
    },
    listJobs: ({ serverId }) => ({ jobs: board.list(serverId) }),
    setThrottles(change) {
      state.set('throttles', { ...throttlesOf(parts), ...change });
      applyThrottles(parts);
      log('throttles set', throttlesOf(parts));
      return throttlesOf(parts);
    },
    rejectedRows: async ({ file, offset, maxBytes }) => rejectedText(await confined(file, [folders.rejected]), offset, maxBytes, file.endsWith(ENCRYPTED_SUFFIX) ? folders.rejectedKey : undefined),
  };
}
