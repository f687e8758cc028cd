// A split: its rows merged, mapped to items, and given to a sink; checkpoints on the way.

import { END, PENDING, tokenToBigInt } from '@aeneas/cassandra';
import type { LiveRows, TableReader, TokenRange } from '@aeneas/cassandra';
import { ItemCursor, ItemEncoder, OutputBuffer, planTable, REJECTED } from '@aeneas/dynamodb';
import type { TablePlan } from '@aeneas/dynamodb';
import { retryTeller } from './aws-client.ts';
import { agentError } from './errors.ts';
import { FileSink } from './file-sink.ts';
import type { ExtractJob, ItemDestination, JobContext, Segment } from './job.ts';
import { openSource } from './open-source.ts';
import { RejectedFile } from './rejected-file.ts';
import { openStaging } from './staging.ts';
import { LostCounter, RowCounter, Tally } from './tally.ts';

/** How often a job tells its progress. */
const REPORT_MILLIS = 250;

/** A stretch of rows that a sink has made safe, but for what the extraction adds. */
export type Stretch = Pick<Segment, 'position' | 'file' | 'rejectedBytes'> & { readonly tally: Tally };

/** Where items go. A stretch is over when the sink says so; the sink reports it once it is safe, in order. */
export interface ItemSink {
  /** Takes the item that the encoder has just appended. */
  add(encoder: ItemEncoder): void;
  /** True when `settle` must be awaited before more items. */
  readonly isFull: boolean;
  /** True when the stretch should end here. */
  readonly wantsCheckpoint: boolean;
  settle(): Promise<void>;
  /** Ends the stretch. Without position it is the last: then everything is safe and reported when the promise resolves. */
  endStretch(stretch: Omit<Stretch, 'file'>): Promise<void>;
  /** Frees what is held. After a failure or stop, what is unfinished is dropped. */
  close(): Promise<void>;
}

/** Runs a job of this kind: see ExtractJob. */
export async function extractSplit(job: ExtractJob, context: JobContext): Promise<void> {
  const { source, destination, after, range } = job;
  const plan = planTable(source.table, source.mapping);
  const reader = await openSource(source, context.files);
  const rows = await reader.liveRows({ nowSeconds: source.nowSeconds, range, ...(after === undefined ? {} : { resumeAfter: after }) });
  const out = new OutputBuffer();
  const encoder = new ItemEncoder(plan, out, { asLines: destination.kind === 'files' });
  const cursor = new ItemCursor(rows, encoder, after === undefined ? {} : { resumeAfter: after });
  const rejected = new RejectedFile(job.rejectedFile, job.rejectedKey);
  const report = ({ tally, ...stretch }: Stretch): void => context.report({
    type: 'segment',
    segment: {
      ...stretch, ...tally,
      rejectedFile: stretch.rejectedBytes === 0 ? undefined : rejected.path,
    },
  });
  const sink = await openSink(destination, plan, out, report, context);
  try {
    await run(job, { cursor, sink, rejected, context, fractionOf: fractionOf(reader, rows, range) });
  } finally {
    await sink.close();
    await rejected.close();
    await cursor.close();
  }
}

async function openSink(destination: ItemDestination, plan: TablePlan, out: OutputBuffer, report: (stretch: Stretch) => void, context: JobContext): Promise<ItemSink> {
  const tell = retryTeller(context);
  if (destination.kind === 'files') return new FileSink(destination, await openStaging(destination.staging, tell), out, report, context.isLeaseOver);
  const { TableSink } = await import('./table-sink.ts');
  return new TableSink(destination.target, plan, out, report, tell);
}

interface Extraction {
  readonly cursor: ItemCursor;
  readonly sink: ItemSink;
  readonly rejected: RejectedFile;
  readonly context: JobContext;
  readonly fractionOf: () => number;
}

async function run(job: ExtractJob, { cursor, sink, rejected, context, fractionOf: fraction }: Extraction): Promise<void> {
  const { encoder } = cursor;
  const rowCounter = new RowCounter(job.after);
  const lost = new LostCounter(encoder);
  let tally = new Tally();
  let told = { rows: 0, items: 0, rejected: 0 };
  let toldMillis = Date.now();
  const tell = (at: number): void => {
    context.report({ type: 'progress', rows: tally.rows - told.rows, items: tally.items - told.items, rejected: tally.rejected - told.rejected, fraction: at });
    told = { rows: tally.rows, items: tally.items, rejected: tally.rejected };
    toldMillis = Date.now();
  };
  for (;;) {
    const outcome = cursor.advance();
    if (outcome === PENDING) {
      throwIfStopped(context);
      if (Date.now() - toldMillis >= REPORT_MILLIS) tell(fraction());
      await cursor.fill();
      continue;
    }
    if (outcome === END) break;
    tally.rows += rowCounter.count(cursor);
    if (outcome === REJECTED) {
      tally.rejected++;
      rejected.add(cursor.rejectedLine());
      if (rejected.isFull) await rejected.flush();
    } else {
      tally.addItem(encoder);
      sink.add(encoder);
      if (sink.isFull) await sink.settle();
    }
    if (sink.wantsCheckpoint) {
      const position = cursor.position();
      tell(fraction());
      tally.lost = lost.take();
      const stretch = tally;
      tally = new Tally();
      told = { rows: 0, items: 0, rejected: 0 };
      await sink.endStretch({ position, tally: stretch, rejectedBytes: await rejected.sync() });
      throwIfStopped(context);
    }
  }
  tally.rows += rowCounter.end();
  tally.lost = lost.take();
  tell(1);
  await sink.endStretch({ position: undefined, tally, rejectedBytes: await rejected.sync() });
}

function throwIfStopped({ signal }: JobContext): void {
  if (signal.aborted) throw agentError('JOB_STOPPED', 'The extraction was stopped');
}

/** How far a cursor is in its token range, by the token of its partition. */
function fractionOf({ partitioner }: TableReader, rows: LiveRows, { start, end }: TokenRange): () => number {
  if (partitioner !== 'murmur3') return () => 0;
  const first = Number(start ?? -(2n ** 63n));
  const last = Number(end ?? 2n ** 63n);
  return () => Math.min(1, Math.max(0, (Number(tokenToBigInt(partitioner, rows.partition)) - first) / (last - first)));
}
