// An agent from its start to its end: state, folders, workers, jobs, and the service that makes them reachable.

import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CodedError } from '@aeneas/cassandra';
import { AGENT_PROTOCOL_VERSION } from '@aeneas/protocol';
import { agentError } from '../errors.ts';
import type { SftpNode } from '../extractor/sftp-files.ts';
import { ReadBudget } from '../reading.ts';
import type { SharedReading } from '../reading.ts';
import { AGENT_VERSION } from '../version.ts';
import { WorkerPool } from '../worker-pool.ts';
import { AgentState } from './agent-state.ts';
import { applyThrottles, handlersOf } from './handlers.ts';
import type { AgentLog, AgentParts } from './handlers.ts';
import { createService } from './https-service.ts';
import { JobBoard } from './job-board.ts';
import { leavePassword, takePassword } from './left-password.ts';
import { ENCRYPTED_SUFFIX, openFolders } from './local-job.ts';
import type { AgentFolders } from './local-job.ts';
import { hashPassword } from './login.ts';
import { MachineWatch } from './machine-watch.ts';
import { securityOf, shownFingerprint } from './security.ts';
import type { StorePasswords } from './security.ts';
import type { AgentSettings } from './settings.ts';

/** How long a stopping agent waits for its servers to hear how far their jobs came. */
const FAREWELL_MILLIS = 3_000;

export interface AgentOptions {
  /** Of key store and trust store; needed with mutual TLS only. */
  readonly storePassword?: string | StorePasswords | undefined;
  /** With secrets: for nodes whose `access` is sftp. */
  readonly sftp?: readonly SftpNode[] | undefined;
  readonly log?: AgentLog;
}

export interface RunningAgent {
  readonly agentId: string;
  readonly port: number;
  /** SHA-256 of the certificate that the service shows: what a server pins where there is no authority. */
  readonly fingerprint: string;
  /** Ends jobs in order, tells their servers, and ends the service. */
  stop(): Promise<void>;
}

export interface SetPassword {
  /** Of the certificate; undefined when an agent that runs has to make it at its next start. */
  readonly fingerprint: string | undefined;
  /** The agent runs: until it is started again, the password before it holds. */
  readonly isPending: boolean;
}

/**
 * Sets the service password of an agent. Only the agent itself writes its state while it runs: then the password is left for its next start.
 * Throws AGENT_PASSWORD_UNFIT, AGENT_STATE_UNUSABLE, FILE_UNWRITABLE, DISK_FULL.
 */
export async function setServicePassword(settings: AgentSettings, password: string): Promise<SetPassword> {
  const hash = await hashPassword(password);
  const state = await AgentState.open(settings.outputDirectory).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'AGENT_LOCKED') return undefined;
    throw error;
  });
  if (state === undefined) {
    await leavePassword(settings.outputDirectory, hash);
    return { fingerprint: await shownFingerprint(settings), isPending: true };
  }
  try {
    await takePassword(settings.outputDirectory, state);
    state.set('password-hash', hash);
    return { fingerprint: (await securityOf(settings, state, undefined)).fingerprint, isPending: false };
  } finally {
    state.close();
  }
}

/** Throws AGENT_*, KEYSTORE_UNUSABLE, FILE_UNWRITABLE, DISK_FULL. */
export async function startAgent(settings: AgentSettings, { storePassword, sftp, log = () => {} }: AgentOptions = {}): Promise<RunningAgent> {
  const state = await AgentState.open(settings.outputDirectory);
  try {
    const folders = await openFolders(settings);
    await removeLeftOvers(folders);
    await takePassword(settings.outputDirectory, state);
    const { identity, login, fingerprint } = await securityOf(settings, state, storePassword);
    const budget = new ReadBudget();
    const reading: SharedReading = { budget: budget.memory, roots: folders.data, mounts: folders.mounts, sftp };
    const pool = new WorkerPool(settings.workers, reading);
    const board = new JobBoard(pool);
    const who = { agentId: state.get('agent-id')!, bootId: randomUUID(), name: settings.name, version: AGENT_VERSION, protocolVersion: AGENT_PROTOCOL_VERSION };
    let stopped: Promise<void> | undefined;
    const machine = new MachineWatch({ settings, reading, certificatePem: identity.cert, budget, log });
    const parts: AgentParts = { settings, state, folders, pool, budget, board, machine, who, log, isStopping: () => stopped !== undefined };
    applyThrottles(parts);
    const server = createService(identity, login, handlersOf(parts), (error, address, call) => log('refused', refusalDetails(error, address, call)));
    await listen(server, settings);
    const { port } = server.address() as AddressInfo;
    log('started', { ...who, host: settings.host, port, security: settings.security.mode, fingerprint, dataDirectories: folders.data });
    await machine.start();
    return { agentId: who.agentId, port, fingerprint, stop: () => (stopped ??= end(parts, server)) };
  } catch (error) {
    state.close();
    throw error;
  }
}

/** What a killed agent had not uploaded is in no ledger; and what it had encrypted, nobody can read any more. */
async function removeLeftOvers({ spool, rejected }: AgentFolders): Promise<void> {
  for (const left of await readdir(spool)) await rm(join(spool, left), { recursive: true });
  const encrypted = (await readdir(rejected, { recursive: true })).filter((name) => name.endsWith(ENCRYPTED_SUFFIX));
  for (const left of encrypted) await rm(join(rejected, left));
}

async function end({ board, pool, state, machine, log }: AgentParts, server: Server): Promise<void> {
  log('stopping', { runningJobs: board.count('running') });
  await machine.stop();
  await board.stopAll(undefined, FAREWELL_MILLIS);
  await pool.stop();
  const closed = new Promise((resolve) => {
    server.close(resolve);
  });
  server.closeAllConnections();
  await closed;
  state.close();
  log('stopped', {});
}

function refusalDetails({ code, message, cause }: CodedError, address: string | undefined, call: string): Record<string, unknown> {
  // Only a bug is worth its stack.
  return { code, message, address, call, ...(code === 'AGENT_FAILED' && cause instanceof Error ? { stack: cause.stack } : {}) };
}

function listen(server: Server, { host, port }: AgentSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(agentError('AGENT_PORT_UNUSABLE', `Cannot listen on ${host}, port ${port}: ${error.message}`, {}, error)));
    server.listen(port, host, resolve);
  });
}
