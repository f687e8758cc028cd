// The agents that the server knows, how they are, and how much each can take.

import type { AgentDetail, AgentInput, AgentOutput, AgentRefusal, AgentStatus } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
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

export type ConnectAgent = (entry: AgentEntry) => AgentClient;

interface KnownAgent {
  readonly name: string;
  readonly url: string | undefined;
  readonly client: AgentClient;
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
  readonly #catalog: Catalog;
  readonly #connect: ConnectAgent;
  readonly #timer: NodeJS.Timeout;

  constructor(catalog: Catalog, builtIn: AgentClient, connect: ConnectAgent) {
    this.#catalog = catalog;
    this.#connect = connect;
    this.#add(BUILT_IN, undefined, builtIn);
    for (const entry of catalog.agents()) this.#add(entry.name, entry.url, connect(entry));
    this.#timer = setInterval(() => void this.probe(), HEALTH_MILLIS);
  }

  /** Asks every agent how it is. */
  async probe(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => this.#probe(agent)));
  }

  /** Throws AGENT_EXISTS, and what the agent or the way to it refuses: an agent that cannot be used is not registered. */
  async register(entry: AgentEntry): Promise<AgentStatus> {
    if (this.#agents.has(entry.name)) throw serverError('AGENT_EXISTS', `There is an agent ${entry.name} already`);
    const client = this.#connect(entry);
    try {
      await client.register(this.#catalog.serverId);
    } catch (error) {
      await client.close();
      throw error;
    }
    this.#catalog.addAgent(entry);
    const agent = this.#add(entry.name, entry.url, client);
    await this.#probe(agent);
    this.#catalog.log('agent-registered', `Agent ${entry.name} at ${entry.url}`);
    return statusOf(agent);
  }

  /** Throws AGENT_UNKNOWN, AGENT_IN_USE. */
  async unregister(name: string): Promise<void> {
    const agent = this.#agents.get(name);
    if (agent === undefined || name === BUILT_IN) throw serverError('AGENT_UNKNOWN', `There is no agent ${name} that could be unregistered`);
    if (agent.jobs.size > 0) throw serverError('AGENT_IN_USE', `Agent ${name} has ${agent.jobs.size} jobs`);
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
    return [...this.#agents.values()].map(detailOf);
  }

  /** Throws AGENT_UNKNOWN. */
  detail(name: string): AgentDetail {
    return detailOf(this.#known(name));
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

  #add(name: string, url: string | undefined, client: AgentClient): KnownAgent {
    const agent: KnownAgent = { name, url, client, jobs: new Set(), workers: 1, readMegabytesPerSecond: undefined, version: undefined, bootId: undefined, isProbed: false, lastSeenMillis: undefined, health: undefined, error: undefined };
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
}

function statusOf({ name, url, workers, readMegabytesPerSecond, version, jobs, lastSeenMillis, health, error }: KnownAgent): AgentStatus {
  // What it said before it was lost may be otherwise now.
  const notices = error === undefined && health !== undefined ? noticesOf(health, Date.now()) : [];
  return {
    name, workers, runningJobs: jobs.size,
    health: error === undefined ? 'healthy' : NOT_REACHED.test(error.code) ? 'unreachable' : 'refusing',
    ...(readMegabytesPerSecond === undefined ? {} : { readMegabytesPerSecond }),
    ...(url === undefined ? {} : { url }), ...(version === undefined ? {} : { version }), ...(lastSeenMillis === undefined ? {} : { lastSeenMillis }), ...(error === undefined ? {} : { error }),
    ...(notices.length === 0 ? {} : { notices }),
  };
}

function detailOf(agent: KnownAgent): AgentDetail {
  const { health } = agent;
  if (health?.machine === undefined) return statusOf(agent);
  return { ...statusOf(agent), machine: health.machine, freeDiskBytes: health.freeBytes, agentMemoryBytes: health.memoryBytes, uptimeSeconds: health.uptimeSeconds };
}
