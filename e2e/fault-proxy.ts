// A process between a client of S3 or DynamoDB and the service: it passes requests on and, by a seed, lets some go wrong as networks and AWS
// do. Started by `startFaultProxy`, with the service's kind and endpoint and the seed as arguments.

import { fork } from 'node:child_process';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { randomOf } from './random.ts';

/** How often, in a thousand requests, something happens. */
const FAULTS = {
  /** 500, nothing done: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
  'error': 30,
  /** 500, though it was done. */
  'error-done': 20,
  /** S3: 503 SlowDown. DynamoDB: 400 ThrottlingException or ProvisionedThroughputExceededException. */
  'throttled': 50,
  /** A part of a batch is written, the rest handed back: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
  'unprocessed': 60,
  /** The connection ends before the request is passed on, within the answer, instead of it, after it. */
  'cut-before': 20,
  'cut-within': 20,
  'cut-instead': 20,
  'cut-after': 20,
  'stall': 10,
} as const;
type Fault = keyof typeof FAULTS;
export type FaultCounts = Readonly<Record<Fault, number>>;

const STALL_MILLIS = 10_000;
/** They take their time. */
const MAX_STALLS = 1;

type Kind = 's3' | 'dynamodb';
interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

export interface FaultProxy {
  readonly endpoint: string;
  /** How often each fault was met so far. */
  counts(): Promise<FaultCounts>;
  stop(): Promise<void>;
}

/** It ends with this process. */
export async function startFaultProxy(kind: Kind, endpoint: string, seed: number): Promise<FaultProxy> {
  const child = fork(fileURLToPath(import.meta.url), [kind, endpoint, String(seed)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const told = <T>(): Promise<T> => new Promise((resolve) => {
    child.once('message', (message) => resolve(message as T));
  });
  const port = await told<number>();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    counts() {
      const counts = told<FaultCounts>();
      child.send('counts');
      return counts;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

class Proxy {
  readonly counts = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as Record<Fault, number>;
  readonly #kind: Kind;
  readonly #endpoint: URL;
  readonly #random: () => number;

  constructor(kind: Kind, endpoint: string, seed: number) {
    this.#kind = kind;
    this.#endpoint = new URL(endpoint);
    this.#random = randomOf(seed);
  }

  async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const fault = this.#faultOf(incoming);
    if (fault !== undefined) this.counts[fault]++;
    switch (fault) {
      case 'error': return send(outgoing, this.#error(500));
      case 'throttled': return send(outgoing, this.#error(503));
      case 'cut-before': return void outgoing.destroy();
      case 'unprocessed': return send(outgoing, await this.#halfOf(incoming, body));
      case 'stall': await sleep(STALL_MILLIS); break;
      default:
    }
    const answer = await this.#pass(incoming, body);
    if (fault === 'error-done') return send(outgoing, this.#error(500));
    if (fault === 'cut-instead') return void outgoing.destroy();
    if (fault === 'cut-within') {
      outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length + 1 });
      outgoing.write(answer.body.subarray(0, answer.body.length / 2), () => outgoing.destroy());
      return;
    }
    if (fault === 'cut-after') outgoing.once('finish', () => setImmediate(() => incoming.socket.destroy()));
    send(outgoing, answer);
  }

  #faultOf({ headers }: IncomingMessage): Fault | undefined {
    let drawn = this.#random() * 1000;
    for (const [fault, share] of Object.entries(FAULTS) as [Fault, number][]) {
      drawn -= share;
      if (drawn >= 0) continue;
      if (fault === 'unprocessed' && !isBatch(headers)) return undefined;
      return fault === 'stall' && this.counts.stall === MAX_STALLS ? undefined : fault;
    }
    return undefined;
  }

  #error(status: 500 | 503): Answer {
    if (this.#kind === 's3') {
      const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${status === 500 ? 'InternalError' : 'SlowDown'}</Code><Message>of the proxy</Message></Error>`;
      return { status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
    }
    const throttling = this.#random() < 0.5 ? 'com.amazon.coral.availability#ThrottlingException' : 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException';
    const type = status === 500 ? 'com.amazonaws.dynamodb.v20120810#InternalServerError' : throttling;
    return { status: status === 500 ? 500 : 400, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(JSON.stringify({ __type: type, message: 'of the proxy' })) };
  }

  /** Writes the first half of a batch, and hands back the rest. */
  async #halfOf(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const { RequestItems, ...others } = JSON.parse(body.toString()) as { readonly RequestItems: Record<string, object[]> };
    const [table, puts] = Object.entries(RequestItems)[0]!;
    const half = Math.floor(puts.length / 2);
    const UnprocessedItems = { [table]: puts.slice(half) };
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    if (half === 0) return { status: 200, headers, body: Buffer.from(JSON.stringify({ UnprocessedItems })) };
    const answer = await this.#pass(incoming, Buffer.from(JSON.stringify({ ...others, RequestItems: { [table]: puts.slice(0, half) } })));
    if (answer.status !== 200) return answer;
    return { status: 200, headers, body: Buffer.from(JSON.stringify({ ...JSON.parse(answer.body.toString()) as object, UnprocessedItems })) };
  }

  #pass({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#endpoint;
      const { 'transfer-encoding': _chunked, connection: _connection, expect: _expect, ...kept } = headers;
      const asked = request({ hostname, port, method, path: url, headers: { ...kept, 'content-length': body.length } }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => {
          const { 'transfer-encoding': _encoding, connection: _kept, ...rest } = response.headers;
          resolve({ status: response.statusCode!, headers: rest, body: Buffer.concat(pieces) });
        });
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

function isBatch(headers: IncomingHttpHeaders): boolean {
  return String(headers['x-amz-target']).endsWith('.BatchWriteItem');
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  // The answer to HEAD has the length of what is not sent.
  outgoing.writeHead(status, body.length > 0 ? { ...headers, 'content-length': body.length } : headers).end(body);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , kind, endpoint, seed] = process.argv;
  const proxy = new Proxy(kind as Kind, endpoint!, Number(seed));
  const server = createServer((incoming, outgoing) => {
    proxy.handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  process.on('message', () => process.send!(proxy.counts));
  process.on('disconnect', () => process.exit(0));
}
