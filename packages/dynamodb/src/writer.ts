// The built-in loader: items into a table with BatchWriteItem. Batches of 25 from as many partitions as possible, several requests at a
// time, fewer when DynamoDB throttles; what comes back unprocessed or fails is tried again with growing, jittered pauses. Tickets tell the
// caller up to where everything is acknowledged, so that a checkpoint can move within a partition.

import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchWriteItemCommandOutput, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { BatchQueue } from './batch-queue.ts';
import type { Entry } from './batch-queue.ts';
import { writeUnits } from './item-size.ts';
import type { TablePlan } from './table-plan.ts';
import { TokenBucket } from './token-bucket.ts';
import { failureKind, targetError } from './write-failure.ts';
import { BatchBody, BatchClient, keyIdentity } from './write-request.ts';
import type { ItemKeys } from './write-request.ts';

/** DynamoDB's limits of one request; JSON of items may be larger than what is counted, so some room is left. */
const MAX_BATCH_ITEMS = 25;
const MAX_BATCH_BYTES = 15 * 1024 * 1024;
/** Something before DynamoDB answered in its place; it is tried again, as after an answer that cannot be read. */
const NOT_OF_DYNAMODB = Object.assign(new Error('the answer is not one of DynamoDB'), { name: 'UnknownAnswer' });
const FIRST_PAUSE_MILLIS = 50;
const LONGEST_PAUSE_MILLIS = 20_000;
const DEFAULT_CONCURRENCY = 16;
const DEFAULT_BUFFER_ITEMS = 2000;
const DEFAULT_BUFFER_BYTES = 32 * 1024 * 1024;
const DEFAULT_GIVE_UP_MILLIS = 5 * 60_000;
/** Successful requests in a row after which one more may be under way. */
const STEP_UP_AFTER = 8;

export interface WriterOptions<T> {
  readonly client: DynamoDBClientConfig;
  readonly plan: TablePlan;
  /** Most requests under way. */
  readonly concurrency?: number;
  /** Ceiling in write capacity units a second. */
  readonly writeUnitsPerSecond?: number | undefined;
  /** The reorder buffer: rows of as many items are mixed before they are sent. */
  readonly bufferItems?: number;
  readonly bufferBytes?: number;
  /** How long nothing may succeed before the loader gives up. */
  readonly giveUpMillis?: number;
  readonly firstPauseMillis?: number;
  /** Told of each request that has to be made again, wholly or in part, with an error as the SDK names them. */
  readonly onRetry?: (error: unknown) => void;
  /** Told whenever `acknowledgedUpTo` moves. */
  readonly onAcknowledged?: (ticket: T) => void;
}

export interface WriterMetrics {
  readonly items: number;
  readonly bytes: number;
  /** As DynamoDB reported. */
  readonly consumedUnits: number;
  readonly requests: number;
  /** Items that were sent again. */
  readonly retriedItems: number;
  /** Requests that were throttled, wholly or in part. */
  readonly throttles: number;
}

/** Writes items of one table. Tickets of any kind, in the order of the source. */
export class BatchWriter<T> {
  readonly #metrics = { items: 0, bytes: 0, consumedUnits: 0, requests: 0, retriedItems: 0, throttles: 0 };
  readonly #options: WriterOptions<T>;
  readonly #client: BatchClient;
  readonly #queue = new BatchQueue<T>();
  readonly #body: BatchBody;
  readonly #keyNames: readonly string[];
  readonly #bucket: TokenBucket | undefined;
  readonly #stop = new AbortController();
  readonly #maxConcurrency: number;
  readonly #bufferItems: number;
  readonly #bufferBytes: number;
  #concurrency: number;
  #successes = 0;
  #inFlight = 0;
  #isFlushing = false;
  #failure: Error | undefined;
  #lastSuccessAt = performance.now();
  #wakers: (() => void)[] = [];

  constructor(options: WriterOptions<T>) {
    this.#options = options;
    this.#client = new BatchClient(options.client);
    this.#body = new BatchBody(options.plan.targetName);
    this.#keyNames = [options.plan.partitionKey.attribute, ...(options.plan.sortKey ? [options.plan.sortKey.attribute] : [])];
    this.#bucket = options.writeUnitsPerSecond === undefined ? undefined : new TokenBucket(options.writeUnitsPerSecond);
    this.#maxConcurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#concurrency = Math.min(this.#maxConcurrency, 4);
    this.#bufferItems = options.bufferItems ?? DEFAULT_BUFFER_ITEMS;
    this.#bufferBytes = options.bufferBytes ?? DEFAULT_BUFFER_BYTES;
  }

