// BatchWriteItem through the unmodified AWS SDK, but with a body that is already JSON: items are neither parsed nor serialized again. A
// middleware puts our bytes in place of the serialized input before the request is signed.

import type { AttributeValue, BatchWriteItemCommand, BatchWriteItemCommandInput, BatchWriteItemCommandOutput, DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

const encoder = new TextEncoder();
const PUT_OPEN = encoder.encode('{"PutRequest":{"Item":');
const PUT_CLOSE = encoder.encode('}}');
const BATCH_CLOSE = encoder.encode(']},"ReturnConsumedCapacity":"TOTAL"}');
const COMMA = 0x2c;

/** Bodies by the input object of their command. */
const bodies = new WeakMap<object, Uint8Array>();

interface HttpRequestLike {
  body?: unknown;
  headers: Record<string, string>;
}

/** A client that sends prepared bodies. It does not retry: the loader does. */
export class BatchClient {
  readonly #config: DynamoDBClientConfig;
  /** Opened with the first request: who only reads files never loads the SDK, which is large. */
  #opened: Promise<{ readonly client: DynamoDBClient; readonly BatchWriteItemCommand: typeof BatchWriteItemCommand }> | undefined;

  constructor(config: DynamoDBClientConfig) {
    this.#config = config;
  }

  /** Sends one batch. */
  async send(body: Uint8Array, abortSignal: AbortSignal): Promise<BatchWriteItemCommandOutput> {
    const { client, BatchWriteItemCommand } = await (this.#opened ??= this.#open());
    // What the SDK serializes is replaced; the input only has to be valid.
    const input: BatchWriteItemCommandInput = { RequestItems: {} };
    bodies.set(input, body);
    return client.send(new BatchWriteItemCommand(input), { abortSignal });
  }

  destroy(): void {
    void this.#opened?.then(({ client }) => client.destroy());
  }

  async #open() {
    const { BatchWriteItemCommand, DynamoDBClient: Client } = await import('@aws-sdk/client-dynamodb');
    const client = new Client({ ...this.#config, maxAttempts: 1 });
    client.middlewareStack.add((next) => (args) => {
      const body = bodies.get(args.input);
      if (body !== undefined) {
        const request = (args as { request?: unknown }).request as HttpRequestLike;
        request.body = body;
        request.headers['content-length'] = String(body.length);
      }
      return next(args);
    }, { step: 'build', name: 'preparedBody', priority: 'low' });
    return { client, BatchWriteItemCommand };
  }
}

/** The bytes around a batch of one table. */
export class BatchBody {
  readonly #open: Uint8Array;

  constructor(tableName: string) {
    this.#open = encoder.encode(`{"RequestItems":{${JSON.stringify(tableName)}:[`);
  }

  of(items: readonly { readonly bytes: Uint8Array }[]): Uint8Array {
    let length = this.#open.length + BATCH_CLOSE.length + items.length - 1;
    for (const { bytes } of items) length += bytes.length + PUT_OPEN.length + PUT_CLOSE.length;
    const body = new Uint8Array(length);
    body.set(this.#open);
    let at = this.#open.length;
    items.forEach(({ bytes }, i) => {
      if (i > 0) body[at++] = COMMA;
      body.set(PUT_OPEN, at);
      body.set(bytes, at + PUT_OPEN.length);
      at += PUT_OPEN.length + bytes.length;
      body.set(PUT_CLOSE, at);
      at += PUT_CLOSE.length;
    });
    body.set(BATCH_CLOSE, at);
    return body;
  }
}

/** Identifies an item by its key attributes, whether they come from our JSON or from the SDK. */
export function keyIdentity(key: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  return names.map((name) => {
    const value = key[name] as AttributeValue | { B: string };
    if (value.B !== undefined) return `B${typeof value.B === 'string' ? value.B : Buffer.from(value.B).toString('base64')}`;
    return value.N === undefined ? `S${JSON.stringify(value.S)}` : `N${BigInt(value.N)}`;
  }).join();
}

/** Where the key attributes end in an item's JSON. */
export interface ItemKeys {
  readonly partitionKeyEnd: number;
  readonly keyEnd: number;
}

const QUOTE = 0x22, BACKSLASH = 0x5c;

/** Finds the key attributes of an item that ItemEncoder wrote, `{"pk":{"S":"..."},"sk":{...},...`: they come first. */
export function itemKeysOf(item: Uint8Array, hasSortKey: boolean): ItemKeys {
  const partitionKeyEnd = afterAttribute(item, 1);
  return { partitionKeyEnd, keyEnd: hasSortKey ? afterAttribute(item, partitionKeyEnd + 1) : partitionKeyEnd };
}

/** `"name":{"T":"value"}` starts at `at`. */
function afterAttribute(item: Uint8Array, at: number): number {
  const type = afterString(item, at) + 2;
  return afterString(item, afterString(item, type) + 1) + 1;
}

function afterString(item: Uint8Array, at: number): number {
  let i = at + 1;
  while (i < item.length && item[i] !== QUOTE) i += item[i] === BACKSLASH ? 2 : 1;
  return i + 1;
}
