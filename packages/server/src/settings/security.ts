// The trust store and key store by which this server and its agents know each other: made here, or selected. Until when certificates are
// valid is written down when they are made, so that it can be shown without a password.

import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { agentFile, AUTHORITY_FILE, generateKeyStores, readKeyStore, readTrustStore } from '@aeneas/agent';
import type { SecuritySettings, SecurityStatus, StoreFile } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { Secrets } from '../vault/secrets.ts';
import { checkRevision, revisionOf } from './settings-file.ts';
import type { Settings, SettingsFile } from './settings-file.ts';

const TRUST_PASSWORD = 'security/trust-store-password';
const KEY_PASSWORD = 'security/key-store-password';
const MAX_STORE_BYTES = 4 * 1_048_576;

interface StorePasswords {
  readonly trustPassword: string;
  readonly keyPassword: string;
  readonly store: boolean;
}

export interface GenerateOrder extends StorePasswords {
  readonly revision: string;
  readonly folder: string;
  readonly trustStore: string;
  readonly keyStore: string;
  readonly authorityPassword: string;
  readonly agents: readonly { readonly name: string; readonly hosts: readonly string[] }[];
  readonly days: number;
  readonly renew: readonly string[];
}

export interface SelectOrder extends StorePasswords {
  readonly revision: string;
  readonly trustStore: string;
  readonly keyStore: string;
}

/** A store as whoever opens it needs it. Without a password: it has to be typed again. */
export interface StoreInUse {
  readonly file: string;
  readonly password: string | undefined;
}

export class Security {
  readonly #settings: SettingsFile;
  readonly #secrets: Secrets;
  readonly #defaultFolder: string;

  constructor(settings: SettingsFile, secrets: Secrets, defaultFolder: string) {
    this.#settings = settings;
    this.#secrets = secrets;
    this.#defaultFolder = defaultFolder;
  }

  async status(): Promise<SecurityStatus> {
    return this.#status((await this.#settings.read()).security);
  }

  /** The two stores with their passwords; undefined: there are none yet. */
  async inUse(): Promise<Readonly<Record<'trustStore' | 'keyStore', StoreInUse>> | undefined> {
    const { security } = await this.#settings.read();
    if (security === undefined) return undefined;
    const placed = (name: string): string => (security.kind === 'generated' ? join(security.folder, name) : name);
    return {
      trustStore: { file: placed(security.trustStore), password: this.#secrets.get(TRUST_PASSWORD) },
      keyStore: { file: placed(security.keyStore), password: this.#secrets.get(KEY_PASSWORD) },
    };
  }

  /** Makes what is missing, renews what is asked for, and agents' stores whose hosts have changed. Throws KEYSTORE_*, STORES_FOLDER_UNFIT, SETTINGS_CHANGED, VAULT_*. */
  generate(order: GenerateOrder): Promise<SecurityStatus> {
    return this.#settings.update(async (settings) => {
      checkRevision(settings.security, order.revision, 'Security');
      await checkFolder(order.folder);
      await checkPasswords(order);
      const before = settings.security?.kind === 'generated' && settings.security.folder === order.folder ? settings.security.files : [];
      const stores = await generateKeyStores({
        folder: order.folder, agents: order.agents, serverHosts: [hostname()], days: order.days, storePassword: order.keyPassword, trustPassword: order.trustPassword,
        authorityPassword: order.authorityPassword, trustFile: order.trustStore, serverFile: order.keyStore, renew: [...order.renew, ...movedAgents(order, before)],
      });
      const files = await Promise.all(stores.map(({ file, use }) => described(file, use, order)));
      // Agents of earlier runs keep their stores.
      const kept = before.filter(({ use, name }) => use === 'agent' && !files.some((file) => file.name === name));
      return this.#keep(settings, { kind: 'generated', folder: order.folder, trustStore: order.trustStore, keyStore: order.keyStore, files: [...files, ...kept] }, order);
    });
  }