  /**
   * Takes over (a copy of) one item's JSON `{...}`. Await the promise, if there is one, before the next call: the buffer is full.
   * Throws what made the loader stop: TARGET_UNREACHABLE, TARGET_ACCESS_DENIED, TARGET_TABLE_MISSING, TARGET_REFUSED, TARGET_THROTTLED.
   */
  add(item: Uint8Array, keys: ItemKeys, sizeBytes: number, ticket: T): Promise<void> | undefined {
    if (this.#failure) throw this.#failure;
    const bytes = item.slice();
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, keys.keyEnd).toString('latin1', 1);
    // Nothing was under way: what was before says nothing about whether the table answers.
    if (this.#queue.size === 0) this.#lastSuccessAt = performance.now();
    this.#queue.add(bytes, key, key.slice(0, keys.partitionKeyEnd - 1), sizeBytes, ticket);
    this.#isFlushing = false;
    if (!this.#isFull()) return undefined;
    this.#dispatch();
    return this.#isFull() ? this.#untilRoom() : undefined;
  }

  /** What was done so far. */
  get metrics(): WriterMetrics {
    return this.#metrics;
  }

  /** The ticket up to which all items are acknowledged; undefined before the first. */
  acknowledgedUpTo(): T | undefined {
    return this.#queue.acknowledged;
  }

  /** Waits until every item is acknowledged. Throws as `add`. */
  async flush(): Promise<void> {
    this.#isFlushing = true;
    this.#dispatch();
    while (this.#queue.size > 0 && !this.#failure) await this.#wake();
    this.#isFlushing = false;
    if (this.#failure) throw this.#failure;
  }

  /** Gives up what is under way and frees the connections. */
  close(): void {
    this.#stop.abort();
    this.#client.destroy();
  }

  #isFull(): boolean {
    return this.#queue.waiting >= this.#bufferItems || this.#queue.bytes >= this.#bufferBytes;
  }

  async #untilRoom(): Promise<void> {
    while (this.#isFull() && !this.#failure) await this.#wake();
    if (this.#failure) throw this.#failure;
  }

  #wake(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  /** Starts as many requests as are allowed, while the buffer is full or everything has to go. */
  #dispatch(): void {
    while (!this.#failure && this.#inFlight < this.#concurrency && this.#queue.waiting > 0 && (this.#isFlushing || this.#isFull())) {
      const batch = this.#queue.take(MAX_BATCH_ITEMS, MAX_BATCH_BYTES);
      this.#inFlight++;
      void this.#deliver(batch).catch((error: unknown) => this.#fail(error)).finally(() => {
        this.#inFlight--;
        this.#dispatch();
        const wakers = this.#wakers;
        this.#wakers = [];
        for (const wake of wakers) wake();
      });
    }
  }

  /** Sends a batch until each of its items is written. */
  async #deliver(batch: Entry<T>[]): Promise<void> {
    let rest = batch;
    for (let attempt = 0; rest.length > 0; attempt++) {
      if (attempt > 0) {
        this.#metrics.retriedItems += rest.length;
        await this.#pause(attempt);
      }
      rest = await this.#attempt(rest);
    }
  }

