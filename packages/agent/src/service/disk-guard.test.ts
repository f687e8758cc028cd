import { expect, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReadBudget, readingFiles } from '../reading.ts';
import { DiskGuard } from './disk-guard.ts';

test('below the reserve it pauses, with a quarter more it goes on, and in between nothing changes', async () => {
  const changes: boolean[] = [];
  let free = 1_000;
  const guard = new DiskGuard({ folder: '/out', reserveBytes: 100, onChange: (isPaused) => changes.push(isPaused), freeBytesOf: async () => free });
  for (free of [1_000, 100, 99, 50, 100, 124, 125, 99]) await guard.look();
  expect(changes).toEqual([true, false, true]);
  expect(guard.isPaused).toBe(true);
});

test('a paused reader waits, and goes on by itself', async () => {
  const budget = new ReadBudget();
  const stopping = new AbortController();
  const files = readingFiles({ budget: budget.memory, roots: [import.meta.dirname] }, () => stopping.signal);
  const file = await files.open(import.meta.filename);
  budget.pause(true);
  let count = 0;
  const reading = file.read(new Uint8Array(10), 0, 10, 0).then((read) => (count = read));
  await sleep(500);
  expect(count).toBe(0);
  budget.pause(false);
  expect(await reading).toBe(10);
  await file.close();
});
