// What a split costs: of a table cut into a hundred splits, each reads about a hundredth of the bytes, indexes and all.

import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableReader, localFiles } from '@aeneas/cassandra';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CountingFiles } from './counting-files.ts';
import { TABLE, keysOf, writeTable } from './keyed-table.ts';
import type { KeyedTable } from './keyed-table.ts';

const SPLITS = 100;
const READ_COMPONENTS = ['Data.db', 'Index.db', 'Summary.db', 'Partitions.db', 'CompressionInfo.db', 'CRC.db'];

const PLANS: (KeyedTable & { readonly name: string; readonly chunkBytes: number })[] = [
  { name: 'many small partitions, LZ4', chunkBytes: 16 * 1024, sstables: [{ keys: 50_000, bytesOf: () => 300 }] },
  { name: 'not compressed', compressed: false, chunkBytes: 64 * 1024, sstables: [{ keys: 20_000, bytesOf: () => 2_000 }] },
  { name: '2.1', version: 'ka', chunkBytes: 16 * 1024, sstables: [{ keys: 30_000, bytesOf: () => 500 }] },
  { name: '5.0, tries', version: 'da', chunkBytes: 16 * 1024, sstables: [{ keys: 30_000, bytesOf: () => 500 }] },
  { name: 'five SSTables of different sizes', chunkBytes: 4 * 1024, sstables: [1, 1, 2, 4, 8].map((size) => ({ keys: size * 1_500, bytesOf: (key) => 200 + (key % 7) * 300 })) },
];

const root = mkdtempSync(join(tmpdir(), 'aeneas-ranges-'));
afterAll(() => rmSync(root, { recursive: true }));

describe.each(PLANS)('$name', (plan) => {
  let dataFiles: string[];

  beforeAll(() => {
    dataFiles = writeTable(join(root, plan.name), plan);
  });

  test('each of a hundred splits reads about a hundredth, and planning them hardly anything', async () => {
    const files = new CountingFiles();
    const reader = await TableReader.open(files, TABLE, dataFiles);
    const whole = await keysOf(reader, {});
    const tableBytes = sizeOf(dataFiles);
    files.take();
    const splits = await reader.planSplits(SPLITS);
    expect(files.bytesRead.get('Data.db')).toBeUndefined();
    expect(files.take() / tableBytes).toBeLessThan(0.1);
    expect(splits.length).toBe(SPLITS);
    const seen: string[] = [];
    let total = 0;
    for (const { range, sizeBytes } of splits) {
      expect(sizeBytes / reader.estimate().sizeBytes).toBeLessThan(0.012);
      seen.push(...await keysOf(reader, range));
      const read = files.take();
      // A split begins and ends within a chunk of each SSTable, and its ends are searched in some pages of the indexes.
      expect(read - (2 * plan.chunkBytes + 16 * 1024) * plan.sstables.length).toBeLessThan(0.011 * tableBytes);
      total += read;
    }
    expect(seen).toEqual(whole);
    expect(total / tableBytes).toBeLessThan(1.4);
  });

  test('the same files give the same splits', async () => {
    const reader = await TableReader.open(new CountingFiles(), TABLE, dataFiles);
    expect(await reader.planSplits(37)).toEqual(await reader.planSplits(37));
  });
});

test('a table opened for one split reads about a hundredth, whatever its size', async () => {
  const dataFiles = writeTable(join(root, 'opened'), { chunkBytes: 4 * 1024, sstables: [{ keys: 30_000, bytesOf: () => 1_500 }] });
  const [, , split] = await (await TableReader.open(new CountingFiles(), TABLE, dataFiles)).planSplits(SPLITS);
  const files = new CountingFiles();
  await keysOf(await TableReader.open(files, TABLE, dataFiles), split!.range);
  expect(files.take() / sizeOf(dataFiles)).toBeLessThan(0.013);
});

test('without Summary.db the index is read once, then searched', async () => {
  const dataFiles = writeTable(join(root, 'no-summary'), { sstables: [{ keys: 20_000, bytesOf: () => 500 }] });
  const summary = dataFiles[0]!.replace('Data.db', 'Summary.db');
  renameSync(summary, `${summary}.away`);
  const index = statSync(dataFiles[0]!.replace('Data.db', 'Index.db')).size;
  const files = new CountingFiles();
  const reader = await TableReader.open(files, TABLE, dataFiles);
  const splits = await reader.planSplits(10);
  const seen: string[] = [];
  for (const { range } of splits) seen.push(...await keysOf(reader, range));
  expect(files.bytesRead.get('Index.db')).toBeLessThan(index * 3);
  expect(seen).toEqual(await keysOf(reader, {}));
});

