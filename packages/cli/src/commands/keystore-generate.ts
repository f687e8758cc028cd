import { basename } from 'node:path';
import { generateKeyStores, hasAuthority } from '@aeneas/agent';
import type { AgentNames, GeneratedStore } from '@aeneas/agent';
import { cliError } from '../errors.ts';
import { readSecret } from '../secret.ts';

export interface KeystoreFlags {
  readonly agent: readonly string[];
  readonly serverName: readonly string[];
  readonly days: number;
  readonly storePasswordFile?: string;
  readonly authorityPasswordFile?: string;
}

/** `aeneas keystore generate FOLDER`: makes what is missing there, and says where each file belongs. */
export async function generate(folder: string, flags: KeystoreFlags): Promise<void> {
  const agents = flags.agent.map(agentOf);
  const isNew = !(await hasAuthority(folder));
  const storePassword = await readSecret({ what: 'Password of the stores (server, agents, trust)', file: flags.storePasswordFile, variable: 'AENEAS_STORE_PASSWORD', isNew });
  const authorityPassword = await readSecret({ what: 'Password of the authority, another one', file: flags.authorityPasswordFile, variable: 'AENEAS_AUTHORITY_PASSWORD', isNew });
  const stores = await generateKeyStores({ folder, agents, serverHosts: flags.serverName, days: flags.days, storePassword, authorityPassword });
  process.stdout.write(`${stores.map(line).join('\n')}\n`);
}

/** "name" or "name=host,host": without hosts the name is the host. */
export function agentOf(text: string): AgentNames {
  const [name, hosts, ...more] = text.split('=');
  if (name === '' || hosts === '' || more.length > 0) throw cliError('USAGE', `--agent ${text}: give a name, or name=host,address,...`);
  return { name, hosts: hosts?.split(',') ?? [name] };
}

const PLACES: Readonly<Record<GeneratedStore['use'], string>> = {
  authority: 'NEVER leaves this machine; keep a copy in a safe place: it signs further agents',
  trust: 'to the server and to every agent (certificates only)',
  server: 'to the server alone',
  agent: 'to this agent\'s machine alone',
};

function line({ file, use, isNew }: GeneratedStore): string {
  return `${(isNew ? 'made' : 'kept').padEnd(5)} ${basename(file).padEnd(24)} ${PLACES[use]}`;
}
