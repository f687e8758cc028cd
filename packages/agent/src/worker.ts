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
    send({ type: 'failed', error: withoutSecrets(plain(await believed?.(error) ?? error), job) });
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

/** Also of credentials that the job does not carry. */
const SIGNED_TOKEN = /(x-amz-security-token:)[^\s'"]+/gi;

/** DynamoDB repeats what was signed when it refuses a signature, session token included. */
function withoutSecrets(error: PlainError, job: Job): PlainError {
  const secrets = secretsIn(job);
  const clean = (text: string): string => secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text.replaceAll(SIGNED_TOKEN, '$1***'));
  return { ...error, message: clean(error.message), ...(error.stack === undefined ? {} : { stack: clean(error.stack) }) };
}

function secretsIn(job: Job): string[] {
  const target = 'target' in job ? job.target.aws : 'aws' in job ? job.aws : 'destination' in job && job.destination.kind === 'table' ? job.destination.target.aws : undefined;
  const staging = 'staging' in job ? job.staging : 'destination' in job && job.destination.kind === 'files' ? job.destination.staging : undefined;
  return [target?.credentials, staging?.kind === 's3' ? staging.credentials : undefined].flatMap((credentials) => [credentials?.secretAccessKey, credentials?.sessionToken]).filter((secret) => secret !== undefined);
}

function plain(error: unknown): PlainError {
  if (error instanceof CodedError) return { message: error.message, code: error.code, remedy: error.remedy };
  return error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) };
}
