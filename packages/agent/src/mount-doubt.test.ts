import { expect, test } from 'vitest';
import { CodedError } from '@aeneas/cassandra';
import { doubtMounts } from './mount-doubt.ts';
import { ReadBudget } from './reading.ts';

const DAMAGE = new CodedError('SSTABLE_CORRUPT', 'Scrub it', 'The file ends too early: /mnt/a/x');
const signal = new AbortController().signal;

test('damage of a mount that stays is damage', async () => {
  const believed = doubtMounts({ budget: new ReadBudget().memory, mounts: ['/mnt/a'] }, signal, () => '0:40');
  expect(await believed(DAMAGE)).toBe(DAMAGE);
});

test.each(['before', 'after'])('damage seen around the loss of a mount is tried again (the loss shows %s it)', async (when) => {
  let device: string | undefined = '0:40';
  const believed = doubtMounts({ budget: new ReadBudget().memory, mounts: ['/mnt/a'] }, signal, () => device);
  if (when === 'before') device = '0:41';
  const verdict = believed(DAMAGE);
  if (when === 'after') setTimeout(() => (device = undefined), 500);
  expect(await verdict).toMatchObject({ code: 'MOUNT_LOST', message: expect.stringContaining('ends too early') as string });
});

test('what another thread noticed counts, though the mount is back under the same number', async () => {
  const budget = new ReadBudget();
  const believed = doubtMounts({ budget: budget.memory, mounts: ['/mnt/a'] }, signal, () => '0:40');
  new ReadBudget(budget.memory).doubt();
  expect(await believed(DAMAGE)).toMatchObject({ code: 'MOUNT_LOST' });
});

test('errors of services, and those of agents without mounts, are told at once', async () => {
  const refused = new CodedError('TARGET_REFUSED', '', 'No');
  expect(await doubtMounts({ budget: new ReadBudget().memory, mounts: ['/mnt/a'] }, signal, () => undefined)(refused)).toBe(refused);
  expect(await doubtMounts({ budget: new ReadBudget().memory }, signal, () => undefined)(DAMAGE)).toBe(DAMAGE);
});
