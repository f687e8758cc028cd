import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ReadBudget, readingFiles } from './reading.ts';

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-reading-')));
  mkdirSync(join(folder, 'data'));
  mkdirSync(join(folder, 'data-of-others'));
  writeFileSync(join(folder, 'data/a.db'), new Uint8Array(200_000));
  writeFileSync(join(folder, 'data-of-others/secret'), 'secret');
  symlinkSync(join(folder, 'data-of-others/secret'), join(folder, 'data/link.db'));
  symlinkSync(join(folder, 'data'), join(folder, 'way-in'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const files = (budget = new ReadBudget()) => readingFiles({ budget: budget.memory, roots: [join(folder, 'data')] }, () => new AbortController().signal);

test.each(['data-of-others/secret', 'data/link.db', 'data/../data-of-others/secret', '../../etc/passwd', 'data/../none'])('%s is not opened', async (path) => {
  await expect(files().open(`${folder}/${path}`)).rejects.toMatchObject({ code: 'AGENT_PATH_REFUSED' });
});

test('files within the folders are opened, also by a link that leads there', async () => {
  for (const path of ['data/a.db', 'way-in/a.db']) {
    const source = await files().open(join(folder, path));
    expect(source.size).toBe(200_000);
    await source.close();
  }
  await expect(files().list(folder)).rejects.toMatchObject({ code: 'AGENT_PATH_REFUSED' });
  expect(await files().kind(join(folder, 'data/none'))).toBeUndefined();
});

test('readers share one rate, and a change of it holds at once', async () => {
  const budget = new ReadBudget();
  budget.setRate(1_000_000);
  const source = await files(budget).open(join(folder, 'data/a.db'));
  const readTwice = async (): Promise<number> => {
    const began = performance.now();
    await Promise.all([0, 1].map(() => source.read(new Uint8Array(150_000), 0, 150_000, 0)));
    return performance.now() - began;
  };
  // 300,000 bytes: the second read begins 150 ms after the first, less what may come ahead.
  expect(await readTwice()).toBeGreaterThan(90);
  budget.setRate(0);
  expect(await readTwice()).toBeLessThan(60);
  expect(budget.bytesRead).toBe(600_000);
  await source.close();
});
