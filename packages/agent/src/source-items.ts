// The items that the source should have become, made once more from its files: what the target is compared with.

import { END, PENDING } from '@aeneas/cassandra';
import type { TokenRange } from '@aeneas/cassandra';
import { ItemCursor, ItemEncoder, OutputBuffer, parseItem, planTable, REJECTED } from '@aeneas/dynamodb';
import type { CanonicalItem } from '@aeneas/dynamodb';
import { agentError } from './errors.ts';
import type { DigestJob, JobContext, TableSource } from './job.ts';
import { openSource } from './open-source.ts';
import { RangeDigest } from './range-sums.ts';
import type { RangeSums } from './range-sums.ts';

const REPORT_ITEMS = 5_000;

/** Gives every item of a token range to `visit`. */
export async function forEachSourceItem(source: TableSource, range: TokenRange, { signal, files }: Pick<JobContext, 'signal' | 'files'>, visit: (item: CanonicalItem) => void): Promise<void> {
  const reader = await openSource(source, files);
  const out = new OutputBuffer();
  const encoder = new ItemEncoder(planTable(source.table, source.mapping), out);
  const cursor = new ItemCursor(await reader.liveRows({ nowSeconds: source.nowSeconds, range }), encoder);
  try {
    for (;;) {
      const outcome = cursor.advance();
      if (outcome === END) return;
      if (outcome === REJECTED) continue;
      if (outcome === PENDING) {
        if (signal.aborted) throw agentError('JOB_STOPPED', 'The validation was stopped');
        await cursor.fill();
        continue;
      }
      visit(parseItem(out.bytes.subarray(encoder.itemStart, out.length)));
      out.length = 0;
    }
  } finally {
    await cursor.close();
  }
}

/** Runs a job of this kind: see DigestJob. */
export async function digestSource(job: DigestJob, context: JobContext): Promise<RangeSums> {
  const { report } = context;
  const digest = new RangeDigest(planTable(job.source.table, job.source.mapping).ttlAttribute, job.expiredBeforeSeconds);
  let items = 0;
  await forEachSourceItem(job.source, job.range, context, (item) => {
    digest.add(item);
    if (++items % REPORT_ITEMS === 0) report({ type: 'progress', rows: 0, items: REPORT_ITEMS, rejected: 0, fraction: 0 });
  });
  report({ type: 'progress', rows: 0, items: items % REPORT_ITEMS, rejected: 0, fraction: 1 });
  return digest.sums();
}
