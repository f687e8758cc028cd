// Live rows in, items out: the stage between the merge and a sink. Same shape as every stage before it.
//
//   outcomes := (ITEM | REJECTED)* END, with PENDING wherever bytes are missing

import { END, PARTITION, PENDING, ROW } from '@aeneas/cassandra';
import type { Position, Row, UnfilteredCursor } from '@aeneas/cassandra';
import type { ItemEncoder } from './item-encoder.ts';

export const ITEM = 5;
export const REJECTED = 6;
export type Outcome = typeof PENDING | typeof END | typeof ITEM | typeof REJECTED;

export interface ItemCursorOptions {
  /** Where the rows were resumed: the static item of that partition was made, or is not wanted since rows were. */
  readonly resumeAfter?: Position;
}

/**
 * After ITEM the encoder tells about the item (`itemStart`, `itemSize`, ...), after REJECTED `rejectedLine()` gives its line.
 * The encoder's output grows until its owner takes it: set `encoder.out.length = 0` between two calls of `advance`.
 */
export class ItemCursor {
  readonly encoder: ItemEncoder;
  /** The row of the last outcome, undefined for a static item. Valid until the next `advance`. */
  row: Row | undefined;
  readonly #rows: UnfilteredCursor;
  readonly #copiesStatics: boolean;
  /** The partition has a static row, and no item shows it yet. */
  #owesStatic = false;
  /** The partition whose fragment was read, but which has to wait for the static item of the one before. */
  #holdsPartition = false;
  #isAtEnd = false;
  /** Until the first partition was seen. */
  #resumedKey: Uint8Array | undefined;

  constructor(rows: UnfilteredCursor, encoder: ItemEncoder, options: ItemCursorOptions = {}) {
    this.#rows = rows;
    this.encoder = encoder;
    this.#copiesStatics = encoder.plan.statics === 'copy';
    this.#resumedKey = options.resumeAfter?.partitionKey;
  }

  advance(): Outcome {
    for (;;) {
      if (this.#holdsPartition) {
        this.#holdsPartition = false;
        this.#enter();
        if (this.#owesStatic && !this.#copiesStatics) return this.#static();
      }
      if (this.#isAtEnd) return END;
      switch (this.#rows.advance()) {
        case PENDING:
          return PENDING;
        case PARTITION:
          this.#holdsPartition = true;
          if (this.#owesStatic) return this.#static();
          break;
        case ROW:
          this.#owesStatic = false;
          this.row = this.#rows.row;
          return this.encoder.encodeRow(this.#rows.row) ? ITEM : REJECTED;
        case END:
          this.#isAtEnd = true;
          if (this.#owesStatic) return this.#static();
          return END;
        default:
          // Live rows have no markers.
      }
    }
  }

  /** Reads on; to be awaited after PENDING. */
  fill(): Promise<void> {
    return this.#rows.fill();
  }

  close(): Promise<void> {
    return this.#rows.close();
  }

  /** The line for the rejected rows after REJECTED. */
  rejectedLine(): string {
    return this.encoder.rejectedLine(this.row);
  }

  /** The place of the last outcome, to resume after it. */
  position(): Position {
    const { encoder, row } = this;
    const partitionKey = encoder.partition.slice(0, encoder.partitionLength);
    if (row === undefined || row.isStatic) return { partitionKey };
    const clustering: (Uint8Array | null)[] = [];
    for (let i = 0; i < row.clusteringCount; i++) {
      clustering.push(row.clusteringStart[i] < 0 ? null : row.bytes.slice(row.clusteringStart[i], row.clusteringEnd[i]));
    }
    return { partitionKey, clustering };
  }

  #enter(): void {
    const { partition } = this.#rows;
    this.encoder.startPartition(partition);
    this.#owesStatic = partition.hasStaticRow && !this.#isResumed();
  }

  #isResumed(): boolean {
    const { encoder } = this;
    const resumedKey = this.#resumedKey;
    this.#resumedKey = undefined;
    return resumedKey !== undefined && Buffer.compare(resumedKey, encoder.partition.subarray(0, encoder.partitionLength)) === 0;
  }

  #static(): Outcome {
    this.#owesStatic = false;
    this.row = undefined;
    return this.encoder.encodeStaticItem() ? ITEM : REJECTED;
  }
}
