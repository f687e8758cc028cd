// Which agents of a task have its source. The server opens no file of it: an agent surveys and pins it, and every agent shows that it has
// the very same files, under the same paths, before it gets work.

import type { PinnedInput, SurveyJob, SurveyResult } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import type { AgentRefusal, RefusedAgent, WireJob } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { Agents } from './agents.ts';
import { BUILT_IN } from './agents.ts';
import { runErrand } from './errand.ts';
import { refusalOf } from './refusal.ts';

/** So many pins go into one job: a request must not be too large for the agent. */
const PINS_AT_ONCE = 20_000;
const FIRST_RETRY_MILLIS = 2_000;
const MAX_RETRY_MILLIS = 60_000;

/** Another agent may fare better with the survey. */
const OF_ONE_AGENT = /^(?:AGENT_|NO_AGENT$|FILE_UNREADABLE$|WORKER_FAILED$|JOB_STOPPED$)/;

export interface SourceAgentsOptions {
  readonly agents: Agents;
  /** Names of the agents that the task may use now. */
  readonly names: () => readonly string[];
  readonly serverId: string;
  readonly taskId: string;
  readonly leaseSeconds: number;
  readonly note: (text: string) => void;
}

/** Of one start of an agent: another one may see other files. */
interface Look {
  readonly bootId: string;
  isGood: boolean;
  isLooking: boolean;
  refusal: AgentRefusal | undefined;
  failures: number;
  retryMillis: number;
}

export class SourceAgents {
  readonly #options: SourceAgentsOptions;
  readonly #looks = new Map<string, Look>();

  constructor(options: SourceAgentsOptions) {
    this.#options = options;
  }

  /** What the source holds, as the first agent sees it that can. Throws NO_AGENT, NO_TABLES and errors of agent and files. */
  async survey(job: SurveyJob): Promise<SurveyResult> {
    const { agents, names } = this.#options;
    let failure: unknown;
    for (const name of names()) {
      const bootId = agents.bootId(name);
      if (bootId === undefined) continue;
      try {
        const survey = await this.#run<SurveyResult>(name, { ...job, directories: [...job.directories], patterns: [...job.patterns] });
        this.#looks.set(name, { ...newLook(bootId), isGood: true });
        return survey;
      } catch (error) {
        failure = named(name, error);
        if (!(error instanceof CodedError) || !OF_ONE_AGENT.test(error.code)) throw failure;
      }
    }
    throw failure ?? serverError('NO_AGENT', `No agent of this task answers: ${names().join(', ')}`);
  }

  /** Agents that have the pinned files. Others that answer are looked at meanwhile. */
  ready(pins: () => readonly PinnedInput[]): string[] {
    return this.#options.names().filter((name) => {
      const bootId = this.#options.agents.bootId(name);
      if (bootId === undefined) return false;
      let look = this.#looks.get(name);
      if (look?.bootId !== bootId) {
        look = newLook(bootId);
        this.#looks.set(name, look);
      }
      if (!look.isGood && !look.isLooking && look.retryMillis <= Date.now()) void this.#look(name, look, pins());
      return look.isGood;
    });
  }

  /** Agents of the task that have other files, and why they get no work. */
  refused(): RefusedAgent[] {
    return this.#options.names().flatMap((agent) => {
      const refusal = this.#looks.get(agent)?.refusal;
      return refusal === undefined ? [] : [{ agent, ...refusal }];
    });
  }

  /** The agent met something that makes its files doubtful: it is looked at once more. */
  doubt(name: string): void {
    this.#looks.delete(name);
  }

  /** Does not throw. */
  async #look(name: string, look: Look, pins: readonly PinnedInput[]): Promise<void> {
    look.isLooking = true;
    try {
      for (let i = 0; i < pins.length; i += PINS_AT_ONCE) await this.#run(name, { kind: 'check', pins: pins.slice(i, i + PINS_AT_ONCE), trustTimes: false });
      if (look.refusal !== undefined) this.#options.note(`Agent ${name} has the files of the source again`);
      Object.assign(look, { isGood: true, refusal: undefined });
    } catch (error) {
      look.retryMillis = Date.now() + Math.min(MAX_RETRY_MILLIS, FIRST_RETRY_MILLIS * 2 ** look.failures++);
      this.#refuse(name, look, error);
    } finally {
      look.isLooking = false;
    }
  }

  #refuse(name: string, look: Look, error: unknown): void {
    const { code, message } = refusalOf(error);
    // An agent that is away is no agent with other files.
    if (code !== 'INPUT_CHANGED' && code !== 'AGENT_PATH_REFUSED') {
      this.#options.note(`Agent ${name} could not be asked whether it has the source: ${message}`);
      return;
    }
    const refusal = refusalOf(serverError('AGENT_SOURCE_DIFFERS', `Agent ${name}: ${message}`));
    if (look.refusal?.message !== refusal.message) this.#options.note(`${refusal.code}: ${refusal.message}`);
    look.refusal = refusal;
  }

  async #run<R extends SurveyResult | void>(name: string, job: WireJob): Promise<R> {
    const { agents, serverId, taskId, leaseSeconds } = this.#options;
    return runErrand<R>({ client: agents.client(name), serverId, taskId, leaseSeconds, job });
  }
}

function newLook(bootId: string): Look {
  return { bootId, isGood: false, isLooking: false, refusal: undefined, failures: 0, retryMillis: 0 };
}

/** Says whose error it is, where there are several agents. */
function named(name: string, error: unknown): unknown {
  return name !== BUILT_IN && error instanceof CodedError ? new CodedError(error.code, error.remedy, `Agent ${name}: ${error.message}`) : error;
}