test('a damaged Summary.db is done without, an Index.db that lost its end is not believed', async () => {
  const dataFiles = writeTable(join(root, 'bad-summary'), { sstables: [{ keys: 2_000, bytesOf: () => 100 }] });
  const summary = dataFiles[0]!.replace('Data.db', 'Summary.db');
  const pristine = readFileSync(summary);
  const half = { start: -(1n << 62n), end: 1n << 62n };
  const expected = await keysOf(await TableReader.open(localFiles, TABLE, dataFiles), half);
  for (const damaged of [pristine.subarray(0, 10), pristine.map((byte, at) => (at >= 100 && at < 400 ? byte ^ 0x55 : byte)), Buffer.alloc(0)]) {
    writeFileSync(summary, damaged);
    expect(await keysOf(await TableReader.open(localFiles, TABLE, dataFiles), half)).toEqual(expected);
  }
  writeFileSync(summary, pristine);
  // The last entry is of "key n": two bytes of length, the key, a position of three bytes, no promoted index.
  const index = dataFiles[0]!.replace('Data.db', 'Index.db');
  const whole = await keysOf(await TableReader.open(localFiles, TABLE, dataFiles), {});
  truncateSync(index, statSync(index).size - (2 + whole.at(-1)!.length + 3 + 1));
  const read = async (): Promise<string[]> => keysOf(await TableReader.open(localFiles, TABLE, dataFiles), { start: (1n << 63n) - 2n });
  await expect(read()).rejects.toMatchObject({ code: 'SSTABLE_CORRUPT' });
  rmSync(summary);
  await expect(read()).rejects.toMatchObject({ code: 'SSTABLE_CORRUPT' });
});

describe('a partition that is larger than a split', () => {
  const GIANT = 777;

  // A third of the table is one partition, in both of two replicas' files. Of few splits it is found by questions, of many by reading the index.
  test.each([{ count: 4, version: 'mc' as const }, { count: 40, version: 'mc' as const }, { count: 4, version: 'da' as const }, { count: 40, version: 'da' as const }])('of $count has one to itself, and the others share the rest ($version)', async ({ count, version }) => {
    const sstable = { keys: 20_000, bytesOf: (key: number) => (key === GIANT ? 3_000_000 : 300) };
    const dataFiles = writeTable(join(root, `giant-${version}-${count}`), { version, compressed: false, sstables: [sstable, sstable] });
    const reader = await TableReader.open(new CountingFiles(), TABLE, dataFiles);
    const splits = await reader.planSplits(count);
    expect(splits.length).toBe(count);
    const share = splits.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / count;
    const sizes: number[] = [];
    for (const split of splits) {
      const keys = await keysOf(reader, split.range);
      if (keys.includes(`key ${GIANT}`)) expect(split.sizeBytes).toBeLessThan(6_000_000 * 1.02 + share / 2);
      else sizes.push(keys.length);
    }
    expect(sizes.length).toBe(count - 1);
    const mean = sizes.reduce((sum, size) => sum + size) / sizes.length;
    // The one before it may be short.
    expect(Math.max(...sizes) / mean).toBeLessThan(1.15);
    expect(sizes.filter((size) => size / mean < 0.85).length).toBeLessThanOrEqual(1);
  });
});

test('estimates need no data: rows, bytes, partitions, and the largest of them over all SSTables', async () => {
  const bytesOf = (key: number) => (key === 5 ? 300_000 : key === 6 ? 200_000 : key === 7 ? 180_000 : 400);
  const sstables = [{ keys: 5_000, bytesOf }, { keys: 7, bytesOf }, { keys: 3_000, bytesOf: () => 400 }];
  const dataFiles = writeTable(join(root, 'estimate'), { sstables });
  const files = new CountingFiles();
  const reader = await TableReader.open(files, TABLE, dataFiles);
  expect(reader.estimate()).toEqual({
    sstables: 3, partitions: 8_007, rows: 8_007 - 2 - 3 + 2 * 150 + 2 * 100 + 90, sizeBytes: dataFiles.reduce((sum, file) => sum + statSync(file).size, 0),
    uncompressedBytes: reader.sstables.reduce((sum, { dataLength }) => sum + dataLength, 0),
  });
  const largest = await reader.largestPartitions(3);
  expect(largest.map(({ key, sstables: count }) => [Buffer.from(key).toString(), count])).toEqual([['key 5', 3], ['key 6', 3], ['key 7', 2]]);
  for (const [i, bytes] of [600_400, 400_400, 180_400].entries()) expect(Math.abs(largest[i]!.sizeBytes / bytes - 1)).toBeLessThan(0.02);
  expect(files.bytesRead.get('Data.db')).toBeUndefined();
});

/** Bytes of all components that ranges are read from. */
function sizeOf(dataFiles: readonly string[]): number {
  const paths = dataFiles.flatMap((file) => READ_COMPONENTS.map((component) => file.replace('Data.db', component)));
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}
