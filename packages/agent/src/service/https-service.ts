// The wire side of an agent: TLS, then who asks, then what. Every call is a POST with JSON to /v1/<call>; packages/protocol has them.

import { constants } from 'node:crypto';
import { createServer } from 'node:https';
import type { Server, ServerOptions } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { CodedError } from '@aeneas/cassandra';
import { agentContract } from '@aeneas/protocol';
import type { AgentCall, AgentInput, AgentOutput } from '@aeneas/protocol';
import { agentError } from '../errors.ts';
import { refusalOf } from './job-board.ts';
import type { Login } from './login.ts';

/** A scan job of ten thousand ranges over ten thousand files is a tenth of this. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_CONNECTIONS = 512;
const MAX_HEADER_BYTES = 8 * 1024;
const HANDSHAKE_MILLIS = 10_000;
const REQUEST_MILLIS = 30_000;
/** Longer than the longest poll. */
const IDLE_MILLIS = 75_000;

const STATUS: Readonly<Record<string, number>> = {
  AGENT_LOGIN_MISSING: 401, AGENT_LOGIN_WRONG: 401, AGENT_LOGIN_LIMITED: 429,
  AGENT_CERTIFICATE_MISSING: 403, AGENT_CERTIFICATE_FOREIGN: 403, AGENT_CERTIFICATE_EXPIRED: 403, AGENT_CERTIFICATE_UNFIT: 403,
  AGENT_REQUEST_INVALID: 400, AGENT_PATH_REFUSED: 403, AGENT_JOB_UNKNOWN: 404, AGENT_STOPPING: 503, AGENT_FAILED: 500,
};
const OTHER_REFUSAL_STATUS = 409;

export type AgentHandlers = { readonly [Call in AgentCall]: (input: AgentInput<Call>) => Promise<AgentOutput<Call>> | AgentOutput<Call> };

/** A key with its certificate, and whose client certificates count, if any are asked for. */
export interface ServiceIdentity {
  readonly key: string;
  readonly cert: string;
  readonly ca?: readonly string[];
}

/** Tells the log about what was refused; `address` is who asked. */
export type RefusalListener = (error: CodedError, address: string | undefined, call: string) => void;

export function createService(identity: ServiceIdentity, login: Login, handlers: AgentHandlers, onRefused: RefusalListener): Server {
  const { key, cert, ca } = identity;
  const options: ServerOptions = {
    key, cert, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MILLIS, maxHeaderSize: MAX_HEADER_BYTES,
    // A resumed session would skip the look at the certificate.
    secureOptions: constants.SSL_OP_NO_TICKET,
    // The connection is made even so: only then can the refusal say its reason. `login` lets nothing through.
    ...(ca === undefined ? {} : { ca: [...ca], requestCert: true, rejectUnauthorized: false }),
    headersTimeout: HANDSHAKE_MILLIS, requestTimeout: REQUEST_MILLIS, keepAliveTimeout: IDLE_MILLIS,
  };
  const server = createServer(options, (request, response) => void answer(request, response));
  server.maxConnections = MAX_CONNECTIONS;
  return server;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.url ?? '').slice(0, 100);
    try {
      const refusal = await login.refusal(request);
      if (refusal !== undefined) throw refusal;
      send(response, 200, await perform(request, name));
    } catch (error) {
      const refusal = error instanceof CodedError ? error : agentError('AGENT_FAILED', `${error instanceof Error ? error.message : String(error)}`, {}, error);
      onRefused(refusal, request.socket.remoteAddress, name);
      // What is left of the request is not read.
      response.setHeader('connection', 'close');
      send(response, STATUS[refusal.code] ?? OTHER_REFUSAL_STATUS, refusalOf(refusal));
    }
  }

  async function perform(request: IncomingMessage, url: string): Promise<unknown> {
    const call = url.replace(/^\/v1\//, '') as AgentCall;
    if (request.method !== 'POST' || !url.startsWith('/v1/') || !Object.hasOwn(agentContract, call)) throw agentError('AGENT_REQUEST_INVALID', 'There is no such call');
    // A page in a browser cannot send this type to another site unasked.
    if (request.headers['content-type'] !== 'application/json') throw agentError('AGENT_REQUEST_INVALID', 'The content must be application/json');
    const { input, output } = agentContract[call] as { readonly input: z.ZodType; readonly output: z.ZodType };
    const decoded = z.safeDecode(input, jsonOf(await bodyOf(request)));
    if (!decoded.success) {
      const { path, message } = decoded.error.issues[0]!;
      throw agentError('AGENT_REQUEST_INVALID', `"${path.join('.')}": ${message}`);
    }
    const handler = handlers[call] as (input: unknown) => unknown;
    return z.encode(output, await handler(decoded.data));
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) throw agentError('AGENT_REQUEST_INVALID', `The request is longer than ${MAX_BODY_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw agentError('AGENT_REQUEST_INVALID', 'The content is not JSON', {}, error);
  }
}

function send(response: ServerResponse, status: number, content: unknown): void {
  if (response.destroyed) return;
  const body = Buffer.from(JSON.stringify(content));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, 'cache-control': 'no-store' }).end(body);
}
