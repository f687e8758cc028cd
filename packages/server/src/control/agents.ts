// The agents that the server knows, how they are, and how much each can take.

import type { AgentCredentials, AgentDetail, AgentInput, AgentOutput, AgentRefusal, AgentSecrets, AgentStatus, ConnectionTest } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import { within } from '../projects/steps.ts';
import type { AgentClient } from './agent-client.ts';
import { noticesOf } from './agent-notices.ts';
import type { AgentEntry, Catalog } from './catalog.ts';
import { refusalOf } from './refusal.ts';

export const BUILT_IN = 'built-in';
const HEALTH_MILLIS = 2_000;
/** Jobs that an agent has beyond those at work, so that no worker waits for us. */
const QUEUED_JOBS = 2;
/** Errors that say that the agent is there but does not take us. */
const NOT_REACHED = /UNREACHABLE$/;

/** Whoever registers an agent waits no longer. */
const REGISTER_MILLIS = 15_000;
/** Tasks in other states need their agents no more. */
const OVER = new Set(['done', 'deleting']);

/** How agents are reached, and what becomes of the passwords that were typed for them. */
export interface AgentWays {
  /** `given`: passwords as they were just typed. Its calls throw what keeps it from logging in. */
  connect(entry: AgentEntry, given?: AgentSecrets): AgentClient;
  test(url: string, credentials: AgentCredentials, given: AgentSecrets): Promise<ConnectionTest>;
  /** Throws VAULT_*. */
  keep(entry: AgentEntry, given: AgentSecrets): Promise<void>;
  /** Throws VAULT_LOCKED. */
  forget(entry: AgentEntry): Promise<void>;
  typedSecrets(entry: AgentEntry): NonNullable<AgentDetail['typedSecrets']>;
}

export interface AgentChange {
  readonly description?: string | undefined;
  readonly secrets: AgentSecrets;
  readonly storePassword?: boolean | undefined;
}

interface KnownAgent {
  readonly name: string;
  readonly client: AgentClient;
  /** None: it is the one within the server. */
  entry: AgentEntry | undefined;
  readonly jobs: Set<string>;
  workers: number;
  readMegabytesPerSecond: number | null | undefined;
  version: string | undefined;
  /** Of its present start; after another one it may be of another version, and see other files. */
  bootId: string | undefined;
  isProbed: boolean;
  lastSeenMillis: number | undefined;
  /** As it was told last. */
  health: AgentOutput<'health'> | undefined;
  error: AgentRefusal | undefined;
}

export class Agents {
  readonly #agents = new Map<string, KnownAgent>();
  readonly #registering = new Set<string>();
  readonly #catalog: Catalog;
  readonly #ways: AgentWays;
  readonly #timer: NodeJS.Timeout;

  constructor(catalog: Catalog, builtIn: AgentClient, ways: AgentWays) {
    this.#catalog = catalog;
    this.#ways = ways;
    this.#add(BUILT_IN, undefined, builtIn);
    for (const entry of catalog.agents()) this.#add(entry.name, entry, ways.connect(entry));
    this.#timer = setInterval(() => void this.probe(), HEALTH_MILLIS);
  }

  /** Asks every agent how it is. */
  async probe(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => this.#probe(agent)));
  }

  /** Tries what would be registered. */
  test(url: string, credentials: AgentCredentials, given: AgentSecrets): Promise<ConnectionTest> {
    return this.#ways.test(url, credentials, given);
  }

