// Between the ledger and the agents: gives out jobs, hears what they tell, takes them back from agents that are gone. Everything that
// must outlive the server is in the ledger before it is acted upon; a round may be cut off anywhere and be done again.

import { setTimeout } from 'node:timers/promises';
import type { AgentRefusal, AgentOutput, WireJob } from '@aeneas/protocol';
import { CodedError } from '@aeneas/cassandra';
import type { Ledger } from '../ledger.ts';
import { attemptOf } from '../ledger-work.ts';
import type { Lease, WorkRecord } from '../ledger-work.ts';
import type { Agents } from './agents.ts';
import { refusalOf } from './refusal.ts';
import { withLocalRejects } from './rejected-copy.ts';

/** How long a round waits for news at most. */
const WAIT_SECONDS = 0.4;
/** How long an agent may take to end a job in order, when it is asked to. Then its lease is left to end. */
const STOP_MILLIS = 8_000;
const FIRST_RETRY_MILLIS = 1_000;
const MAX_RETRY_MILLIS = 60_000;
/** So often in a row a job may fail; then its table is given up. */
const MAX_FAILURES = 8;

/** Errors that another attempt cannot mend. Others are of the network, a disk, a service: they are tried again. */
const LASTING_ERROR = /^(?:SSTABLE_|SCHEMA_|TABLE_|VALUE_|MAPPING_|INPUT_|TARGET_TABLE_|TARGET_REFUSED$|STAGING_REFUSED$|AGENT_PATH_REFUSED$)/;

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
  /** An agent could not read a file of the source. */
  lostSource(agent: string): void;
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
  /** Calls that are under way, one for each job at most, so that an agent that hangs holds up nobody else's. */
  readonly #calls = new Map<string, { readonly work: WorkRecord; readonly ended: Promise<void> }>();
  /** By table: what ends it, or what could not be written down. */
  readonly #ends = new Map<number, { readonly fatal: AgentRefusal } | { readonly error: unknown }>();
  #isClosed = false;

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
   * One round for a step of a table: asks about its running jobs, gives free ones to agents that have room, and waits until there is
   * something new, for less than half a second. Resolves with the failure that ends the table, if there is one.
   */
  async round(taskId: number, step: string, agents: readonly string[], jobOf: (lease: Lease) => WireJob): Promise<AgentRefusal | undefined> {
    for (const work of this.#ledger.work.running(taskId)) {
      if (!this.#calls.has(this.#key(work))) this.#call(work, this.#listen(work, WAIT_SECONDS));
    }
    for (const agent of agents) {
      for (const work of this.#ledger.work.free(taskId, step, Date.now(), this.#agents.room(agent))) this.#give(work, agent, jobOf);
    }
    const calls = [...this.#calls.values()].filter(({ work }) => work.taskId === taskId);
    await Promise.race([setTimeout(WAIT_SECONDS * 1000), ...calls.map(({ ended }) => ended)]);
    const end = this.#ends.get(taskId);
    this.#ends.delete(taskId);
    if (end === undefined) return undefined;
    if ('error' in end) throw end.error;
    return end.fatal;
  }

  /** Stops jobs in order and hears their last words. An agent that does not answer ends its jobs when their leases do. */
  async stop(isMeant: (work: WorkRecord) => boolean): Promise<void> {
    await Promise.all(this.#ledger.work.running().filter(isMeant).map((work) => this.#stop(work)));
  }

  /** What calls still bring is not written down any more. */
  close(): void {
    this.#isClosed = true;
  }

  async #stop(work: WorkRecord): Promise<void> {
    const timeout = setTimeout(STOP_MILLIS, 'timeout' as const);
    const ending = this.#agents.client(work.agent!).stopJob({ attempt: this.#attempt(work) }).then(async () => {
      await this.#calls.get(this.#key(work))?.ended;
      const heard = this.#ledger.work.running(work.taskId).find(({ id, epoch }) => id === work.id && epoch === work.epoch);
      if (heard !== undefined && !this.#isClosed) await this.#listen(heard, 0);
    }).catch(() => 'timeout' as const);
    if (await Promise.race([timeout, ending]) !== 'timeout' || this.#isClosed) return;
    if (!this.#isHeld(work)) return;
    this.#listener.note(`Agent ${work.agent!} does not answer: its ${work.step} job ${work.splitId ?? work.id} ends with its lease`);
    this.#takeBack(work, undefined, 0, this.#leaseEnd());
  }

  #give(work: WorkRecord, agent: string, jobOf: (lease: Lease) => WireJob): void {
    const lease = this.#ledger.work.lease(work, agent, Date.now());
    if (lease === undefined) return;
    this.#agents.took(agent, this.#key(lease.work));
    this.#call(lease.work, this.#start(lease, jobOf(lease)));
  }

  async #start({ work }: Lease, job: WireJob): Promise<AgentRefusal | undefined> {
    try {
      await this.#agents.client(work.agent!).startJob({ attempt: this.#attempt(work), leaseSeconds: this.#leaseSeconds, job });
      this.#contacts.set(this.#key(work), Date.now());
    } catch (error) {
      if (!this.#isHeld(work)) return undefined;
      const refusal = refusalOf(error);
      // An agent that is away is no fault of the job. It may have begun it all the same.
      const isAway = refusal.code === 'AGENT_UNREACHABLE' || refusal.code === 'AGENT_STOPPING';
      this.#takeBack(work, isAway ? undefined : refusal, isAway ? Date.now() + FIRST_RETRY_MILLIS : retryMillis(work.failures), isAway ? this.#leaseEnd() : 0);
      if (!isAway && isLasting(refusal, work.failures)) return refusal;
    }
    return undefined;
  }

  #call(work: WorkRecord, call: Promise<AgentRefusal | undefined>): void {
    const key = this.#key(work);
    const ended = call.then((fatal) => {
      if (fatal !== undefined) this.#ends.set(work.taskId, { fatal });
    }, (error: unknown) => {
      if (!this.#isClosed) this.#ends.set(work.taskId, { error });
    }).finally(() => this.#calls.delete(key));
    this.#calls.set(key, { work, ended });
  }

  /** Resolves with the failure that ends the table. */
  async #listen(work: WorkRecord, waitSeconds: number): Promise<AgentRefusal | undefined> {
    let answer: AgentOutput<'pollJob'>;
    let events: JobEvents;
    try {
      const client = this.#agents.client(work.agent!);
      answer = await client.pollJob({ attempt: this.#attempt(work), after: work.heard, waitSeconds });
      events = await withLocalRejects(answer.events, client, this.#rejectedFolder, `${work.step}-${work.splitId ?? work.id}-${work.epoch}`);
    } catch (error) {
      if (this.#isHeld(work)) this.#missed(work, error);
      return undefined;
    }
    if (!this.#isHeld(work)) return undefined;
    this.#contacts.set(this.#key(work), Date.now());
    const { state } = answer;
    if (state === 'done') {
      this.#ledger.work.hear(work, events, { result: answer.result });
      this.#settle(work);
      return undefined;
    }
    if (events.length > 0) {
      this.#ledger.work.hear(work, events);
      this.#listener.heard(work, events.filter(({ number }) => number > work.heard).map(({ event }) => event));
    }
    if (state === 'failed') return this.#failed(work, answer.error ?? refusalOf(new Error('The agent did not say why')));
    if (state !== 'running' && state !== 'waiting') this.#takeBack(work, undefined, 0);
    return undefined;
  }

  #failed(work: WorkRecord, failure: AgentRefusal): AgentRefusal | undefined {
    if (failure.code === 'FILE_UNREADABLE') this.#listener.lostSource(work.agent!);
    const isLast = isLasting(failure, work.failures);
    this.#takeBack(work, failure, retryMillis(work.failures));
    return isLast ? failure : undefined;
  }

  /** An agent did not answer for a job. It keeps the job until its lease has ended for sure; a job that it does not have is free at once. */
  #missed(work: WorkRecord, error: unknown): void {
    const refusal = refusalOf(error);
    const lastContact = Math.max(work.leasedMillis, this.#contacts.get(this.#key(work)) ?? 0);
    const isGone = error instanceof CodedError && (error.code === 'AGENT_JOB_UNKNOWN' || error.code === 'AGENT_UNKNOWN');
    if (!isGone && Date.now() < lastContact + this.#leaseSeconds * 1000) return;
    this.#listener.note(`${work.step} job ${work.splitId ?? work.id} is taken back from agent ${work.agent!}: ${refusal.message}`);
    // A question may have reached it whose answer was lost.
    this.#takeBack(work, undefined, 0, isGone ? 0 : this.#leaseEnd());
  }

  /** Whether the attempt is still the one that counts: while an answer was on its way it may have been stopped or taken back. */
  #isHeld(work: WorkRecord): boolean {
    return !this.#isClosed && this.#ledger.work.isHeld(work);
  }

  /** When an agent that nobody hears any more has ended a job by itself. */
  #leaseEnd(): number {
    return Date.now() + this.#leaseSeconds * 1000;
  }

  #takeBack(work: WorkRecord, failure: AgentRefusal | undefined, retryAt: number, looseMillis = 0): void {
    this.#ledger.work.release(work, failure, retryAt, looseMillis);
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
