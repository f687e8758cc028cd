// From what a user registered to how the server logs in to an agent. Files and passwords are looked up each time that a connection is made:
// what was renewed, typed again or opened with the vault counts from then on, without a restart.

import { readFile } from 'node:fs/promises';
import type { AgentCredentials, AgentDetail, AgentSecretName, AgentSecrets } from '@aeneas/protocol';
import { AGENT_SECRET_NAMES } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { Security } from '../settings/security.ts';
import type { Secrets } from '../vault/secrets.ts';
import type { AgentLogin } from './agent-connection.ts';

const TEXTS: Readonly<Record<AgentSecretName, string>> = { servicePassword: 'service password of the agent', trustStorePassword: 'password of the trust store', keyStorePassword: 'password of the key store' };
const FINGERPRINT = /^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/;

type StoreName = 'trustStore' | 'keyStore';

export class AgentLogins {
  readonly #secrets: Secrets;
  readonly #security: Pick<Security, 'inUse'>;

  constructor(secrets: Secrets, security: Pick<Security, 'inUse'>) {
    this.#secrets = secrets;
    this.#security = security;
  }

  /** `given`: passwords as they were just typed, before any that are kept. Throws AGENT_CREDENTIALS, AGENT_PASSWORD_NEEDED, STORE_UNREADABLE. */
  async loginOf(name: string, credentials: AgentCredentials, given: AgentSecrets = {}): Promise<AgentLogin> {
    const known: AgentSecrets = { ...Object.fromEntries(AGENT_SECRET_NAMES.map((secret) => [secret, this.#secrets.get(keyOf(name, secret))])), ...given };
    if (isByPassword(credentials, known)) return this.#byPassword(credentials, known);
    const [trust, key] = await Promise.all([this.#store('trustStore', credentials, known), this.#store('keyStore', credentials, known)]);
    return { kind: 'mutual-tls', trustStore: trust.bytes, trustPassword: trust.password, keyStore: key.bytes, storePassword: key.password };
  }

  /** The passwords that this agent needs typed, and where they are. */
  typedSecrets(name: string, credentials: AgentCredentials): NonNullable<AgentDetail['typedSecrets']> {
    return typedNames(credentials).map((secret) => ({ secret, place: this.#secrets.placeOf(keyOf(name, secret)) ?? 'missing' }));
  }

  /** Keeps what was typed as the credentials say, and brings there what was kept elsewhere before. Throws VAULT_*. */
  async keep(name: string, credentials: AgentCredentials, given: AgentSecrets): Promise<void> {
    for (const secret of typedNames(credentials)) {
      const value = given[secret] ?? this.#secrets.get(keyOf(name, secret));
      if (value !== undefined) await this.#secrets.set(keyOf(name, secret), value, { store: credentials.storePassword === true });
    }
  }

  /** Throws VAULT_LOCKED when they are in the vault. */
  async forget(name: string, credentials: AgentCredentials): Promise<void> {
    for (const secret of typedNames(credentials)) {
      if (credentials.storePassword === true) await this.#secrets.delete(keyOf(name, secret));
      else this.#secrets.forget(keyOf(name, secret));
    }
  }

  async #byPassword({ pinnedCertificate, servicePasswordFile }: AgentCredentials, { servicePassword }: AgentSecrets): Promise<AgentLogin> {
    if (pinnedCertificate === undefined || !FINGERPRINT.test(pinnedCertificate.trim())) {
      throw serverError('AGENT_CREDENTIALS', `With a service password the SHA-256 fingerprint of the agent's certificate is needed, 64 hexadecimal digits${pinnedCertificate === undefined ? '' : ', and this is none'}`);
    }
    const password = servicePasswordFile === undefined ? servicePassword : await readSecret(servicePasswordFile);
    if (password === undefined) throw needed('servicePassword');
    return { kind: 'password', password, fingerprint: pinnedCertificate };
  }

  async #store(store: StoreName, credentials: AgentCredentials, known: AgentSecrets): Promise<{ readonly bytes: Uint8Array; readonly password: string }> {
    const secret = `${store}Password` as const;
    const file = credentials[store];
    if (file !== undefined) {
      const password = credentials.passwordFile === undefined ? known[secret] : await readSecret(credentials.passwordFile);
      if (password === undefined) throw needed(secret);
      return { bytes: await read(file), password };
    }
    const global = (await this.#security.inUse())?.[store];
    if (global === undefined) throw serverError('AGENT_CREDENTIALS', `No ${store === 'trustStore' ? 'trust store' : 'key store'} was given, and Global Settings have none`);
    if (global.password === undefined) throw serverError('AGENT_PASSWORD_NEEDED', `The ${TEXTS[secret]} of Global Settings is not known now`, { file: global.file });
    return { bytes: await read(global.file), password: global.password };
  }
}

/** A login without certificates; the fingerprint may still be missing. */
function isByPassword({ pinnedCertificate, servicePasswordFile }: AgentCredentials, { servicePassword }: AgentSecrets): boolean {
  return pinnedCertificate !== undefined || servicePasswordFile !== undefined || servicePassword !== undefined;
}

function typedNames(credentials: AgentCredentials): AgentSecretName[] {
  const { trustStore, keyStore, passwordFile, servicePasswordFile } = credentials;
  if (isByPassword(credentials, {})) return servicePasswordFile === undefined ? ['servicePassword'] : [];
  if (passwordFile !== undefined) return [];
  return [...(trustStore === undefined ? [] : ['trustStorePassword' as const]), ...(keyStore === undefined ? [] : ['keyStorePassword' as const])];
}

function keyOf(name: string, secret: AgentSecretName): string {
  return `agent/${name}/${secret}`;
}

function needed(secret: AgentSecretName): Error {
  return serverError('AGENT_PASSWORD_NEEDED', `The ${TEXTS[secret]} is not known now`);
}

async function readSecret(path: string): Promise<string> {
  return (await read(path)).toString('utf8').replace(/\r?\n$/, '');
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw serverError('STORE_UNREADABLE', `A file that proves the server to the agent cannot be read: ${(error as NodeJS.ErrnoException).code}`, { file: path }, error);
  }
}
