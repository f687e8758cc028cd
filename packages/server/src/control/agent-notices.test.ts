import { expect, test } from 'vitest';
import type { Machine } from '@aeneas/protocol';
import { noticesOf } from './agent-notices.ts';

const GB = 1024 ** 3;
const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const machine: Machine = {
  hostName: 'one', cores: 8, load: 0.5, totalMemoryBytes: 15.5 * GB, freeMemoryBytes: GB, diskBytes: 100 * GB, diskReserveBytes: GB, isPausedForDisk: false, certificateEndsMillis: NOW + 31 * DAY,
  mounts: [{ node: '10.0.0.1', kind: 'data', remote: '/data', local: '/mnt/data', state: 'mounted', sinceMillis: NOW }],
};
const textsOf = (change: Partial<Machine>, freeBytes = 50 * GB) => noticesOf({ machine: { ...machine, ...change }, freeBytes }, NOW).map(({ level, text }) => `${level}: ${text}`);

test('nothing is said of what is well, and of agents that do not tell', () => {
  expect(textsOf({})).toEqual([]);
  expect(noticesOf({ machine: undefined, freeBytes: 0 }, NOW)).toEqual([]);
});

test('certificates that end, or have', () => {
  expect(textsOf({ certificateEndsMillis: NOW + 29 * DAY })).toEqual(['warning: Its certificate ends on 2026-12-22: make a new one before']);
  expect(textsOf({ certificateEndsMillis: NOW - DAY })).toEqual([expect.stringMatching(/^warning: .* expired on 2026-11-22/)]);
});

test('mounts that are not there', () => {
  const [mount] = machine.mounts;
  expect(textsOf({ mounts: [{ ...mount!, state: 'unknown' }, { ...mount!, state: 'lost' }, { ...mount!, kind: 'conf', state: 'missing' }] })).toEqual([
    expect.stringMatching(/data of node 10\.0\.0\.1 is lost/), expect.stringMatching(/conf of node 10\.0\.0\.1 is missing/),
  ]);
});

test('a disk that fills: soon, and now', () => {
  expect(textsOf({}, 1.5 * GB)).toEqual([expect.stringMatching(/nearly full: reading will pause/)]);
  expect(textsOf({ isPausedForDisk: true }, 0.5 * GB)).toEqual([expect.stringMatching(/^warning: Reading is paused/)]);
});

test('small machines are advice, behind warnings; tables that cannot be read', () => {
  const source = { atMillis: NOW, cassandraVersions: [], tables: 2, sizeBytes: 5, shown: [{ table: 'a.b', sizeBytes: 0, error: 'SSTABLE_CORRUPT' }, { table: 'a.c', sizeBytes: 5 }] };
  expect(textsOf({ cores: 4, source })).toEqual(['warning: Tables that it cannot read: a.b (SSTABLE_CORRUPT)', 'advice: It has 4 CPUs and 16 GB of memory: 8 and 16 are advised']);
  expect(textsOf({ totalMemoryBytes: 8 * GB })).toEqual(['advice: It has 8 CPUs and 8 GB of memory: 8 and 16 are advised']);
});
