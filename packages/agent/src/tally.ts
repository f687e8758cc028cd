// What one stretch of a split became, counted as it goes.

import type { Position } from '@aeneas/cassandra';
import { writeUnits } from '@aeneas/dynamodb';
import type { ItemCursor, ItemEncoder } from '@aeneas/dynamodb';
import type { LostDetail } from './job.ts';

const NOTHING_LOST: LostDetail = { mixedExpiry: 0, negativeZeros: 0, decimalScales: 0 };

/** Counts of one stretch. */
export class Tally {
  rows = 0;
  items = 0;
  rejected = 0;
  itemBytes = 0;
  /** Those of indexes included. */
  writeUnits = 0;
  lost: LostDetail = NOTHING_LOST;

  addItem({ itemSize, indexUnits }: ItemEncoder): void {
    this.items++;
    this.itemBytes += itemSize;
    this.writeUnits += writeUnits(itemSize) + indexUnits;
  }
}

/** Counts rows as CQL does: a partition that has nothing but static values is one row. */
export class RowCounter {
  /** The partition whose static item came, but no row yet. */
  #staticOnly: Uint8Array | undefined;

  /** A resumed split may stand behind a static item. */
  constructor(after: Position | undefined) {
    if (after !== undefined && after.clustering === undefined) this.#staticOnly = after.partitionKey;
  }

  /** Rows that are certain now that this outcome came. */
  count({ row, encoder }: ItemCursor): number {
    const waited = this.#staticOnly;
    if (row === undefined) {
      this.#staticOnly = encoder.partition.slice(0, encoder.partitionLength);
      return waited === undefined ? 0 : 1;
    }
    if (waited === undefined) return 1;
    this.#staticOnly = undefined;
    return Buffer.compare(waited, encoder.partition.subarray(0, encoder.partitionLength)) === 0 ? 1 : 2;
  }

  /** Rows that are certain now that nothing follows. */
  end(): number {
    return this.#staticOnly === undefined ? 0 : 1;
  }
}

/** What an encoder lost since the last `take`. */
export class LostCounter {
  readonly #encoder: ItemEncoder;
  #taken = NOTHING_LOST;

  constructor(encoder: ItemEncoder) {
    this.#encoder = encoder;
  }

  take(): LostDetail {
    const { lost, counts: { mixedExpiry } } = this.#encoder;
    const before = this.#taken;
    this.#taken = { mixedExpiry, ...lost };
    return {
      mixedExpiry: mixedExpiry - before.mixedExpiry, negativeZeros: lost.negativeZeros - before.negativeZeros, decimalScales: lost.decimalScales - before.decimalScales,
    };
  }
}
