import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TableMetadata } from '@aeneas/cassandra';
import { FaultServer } from '../test/fault-server.ts';
import { planTable } from './table-plan.ts';
import { itemKeysOf } from './write-request.ts';
import { BatchWriter } from './writer.ts';
import type { WriterOptions } from './writer.ts';

const column = (name: string, kind: 'partition_key' | 'clustering', position: number) => ({ name, kind, type: { kind: 'text' as const }, position, reversed: false });
const table: TableMetadata = {
  keyspace: 'shop', name: 'orders', partitionKey: [column('pk', 'partition_key', 0)], clustering: [column('sk', 'clustering', 0)], staticColumns: [], regularColumns: [], dropped: [],
  isStaticCompact: false, isCompact: false, isDense: false, isCompound: true, isCounter: false, isView: false, enforcesStrictLiveness: false, defaultTtlSeconds: 0,
};
const plan = planTable(table, { rules: [] });

const encoder = new TextEncoder();
const itemOf = (pk: string, sk: string, value = 'v') => encoder.encode(`{"pk":{"S":${JSON.stringify(pk)}},"sk":{"S":${JSON.stringify(sk)}},"v":{"S":"${value}"}}`);

let server: FaultServer;
let endpoint: string;
const writers: BatchWriter<number>[] = [];

beforeEach(async () => {
  server = new FaultServer();
  endpoint = await server.start();
});
afterEach(async () => {
  for (const writer of writers.splice(0)) writer.close();
  await server.stop();
});

function writerOf(options: Partial<WriterOptions<number>> = {}): BatchWriter<number> {
  const client = { endpoint, region: 'eu-central-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' }, requestHandler: { requestTimeout: 2000 } };
  const writer = new BatchWriter<number>({ client, plan, firstPauseMillis: 1, ...options });
  writers.push(writer);
  return writer;
}

async function add(writer: BatchWriter<number>, pk: string, sk: string, ticket: number, value = 'v'): Promise<void> {
  const item = itemOf(pk, sk, value);
  await writer.add(item, itemKeysOf(item, true), 100, ticket);
}

