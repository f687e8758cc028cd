// From what a user registered to an agent that can be called. Secrets are read from their files when the connection is made, and kept nowhere.

import { readFileSync } from 'node:fs';
import type { AgentCredentials } from '@aeneas/protocol';
import { AGENT_DEFAULT_PORT } from '@aeneas/protocol';
import type { AgentClient } from '../control/agent-client.ts';
import type { AgentEntry } from '../control/catalog.ts';
import { serverError } from '../errors.ts';
import type { AgentLogin } from './agent-connection.ts';
import { RemoteAgent } from './remote-agent.ts';

/** Throws AGENT_CREDENTIALS, KEYSTORE_UNUSABLE. */
export function connectAgent({ name, url, credentials }: AgentEntry): AgentClient {
  const { hostname, port } = new URL(url);
  return new RemoteAgent({ host: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? AGENT_DEFAULT_PORT : Number(port) }, loginOf(name, credentials));
}

function loginOf(name: string, { keyStore, trustStore, passwordFile, pinnedCertificate, servicePasswordFile }: AgentCredentials): AgentLogin {
  if (pinnedCertificate !== undefined && servicePasswordFile !== undefined) {
    return { kind: 'password', password: readSecret(name, servicePasswordFile), fingerprint: pinnedCertificate };
  }
  if (keyStore !== undefined && trustStore !== undefined && passwordFile !== undefined) {
    return { kind: 'mutual-tls', keyStore: read(name, keyStore), trustStore: read(name, trustStore), storePassword: readSecret(name, passwordFile) };
  }
  throw serverError('AGENT_CREDENTIALS', `Agent ${name} needs a key store, a trust store and their password, or a service password and the fingerprint of its certificate`);
}

function readSecret(name: string, path: string): string {
  return Buffer.from(read(name, path)).toString('utf8').replace(/\r?\n$/, '');
}

function read(name: string, path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw serverError('AGENT_CREDENTIALS', `Of agent ${name} a file cannot be read: ${(error as NodeJS.ErrnoException).code}`, { file: path }, error);
  }
}
