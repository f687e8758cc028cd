// How many splits a table gets, and where they lie; found where its files are.

import type { JobContext, PlanJob, PlanResult } from './job.ts';
import { openSource } from './open-source.ts';

/** More splits than this are only a burden for the ledger. */
const MAX_SPLITS = 10_000;
/** A table that is worth the start of a thread gets a split for each. */
const BYTES_WORTH_A_THREAD = 8 * 1024 * 1024;

/** The splits of a table: of about `splitBytes` uncompressed, and one a worker at least. The same for the same files. */
export async function planSplits({ source, splitBytes, workers }: PlanJob, { files }: Pick<JobContext, 'files'>): Promise<PlanResult> {
  const reader = await openSource(source, files);
  const { sstables, uncompressedBytes } = reader.estimate();
  if (sstables === 0) return { ranges: [] };
  const bySize = Math.ceil(uncompressedBytes / splitBytes);
  const byWorkers = uncompressedBytes > BYTES_WORTH_A_THREAD ? workers : 1;
  const splits = await reader.planSplits(Math.min(MAX_SPLITS, Math.max(bySize, byWorkers)));
  return { ranges: splits.map(({ range }) => range) };
}
