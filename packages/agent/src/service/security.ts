// By what an agent proves who it is, and how it finds out who asks.

import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import forge from 'node-forge';
import { agentError } from '../errors.ts';
import { fingerprintOf, makeCertificate } from '../keystore/certificate.ts';
import { readKeyStore, readTrustStore } from '../keystore/pkcs12.ts';
import type { AgentState, SelfMadeCertificate } from './agent-state.ts';
import type { ServiceIdentity } from './https-service.ts';
import { certificateLogin, PasswordLogin } from './login.ts';
import type { Login } from './login.ts';
import type { AgentSettings } from './settings.ts';

const SELF_MADE_DAYS = 3650;

export interface Security {
  readonly identity: ServiceIdentity;
  readonly login: Login;
  /** SHA-256 of the certificate that the service shows. */
  readonly fingerprint: string;
}

/** Throws AGENT_PASSWORD_MISSING, KEYSTORE_UNUSABLE. */
export async function securityOf({ security, name, host }: AgentSettings, state: AgentState, storePassword: string | undefined): Promise<Security> {
  if (security.mode === 'password') {
    const hash = state.get('password-hash');
    if (hash === undefined) throw agentError('AGENT_PASSWORD_MISSING', 'No service password was set');
    const { keyPem, certificatePem, fingerprint } = await selfMade(state, name, host);
    return { identity: { key: keyPem, cert: certificatePem }, login: new PasswordLogin(hash), fingerprint };
  }
  if (storePassword === undefined) throw agentError('AGENT_PASSWORD_MISSING', 'The password of key store and trust store was not given');
  const { keyPem, certificatePem, certificate } = readKeyStore(await storeOf(security.keyStore), storePassword, security.keyStore);
  const ca = readTrustStore(await storeOf(security.trustStore), storePassword, security.trustStore);
  return { identity: { key: keyPem, cert: certificatePem, ca }, login: certificateLogin, fingerprint: fingerprintOf(certificate) };
}

async function storeOf(file: string): Promise<Buffer> {
  return readFile(file).catch((error: Error) => {
    throw agentError('KEYSTORE_UNUSABLE', `The store cannot be read: ${error.message}`, {}, error);
  });
}

/** Made once, so that what a server has pinned stays. */
async function selfMade(state: AgentState, name: string, host: string): Promise<SelfMadeCertificate> {
  const before = state.get('certificate');
  if (before !== undefined) return before;
  const { key, certificate } = await makeCertificate({ commonName: name, names: [isIP(host) === 0 ? host : name], use: 'self', days: SELF_MADE_DAYS });
  const made = { keyPem: forge.pki.privateKeyToPem(key), certificatePem: forge.pki.certificateToPem(certificate), fingerprint: fingerprintOf(certificate) };
  state.set('certificate', made);
  return made;
}