  /** Throws AGENT_EXISTS, VAULT_*, CONNECTION_TIMED_OUT, and what the agent or the way to it refuses: an agent that cannot be used is not registered. */
  async register(entry: AgentEntry, given: AgentSecrets): Promise<AgentStatus> {
    const { name } = entry;
    if (this.#agents.has(name) || this.#registering.has(name)) throw serverError('AGENT_EXISTS', `There is an agent ${name} already`);
    this.#registering.add(name);
    const trial = this.#ways.connect(entry, given);
    try {
      await within(REGISTER_MILLIS, trial.register(this.#catalog.serverId));
      await this.#ways.keep(entry, given);
      this.#catalog.addAgent(entry);
    } finally {
      this.#registering.delete(name);
      await trial.close();
    }
    const agent = this.#add(name, entry, this.#ways.connect(entry));
    await this.#probe(agent);
    this.#catalog.log('agent-registered', `Agent ${name} at ${entry.url}`);
    return statusOf(agent);
  }

  /** Description, and passwords that are typed again. Throws AGENT_UNKNOWN, VAULT_*. */
  async change(name: string, { description, secrets, storePassword }: AgentChange): Promise<AgentDetail> {
    const agent = this.#known(name);
    const { entry } = agent;
    if (entry === undefined) throw serverError('AGENT_UNKNOWN', `The agent ${name} is within the server: there is nothing of it to be changed`);
    const changed = { ...entry, description: description ?? entry.description, credentials: storePassword === undefined ? entry.credentials : { ...entry.credentials, storePassword } };
    await this.#ways.keep(changed, secrets);
    this.#catalog.setAgent(changed);
    agent.entry = changed;
    this.#catalog.log('agent-changed', `Agent ${name}`);
    if (Object.keys(secrets).length > 0) {
      // With connections that know the new passwords.
      await agent.client.close();
      await this.#probe(agent);
    }
    return this.detail(name);
  }

  /** Throws AGENT_UNKNOWN, AGENT_IN_USE, and VAULT_LOCKED when passwords of it are in the vault. */
  async unregister(name: string): Promise<void> {
    const agent = this.#agents.get(name);
    if (agent?.entry === undefined) throw serverError('AGENT_UNKNOWN', `There is no agent ${name} that could be unregistered`);
    if (agent.jobs.size > 0) throw serverError('AGENT_IN_USE', `Agent ${name} has ${agent.jobs.size} ${agent.jobs.size === 1 ? 'job' : 'jobs'}`);
    const users = this.#catalog.tasks().filter((task) => task.agents.includes(name) && !OVER.has(task.state)).map(({ id }) => id);
    if (users.length > 0) throw serverError('AGENT_IN_USE', `Agent ${name} is named by ${users.length === 1 ? 'task' : 'tasks'} ${users.join(', ')}`);
    await this.#ways.forget(agent.entry);
    this.#agents.delete(name);
    this.#catalog.removeAgent(name);
    this.#catalog.log('agent-unregistered', `Agent ${name}`);
    // An agent that does not answer must be forgotten all the same.
    await agent.client.unregister(this.#catalog.serverId).catch(() => {});
    await agent.client.close();
  }

  /** Changes how hard an agent may work, running jobs included. Throws AGENT_UNKNOWN, AGENT_UNREACHABLE. */
  async throttle(name: string, change: AgentInput<'setThrottles'>): Promise<AgentStatus> {
    const throttles = await this.client(name).setThrottles(change);
    const agent = this.#agents.get(name)!;
    Object.assign(agent, throttles);
    this.#catalog.log('agent-throttled', `Agent ${name}: ${throttles.workers} workers, ${throttles.readMegabytesPerSecond ?? 'unlimited'} MB/s`);
    return statusOf(agent);
  }

  list(): AgentStatus[] {
    return [...this.#agents.values()].map(statusOf);
  }

  /** With machines: more than what is told to every page that is open. */
  details(): AgentDetail[] {
    return [...this.#agents.values()].map((agent) => this.#detailOf(agent));
  }

  /** Throws AGENT_UNKNOWN. */
  detail(name: string): AgentDetail {
    return this.#detailOf(this.#known(name));
  }

  /** Throws AGENT_UNKNOWN. */
  client(name: string): AgentClient {
    return this.#known(name).client;
  }

  #known(name: string): KnownAgent {
    const agent = this.#agents.get(name);
    if (agent === undefined) throw serverError('AGENT_UNKNOWN', `Agent ${name} is not registered`);
    return agent;
  }

  /** Those that a task named, or all that are registered, or else the one within the server. */
  chosen(names: readonly string[]): string[] {
    if (names.length > 0) return [...names];
    const others = [...this.#agents.keys()].filter((name) => name !== BUILT_IN);
    return others.length > 0 ? others : [BUILT_IN];
  }

  workers(names: readonly string[]): number {
    return Math.max(1, names.reduce((sum, name) => sum + (this.#agents.get(name)?.workers ?? 0), 0));
  }

  /** How many more jobs an agent can take; none before it has answered, and while it does not. */
  room(name: string): number {
    const agent = this.#agents.get(name);
    return agent === undefined || agent.error !== undefined || agent.lastSeenMillis === undefined ? 0 : Math.max(0, agent.workers + QUEUED_JOBS - agent.jobs.size);
  }

  /** Changes with every start of an agent; undefined while it does not answer, or is not known. */
  bootId(name: string): string | undefined {
    const agent = this.#agents.get(name);
    return agent?.error === undefined ? agent?.bootId : undefined;
  }

  took(name: string, job: string): void {
    this.#agents.get(name)?.jobs.add(job);
  }

  gaveBack(name: string, job: string): void {
    this.#agents.get(name)?.jobs.delete(job);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#agents.values()].map((agent) => agent.client.close()));
  }

  #add(name: string, entry: AgentEntry | undefined, client: AgentClient): KnownAgent {
    const agent: KnownAgent = { name, entry, client, jobs: new Set(), workers: 1, readMegabytesPerSecond: undefined, version: undefined, bootId: undefined, isProbed: false, lastSeenMillis: undefined, health: undefined, error: undefined };
    this.#agents.set(name, agent);
    return agent;
  }

  async #probe(agent: KnownAgent): Promise<void> {
    // One that hangs is not asked again and again.
    if (agent.isProbed) return;
    agent.isProbed = true;
    await this.#askHealth(agent).finally(() => {
      agent.isProbed = false;
    });
  }

  async #askHealth(agent: KnownAgent): Promise<void> {
    const before = agent.error?.code;
    try {
      if (agent.error !== undefined || agent.lastSeenMillis === undefined) await agent.client.register(this.#catalog.serverId);
      const health = await agent.client.health();
      if (agent.bootId !== undefined && health.bootId !== agent.bootId) await agent.client.register(this.#catalog.serverId);
      Object.assign(agent, { ...health.throttles, version: health.version, bootId: health.bootId, lastSeenMillis: Date.now(), health, error: undefined });
    } catch (error) {
      agent.error = refusalOf(error);
    }
    if (before === agent.error?.code || !this.#agents.has(agent.name)) return;
    this.#catalog.log('agent-health', agent.error === undefined ? `Agent ${agent.name} answers` : `Agent ${agent.name}: ${agent.error.message}`);
  }

  #detailOf(agent: KnownAgent): AgentDetail {
    const { entry, health } = agent;
    const typedSecrets = entry === undefined ? [] : this.#ways.typedSecrets(entry);
    return {
      ...statusOf(agent), ...(typedSecrets.length === 0 ? {} : { typedSecrets }),
      ...(health?.machine === undefined ? {} : { machine: health.machine, freeDiskBytes: health.freeBytes, agentMemoryBytes: health.memoryBytes, uptimeSeconds: health.uptimeSeconds }),
    };
  }
}

function statusOf({ name, entry, workers, readMegabytesPerSecond, version, jobs, lastSeenMillis, health, error }: KnownAgent): AgentStatus {
  // What it said before it was lost may be otherwise now.
  const notices = error === undefined && health !== undefined ? noticesOf(health, Date.now()) : [];
  return {
    name, workers, runningJobs: jobs.size,
    health: error === undefined ? 'healthy' : NOT_REACHED.test(error.code) ? 'unreachable' : 'refusing',
    ...(readMegabytesPerSecond === undefined ? {} : { readMegabytesPerSecond }),
    ...(entry === undefined ? {} : { url: entry.url, ...(entry.description === '' ? {} : { description: entry.description }) }), ...(version === undefined ? {} : { version }), ...(lastSeenMillis === undefined ? {} : { lastSeenMillis }), ...(error === undefined ? {} : { error }),
    ...(notices.length === 0 ? {} : { notices }),
  };
}
