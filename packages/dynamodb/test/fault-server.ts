// A server that speaks DynamoDB's JSON protocol for BatchWriteItem, keeps the items, and fails on request. Imports nothing of ours.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Item = Record<string, Record<string, unknown>>;
interface PutRequest { readonly PutRequest: { readonly Item: Item } }

/** What a request meets: undefined is success. */
export type Fault =
  | { readonly kind: 'error'; readonly status: number; readonly type: string; readonly message?: string }
  | { readonly kind: 'unprocessed'; readonly indexes: readonly number[] }
  | { readonly kind: 'reset' }
  /** What something in DynamoDB's place answers. */
  | { readonly kind: 'garbage'; readonly body: string };

export class FaultServer {
  /** Items by their partition and sort key. */
  readonly items = new Map<string, Item>();
  /** The keys of each request that was taken, in order of arrival. */
  readonly batches: string[][] = [];
  readonly requests: { readonly target: string; readonly body: string; readonly headers: IncomingMessage['headers'] }[] = [];
  mostAtOnce = 0;
  /** Decides about each request by its number and its items. */
  fault: (request: number, items: readonly Item[]) => Fault | undefined = () => undefined;
  delayMillis = 0;
  readonly #server: Server;
  #atOnce = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    this.requests.push({ target: String(request.headers['x-amz-target']), body, headers: request.headers });
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    if (this.delayMillis > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMillis));
    this.#atOnce--;
    this.#answer(body, request, response);
  }

  #answer(body: string, request: IncomingMessage, response: ServerResponse): void {
    const { RequestItems } = JSON.parse(body) as { RequestItems: Record<string, PutRequest[]> };
    const [[table, puts]] = Object.entries(RequestItems);
    const items = puts.map((put) => put.PutRequest.Item);
    const fault = this.fault(this.requests.length - 1, items);
    const reply = (status: number, json: unknown) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(typeof json === 'string' ? json : JSON.stringify(json));
    };
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'garbage') return reply(200, fault.body);
    if (fault?.kind === 'error') return reply(fault.status, { __type: `com.amazonaws.dynamodb.v20120810#${fault.type}`, message: fault.message ?? fault.type });
    const keys = items.map(keyOf);
    if (new Set(keys).size !== keys.length) return reply(400, { __type: 'com.amazon.coral.validate#ValidationException', message: 'Provided list of item keys contains duplicates' });
    const unprocessed = fault?.kind === 'unprocessed' ? puts.filter((_, i) => fault.indexes.includes(i)) : [];
    const taken = puts.filter((put) => !unprocessed.includes(put));
    for (const put of taken) this.items.set(keyOf(put.PutRequest.Item), put.PutRequest.Item);
    this.batches.push(taken.map((put) => keyOf(put.PutRequest.Item)));
    reply(200, {
      UnprocessedItems: unprocessed.length > 0 ? { [table]: unprocessed } : {},
      ConsumedCapacity: [{ TableName: table, CapacityUnits: taken.length }],
    });
  }
}

function keyOf(item: Item): string {
  return JSON.stringify([item.pk, item.sk]);
}