  /** Opens both before they are used. Throws KEYSTORE_*, SETTINGS_CHANGED, VAULT_*. */
  select(order: SelectOrder): Promise<SecurityStatus> {
    return this.#settings.update(async (settings) => {
      checkRevision(settings.security, order.revision, 'Security');
      const { trustStore, keyStore } = order;
      const trustExpiresMillis = firstEnd(readTrustStore(await readStore(trustStore), order.trustPassword, trustStore));
      const keyExpiresMillis = firstEnd([readKeyStore(await readStore(keyStore), order.keyPassword, keyStore).certificatePem]);
      return this.#keep(settings, { kind: 'selected', trustStore, keyStore, trustExpiresMillis, keyExpiresMillis }, order);
    });
  }

  /** A file that goes to agents: the trust store, or an agent's key store. Undefined for any other name: the authority and the server's key never leave. */
  async download(name: string): Promise<Buffer | undefined> {
    const { security } = await this.#settings.read();
    if (security?.kind !== 'generated') return undefined;
    const file = security.files.find((one) => one.name === name && (one.use === 'trust' || one.use === 'agent'));
    return file === undefined ? undefined : readStore(join(security.folder, file.name));
  }

  async #keep(settings: Settings, security: SecuritySettings, { trustPassword, keyPassword, store }: StorePasswords): Promise<{ readonly settings: Settings; readonly result: SecurityStatus }> {
    await this.#secrets.set(TRUST_PASSWORD, trustPassword, { store });
    await this.#secrets.set(KEY_PASSWORD, keyPassword, { store });
    return { settings: { ...settings, security }, result: this.#status(security) };
  }

  #status(stores: SecuritySettings | undefined): SecurityStatus {
    const places = [TRUST_PASSWORD, KEY_PASSWORD].map((name) => this.#secrets.placeOf(name));
    const passwords = places.includes(undefined) ? 'missing' : places.includes('memory') ? 'memory' : 'vault';
    return { revision: revisionOf(stores), passwords, defaultFolder: this.#defaultFolder, ...(stores === undefined ? {} : { stores }) };
  }
}

/** The folder becomes private to the server's user: no other's is taken for it. */
async function checkFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw serverError('STORES_FOLDER_UNFIT', `The folder cannot be used: ${error.code}`, { file: folder }, error);
  });
  if (names.length > 0 && !names.includes(AUTHORITY_FILE)) throw serverError('STORES_FOLDER_UNFIT', 'The folder has other files in it', { file: folder });
}

/** Stores that stay must have the passwords that are written down for them. */
async function checkPasswords({ folder, trustStore, keyStore, trustPassword, keyPassword, renew }: GenerateOrder): Promise<void> {
  const [trust, key] = await Promise.all([trustStore, keyStore].map((name) => readFile(join(folder, name)).catch(() => undefined)));
  if (trust !== undefined) readTrustStore(trust, trustPassword, trustStore);
  if (key !== undefined && !renew.includes(keyStore)) readKeyStore(key, keyPassword, keyStore);
}

function movedAgents({ agents }: GenerateOrder, before: readonly StoreFile[]): string[] {
  return agents.filter(({ name, hosts }) => before.some((file) => file.agent === name && file.hosts.join() !== hosts.join())).map(({ name }) => agentFile(name));
}

async function described(file: string, use: StoreFile['use'], order: GenerateOrder): Promise<StoreFile> {
  const bytes = await readStore(file);
  const name = file.slice(order.folder.length).replace(/^\/+/, '');
  if (use === 'trust') return { name, use, hosts: [], expiresMillis: firstEnd(readTrustStore(bytes, order.trustPassword, file)) };
  const agent = order.agents.find((one) => agentFile(one.name) === name);
  const opened = readKeyStore(bytes, use === 'authority' ? order.authorityPassword : order.keyPassword, file);
  return { name, use, hosts: [...agent?.hosts ?? []], ...(agent === undefined ? {} : { agent: agent.name }), expiresMillis: opened.certificate.validity.notAfter.getTime() };
}

async function readStore(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MAX_STORE_BYTES) throw new Error(`it has ${size} bytes`);
    return await readFile(file);
  } catch (error) {
    throw serverError('STORE_UNREADABLE', `The store cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, { file }, error);
  }
}

/** When the first of the certificates ends. */
function firstEnd(pems: readonly string[]): number {
  return Math.min(...pems.map((pem) => Date.parse(new X509Certificate(pem).validTo)));
}
