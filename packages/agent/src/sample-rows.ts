// A few rows of a table beside the items that they become: what a mapping rule does, before anything is migrated.

import { CodedError, cqlView, END, NeutralRowWriter, PARTITION, PENDING } from '@aeneas/cassandra';
import type { Partition, Row, TableMetadata, UnfilteredCursor } from '@aeneas/cassandra';
import { ItemCursor, ItemEncoder, OutputBuffer, planTable, REJECTED } from '@aeneas/dynamodb';
import { agentError } from './errors.ts';
import type { JobContext, SampledReject, SampledRow, SampleJob, SampleResult } from './job.ts';
import { openSource } from './open-source.ts';
import { LostCounter } from './tally.ts';

/** Of so many bytes together: a page shows them. */
const MAX_SHOWN_BYTES = 1024 * 1024;

/** Runs a job of this kind: see SampleJob. */
export async function sampleRows({ source, shown, maxRows }: SampleJob, { signal, files }: JobContext): Promise<SampleResult> {
  const plan = planTable(source.table, source.mapping);
  const reader = await openSource(source, files);
  const out = new OutputBuffer();
  const encoder = new ItemEncoder(plan, out);
  const rows = new ShownRows(await reader.liveRows({ nowSeconds: source.nowSeconds }), cqlView(source.table), source.nowSeconds);
  const cursor = new ItemCursor(rows, encoder);
  const lost = new LostCounter(encoder);
  const samples: SampledRow[] = [];
  const rejected = new Map<string, SampledReject>();
  let shownBytes = 0;
  let read = 0;
  let isWhole = false;
  try {
    while (read < maxRows) {
      const outcome = cursor.advance();
      if (outcome === END) {
        isWhole = true;
        break;
      }
      if (outcome === PENDING) {
        if (signal.aborted) throw agentError('JOB_STOPPED', 'The sample was stopped');
        await cursor.fill();
        continue;
      }
      read++;
      const isNew = outcome === REJECTED && countRejected(cursor, rejected);
      // The first rows, and the first that is rejected of each kind.
      if ((samples.length < shown || isNew) && shownBytes < MAX_SHOWN_BYTES) {
        const row = rows.text(cursor.row, plan.statics);
        const item = outcome === REJECTED ? '' : text(out.bytes.subarray(encoder.itemStart, out.length));
        samples.push(outcome === REJECTED ? { row, rejected: encoder.rejection! } : { row, item, sizeBytes: encoder.itemSize });
        shownBytes += row.length + item.length;
      }
      out.length = 0;
    }
  } finally {
    await cursor.close();
  }
  return { samples, read, isWhole, rejected: [...rejected.values()], lost: lost.take() };
}

/** Whether it is the first of its kind. */
function countRejected(cursor: ItemCursor, rejected: Map<string, SampledReject>): boolean {
  const { reason, column } = cursor.encoder.rejection!;
  const kind = `${reason} ${column ?? ''}`;
  const known = rejected.get(kind);
  rejected.set(kind, { reason, column, rows: (known?.rows ?? 0) + 1, example: known?.example ?? cursor.rejectedLine() });
  return known === undefined;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/** A value that does not fit its type may be the very reason why the row is looked at. */
function written(write: () => string): string {
  try {
    return write().trimEnd();
  } catch (error) {
    if (error instanceof CodedError) return JSON.stringify({ v: {}, unreadable: error.message });
    throw error;
  }
}

/** Rows on their way to the encoder, which can be shown as `aeneas sstable dump` writes them. */
class ShownRows implements UnfilteredCursor {
  readonly #rows: UnfilteredCursor;
  readonly #writer: NeutralRowWriter;
  #outcome = -1;
  /** What the partition is without its rows, and the one before it was. */
  #alone = '';
  #before = '';

  constructor(rows: UnfilteredCursor, table: TableMetadata, nowSeconds: number) {
    this.#rows = rows;
    this.#writer = new NeutralRowWriter(table, { nowSeconds, frozenCollectionsHaveTimes: false });
  }

  advance(): ReturnType<UnfilteredCursor['advance']> {
    const outcome = this.#rows.advance();
    this.#outcome = outcome;
    if (outcome === PARTITION) {
      this.#before = this.#alone;
      this.#alone = written(() => {
        this.#writer.enter(this.#rows.partition);
        return this.#writer.staticOnly();
      });
    }
    return outcome;
  }

  /** The row of an outcome; of a static item, its partition: where static columns are copied, that comes when the next one was entered. */
  text(row: Row | undefined, statics: 'item' | 'copy'): string {
    if (row !== undefined) return written(() => this.#writer.row(row));
    return statics === 'copy' && this.#outcome === PARTITION ? this.#before : this.#alone;
  }

  get partition(): Partition {
    return this.#rows.partition;
  }

  get row(): Row {
    return this.#rows.row;
  }

  get marker(): UnfilteredCursor['marker'] {
    return this.#rows.marker;
  }

  fill(): Promise<void> {
    return this.#rows.fill();
  }

  close(): Promise<void> {
    return this.#rows.close();
  }
}