  /** One request; answers with the items that have to be sent again. */
  async #attempt(batch: Entry<T>[]): Promise<Entry<T>[]> {
    const estimate = batch.reduce((units, entry) => units + writeUnits(entry.sizeBytes), 0);
    await this.#bucket?.take(estimate, this.#stop.signal);
    let unprocessed: Entry<T>[];
    try {
      this.#metrics.requests++;
      const answer = await this.#client.send(this.#body.of(batch), this.#stop.signal);
      const consumed = answer.ConsumedCapacity?.reduce((sum, table) => sum + (table.CapacityUnits ?? 0), 0);
      this.#bucket?.settle(estimate, consumed ?? estimate);
      this.#metrics.consumedUnits += consumed ?? 0;
      unprocessed = this.#unprocessed(batch, answer.UnprocessedItems);
    } catch (error) {
      this.#bucket?.settle(estimate, 0);
      return this.#afterError(batch, error);
    }
    const again = new Set(unprocessed);
    for (const entry of batch) if (!again.has(entry)) this.#acknowledge(entry);
    this.#adapt(unprocessed.length > 0);
    const partly = { name: 'UnprocessedItems', message: 'no item of a batch was taken' };
    if (unprocessed.length === batch.length) this.#checkPatience(partly, 'throttled');
    else this.#lastSuccessAt = performance.now();
    if (unprocessed.length > 0) this.#options.onRetry?.(partly);
    return unprocessed;
  }

  #acknowledge(entry: Entry<T>): void {
    this.#metrics.items++;
    this.#metrics.bytes += entry.sizeBytes;
    const before = this.#queue.acknowledged;
    this.#queue.done(entry);
    const { acknowledged } = this.#queue;
    if (acknowledged !== undefined && acknowledged !== before) this.#options.onAcknowledged?.(acknowledged);
  }

  async #afterError(batch: Entry<T>[], error: unknown): Promise<Entry<T>[]> {
    const kind = failureKind(error);
    if (kind === 'fatal' || kind === 'bug' || this.#stop.signal.aborted) throw error;
    if (kind === 'refused') {
      if (batch.length === 1) throw targetError(error, `Writing the item with the key {${Buffer.from(batch[0].key, 'latin1').toString()}}`, this.#options.plan.targetName);
      // One item spoils the batch: each is sent alone, until that one names itself.
      const rest: Entry<T>[] = [];
      for (const entry of batch) rest.push(...await this.#attempt([entry]));
      return rest;
    }
    this.#adapt(kind === 'throttled');
    this.#checkPatience(error, kind);
    this.#options.onRetry?.(error);
    return batch;
  }

  /** The items of the batch that DynamoDB handed back, found by their keys. Throws at an answer that is not DynamoDB's: it acknowledges nothing. */
  #unprocessed(batch: Entry<T>[], answer: BatchWriteItemCommandOutput['UnprocessedItems']): Entry<T>[] {
    const { targetName } = this.#options.plan;
    const requests = answer?.[targetName] ?? [];
    const isWhole = Array.isArray(requests) && requests.every((request) => this.#keyNames.every((name) => request?.PutRequest?.Item?.[name] !== undefined));
    if (typeof answer !== 'object' || Object.keys(answer).some((name) => name !== targetName) || !isWhole) throw NOT_OF_DYNAMODB;
    if (requests.length === 0) return [];
    const identities = new Set(requests.map((request) => keyIdentity(request.PutRequest!.Item!, this.#keyNames)));
    const again = batch.filter((entry) => identities.has(keyIdentity(JSON.parse(Buffer.from(entry.bytes).toString()) as Record<string, unknown>, this.#keyNames)));
    if (again.length !== requests.length) throw NOT_OF_DYNAMODB;
    return again;
  }

  /** Fewer requests at a time after throttling, slowly more after success. */
  #adapt(isThrottled: boolean): void {
    if (isThrottled) {
      this.#metrics.throttles++;
      this.#concurrency = Math.max(1, Math.floor(this.#concurrency / 2));
      this.#successes = 0;
    } else if (++this.#successes >= STEP_UP_AFTER && this.#concurrency < this.#maxConcurrency) {
      this.#concurrency++;
      this.#successes = 0;
    }
  }

  #checkPatience(error: unknown, kind: 'throttled' | 'unavailable'): void {
    const patience = this.#options.giveUpMillis ?? DEFAULT_GIVE_UP_MILLIS;
    if (performance.now() - this.#lastSuccessAt < patience) return;
    const named = kind === 'throttled' ? { name: 'ThrottlingException', message: (error as Error).message } : error;
    throw targetError(named, `Writing items, for ${Math.round(patience / 1000)} s without success,`, this.#options.plan.targetName);
  }

  /** Full jitter: anything up to the exponentially growing pause. */
  async #pause(attempt: number): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MILLIS, (this.#options.firstPauseMillis ?? FIRST_PAUSE_MILLIS) * 2 ** (attempt - 1));
    await sleep(Math.random() * longest, undefined, { signal: this.#stop.signal });
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    const isTold = error instanceof Error && ('remedy' in error || failureKind(error) === 'bug');
    this.#failure = isTold ? error : targetError(error, 'Writing items', this.#options.plan.targetName);
  }
}
