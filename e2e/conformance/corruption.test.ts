// Damaged files: each component of real SSTables, hurt in every way that files are hurt. Never a crash, a hang, or other rows
// without an error where a checksum covers the bytes. The seed is fixed; AENEAS_SEED and AENEAS_CASES look elsewhere and longer.

import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { CorruptionCases, CorruptionReport } from './corruption-worker.ts';

const CASE_MILLIS = 20_000;
const SEED = Number(process.env['AENEAS_SEED'] ?? 3);
const COUNT = Number(process.env['AENEAS_CASES'] ?? 1500);

const CASES: CorruptionCases = {
  seed: SEED,
  count: COUNT,
  labels: ['3.0.0', '3.11.2', '3.11.19'],
  roles: [
    'all-scalars', 'collections', 'counters', 'statics', 'many-columns', 'scenarios', 'range-tombstones', 'composite-pk', 'compact-dense', 'ttl',
    'compression-None-0', 'compression-SnappyCompressor-16', 'compression-DeflateCompressor-32', 'compression-LZ4Compressor-4',
  ],
};

test(`${COUNT} damaged components (seed ${SEED})`, { timeout: 600_000 }, async () => {
  const { outcomes, problems } = await runCases(CASES);
  expect(problems).toEqual([]);
  // The damage must have been looked at: most of it has to be noticed, and some of every component.
  for (const component of ['Data.db', 'Statistics.db', 'CompressionInfo.db', 'CRC.db']) expect(outcomes.get(`${component} error`) ?? 0).toBeGreaterThan(0);
  expect(outcomes.get('Data.db same') ?? 0).toBe(0);
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
