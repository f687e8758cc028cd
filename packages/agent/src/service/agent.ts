// An agent from its start to its end: state, folders, workers, jobs, and the service that makes them reachable.

import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, statfs } from 'node:fs/promises';
import type { Server } from 'node:https';
import { availableParallelism } from 'node:os';
import { isIP } from 'node:net';
import type { AddressInfo } from 'node:net';
import forge from 'node-forge';
import { AGENT_PROTOCOL_VERSION } from '@aeneas/protocol';
import type { AgentOutput, Throttles } from '@aeneas/protocol';
import { agentError } from '../errors.ts';
import { fingerprintOf, makeCertificate } from '../keystore/certificate.ts';
import { readKeyStore, readTrustStore } from '../keystore/pkcs12.ts';
import { confined, ReadBudget } from '../reading.ts';
import { WorkerPool } from '../worker-pool.ts';
import { AgentState } from './agent-state.ts';
import type { SelfMadeCertificate } from './agent-state.ts';
import { createService } from './https-service.ts';
import type { AgentHandlers, ServiceIdentity } from './https-service.ts';
import { JobBoard } from './job-board.ts';
import { localJob, openFolders } from './local-job.ts';
import { certificateLogin, hashPassword, PasswordLogin } from './login.ts';
import type { Login } from './login.ts';
import type { AgentSettings } from './settings.ts';

export const AGENT_VERSION = '0.1.0';

const BYTES_PER_MB = 1024 * 1024;
/** How long a stopping agent waits for its servers to hear how far their jobs came. */
const FAREWELL_MILLIS = 3_000;
const SELF_MADE_DAYS = 3650;

export interface AgentOptions {
  /** Of key store and trust store; asked for with mutual TLS only. */
  readonly storePassword?: string | undefined;
  /** Hears what happens, for the log: no secrets, no contents of rows. */
  readonly log?: (event: string, details: Readonly<Record<string, unknown>>) => void;
}

export interface RunningAgent {
  readonly agentId: string;
  readonly port: number;
  /** SHA-256 of the certificate that the service shows: what a server pins where there is no authority. */
  readonly fingerprint: string;
  /** Ends jobs in order, tells their servers, and ends the service. */
  stop(): Promise<void>;
}

/** Sets the service password of an agent that does not run. Throws AGENT_PASSWORD_UNFIT, AGENT_LOCKED, AGENT_STATE_UNUSABLE. */
export async function setServicePassword(settings: AgentSettings, password: string): Promise<void> {
  const hash = await hashPassword(password);
  const state = await AgentState.open(settings.outputDirectory);
  state.set('password-hash', hash);
  state.close();
}

