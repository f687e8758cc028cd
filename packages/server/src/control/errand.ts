// A job that no ledger knows: it changes nothing, so that one which is lost is simply asked for again.

import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { JobResult } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import type { WireJob } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { AgentClient } from './agent-client.ts';

const WAIT_SECONDS = 1;

export interface Errand {
  readonly client: AgentClient;
  readonly serverId: string;
  readonly taskId: string;
  /** An agent that does not answer for so long is given up. */
  readonly leaseSeconds: number;
  readonly job: WireJob;
}

/** Runs a job on an agent to its end. Throws the job's own error, AGENT_*, NO_AGENT. */
export async function runErrand<R extends JobResult>({ client, serverId, taskId, leaseSeconds, job }: Errand): Promise<R> {
  const attempt = { serverId, taskId, jobId: `${job.kind}-${randomBytes(6).toString('hex')}`, epoch: 1 };
  await client.startJob({ attempt, leaseSeconds, job });
  let after = 0;
  let answered = Date.now();
  for (;;) {
    try {
      const { state, events, result, error } = await client.pollJob({ attempt, after, waitSeconds: WAIT_SECONDS });
      answered = Date.now();
      after = events.at(-1)?.number ?? after;
      if (state === 'done') return result as R;
      if (error !== undefined) throw new CodedError(error.code, error.remedy, error.message);
      if (state !== 'waiting' && state !== 'running') throw serverError('NO_AGENT', `The agent ended a job early: it is ${state}`);
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'AGENT_UNREACHABLE' || Date.now() > answered + leaseSeconds * 1000) throw error;
      await setTimeout(WAIT_SECONDS * 1000);
    }
  }
}
