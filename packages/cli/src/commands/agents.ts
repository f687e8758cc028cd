// `aeneas agent register|list|throttle|unregister`: the agents that the server knows.

import { resolve } from 'node:path';
import type { AgentStatus } from '@aeneas/protocol';
import { DONE } from '../exit.ts';
import { askServer } from '../server-client.ts';
import { agentListText } from './agent-list.ts';

interface ServerFlags {
  readonly server: string;
  readonly json?: boolean;
}

export interface RegisterFlags extends ServerFlags {
  readonly keyStore?: string;
  readonly trustStore?: string;
  readonly passwordFile?: string;
  readonly servicePasswordFile?: string;
  readonly fingerprint?: string;
}

export async function registerAgent(name: string, url: string, flags: RegisterFlags): Promise<number> {
  const path = (key: string, file: string | undefined): object => (file === undefined ? {} : { [key]: resolve(file) });
  const agent = await askServer(flags.server, (api) => api.agents.register({
    name, url,
    credentials: {
      ...path('keyStore', flags.keyStore), ...path('trustStore', flags.trustStore), ...path('passwordFile', flags.passwordFile), ...path('servicePasswordFile', flags.servicePasswordFile),
      ...(flags.fingerprint === undefined ? {} : { pinnedCertificate: flags.fingerprint }),
    },
  }));
  show(flags, agent, `${line(agent)}\n`);
  return DONE;
}

export async function listAgents(flags: ServerFlags): Promise<number> {
  const agents = await askServer(flags.server, (api) => api.agents.list());
  show(flags, agents, agentListText(agents));
  return DONE;
}

export interface ThrottleFlags extends ServerFlags {
  readonly workers?: number;
  /** Infinity: as fast as the disk. */
  readonly readMbPerSecond?: number;
}

export async function throttleAgent(name: string, { workers, readMbPerSecond, ...flags }: ThrottleFlags): Promise<number> {
  const change = { ...(workers === undefined ? {} : { workers }), ...(readMbPerSecond === undefined ? {} : { readMegabytesPerSecond: Number.isFinite(readMbPerSecond) ? readMbPerSecond : null }) };
  const agent = await askServer(flags.server, (api) => api.agents.throttle({ name, ...change }));
  show(flags, agent, `${line(agent)}\n`);
  return DONE;
}

export async function unregisterAgent(name: string, flags: ServerFlags): Promise<number> {
  await askServer(flags.server, (api) => api.agents.unregister({ name }));
  show(flags, { name }, `${name} unregistered\n`);
  return DONE;
}

function line({ name, url, health, workers, readMegabytesPerSecond, runningJobs, error }: AgentStatus): string {
  const why = error === undefined ? '' : `  ${error.code}: ${error.message}`;
  const speed = typeof readMegabytesPerSecond === 'number' ? `, ${readMegabytesPerSecond} MB/s` : '';
  return `${name.padEnd(20)} ${health.padEnd(11)} ${workers} workers${speed}, ${runningJobs} jobs  ${url ?? 'within the server'}${why}`;
}

function show({ json }: ServerFlags, value: object, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : text);
}