/** Throws AGENT_*, KEYSTORE_UNUSABLE, FILE_UNWRITABLE, DISK_FULL. */
export async function startAgent(settings: AgentSettings, { storePassword, log = () => {} }: AgentOptions = {}): Promise<RunningAgent> {
  const state = await AgentState.open(settings.outputDirectory);
  try {
    const folders = await openFolders(settings);
    // What a killed agent had not uploaded is in no ledger.
    for (const left of await (await import('node:fs/promises')).readdir(folders.spool)) await rm(`${folders.spool}/${left}`, { recursive: true });
    const { identity, login, fingerprint } = await securityOf(settings, state, storePassword);
    const budget = new ReadBudget();
    const pool = new WorkerPool(settings.workers, { budget: budget.memory, roots: folders.data });
    const board = new JobBoard(pool);
    const bootId = randomUUID();
    const agentId = state.get('agent-id')!;
    let isStopping = false;

    const throttles = (): Throttles => state.get('throttles') ?? { workers: settings.workers, readMegabytesPerSecond: settings.readMegabytesPerSecond ?? null };
    const applyThrottles = (): void => {
      const { workers, readMegabytesPerSecond } = throttles();
      pool.resize(workers);
      budget.setRate((readMegabytesPerSecond ?? 0) * BYTES_PER_MB);
    };
    applyThrottles();

    const who = { agentId, bootId, name: settings.name, version: AGENT_VERSION, protocolVersion: AGENT_PROTOCOL_VERSION };
    const checkKnown = (serverId: string): void => {
      if (!state.knows(serverId)) throw agentError('AGENT_NOT_REGISTERED', 'This agent is not registered with the server that asks');
    };
    const handlers: AgentHandlers = {
      register({ serverId, protocolVersion }) {
        if (protocolVersion !== AGENT_PROTOCOL_VERSION) {
          throw agentError('AGENT_VERSION_MISMATCH', `The server speaks version ${protocolVersion} of the protocol, this agent version ${AGENT_PROTOCOL_VERSION}`);
        }
        state.addServer(serverId);
        log('registered', { serverId });
        return { ...who, dataDirectories: [...settings.dataDirectories], stagingFolder: folders.staging, throttles: throttles(), cores: availableParallelism() };
      },
      async unregister({ serverId }) {
        state.removeServer(serverId);
        await board.stopAll(serverId);
        log('unregistered', { serverId });
        return {};
      },
      async health(): Promise<AgentOutput<'health'>> {
        const { bavail, bsize } = await statfs(settings.outputDirectory);
        return {
          ...who, state: isStopping ? 'stopping' : 'ready', clockMillis: Date.now(), uptimeSeconds: process.uptime(),
          runningJobs: board.count('running'), waitingJobs: board.count('waiting'), throttles: throttles(),
          memoryBytes: process.memoryUsage.rss(), freeBytes: bavail * bsize, readBytes: budget.bytesRead,
        };
      },
      async startJob({ attempt, leaseSeconds, job }) {
        if (isStopping) throw agentError('AGENT_STOPPING', 'The agent is being stopped');
        checkKnown(attempt.serverId);
        const jobState = await board.start(attempt, leaseSeconds, () => localJob(job, attempt, folders));
        log('job started', { ...attempt, kind: job.kind });
        return { bootId, state: jobState };
      },
      pollJob: ({ attempt, after, waitSeconds }) => board.poll(attempt, after, waitSeconds * 1000),
      async stopJob({ attempt }) {
        await board.stop(attempt);
        log('job stopped', attempt);
        return {};
      },
      listJobs: ({ serverId }) => ({ jobs: board.list(serverId) }),
      setThrottles(change) {
        state.set('throttles', { ...throttles(), ...change });
        applyThrottles();
        log('throttles set', throttles());
        return throttles();
      },
      rejectedRows: async ({ file, offset, maxBytes }) => linesOf(await confined(file, [folders.rejected]), offset, maxBytes),
    };
    const server = createService(identity, login, handlers, (error, address, call) => log('refused', { code: error.code, message: error.message, address, call, ...(error.code === 'AGENT_FAILED' ? { stack: (error.cause as Error).stack } : {}) }));
    await listen(server, settings);
    const { port } = server.address() as AddressInfo;
    log('started', { ...who, host: settings.host, port, security: settings.security.mode, fingerprint, dataDirectories: folders.data });

    return {
      agentId, port, fingerprint,
      async stop() {
        if (isStopping) return;
        isStopping = true;
        log('stopping', { runningJobs: board.count('running') });
        await board.stopAll(undefined, FAREWELL_MILLIS);
        await pool.stop();
        const closed = new Promise((resolve) => {
          server.close(resolve);
        });
        server.closeAllConnections();
        await closed;
        state.close();
        log('stopped', {});
      },
    };
  } catch (error) {
    state.close();
    throw error;
  }
}

interface Security {
  readonly identity: ServiceIdentity;
  readonly login: Login;
  readonly fingerprint: string;
}

async function securityOf({ security, name, host }: AgentSettings, state: AgentState, storePassword: string | undefined): Promise<Security> {
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
  const { key, certificate } = await makeCertificate({ commonName: name, names: isIP(host) === 0 ? [host] : [name], use: 'self', days: SELF_MADE_DAYS });
  const made = { keyPem: forge.pki.privateKeyToPem(key), certificatePem: forge.pki.certificateToPem(certificate), fingerprint: fingerprintOf(certificate) };
  state.set('certificate', made);
  return made;
}

function listen(server: Server, { host, port }: AgentSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(agentError('AGENT_PORT_UNUSABLE', `Cannot listen on ${host}, port ${port}: ${error.message}`, {}, error)));
    server.listen(port, host, resolve);
  });
}

/** Whole lines from a byte on; `nextOffset` is behind the last of them. */
async function linesOf(file: string, offset: number, maxBytes: number): Promise<AgentOutput<'rejectedRows'>> {
  if ((await stat(file).catch(() => undefined))?.isFile() !== true) throw agentError('AGENT_PATH_REFUSED', 'There is no such file of rejected rows', { file });
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, offset);
    const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
    return { text: buffer.toString('utf8', 0, end), nextOffset: offset + end };
  } finally {
    await handle.close();
  }
}
