// An agent on another machine: its calls, as packages/protocol describes them, over HTTPS.

import type { Agent } from 'node:https';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { agentError } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import { AGENT_PROTOCOL_VERSION, agentContract, agentRefusalSchema } from '@aeneas/protocol';
import type { AgentCall, AgentInput, AgentOutput } from '@aeneas/protocol';
import type { AgentClient } from '../control/agent-client.ts';
import { connectionsTo } from './agent-connection.ts';
import type { AgentLogin } from './agent-connection.ts';

export interface AgentAddress {
  readonly host: string;
  readonly port: number;
}

export interface CallOptions {
  /** Without an answer for so long the agent counts as unreachable; default 30 seconds. */
  readonly timeoutMillis?: number;
}

const TIMEOUT_MILLIS = 30_000;
const HEALTH_MILLIS = 5_000;
/** An agent has its answer at hand; one that hangs shall not hold up the hearing of others. */
const POLL_MILLIS = 5_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Errors that say who the other side is not, from OpenSSL and Node. */
const NOT_TRUSTED = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_)/;

/** The other side does not take us, or we do not take it: what we logged in with may have been renewed since. */
const LOGIN_REFUSED = /^AGENT_(?:NOT_TRUSTED$|LOGIN_WRONG$|LOGIN_MISSING$|CERTIFICATE_)/;

interface Opened {
  readonly login: AgentLogin;
  readonly connections: Agent;
  readonly authorization: string | undefined;
}

export class RemoteAgent implements AgentClient {
  readonly address: AgentAddress;
  readonly #loginOf: () => Promise<AgentLogin>;
  #opened: Promise<Opened> | undefined;
  #latest: Opened | undefined;

  /** `login`: or where it is looked up, before the first call, and again after it was refused. */
  constructor(address: AgentAddress, login: AgentLogin | (() => Promise<AgentLogin>)) {
    this.address = address;
    this.#loginOf = typeof login === 'function' ? login : async () => login;
  }

  /** Throws the agent's refusal with its code, AGENT_UNREACHABLE (try again), AGENT_NOT_TRUSTED, AGENT_ANSWER_INVALID, and what keeps the login from being looked up. */
  async call<Call extends AgentCall>(call: Call, input: AgentInput<Call>, { timeoutMillis = TIMEOUT_MILLIS }: CallOptions = {}): Promise<AgentOutput<Call>> {
    const contract = agentContract[call] as { readonly input: z.ZodType; readonly output: z.ZodType };
    const body = Buffer.from(JSON.stringify(z.encode(contract.input, input)));
    const { connections, authorization } = await this.#open();
    const { status, text } = await this.#exchange(call, body, timeoutMillis, connections, authorization).catch((error: unknown) => this.#refused(error));
    if (status !== 200) this.#refused(this.#refusal(status, text));
    const decoded = z.safeDecode(contract.output, jsonOf(text));
    if (!decoded.success) throw agentError('AGENT_ANSWER_INVALID', `${this.#name()} answered "${call}" in a form that is not of this version of the protocol`, {}, decoded.error);
    return decoded.data as AgentOutput<Call>;
  }

  /** Makes this server known to the agent, which takes jobs from no other. Throws AGENT_VERSION_MISMATCH too. */
  register(serverId: string): Promise<AgentOutput<'register'>> {
    return this.call('register', { serverId, protocolVersion: AGENT_PROTOCOL_VERSION }, { timeoutMillis: HEALTH_MILLIS });
  }

  /** Ends this server's jobs there and is forgotten. */
  async unregister(serverId: string): Promise<void> {
    await this.call('unregister', { serverId }, { timeoutMillis: HEALTH_MILLIS });
  }

  health(): Promise<AgentOutput<'health'>> {
    return this.call('health', {}, { timeoutMillis: HEALTH_MILLIS });
  }

  setThrottles(change: AgentInput<'setThrottles'>): Promise<AgentOutput<'setThrottles'>> {
    return this.call('setThrottles', change);
  }

  startJob(input: AgentInput<'startJob'>): Promise<AgentOutput<'startJob'>> {
    return this.call('startJob', input);
  }

  pollJob(input: AgentInput<'pollJob'>): Promise<AgentOutput<'pollJob'>> {
    return this.call('pollJob', input, { timeoutMillis: input.waitSeconds * 1000 + POLL_MILLIS });
  }

  async stopJob(input: AgentInput<'stopJob'>): Promise<void> {
    await this.call('stopJob', input);
  }

  rejectedRows(input: AgentInput<'rejectedRows'>): Promise<AgentOutput<'rejectedRows'>> {
    return this.call('rejectedRows', input);
  }

  /** Ends its connections. A later call would make others, with the login as it is then. */
  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.then(({ connections }) => connections.destroy(), () => {});
  }

  #open(): Promise<Opened> {
    const opening = this.#opened ??= this.#loginOf().then((login) => {
      // To open stores takes a quarter of a second of the whole server's time: not for each question of one that refuses us.
      if (!isDeepStrictEqual(login, this.#latest?.login)) {
        const authorization = login.kind === 'password' ? `Basic ${Buffer.from(`aeneas:${login.password}`).toString('base64')}` : undefined;
        const connections = connectionsTo(login);
        this.#latest?.connections.destroy();
        this.#latest = { login, connections, authorization };
      }
      return this.#latest!;
    });
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = undefined;
    });
    return opening;
  }

  #refused(error: unknown): never {
    if (error instanceof CodedError && LOGIN_REFUSED.test(error.code)) this.#opened = undefined;
    throw error;
  }

  #exchange(call: string, body: Buffer, timeoutMillis: number, connections: Agent, authorization: string | undefined): Promise<{ readonly status: number; readonly text: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly text: string }>();
    const outgoing = request({
      ...this.address, method: 'POST', path: `/v1/${call}`, agent: connections, timeout: timeoutMillis,
      headers: { 'content-type': 'application/json', 'content-length': body.length, ...(authorization === undefined ? {} : { authorization }) },
    }, (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), (error: unknown) => reject(this.#failure(error)));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', (error) => reject(this.#failure(error)));
    outgoing.end(body);
    return promise;
  }

  #failure(error: unknown): unknown {
    if (error instanceof CodedError) return error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (NOT_TRUSTED.test(code)) return agentError('AGENT_NOT_TRUSTED', `${this.#name()} is not who it should be: ${message}`, {}, error);
    return agentError('AGENT_UNREACHABLE', `${this.#name()} cannot be reached: ${message}`, {}, error);
  }

  #refusal(status: number, text: string): CodedError {
    const refusal = agentRefusalSchema.safeParse(jsonOf(text));
    if (!refusal.success) return agentError('AGENT_ANSWER_INVALID', `${this.#name()} answered with status ${status}, but not as an agent does`);
    const { code, message, remedy } = refusal.data;
    return new CodedError(code, remedy, `${this.#name()}: ${message}`);
  }

  #name(): string {
    return `Agent ${this.address.host}:${this.address.port}`;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_ANSWER_BYTES) throw agentError('AGENT_ANSWER_INVALID', `An answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