describe('the built-in loader', () => {
  test('writes every item once, in batches of 25, with the bytes it was given', async () => {
    const writer = writerOf({ bufferItems: 100 });
    for (let i = 0; i < 1010; i++) await add(writer, `p"${i % 40}`, `s${i}`, i);
    await writer.flush();
    expect(server.items.size).toBe(1010);
    expect(writer.acknowledgedUpTo()).toBe(1009);
    expect(server.batches.every((batch) => batch.length <= 25)).toBe(true);
    expect(server.requests.length).toBeLessThan(60);
    expect(server.requests[0].target).toBe('DynamoDB_20120810.BatchWriteItem');
    expect(server.requests[0].headers.authorization).toContain('AWS4-HMAC-SHA256');
    expect(Object.keys(JSON.parse(server.requests[0].body) as object)).toEqual(['RequestItems', 'ReturnConsumedCapacity']);
    expect(Object.keys((JSON.parse(server.requests[0].body) as { RequestItems: object }).RequestItems)).toEqual(['shop.orders']);
    expect(server.items.get(JSON.stringify([{ S: 'p"7' }, { S: 's7' }]))).toEqual({ pk: { S: 'p"7' }, sk: { S: 's7' }, v: { S: 'v' } });
    expect(writer.metrics).toMatchObject({ items: 1010, bytes: 101_000, consumedUnits: 1010, retriedItems: 0, throttles: 0 });
  });

  test('mixes partitions that come one after the other', async () => {
    const writer = writerOf({ bufferItems: 1000 });
    for (let i = 0; i < 1000; i++) await add(writer, `p${Math.floor(i / 40)}`, `s${i}`, i);
    await writer.flush();
    const first = server.batches.slice(0, 30).map((batch) => new Set(batch.map((key) => key.slice(0, 15))).size);
    expect(Math.min(...first)).toBe(25);
  });

  test('sends again what DynamoDB left unprocessed, however often', async () => {
    server.fault = (request, items) => (request % 3 === 2 ? undefined : { kind: 'unprocessed', indexes: items.map((_, i) => i).filter((i) => (i + request) % 2 === 0) });
    const writer = writerOf({ bufferItems: 50 });
    for (let i = 0; i < 400; i++) await add(writer, `p${i % 7}`, `s${i}`, i);
    await writer.flush();
    expect(server.items.size).toBe(400);
    expect(writer.acknowledgedUpTo()).toBe(399);
    expect(writer.metrics.retriedItems).toBeGreaterThan(50);
    expect(writer.metrics.throttles).toBeGreaterThan(3);
    expect(writer.metrics.items).toBe(400);
  });

  test.each([
    ['throttling', { kind: 'error', status: 400, type: 'ProvisionedThroughputExceededException' }],
    ['request limit', { kind: 'error', status: 400, type: 'RequestLimitExceeded' }],
    ['server errors', { kind: 'error', status: 500, type: 'InternalServerError' }],
    ['unavailable', { kind: 'error', status: 503, type: 'ServiceUnavailable' }],
    ['connections that break', { kind: 'reset' }],
    ['a page of a proxy', { kind: 'garbage', body: '<html>not DynamoDB</html>' }],
    ['an answer without a word on what is unprocessed', { kind: 'garbage', body: '{}' }],
    ['null', { kind: 'garbage', body: 'null' }],
    ['unprocessed items that are no map', { kind: 'garbage', body: '{"UnprocessedItems":7}' }],
    ['unprocessed items of another table', { kind: 'garbage', body: '{"UnprocessedItems":{"other":[{"PutRequest":{"Item":{"pk":{"S":"p"},"sk":{"S":"s"}}}}]}}' }],
    ['unprocessed items that were not sent', { kind: 'garbage', body: '{"UnprocessedItems":{"shop.orders":[{"PutRequest":{"Item":{"pk":{"S":"nobody\'s"},"sk":{"S":"s"}}}}]}}' }],
    ['unprocessed items without a key', { kind: 'garbage', body: '{"UnprocessedItems":{"shop.orders":[{"PutRequest":{"Item":{}}},null]}}' }],
  ] as const)('survives %s', async (_name, fault) => {
    server.fault = (request) => (request % 4 === 0 || (request > 5 && request < 12) ? fault : undefined);
    const writer = writerOf({ bufferItems: 50 });
    for (let i = 0; i < 500; i++) await add(writer, `p${i % 7}`, `s${i}`, i);
    await writer.flush();
    expect(server.items.size).toBe(500);
    expect(writer.acknowledgedUpTo()).toBe(499);
  });

  test('acknowledges in the order of tickets, never past what is missing', async () => {
    // The batch with item 0 fails for a while; the others pass.
    let refusals = 0;
    server.fault = (_, items) => (items.some((item) => item.sk.S === 's0') && refusals++ < 6 ? { kind: 'error', status: 500, type: 'InternalServerError' } : undefined);
    const seen: number[] = [];
    const writer = writerOf({ bufferItems: 25, onAcknowledged: (ticket) => seen.push(ticket), firstPauseMillis: 20 });
    for (let i = 0; i < 200; i++) {
      await add(writer, `p${i}`, `s${i}`, i);
      const upTo = writer.acknowledgedUpTo();
      if (upTo !== undefined) for (let k = 0; k <= upTo; k++) expect(server.items.has(JSON.stringify([{ S: `p${k}` }, { S: `s${k}` }]))).toBe(true);
    }
    await writer.flush();
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(199);
    expect(server.items.size).toBe(200);
  });

  test('the last of several items with one key wins', async () => {
    server.delayMillis = 3;
    const writer = writerOf({ bufferItems: 30, concurrency: 8 });
    for (let i = 0; i < 600; i++) await add(writer, `p${i % 3}`, `s${i % 20}`, i, `v${i}`);
    await writer.flush();
    expect(writer.acknowledgedUpTo()).toBe(599);
    expect(server.items.size).toBe(60);
    for (let i = 540; i < 600; i++) expect(server.items.get(JSON.stringify([{ S: `p${i % 3}` }, { S: `s${i % 20}` }]))?.v).toEqual({ S: `v${i}` });
  });

  test('keeps to the ceiling of write units, and to so many requests at a time', async () => {
    const writer = writerOf({ bufferItems: 25, writeUnitsPerSecond: 400, concurrency: 3 });
    server.delayMillis = 5;
    const start = performance.now();
    for (let i = 0; i < 700; i++) await add(writer, `p${i}`, `s${i}`, i);
    await writer.flush();
    const seconds = (performance.now() - start) / 1000;
    // The first second's worth is there at once.
    expect(seconds).toBeGreaterThan(0.6);
    expect(server.mostAtOnce).toBeLessThanOrEqual(3);
  });

  test('names the item that DynamoDB refuses', async () => {
    server.fault = (_, items) => (items.some((item) => item.sk.S === 's77é') ? { kind: 'error', status: 400, type: 'ValidationException', message: 'bad number' } : undefined);
    const writer = writerOf({ bufferItems: 1000 });
    for (let i = 0; i < 100; i++) await add(writer, `p${i}`, i === 77 ? 's77é' : `s${i}`, i);
    await expect(writer.flush()).rejects.toMatchObject({ code: 'TARGET_REFUSED', message: expect.stringContaining('s77é') as string });
    expect(server.items.has(JSON.stringify([{ S: 'p77' }, { S: 's77é' }]))).toBe(false);
    expect(writer.acknowledgedUpTo() ?? -1).toBeLessThan(77);
    expect(() => writer.add(itemOf('a', 'b'), { partitionKeyEnd: 15, keyEnd: 30 }, 1, 101)).toThrow('bad number');
  });

  test.each([
    ['AccessDeniedException', 'TARGET_ACCESS_DENIED'], ['UnrecognizedClientException', 'TARGET_ACCESS_DENIED'], ['ResourceNotFoundException', 'TARGET_TABLE_MISSING'],
  ])('stops at %s', async (type, code) => {
    server.fault = () => ({ kind: 'error', status: 400, type, message: 'no' });
    const writer = writerOf();
    await add(writer, 'p', 's', 0);
    await expect(writer.flush()).rejects.toMatchObject({ code, message: expect.stringContaining('shop.orders') as string });
    expect(server.requests.length).toBe(1);
  });

  test('gives up after the time allowed, and says why', async () => {
    server.fault = () => ({ kind: 'error', status: 400, type: 'ThrottlingException' });
    const throttled = writerOf({ giveUpMillis: 100 });
    await add(throttled, 'p', 's', 0);
    await expect(throttled.flush()).rejects.toMatchObject({ code: 'TARGET_THROTTLED' });
    const unreachable = writerOf({ giveUpMillis: 100, client: { endpoint: 'http://127.0.0.1:1', region: 'eu-central-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' } } });
    await add(unreachable, 'p', 's', 0);
    await expect(unreachable.flush()).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  });

  test('does not try again after a mistake of this program', async () => {
    let tries = 0;
    const credentials = async (): Promise<never> => {
      tries++;
      throw new TypeError('x is not a function');
    };
    const writer = writerOf({ client: { endpoint, region: 'eu-central-1', credentials } });
    await add(writer, 'p', 's', 0);
    await expect(writer.flush()).rejects.toThrow(new TypeError('x is not a function'));
    expect(tries).toBe(1);
  });
});

test('finds the keys of an item', () => {
  const item = itemOf('p"\\x', 'sé');
  const { partitionKeyEnd, keyEnd } = itemKeysOf(item, true);
  const text = new TextDecoder();
  expect(text.decode(item.subarray(1, partitionKeyEnd))).toBe('"pk":{"S":"p\\"\\\\x"}');
  expect(text.decode(item.subarray(1, keyEnd))).toBe('"pk":{"S":"p\\"\\\\x"},"sk":{"S":"sé"}');
  expect(itemKeysOf(item, false)).toEqual({ partitionKeyEnd, keyEnd: partitionKeyEnd });
});
