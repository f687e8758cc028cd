// Between the ledger and the agents: gives out jobs, hears what they tell, takes them back from agents that are gone. Everything that
// must outlive the server is in the ledger before it is acted upon; a round may be cut off anywhere and be done again.

import type { AgentRefusal, AgentOutput, WireJob } from '@aeneas/protocol';
import { CodedError } from '@aeneas/cassandra';
import type { Ledger } from '../ledger.ts';
import { attemptOf } from '../ledger-work.ts';
import type { Lease, WorkRecord } from '../ledger-work.ts';
import type { Agents } from './agents.ts';
import { refusalOf } from './refusal.ts';
import { withLocalRejects } from './rejected-copy.ts';

/** How long a round waits for news at most. */
const WAIT_SECONDS = 0.5;
const FIRST_RETRY_MILLIS = 1_000;
const MAX_RETRY_MILLIS = 60_000;
/** So often in a row a job may fail; then its table is given up. */
const MAX_FAILURES = 8;

/** Errors that another attempt cannot mend. Others are of the network, a disk, a service: they are tried again. */
const LASTING_ERROR = /^(?:SSTABLE_|SCHEMA_|TABLE_|VALUE_|MAPPING_|INPUT_|TARGET_TABLE_|TARGET_REFUSED$|FILE_UNREADABLE$|STAGING_REFUSED$|AGENT_PATH_REFUSED$|AGENT_REQUEST_INVALID$)/;

export function isLasting({ code }: AgentRefusal, failures: number): boolean {
  return LASTING_ERROR.test(code) || failures + 1 >= MAX_FAILURES;
}

export function retryMillis(failures: number): number {
  return Date.now() + Math.min(MAX_RETRY_MILLIS, FIRST_RETRY_MILLIS * 2 ** failures);
}

type JobEvents = AgentOutput<'pollJob'>['events'];

export interface JobListener {
  /** Events that are new. */
  heard(work: WorkRecord, events: readonly JobEvents[number]['event'][]): void;
  settled(work: WorkRecord): void;
  note(text: string): void;
}

export class Dispatcher {
  readonly #ledger: Ledger;
  readonly #agents: Agents;
  readonly #serverId: string;
  readonly #migrationId: string;
  readonly #leaseSeconds: number;
  readonly #rejectedFolder: string;
  readonly #listener: JobListener;
  /** When an agent last answered for a job. */
  readonly #contacts = new Map<string, number>();

