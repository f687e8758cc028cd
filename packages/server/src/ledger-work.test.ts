// Jobs in the ledger: planned once, one owner at a time, what an agent tells recorded once.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AgentOutput } from '@aeneas/protocol';
import { Ledger } from './ledger.ts';

type JobEvents = AgentOutput<'pollJob'>['events'];

let folder: string;
let ledger: Ledger;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aeneas-work-'));
  ledger = begun();
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

const TASK = 1;

function begun(): Ledger {
  const opened = Ledger.open(join(folder, 'ledger.sqlite'));
  opened.begin({ id: 'm1', createdMillis: 1, nowSeconds: 2, identity: 'i' }, [{ keyspace: 'shop', name: 'orders', target: 'shop.orders', identity: 't', definition: '{}', inputs: [] }]);
  opened.plan(TASK, [{ end: 5n }, { start: 5n }]);
  opened.work.enter(TASK, 'extract');
  opened.work.plan(TASK, 'extract', opened.splits(TASK).map(({ id }) => ({ spec: {}, splitId: id })));
  return opened;
}

function segment(number: number, partitionKey: Uint8Array<ArrayBuffer> | undefined): JobEvents[number] {
  const counts = { rows: 10, items: 9, rejected: 1, itemBytes: 900, writeUnits: 9, rejectedBytes: 0, lost: { mixedExpiry: 0, negativeZeros: 0, decimalScales: 0 } };
  return { number, event: { type: 'segment', segment: { ...counts, ...(partitionKey === undefined ? {} : { position: { partitionKey } }) } } };
}

const free = () => ledger.work.free(TASK, 'extract', 1000, 10);

test('an event that is told again is recorded once, also over a restart', () => {
  const { work } = ledger.work.lease(free()[0]!, 'one', 1000)!;
  ledger.work.hear(work, [segment(1, Uint8Array.of(1))]);
  ledger.close();
  ledger = Ledger.open(join(folder, 'ledger.sqlite'));
  const [running] = ledger.work.running(TASK);
  expect(running).toMatchObject({ agent: 'one', epoch: 1, heard: 1 });
  ledger.work.hear(running!, [segment(1, Uint8Array.of(1)), segment(2, undefined)], { result: undefined });
  expect(ledger.totals(TASK)).toMatchObject({ rows: 20, committedSplits: 1 });
  expect(ledger.work.counts(TASK, 'extract')).toMatchObject({ total: 2, done: 1, running: 0 });
});

test('an owner that lost its job records nothing more, and the next one goes on behind the last checkpoint', () => {
  const [job] = free();
  const first = ledger.work.lease(job!, 'one', 1000)!;
  ledger.work.hear(first.work, [segment(1, Uint8Array.of(1))]);
  ledger.work.release(first.work, undefined, 0);
  const second = ledger.work.lease(free()[0]!, 'two', 2000)!;
  expect(second).toMatchObject({ work: { epoch: 2, heard: 0 }, attempt: { after: { partitionKey: Uint8Array.of(1) } } });
  expect(() => ledger.work.hear(first.work, [segment(2, undefined)], { result: undefined })).toThrow(expect.objectContaining({ code: 'ATTEMPT_FENCED' }) as Error);
  expect(() => ledger.work.release(first.work, undefined, 0)).toThrow(expect.objectContaining({ code: 'ATTEMPT_FENCED' }) as Error);
  expect(ledger.totals(TASK)).toMatchObject({ rows: 10, committedSplits: 0, attempts: 2 });
});

test('all that one answer tells is recorded, or nothing of it', () => {
  const { work } = ledger.work.lease(free()[0]!, 'one', 1000)!;
  expect(() => ledger.work.hear(work, [segment(1, undefined), segment(2, undefined)])).toThrow(expect.objectContaining({ code: 'ATTEMPT_FENCED' }) as Error);
  expect(ledger.totals(TASK)).toMatchObject({ rows: 0, committedSplits: 0 });
});

test('a split that was committed before its job was known to be done is not given out again', () => {
  const { work } = ledger.work.lease(free()[0]!, 'one', 1000)!;
  ledger.work.hear(work, [segment(1, undefined)]);
  ledger.work.release(work, undefined, 0);
  expect(ledger.work.lease(free()[0]!, 'two', 2000)).toBeUndefined();
  expect(ledger.work.counts(TASK, 'extract')).toMatchObject({ done: 1, running: 0 });
});

test('a job that failed waits for its time, and tells why', () => {
  const failure = { code: 'STAGING_UNREACHABLE', message: 'S3 is away', remedy: 'Wait.' };
  const { work } = ledger.work.lease(free()[0]!, 'one', 1000)!;
  ledger.work.release(work, failure, 5000);
  expect(free().map(({ id }) => id)).not.toContain(work.id);
  expect(ledger.work.counts(TASK, 'extract')).toMatchObject({ lastFailure: failure });
  expect(ledger.work.free(TASK, 'extract', 5000, 10).find(({ id }) => id === work.id)).toMatchObject({ failures: 1 });
  ledger.work.retryAll();
  expect(free().find(({ id }) => id === work.id)).toMatchObject({ failures: 0 });
});

test('requests that were made again are counted once, over all steps', () => {
  const retried = (number: number, requests: number, reason: string): JobEvents[number] => ({ number, event: { type: 'retried', requests, reason } });
  const { work } = ledger.work.lease(free()[0]!, 'one', 1000)!;
  ledger.work.hear(work, [retried(1, 3, 'SlowDown')]);
  const [running] = ledger.work.running(TASK);
  ledger.work.hear(running!, [retried(1, 3, 'SlowDown'), retried(2, 2, 'ECONNRESET')]);
  ledger.work.enter(TASK, 'sweep');
  expect(ledger.work.progress(TASK)).toMatchObject({ step: 'sweep', isPlanned: false, retries: 5, retryReason: 'ECONNRESET' });
});

test('failures count in a row: a job that got on begins anew', () => {
  const failure = { code: 'STAGING_UNREACHABLE', message: 'S3 is away', remedy: 'Wait.' };
  const again = (partitionKey?: Uint8Array<ArrayBuffer>): number => {
    const { work } = ledger.work.lease(free()[0]!, 'one', 1000)!;
    if (partitionKey !== undefined) ledger.work.hear(work, [segment(1, partitionKey)]);
    ledger.work.release(work, failure, 0);
    return free().find(({ id }) => id === work.id)!.failures;
  };
  expect([again(), again(), again(Uint8Array.of(1)), again()]).toEqual([1, 2, 1, 2]);
});
