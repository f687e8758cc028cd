// By what an agent proves who it is, and how it finds out who asks.

import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import forge from 'node-forge';
import { agentError, writeError } from '../errors.ts';
import { fingerprintOf, makeCertificate } from '../keystore/certificate.ts';
import { readKeyStore, readTrustStore } from '../keystore/read-store.ts';
import { AgentState } from './agent-state.ts';
import type { SelfMadeCertificate } from './agent-state.ts';
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

/** Where the two stores do not have the same. */
export interface StorePasswords {
  readonly keyStore: string;
  readonly trustStore: string;
}

/** Throws AGENT_PASSWORD_MISSING, KEYSTORE_UNUSABLE. */
export async function securityOf(settings: AgentSettings, state: AgentState, storePassword: string | StorePasswords | undefined): Promise<Security> {
  const { security } = settings;
  if (security.mode === 'password') {
    const hash = state.get('password-hash');
    if (hash === undefined) throw agentError('AGENT_PASSWORD_MISSING', 'No service password was set');
    const { keyPem, certificatePem, fingerprint } = await selfMade(state, settings);
    return { identity: { key: keyPem, cert: certificatePem }, login: new PasswordLogin(hash), fingerprint };
  }
  if (storePassword === undefined) throw agentError('AGENT_PASSWORD_MISSING', 'The password of key store and trust store was not given');
  const passwords = typeof storePassword === 'string' ? { keyStore: storePassword, trustStore: storePassword } : storePassword;
  const { keyPem, certificatePem, certificate } = readKeyStore(await storeOf(security.keyStore), passwords.keyStore, security.keyStore);
  const ca = readTrustStore(await storeOf(security.trustStore), passwords.trustStore, security.trustStore);
  return { identity: { key: keyPem, cert: certificatePem, ca }, login: certificateLogin, fingerprint: fingerprintOf(certificate) };
}

async function storeOf(file: string): Promise<Buffer> {
  return readFile(file).catch((error: Error) => {
    throw agentError('KEYSTORE_UNUSABLE', `The store cannot be read: ${error.message}`, {}, error);
  });
}

/** SHA-256 of the certificate that an agent shows, whether it runs or not. Throws AGENT_PASSWORD_MISSING, KEYSTORE_UNUSABLE, AGENT_STATE_UNUSABLE. */
export async function agentFingerprint(settings: AgentSettings, storePassword: string | undefined): Promise<string> {
  const { security } = settings;
  if (security.mode !== 'password') {
    if (storePassword === undefined) throw agentError('AGENT_PASSWORD_MISSING', 'The password of the key store was not given');
    return fingerprintOf(readKeyStore(await storeOf(security.keyStore), storePassword, security.keyStore).certificate);
  }
  const shown = await shownFingerprint(settings);
  if (shown !== undefined) return shown;
  const state = await AgentState.open(settings.outputDirectory);
  try {
    return (await selfMade(state, settings)).fingerprint;
  } finally {
    state.close();
  }
}

/** Of the self-made certificate, once there is one. The state is locked while the agent runs; its certificate is no secret. */
export async function shownFingerprint(settings: AgentSettings): Promise<string | undefined> {
  const shown = await readFile(shownFile(settings), 'utf8').catch(() => undefined);
  return shown === undefined ? undefined : new X509Certificate(shown).fingerprint256;
}

function shownFile({ outputDirectory }: AgentSettings): string {
  return join(outputDirectory, 'certificate.pem');
}

/** Made once, so that what a server has pinned stays. */
async function selfMade(state: AgentState, settings: AgentSettings): Promise<SelfMadeCertificate> {
  const certificate = state.get('certificate') ?? await makeSelfSigned(settings);
  state.set('certificate', certificate);
  const file = shownFile(settings);
  await writeFile(file, certificate.certificatePem).catch((error: unknown) => {
    throw writeError(file, error);
  });
  return certificate;
}

async function makeSelfSigned({ name, host }: AgentSettings): Promise<SelfMadeCertificate> {
  const { key, certificate } = await makeCertificate({ commonName: name, names: [isIP(host) === 0 ? host : name], use: 'self', days: SELF_MADE_DAYS });
  return { keyPem: forge.pki.privateKeyToPem(key), certificatePem: forge.pki.certificateToPem(certificate), fingerprint: fingerprintOf(certificate) };
}
