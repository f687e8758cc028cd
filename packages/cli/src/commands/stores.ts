// `aeneas stores ...` and `aeneas logging`: the tabs Security and Logging of Global Settings.

import { resolve } from 'node:path';
import type { LoggingSettings, SecurityStatus } from '@aeneas/protocol';
import { agentOf } from './keystore-generate.ts';
import { DONE } from '../exit.ts';
import { readSecret } from '../secret.ts';
import { askServer } from '../server-client.ts';

interface ServerFlags {
  readonly server: string;
  readonly json?: boolean;
}

interface PasswordFlags extends ServerFlags {
  readonly trustPasswordFile?: string;
  readonly keyPasswordFile?: string;
  readonly store?: boolean;
}

export interface GenerateFlags extends PasswordFlags {
  readonly folder?: string;
  readonly trustStore?: string;
  readonly keyStore?: string;
  readonly authorityPasswordFile?: string;
  readonly agent: readonly string[];
  readonly renew?: readonly string[];
  readonly days: number;
}

export interface SelectFlags extends PasswordFlags {
  readonly trustStore: string;
  readonly keyStore: string;
}

export interface LoggingFlags extends ServerFlags {
  readonly level?: LoggingSettings['level'];
  readonly folder?: string;
}

export async function storesStatus(flags: ServerFlags): Promise<number> {
  return show(flags, await askServer(flags.server, (api) => api.settings.security.get()));
}

/** What is there stays, in the same folder under the same names, unless it is to be renewed. */
export async function generateStores(flags: GenerateFlags): Promise<number> {
  const { revision, stores, defaultFolder } = await askServer(flags.server, (api) => api.settings.security.get());
  const before = stores?.kind === 'generated' ? stores : undefined;
  const passwords = await passwordsOf(flags, before === undefined);
  const authorityPassword = await readSecret({ what: 'Password of the authority, another one', file: flags.authorityPasswordFile, variable: 'AENEAS_AUTHORITY_PASSWORD', isNew: before === undefined });
  const given = flags.agent.map(agentOf);
  const known = (before?.files ?? []).flatMap(({ agent, hosts }) => (agent === undefined || given.some(({ name }) => name === agent) ? [] : [{ name: agent, hosts }]));
  return show(flags, await askServer(flags.server, (api) => api.settings.security.generate({
    revision, folder: flags.folder === undefined ? before?.folder ?? defaultFolder : resolve(flags.folder), trustStore: flags.trustStore ?? before?.trustStore, keyStore: flags.keyStore ?? before?.keyStore,
    ...passwords, authorityPassword, agents: [...known, ...given].map(({ name, hosts }) => ({ name, hosts: [...hosts] })), days: flags.days, renew: [...flags.renew ?? []], store: flags.store === true,
  })));
}

export async function selectStores(flags: SelectFlags): Promise<number> {
  const passwords = await passwordsOf(flags, false);
  return show(flags, await askServer(flags.server, async (api) => api.settings.security.select({
    revision: (await api.settings.security.get()).revision, trustStore: resolve(flags.trustStore), keyStore: resolve(flags.keyStore), ...passwords, store: flags.store === true,
  })));
}

/** Without level and folder: how it is now. */
export async function logging({ level, folder, ...flags }: LoggingFlags): Promise<number> {
  const status = await askServer(flags.server, async (api) => {
    const { revision, ...now } = await api.settings.logging.get();
    if (level === undefined && folder === undefined) return now;
    const kept = folder === undefined ? now.folder : folder === 'default' ? undefined : resolve(folder);
    return api.settings.logging.save({ revision, level: level ?? now.level, ...(kept === undefined ? {} : { folder: kept }) });
  });
  process.stdout.write(flags.json === true ? `${JSON.stringify(status)}\n` : `${status.level}  ${status.file}\n`);
  return DONE;
}

async function passwordsOf({ trustPasswordFile, keyPasswordFile }: PasswordFlags, isNew: boolean): Promise<{ trustPassword: string; keyPassword: string }> {
  const trustPassword = await readSecret({ what: 'Password of the trust store', file: trustPasswordFile, variable: 'TRUST_STORE_PASSWORD', isNew });
  return { trustPassword, keyPassword: await readSecret({ what: 'Password of the key stores', file: keyPasswordFile, variable: 'KEY_STORE_PASSWORD', isNew }) };
}

const PLACES = { authority: 'NEVER leaves that machine', trust: 'to every agent', server: 'of the server alone; never leaves', agent: 'to this agent alone' } as const;

function show({ json }: ServerFlags, status: SecurityStatus): number {
  process.stdout.write(json === true ? `${JSON.stringify(status)}\n` : text(status));
  return DONE;
}

function text({ stores, passwords, defaultFolder }: SecurityStatus): string {
  if (stores === undefined) return `No stores yet; "aeneas stores generate" makes them in ${defaultFolder}, "aeneas stores select" takes others.\n`;
  const known = `passwords ${passwords === 'vault' ? 'in the vault' : passwords === 'memory' ? 'in memory' : 'not known now'}\n`;
  if (stores.kind === 'selected') return `selected, ${known}trust store ${stores.trustStore}  ${until(stores.trustExpiresMillis)}\nkey store   ${stores.keyStore}  ${until(stores.keyExpiresMillis)}\n`;
  const lines = stores.files.map(({ name, use, hosts, expiresMillis }) => `${name.padEnd(24)} ${until(expiresMillis)}  ${PLACES[use]}${hosts.length === 0 ? '' : `: ${hosts.join(', ')}`}\n`);
  return `generated in ${stores.folder}, ${known}${lines.join('')}`;
}

function until(millis: number): string {
  return `${millis < Date.now() ? 'ended' : 'until'} ${new Date(millis).toISOString().slice(0, 10)}`;
}
