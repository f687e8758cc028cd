// Connections to one agent that carry nothing before the agent has proved who it is: by a certificate of our authority under the name that
// was dialled, or by the very certificate whose fingerprint was pinned.

import { Agent } from 'node:https';
import type { AgentOptions } from 'node:https';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Duplex } from 'node:stream';
import { agentError, readKeyStore, readTrustStore } from '@aeneas/agent';

/** How this server and an agent recognise each other. Stores are the bytes of PKCS#12 or JKS files. `trustPassword`: default, that of the key store. */
export type AgentLogin =
  | { readonly kind: 'mutual-tls'; readonly keyStore: Uint8Array; readonly trustStore: Uint8Array; readonly storePassword: string; readonly trustPassword?: string }
  /** `fingerprint`: SHA-256 of the agent's certificate, as the agent shows it when it starts. */
  | { readonly kind: 'password'; readonly password: string; readonly fingerprint: string };

const CONNECT_MILLIS = 10_000;
const MAX_SOCKETS = 64;

/** Throws KEYSTORE_UNUSABLE. */
export function connectionsTo(login: AgentLogin): Agent {
  const common = { keepAlive: true, maxSockets: MAX_SOCKETS, minVersion: 'TLSv1.2' } as const;
  if (login.kind === 'password') return new PinnedAgent(common, normalised(login.fingerprint));
  const { keyPem, certificatePem } = readKeyStore(login.keyStore, login.storePassword, 'key store of the server');
  return new Agent({ ...common, key: keyPem, cert: certificatePem, ca: readTrustStore(login.trustStore, login.trustPassword ?? login.storePassword, 'trust store of the server') });
}

/** The fingerprint of whatever answers there: to be compared with what the agent shows at its start, before it is trusted. */
export async function fingerprintAt(host: string, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host, port, rejectUnauthorized: false, minVersion: 'TLSv1.2', timeout: CONNECT_MILLIS }, () => resolve(socket.getPeerCertificate().fingerprint256));
  socket.on('error', reject).on('timeout', () => reject(new Error('no answer in time')));
  try {
    return await promise;
  } catch (error) {
    throw agentError('AGENT_UNREACHABLE', `No TLS at ${host}, port ${port}: ${(error as Error).message}`, {}, error);
  } finally {
    socket.destroy();
  }
}

class PinnedAgent extends Agent {
  readonly #fingerprint: string;

  constructor(options: AgentOptions, fingerprint: string) {
    super(options);
    this.#fingerprint = fingerprint;
  }

  override createConnection(options: object, callback?: (error: Error | null, stream: Duplex) => void): Duplex {
    const done = callback as (error: Error | null, socket?: TLSSocket) => void;
    const socket = connect({ ...options, rejectUnauthorized: false, timeout: CONNECT_MILLIS });
    const fail = (error: Error): void => {
      socket.destroy();
      done(error);
    };
    socket.once('error', fail).once('timeout', () => fail(new Error('no answer in time')));
    socket.once('secureConnect', () => {
      socket.removeAllListeners('timeout').removeListener('error', fail).setTimeout(0);
      const shown = socket.getPeerCertificate().fingerprint256;
      if (normalised(shown) === this.#fingerprint) done(null, socket);
      else fail(agentError('AGENT_NOT_TRUSTED', `The certificate of the agent has the fingerprint ${shown}, another one was pinned`));
    });
    // Node takes the socket from the callback; to its types it is returned.
    return undefined as unknown as Duplex;
  }
}

function normalised(fingerprint: string): string {
  return fingerprint.replaceAll(/[^0-9A-Fa-f]/g, '').toUpperCase();
}
