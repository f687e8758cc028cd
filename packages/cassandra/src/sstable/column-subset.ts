// Which of the header's columns a row has (docs/formats/data.md): below 64 columns a bitmap of the missing ones, else a list of the
// present or of the missing ones, whichever is shorter. Source: Columns.Serializer.deserializeSubset.

import type { DataWindow } from './data-window.ts';

/** Reused for every row. */
export class ColumnSubset {
  count = 0;
  /** Indexes of the present columns, ascending; the first `count` count. */
  indexes = new Int32Array(64);

  read(input: DataWindow, columnCount: number): void {
    if (columnCount < 64) {
      this.#readBitmap(input, columnCount);
      return;
    }
    if (this.indexes.length < columnCount) this.indexes = new Int32Array(columnCount);
    const missing = input.readUnsignedVInt();
    if (missing > columnCount) throw input.corrupt(`${missing} of ${columnCount} columns are missing`);
    const present = columnCount - missing;
    if (present < Math.floor(columnCount / 2)) this.#readPresent(input, columnCount, present);
    else this.#readMissing(input, columnCount, missing);
  }

  #readBitmap(input: DataWindow, columnCount: number): void {
    input.readUnsignedVInt64();
    const { hi, lo } = input;
    let count = 0;
    for (let i = 0; i < columnCount; i++) {
      const isMissing = (i < 32 ? lo >>> i : hi >>> (i - 32)) & 1;
      if (isMissing === 0) this.indexes[count++] = i;
    }
    this.count = count;
  }

  #readPresent(input: DataWindow, columnCount: number, present: number): void {
    for (let i = 0, last = -1; i < present; i++) {
      last = readIndex(input, last, columnCount);
      this.indexes[i] = last;
    }
    this.count = present;
  }

  #readMissing(input: DataWindow, columnCount: number, missing: number): void {
    let count = 0;
    let next = 0;
    for (let i = 0, last = -1; i < missing; i++) {
      last = readIndex(input, last, columnCount);
      while (next < last) this.indexes[count++] = next++;
      next++;
    }
    while (next < columnCount) this.indexes[count++] = next++;
    this.count = count;
  }
}

function readIndex(input: DataWindow, after: number, columnCount: number): number {
  const index = input.readUnsignedVInt();
  if (index <= after || index >= columnCount) throw input.corrupt(`Column ${index} of ${columnCount} follows column ${after}`);
  return index;
}
