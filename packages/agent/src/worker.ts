// The thread's side of the pool: one job at a time, its events in order, errors as plain objects.

import { parentPort, workerData } from 'node:worker_threads';
import { CodedError } from '@aeneas/cassandra';
import type { Job, JobEvent, JobResult } from './job.ts';
import { doubtMounts } from './mount-doubt.ts';
import { readingFiles } from './reading.ts';
import type { SharedReading } from './reading.ts';
import { runJob } from './run-job.ts';

/** An error in a form that crosses the thread boundary; without a code it is a bug of ours. */
export interface PlainError {
  readonly message: string;
  readonly code?: string;
  readonly remedy?: string;
  readonly stack?: string | undefined;
}

export type ToWorker = { readonly type: 'run'; readonly job: Job; readonly lease?: SharedArrayBuffer | undefined } | { readonly type: 'stop' };
export type FromWorker =
  | { readonly type: 'event'; readonly event: JobEvent }
  | { readonly type: 'done'; readonly result: JobResult }
  | { readonly type: 'failed'; readonly error: PlainError };

const port = parentPort!;
let stopping = new AbortController();
const reading = (workerData ?? undefined) as SharedReading | undefined;
const files = readingFiles(reading, () => stopping.signal);

port.on('message', (message: ToWorker) => {
  if (message.type === 'stop') stopping.abort();
  else void run(message.job, message.lease);
});

async function run(job: Job, lease: SharedArrayBuffer | undefined): Promise<void> {
  stopping = new AbortController();
  const believed = reading === undefined ? undefined : doubtMounts(reading, stopping.signal);
  try {
    const result = await runJob(job, { report: (event) => send({ type: 'event', event }), signal: stopping.signal, isLeaseOver: leaseOf(lease), files });
    send({ type: 'done', result });
  } catch (error) {
    send({ type: 'failed', error: plain(await believed?.(error) ?? error) });
  }
}

/** By the clock, not by a message: after this process was halted for a while, the message would come after the next write. */
function leaseOf(memory: SharedArrayBuffer | undefined): () => boolean {
  if (memory === undefined) return () => false;
  const endMillis = new BigInt64Array(memory);
  return () => Date.now() > Number(Atomics.load(endMillis, 0));
}

function send(message: FromWorker): void {
  port.postMessage(message);
}

function plain(error: unknown): PlainError {
  if (error instanceof CodedError) return { message: error.message, code: error.code, remedy: error.remedy };
  return error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) };
}
