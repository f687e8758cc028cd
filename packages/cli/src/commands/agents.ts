// `aeneas agent register|test|change|list|throttle|unregister`: the agents that the server knows.

import { resolve } from 'node:path';
import type { AgentCredentials, AgentSecretName, AgentSecrets, AgentStatus } from '@aeneas/protocol';
import { DONE, UNUSABLE } from '../exit.ts';
import { readSecret } from '../secret.ts';
import { askServer } from '../server-client.ts';
import { agentListText } from './agent-list.ts';

interface ServerFlags {
  readonly server: string;
  readonly json?: boolean;
}

interface LoginFlags extends ServerFlags {
  readonly keyStore?: string;
  readonly trustStore?: string;
  readonly passwordFile?: string;
  readonly servicePasswordFile?: string;
  readonly fingerprint?: string;
}

export interface RegisterFlags extends LoginFlags {
  readonly description?: string;
  readonly store?: boolean;
}

export async function registerAgent(name: string, url: string, flags: RegisterFlags): Promise<number> {
  const { credentials, secrets } = await loginOf(flags);
  const agent = await askServer(flags.server, (api) => api.agents.register({
    name, url, secrets, credentials: { ...credentials, ...(flags.store === true ? { storePassword: true } : {}) }, ...(flags.description === undefined ? {} : { description: flags.description }),
  }));
  show(flags, agent, `${line(agent)}\n`);
  return DONE;
}

export async function testAgent(url: string, flags: LoginFlags): Promise<number> {
  const test = await askServer(flags.server, async (api) => api.agents.test({ url, ...await loginOf(flags) }));
  show(flags, test, test.steps.map(({ step, state, said, problem }) => `${state.padEnd(8)} ${step.padEnd(8)} ${said}${problem === undefined ? '' : `\n  ${problem.code}: ${problem.remedy}`}\n`).join(''));
  return test.isOk ? DONE : UNUSABLE;
}

export interface ChangeFlags extends ServerFlags {
  readonly description?: string;
  readonly password?: boolean;
  readonly store?: boolean;
}

export async function changeAgent(name: string, { server, json, description, password, store }: ChangeFlags): Promise<number> {
  const agent = await askServer(server, async (api) => {
    const needed = password === true ? ((await api.agents.get({ name })).typedSecrets ?? []).map(({ secret }) => secret) : [];
    return api.agents.change({ name, secrets: await typed(needed), ...(description === undefined ? {} : { description }), ...(store === undefined ? {} : { storePassword: store }) });
  });
  show({ server, ...(json === undefined ? {} : { json }) }, agent, `${line(agent)}\n`);
  return DONE;
}

/** Paths as the server finds them, and the passwords that it does not read from files. */
async function loginOf({ keyStore, trustStore, passwordFile, servicePasswordFile, fingerprint }: LoginFlags): Promise<{ readonly credentials: AgentCredentials; readonly secrets: AgentSecrets }> {
  const path = (key: string, file: string | undefined): object => (file === undefined ? {} : { [key]: resolve(file) });
  const needed: AgentSecretName[] = fingerprint !== undefined || servicePasswordFile !== undefined
    ? servicePasswordFile === undefined ? ['servicePassword'] : []
    : passwordFile === undefined ? [...(trustStore === undefined ? [] : ['trustStorePassword' as const]), ...(keyStore === undefined ? [] : ['keyStorePassword' as const])] : [];
  return {
    credentials: {
      ...path('keyStore', keyStore), ...path('trustStore', trustStore), ...path('passwordFile', passwordFile), ...path('servicePasswordFile', servicePasswordFile),
      ...(fingerprint === undefined ? {} : { pinnedCertificate: fingerprint }),
    },
    secrets: await typed(needed),
  };
}

/** Both stores have the same password here; where they do not, the page takes two. */
async function typed(needed: readonly AgentSecretName[]): Promise<AgentSecrets> {
  if (needed.includes('servicePassword')) return { servicePassword: await readSecret({ what: 'Service password of the agent', variable: 'AENEAS_SERVICE_PASSWORD' }) };
  if (needed.length === 0) return {};
  const password = await readSecret({ what: 'Password of key store and trust store', variable: 'AENEAS_STORE_PASSWORD' });
  return Object.fromEntries(needed.map((secret) => [secret, password]));
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
