// Committed files into the table. Files are read in turn, item by item, so that neighbours in a batch come from far apart; what
// DynamoDB has acknowledged of each file is reported as a count of its first items.

import { CodedError } from '@aeneas/cassandra';
import { BatchWriter, itemKeysOf, planTable, readImportFile } from '@aeneas/dynamodb';
import { crc32 } from 'node:zlib';
import { retryTeller, writerOptions } from './aws-client.ts';
import { CheckpointQueue } from './checkpoint-queue.ts';
import { agentError } from './errors.ts';
import { faultPoint } from './fault-point.ts';
import type { JobContext, LoadFile, LoadJob } from './job.ts';
import { openStaging } from './staging.ts';
import type { Staging } from './staging.ts';

const CHECKPOINT_ITEMS = 5_000;

/** Runs a job of this kind: see LoadJob. */
export async function loadFiles(job: LoadJob, context: JobContext): Promise<void> {
  const tell = retryTeller(context);
  const staging = await openStaging(job.staging, tell);
  const plan = planTable(job.source.table, job.source.mapping);
  const files = job.files.map((file) => new FileReading(staging, file, job.compression));
  const checkpoints = new CheckpointQueue<readonly number[]>();
  /** Items of each file that were reported. */
  const reported = job.files.map((file) => file.loadedItems);
  const acknowledged = (items: number): void => {
    const covered = checkpoints.take(items);
    if (covered.length === 0) return;
    faultPoint('items-acknowledged');
    reportCounts(covered.at(-1)!, reported, job.files, context);
  };
  const writer = new BatchWriter<number>({ ...writerOptions(job.target, tell), plan, onAcknowledged: acknowledged });
  try {
    let written = 0;
    const hasSortKey = plan.sortKey !== undefined;
    for (let open = files; open.length > 0;) {
      const lasting: FileReading[] = [];
      for (const file of open) {
        const item = file.take() ?? await file.read();
        if (item === undefined) continue;
        lasting.push(file);
        // The size is that of the JSON, a little more than what DynamoDB counts: it only steers the pace.
        const room = writer.add(item, itemKeysOf(item, hasSortKey), item.length, ++written);
        if (written % CHECKPOINT_ITEMS === 0) checkpoints.add(written, files.map((one) => one.taken));
        if (room === undefined) continue;
        if (context.signal.aborted) throw agentError('JOB_STOPPED', 'The load was stopped');
        await room;
      }
      open = lasting;
    }
    checkpoints.add(written, files.map((file) => file.taken));
    await writer.flush();
    acknowledged(written);
  } finally {
    writer.close();
    for (const file of files) await file.close();
    staging.close();
  }
}

function reportCounts(counts: readonly number[], reported: number[], files: readonly LoadFile[], context: JobContext): void {
  let items = 0;
  for (const [i, count] of counts.entries()) {
    if (count === reported[i]) continue;
    items += count - reported[i];
    reported[i] = count;
    context.report({ type: 'loaded', segmentId: files[i].segmentId, items: count });
  }
  context.report({ type: 'progress', rows: 0, items, rejected: 0, fraction: 0 });
}

/** One file's items, from the first that is not loaded. */
class FileReading {
  /** Items up to the one that was last taken. */
  taken = 0;
  readonly #file: LoadFile;
  readonly #chunks: AsyncGenerator<Uint8Array[]>;
  #chunk: Uint8Array[] = [];
  #at = 0;

  constructor(staging: Staging, file: LoadFile, compression: LoadJob['compression']) {
    this.#file = file;
    this.#chunks = readImportFile(checked(staging, file), compression, file.name);
  }

  /** The next item, if it is there already. */
  take(): Uint8Array | undefined {
    const skip = Math.min(this.#chunk.length - this.#at, Math.max(0, this.#file.loadedItems - this.taken));
    this.#at += skip;
    this.taken += skip;
    if (this.#at === this.#chunk.length) return undefined;
    this.taken++;
    return this.#chunk[this.#at++];
  }

  /** Reads on to the next item; undefined at the end. Throws STAGING_*. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const next = await this.#chunks.next().catch((error: unknown) => {
        throw this.#coded(error);
      });
      if (next.done === true) {
        if (this.taken !== this.#file.items) throw agentError('STAGING_CORRUPT', `A committed file has ${this.taken} items, ${this.#file.items} were written`, { file: this.#file.name });
        return undefined;
      }
      this.#chunk = next.value;
      this.#at = 0;
      const item = this.take();
      if (item !== undefined) return item;
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }

  /** What went wrong below the decompression has its own code; everything else is bytes that are not ours. */
  #coded(error: unknown): unknown {
    if (!(error instanceof CodedError)) return error;
    if (error.cause instanceof CodedError) return error.cause;
    return agentError('STAGING_CORRUPT', error.message, {}, error);
  }
}

/** The bytes of a staged file; at the end their checksum must be the committed one. */
async function* checked(staging: Staging, file: LoadFile): AsyncIterable<Uint8Array> {
  let sum = 0;
  for await (const piece of staging.read(file.name)) {
    sum = crc32(piece, sum);
    yield piece;
  }
  if (sum.toString(16).padStart(8, '0') !== file.crc32) {
    throw agentError('STAGING_CORRUPT', 'The checksum of a committed file is not the one it was written with', { file: file.name });
  }
}