  constructor(options: { readonly ledger: Ledger; readonly agents: Agents; readonly serverId: string; readonly migrationId: string; readonly leaseSeconds: number; readonly rejectedFolder: string; readonly listener: JobListener }) {
    this.#ledger = options.ledger;
    this.#agents = options.agents;
    this.#serverId = options.serverId;
    this.#migrationId = options.migrationId;
    this.#leaseSeconds = options.leaseSeconds;
    this.#rejectedFolder = options.rejectedFolder;
    this.#listener = options.listener;
    for (const work of this.#ledger.work.running()) this.#agents.took(work.agent!, this.#key(work));
  }

  /**
   * One round for a step of a table: hears its running jobs, gives free ones to agents that have room, and waits a little where there is
   * nothing new. Resolves with the failure that ends the table, if there is one.
   */
  async round(taskId: number, step: string, agents: readonly string[], jobOf: (lease: Lease) => WireJob): Promise<AgentRefusal | undefined> {
    let isNew = false;
    for (const work of this.#ledger.work.running(taskId)) {
      const heard = await this.#listen(work, 0);
      if (heard.fatal !== undefined) return heard.fatal;
      isNew ||= heard.isNew;
    }
    for (const agent of agents) {
      for (const work of this.#ledger.work.free(taskId, step, Date.now(), this.#agents.room(agent))) {
        const fatal = await this.#give(work, agent, jobOf);
        if (fatal !== undefined) return fatal;
        isNew = true;
      }
    }
    if (!isNew) await this.#waitForNews(taskId);
    return undefined;
  }

  /** Stops jobs in order and hears their last words. */
  async stop(isMeant: (work: WorkRecord) => boolean): Promise<void> {
    await Promise.all(this.#ledger.work.running().filter(isMeant).map(async (work) => {
      try {
        await this.#agents.client(work.agent!).stopJob({ attempt: this.#attempt(work) });
      } catch {
        // An agent that does not answer ends its jobs when their leases do.
      }
      await this.#listen(work, 0);
    }));
  }

  async #give(work: WorkRecord, agent: string, jobOf: (lease: Lease) => WireJob): Promise<AgentRefusal | undefined> {
    const lease = this.#ledger.work.lease(work, agent, Date.now());
    if (lease === undefined) return undefined;
    this.#agents.took(agent, this.#key(lease.work));
    try {
      await this.#agents.client(agent).startJob({ attempt: this.#attempt(lease.work), leaseSeconds: this.#leaseSeconds, job: jobOf(lease) });
      this.#contacts.set(this.#key(lease.work), Date.now());
    } catch (error) {
      const refusal = refusalOf(error);
      // An agent that is away is no fault of the job.
      const isAway = refusal.code === 'AGENT_UNREACHABLE' || refusal.code === 'AGENT_STOPPING';
      this.#takeBack(lease.work, isAway ? undefined : refusal, isAway ? Date.now() + FIRST_RETRY_MILLIS : retryMillis(work.failures));
      if (!isAway && isLasting(refusal, work.failures)) return refusal;
    }
    return undefined;
  }

  async #listen(work: WorkRecord, waitSeconds: number): Promise<{ readonly isNew: boolean; readonly fatal?: AgentRefusal }> {
    let answer: AgentOutput<'pollJob'>;
    let events: JobEvents;
    try {
      const client = this.#agents.client(work.agent!);
      answer = await client.pollJob({ attempt: this.#attempt(work), after: work.heard, waitSeconds });
      events = await withLocalRejects(answer.events, client, this.#rejectedFolder, `${work.step}-${work.splitId ?? work.id}-${work.epoch}`);
    } catch (error) {
      return { isNew: this.#missed(work, error) };
    }
    this.#contacts.set(this.#key(work), Date.now());
    const { state } = answer;
    if (state === 'done') {
      this.#ledger.work.hear(work, events, { result: answer.result });
      this.#settle(work);
      return { isNew: true };
    }
    if (events.length > 0) {
      this.#ledger.work.hear(work, events);
      this.#listener.heard(work, events.filter(({ number }) => number > work.heard).map(({ event }) => event));
    }
    if (state === 'failed') {
      const failure = answer.error ?? refusalOf(new Error('The agent did not say why'));
      const isLast = isLasting(failure, work.failures);
      this.#takeBack(work, failure, retryMillis(work.failures));
      return { isNew: true, ...(isLast ? { fatal: failure } : {}) };
    }
    if (state !== 'running' && state !== 'waiting') {
      this.#takeBack(work, undefined, 0);
      return { isNew: true };
    }
    return { isNew: events.length > 0 };
  }

  /** An agent did not answer for a job. It keeps the job until its lease has ended for sure; a job that it does not have is free at once. */
  #missed(work: WorkRecord, error: unknown): boolean {
    const refusal = refusalOf(error);
    const lastContact = Math.max(work.leasedMillis, this.#contacts.get(this.#key(work)) ?? 0);
    const isGone = error instanceof CodedError && (error.code === 'AGENT_JOB_UNKNOWN' || error.code === 'AGENT_UNKNOWN');
    if (!isGone && Date.now() < lastContact + this.#leaseSeconds * 1000) return false;
    this.#listener.note(`${work.step} job ${work.splitId ?? work.id} is taken back from agent ${work.agent!}: ${refusal.message}`);
    this.#takeBack(work, undefined, 0);
    return true;
  }

  async #waitForNews(taskId: number): Promise<void> {
    const running = this.#ledger.work.running(taskId);
    const polls = running.map(async (work) => {
      await this.#agents.client(work.agent!).pollJob({ attempt: this.#attempt(work), after: work.heard, waitSeconds: WAIT_SECONDS }).catch(() => pause());
    });
    await Promise.race([pause(), ...polls]);
  }

  #takeBack(work: WorkRecord, failure: AgentRefusal | undefined, retryAt: number): void {
    this.#ledger.work.release(work, failure, retryAt);
    this.#settle(work);
    if (failure !== undefined) this.#listener.note(`${work.step} job ${work.splitId ?? work.id} failed on agent ${work.agent!}: ${failure.code}: ${failure.message}`);
  }

  #settle(work: WorkRecord): void {
    this.#contacts.delete(this.#key(work));
    this.#agents.gaveBack(work.agent!, this.#key(work));
    this.#listener.settled(work);
  }

  #attempt(work: WorkRecord) {
    return attemptOf(this.#serverId, this.#migrationId, work);
  }

  #key(work: WorkRecord): string {
    return `${this.#migrationId}/${work.id}/${work.epoch}`;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, WAIT_SECONDS * 1000);
  });
}
