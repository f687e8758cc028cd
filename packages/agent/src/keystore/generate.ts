// The stores of one installation: an authority of its own, a key store for the server and one for each agent, and the trust store that
// all of them share. Run again in the same folder it adds what is not there yet, signed by the same authority.

import { chmod, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { agentError, writeError } from '../errors.ts';
import { makeFolder, syncPath } from '../local-file.ts';
import { makeCertificate } from './certificate.ts';
import type { KeyAndCertificate } from './certificate.ts';
import { writeKeyStore, writeTrustStore } from './pkcs12.ts';
import { readKeyStore } from './read-store.ts';

export const AUTHORITY_FILE = 'authority.p12';
export const TRUST_FILE = 'trust.p12';
export const SERVER_FILE = 'server.p12';

const AUTHORITY_ALIAS = 'aeneas-authority';
const AUTHORITY_DAYS = 3650;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** keytool refuses shorter ones. */
const MIN_PASSWORD_CHARACTERS = 6;

export interface AgentNames {
  /** Part of the file's name: agent-<name>.p12. */
  readonly name: string;
  /** Host names and addresses under which the server reaches the agent. */
  readonly hosts: readonly string[];
}

export interface KeyStoreOrder {
  readonly folder: string;
  readonly agents: readonly AgentNames[];
  /** Names in the server's certificate. */
  readonly serverHosts: readonly string[];
  /** How long the agents' and the server's certificates are valid. */
  readonly days: number;
  /** Of trust.p12, server.p12 and the agents' stores. */
  readonly storePassword: string;
  /** Of the trust store, where it has another. */
  readonly trustPassword?: string;
  /** Names of the files, where they are not TRUST_FILE and SERVER_FILE. */
  readonly trustFile?: string;
  readonly serverFile?: string;
  /** Names of the server's and agents' files that are made anew though they are there. */
  readonly renew?: readonly string[];
  /** Of authority.p12 alone. */
  readonly authorityPassword: string;
  /** Smaller keys are for tests. */
  readonly modulusBits?: number;
}

export interface GeneratedStore {
  readonly file: string;
  readonly use: 'authority' | 'trust' | 'server' | 'agent';
  /** False when it was there already. */
  readonly isNew: boolean;
}

/** Whether the folder has an authority already, whose password is then needed to go on. */
export async function hasAuthority(folder: string): Promise<boolean> {
  return exists(join(folder, AUTHORITY_FILE));
}

/** Makes the stores that are not there, each file for its owner alone (0600). Throws KEYSTORE_*, FILE_UNWRITABLE, DISK_FULL. */
export async function generateKeyStores(order: KeyStoreOrder): Promise<GeneratedStore[]> {
  checkOrder(order);
  await makeFolder(order.folder);
  await chmod(order.folder, PRIVATE_FOLDER);
  const stores: GeneratedStore[] = [];
  const { storePassword, days, modulusBits, trustPassword = storePassword, trustFile = TRUST_FILE, serverFile = SERVER_FILE, renew = [] } = order;
  // A new authority would leave every agent with certificates of the old one.
  const isRenewed = (name: string, use: GeneratedStore['use']): boolean => (use === 'server' || use === 'agent') && renew.includes(name);
  const authority = await authorityOf(order);
  const add = async (name: string, use: GeneratedStore['use'], make: () => Promise<Buffer> | Buffer): Promise<void> => {
    const file = join(order.folder, name);
    const isNew = isRenewed(name, use) || !(await exists(file));
    if (isNew) await writePrivately(file, await make());
    stores.push({ file, use, isNew });
  };
  const issue = async (alias: string, use: 'agent' | 'server', names: readonly string[]): Promise<Buffer> => {
    const made = await makeCertificate({ commonName: names[0] ?? alias, names, use, days, ...(modulusBits === undefined ? {} : { modulusBits }) }, authority);
    return writeKeyStore(alias, made, [authority.certificate], storePassword);
  };
  await add(AUTHORITY_FILE, 'authority', () => writeKeyStore(AUTHORITY_ALIAS, authority, [], order.authorityPassword));
  await add(trustFile, 'trust', () => writeTrustStore([{ alias: AUTHORITY_ALIAS, certificate: authority.certificate }], trustPassword));
  await add(serverFile, 'server', () => issue('aeneas-server', 'server', order.serverHosts));
  for (const { name, hosts } of order.agents) await add(agentFile(name), 'agent', () => issue(`aeneas-agent-${name}`, 'agent', hosts));
  await syncPath(order.folder);
  return stores;
}

/** Name of an agent's key store. */
export function agentFile(name: string): string {
  return `agent-${name}.p12`;
}

async function authorityOf(order: KeyStoreOrder): Promise<KeyAndCertificate> {
  const file = join(order.folder, AUTHORITY_FILE);
  if (await exists(file)) return readKeyStore(await readFile(file), order.authorityPassword, file);
  const leftOver = await firstExisting(order.folder, [order.trustFile ?? TRUST_FILE, order.serverFile ?? SERVER_FILE, ...order.agents.map(({ name }) => agentFile(name))]);
  if (leftOver !== undefined) throw agentError('KEYSTORE_EXISTS', `The folder has stores, but not the ${AUTHORITY_FILE} that signed them`, { file: leftOver });
  return makeCertificate({
    commonName: `Aeneas authority ${new Date().toISOString().slice(0, 10)}`, use: 'authority', days: AUTHORITY_DAYS, ...(order.modulusBits === undefined ? {} : { modulusBits: order.modulusBits }),
  });
}

function checkOrder(order: KeyStoreOrder): void {
  for (const password of [order.storePassword, order.trustPassword ?? order.storePassword, order.authorityPassword]) {
    // Programs disagree on how other characters become bytes.
    if (password.length < MIN_PASSWORD_CHARACTERS || !/^[\x20-\x7e]*$/.test(password)) {
      throw agentError('KEYSTORE_PASSWORD_UNFIT', `A store's password needs ${MIN_PASSWORD_CHARACTERS} or more characters, of ASCII`);
    }
  }
  for (const { name } of order.agents) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) throw agentError('KEYSTORE_NAME_UNFIT', `"${name}" cannot be an agent's name: letters, digits, dot, dash and underscore only`);
  }
  for (const host of [...order.serverHosts, ...order.agents.flatMap(({ hosts }) => hosts)]) {
    if (!/^[A-Za-z0-9*][A-Za-z0-9.*:-]{0,252}$|^::[0-9a-fA-F:.]*$/.test(host)) throw agentError('KEYSTORE_NAME_UNFIT', `"${host}" is no host name or address`);
  }
}

async function writePrivately(file: string, bytes: Buffer): Promise<void> {
  // Under its name there is never half a store.
  const unfinished = `${file}.${process.pid}.new`;
  try {
    const handle = await open(unfinished, 'wx', PRIVATE_FILE);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    throw writeError(file, error);
  }
}

async function firstExisting(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    if (await exists(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(() => true, () => false);
}

