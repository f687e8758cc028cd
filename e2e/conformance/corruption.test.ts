// Damaged files: each component of real SSTables, hurt in every way that files are hurt. Never a crash, a hang, or other rows
// without an error where a checksum covers the bytes. `npm run fuzz` looks elsewhere and longer.

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { TableCatalogue, localFiles } from '@aeneas/cassandra';
import { expect, test } from 'vitest';
import { LABELS } from '../../fixtures/unpack.ts';
import type { CorruptionCases, CorruptionReport } from './corruption-worker.ts';
import { damagedFiles } from './damaged-files.ts';
import { fixtureTables } from './fixture-tables.ts';
import { FACTOR, countOf, seed } from './fuzz/runs.ts';
import { readLines } from './read-table.ts';

const CASE_MILLIS = 20_000;
const COUNT = countOf(1500);

const CASES: CorruptionCases = {
  seed,
  count: COUNT,
  // Each format once; longer runs take every server.
  labels: FACTOR > 1 ? LABELS : ['2.1.20', '2.2.0', '2.2.19', '3.0.0', '3.0.24', '3.11.2', '3.11.19', '4.0-rc1', '4.1.7', '5.0.2-oa', '5.0.2-da'],
  roles: [
    'all-scalars', 'collections', 'counters', 'statics', 'many-columns', 'scenarios', 'range-tombstones', 'composite-pk', 'compact-dense', 'ttl',
    'compression-None-0', 'compression-SnappyCompressor-16', 'compression-DeflateCompressor-32', 'compression-LZ4Compressor-4', 'compression-LZ4Compressor-ratio-16', 'big-blob',
  ],
};

test(`${COUNT} damaged components (AENEAS_SEED=${seed} for the same again)`, { timeout: 600_000 * FACTOR }, async () => {
  const { outcomes, problems } = await runCases(CASES);
  expect(problems).toEqual([]);
  // The damage must have been looked at: most of it has to be noticed, and some of every component.
  for (const component of ['Data.db', 'Statistics.db', 'CompressionInfo.db', 'CRC.db', 'Index.db', 'Partitions.db']) expect(outcomes.get(`${component} error`) ?? 0).toBeGreaterThan(0);
  expect(outcomes.get('Data.db same') ?? 0).toBe(0);
});

// Found by a longer run: the only chunk was then taken for the empty one that compaction leaves at the end, and the table for an empty one.
test.each(['2.1.20', '3.11.2', '5.0.2-da'] as const)('%s: a data length of zero is no empty table', async (label) => {
  const tables = await fixtureTables(label);
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [tables[0]!.directory] });
  const { keyspace, table } = tables.find(({ role }) => role === 'ttl')!;
  const { dataFiles } = await catalogue.load({ keyspace, name: table });
  const path = dataFiles[0]!.replace(/Data\.db$/, 'CompressionInfo.db');
  const bytes = readFileSync(path);
  // The end of the file: data length, number of chunks, their offsets.
  expect(bytes.readInt32BE(bytes.length - 12)).toBe(1);
  bytes.fill(0, bytes.length - 20, bytes.length - 12);
  await expect(readLines(damagedFiles(path, bytes), catalogue, keyspace, table, 0)).rejects.toMatchObject({ code: 'SSTABLE_CORRUPT' });
});

function runCases(cases: CorruptionCases): Promise<{ outcomes: Map<string, number>; problems: string[] }> {
  const outcomes = new Map<string, number>();
  const problems: string[] = [];
  const worker = new Worker(new URL('./corruption-worker.ts', import.meta.url), { workerData: cases, resourceLimits: { maxOldGenerationSizeMb: 400 } });
  return new Promise((resolve) => {
    let current = 'reading the undamaged tables';
    const finish = (problem?: string): void => {
      clearTimeout(patience);
      if (problem !== undefined) problems.push(problem);
      void worker.terminate().then(() => resolve({ outcomes, problems }));
    };
    const hangs = (): void => finish(`${current}: no answer in ${CASE_MILLIS / 1000} s`);
    let patience = setTimeout(hangs, CASE_MILLIS);
    worker.on('message', (message: CorruptionReport) => {
      clearTimeout(patience);
      patience = setTimeout(hangs, CASE_MILLIS);
      if (message.type === 'begin') current = message.name;
      else if (message.type === 'done') finish();
      else {
        const key = `${message.component} ${message.outcome}`;
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
        if (message.problem !== undefined) problems.push(`${current}: ${message.problem}`);
      }
    });
    worker.on('error', (error) => finish(`${current}: the thread died: ${error.message}`));
  });
}
