import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ledger } from './ledger.ts';
import type { Segment } from '@aeneas/agent';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aeneas-ledger-'));
  path = join(folder, 'ledger.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true }));

function begun(): { ledger: Ledger; splitId: number } {
  const ledger = Ledger.open(path);
  ledger.begin({ id: 'm1', createdMillis: 1, nowSeconds: 2, identity: 'i' }, [{ keyspace: 'shop', name: 'orders', target: 'shop.orders', identity: 't', definition: '{}',
    inputs: [{ path: '/data/Data.db', sizeBytes: 5, mtimeMillis: 6, digest: 'd' }, { path: '/data/Index.db', sizeBytes: 5, mtimeMillis: 6, digest: 'e' }] }]);
  const [task] = ledger.tasks();
  ledger.plan(task!.id, [{ end: 5n }, { start: 5n }]);
  return { ledger, splitId: ledger.splits(task!.id)[0]!.id };
}

function segment(change: Partial<Segment>): Segment {
  return { position: undefined, rows: 10, items: 9, rejected: 1, itemBytes: 900, writeUnits: 9, lost: { mixedExpiry: 0, negativeZeros: 0, decimalScales: 0 }, rejectedFile: undefined, rejectedBytes: 0, file: undefined, ...change };
}

const partitionKey = Uint8Array.of(1, 2);
const file = (name: string) => ({ name, sizeBytes: 100, crc32: '00000000' });

test('keeps what it was told over a restart', () => {
  begun().ledger.close();
  const ledger = Ledger.open(path);
  expect(ledger.migration()).toEqual({ id: 'm1', createdMillis: 1, nowSeconds: 2, identity: 'i' });
  expect(ledger.tasks()).toEqual([{ id: 1, keyspace: 'shop', name: 'orders', target: 'shop.orders', identity: 't', definition: '{}', prepared: undefined, isPlanned: true, validation: undefined }]);
  expect(ledger.inputs()).toHaveLength(2);
  expect(ledger.pinnedFiles(1)).toEqual({ dataFiles: ['/data/Data.db'], sizeBytes: 5 });
  expect(ledger.splits(1).map((split) => split.range)).toEqual([{ end: 5n }, { start: 5n }]);
  ledger.close();
});

test('a new attempt continues behind the last record of the old one', () => {
  const { ledger, splitId } = begun();
  const first = ledger.lease(splitId, 0);
  expect(first).toEqual({ splitId, epoch: 1, after: undefined });
  ledger.record(first, segment({ position: { partitionKey }, file: file('a') }));
  ledger.record(first, segment({ position: { partitionKey, clustering: [Uint8Array.of(7), null] }, file: file('b') }));
  const second = ledger.lease(splitId, 0);
  expect(second.epoch).toBe(2);
  expect(second.after).toEqual({ partitionKey, clustering: [Uint8Array.of(7), null] });
  ledger.close();
});

test('refuses records of an old owner, and of a committed split', () => {
  const { ledger, splitId } = begun();
  const first = ledger.lease(splitId, 0);
  const second = ledger.lease(splitId, 0);
  expect(() => ledger.record(first, segment({}))).toThrow(expect.objectContaining({ code: 'ATTEMPT_FENCED' }));
  ledger.record(second, segment({}));
  expect(() => ledger.record(second, segment({}))).toThrow(expect.objectContaining({ code: 'ATTEMPT_FENCED' }));
  expect(ledger.totals(1)).toMatchObject({ splits: 2, committedSplits: 1, attempts: 2, rows: 10, items: 9, rejected: 1 });
  ledger.close();
});

test('shows files of committed splits only, with what is loaded of them', () => {
  const { ledger, splitId } = begun();
  const attempt = ledger.lease(splitId, 0);
  ledger.record(attempt, segment({ position: { partitionKey }, file: file('a') }));
  expect(ledger.committedFiles(1)).toEqual([]);
  ledger.record(attempt, segment({ file: file('b') }));
  const [a, b] = ledger.committedFiles(1);
  expect([a!.name, b!.name]).toEqual(['a', 'b']);
  ledger.recordLoad(a!.segmentId, 4);
  ledger.recordLoad(a!.segmentId, 3);
  expect(ledger.committedFiles(1)[0]!.loadedItems).toBe(4);
  ledger.close();
});

test('vouches for rejected rows only up to the recorded length of each file', () => {
  const { ledger, splitId } = begun();
  const first = ledger.lease(splitId, 0);
  ledger.record(first, segment({ position: { partitionKey }, rejectedFile: 'r1', rejectedBytes: 50 }));
  const second = ledger.lease(splitId, 0);
  ledger.record(second, segment({ position: { partitionKey }, rejectedFile: 'r2', rejectedBytes: 20 }));
  ledger.record(second, segment({ rejectedFile: 'r2', rejectedBytes: 70 }));
  expect(ledger.rejectedFiles(1)).toEqual([{ path: 'r1', sizeBytes: 50 }, { path: 'r2', sizeBytes: 70 }]);
  ledger.close();
});

test('forgets everything at once when asked', () => {
  const { ledger, splitId } = begun();
  ledger.record(ledger.lease(splitId, 0), segment({}));
  ledger.forget();
  expect([ledger.migration(), ledger.tasks(), ledger.inputs()]).toEqual([undefined, [], []]);
  ledger.close();
});

test('one process at a time, and a killed one leaves no lock behind', () => {
  const open = `const { Ledger } = await import(${JSON.stringify(new URL('./ledger.ts', import.meta.url).href)});
    try { Ledger.open(${JSON.stringify(path)}); console.log('opened'); process.kill(process.pid, 'SIGKILL'); } catch (error) { console.log(error.code); }`;
  const other = (): string => spawnSync(process.execPath, ['--input-type=module', '-e', open], { encoding: 'utf8' }).stdout.trim();
  const ledger = Ledger.open(path);
  expect(other()).toBe('PROJECT_LOCKED');
  ledger.close();
  expect(other()).toBe('opened');
  expect(other()).toBe('opened');
});

/** Makes the file one of an earlier version: with what that had, no more. */
function downgrade(version: 1 | 2 | 3): void {
  const database = new DatabaseSync(path);
  database.exec('alter table task drop column definition; alter table work drop column loose_millis');
  if (version <= 2) database.exec('alter table progress drop column retries; alter table progress drop column retry_reason');
  if (version === 1) database.exec('drop table work; drop table progress');
  database.exec(`pragma user_version = ${version}`);
  database.close();
}

test.each([1, 2, 3] as const)('a ledger of version %i is taken over with all that is in it', (version) => {
  const { ledger, splitId } = begun();
  ledger.work.enter(1, 'extract');
  ledger.record(ledger.lease(splitId, 0), segment({ file: file('a') }));
  ledger.close();
  downgrade(version);
  for (let opened = 0; opened < 2; opened++) {
    const upgraded = Ledger.open(path);
    expect(upgraded.totals(1)).toMatchObject({ splits: 2, committedSplits: 1, attempts: 1, rows: 10 });
    expect(upgraded.tasks()[0]!.definition).toBeUndefined();
    expect(upgraded.work.looseUntilMillis()).toBe(0);
    expect(upgraded.work.progress(1)).toEqual(version === 1 ? undefined : expect.objectContaining({ step: 'extract', retries: 0 }));
    upgraded.close();
  }
});

test('a ledger of a later version is refused as it is', () => {
  begun().ledger.close();
  const database = new DatabaseSync(path);
  database.exec('pragma user_version = 99');
  database.close();
  expect(() => Ledger.open(path)).toThrow(expect.objectContaining({ code: 'WORKSPACE_NEWER', message: expect.stringContaining('version 99') }) as Error);
  expect(() => Ledger.open(path)).toThrow(expect.objectContaining({ code: 'WORKSPACE_NEWER' }) as Error);
});
