// Which column a part of a cell name means. Cells come in the order of their names, so the next column is mostly the one after the last.

import type { LegacyColumn } from './layout.ts';
import { sameBytes } from './atom-name.ts';

export class ColumnSearch {
  readonly #columns: readonly LegacyColumn[];
  #next = 0;

  /** `columns` in the order of their names' bytes. */
  constructor(columns: readonly LegacyColumn[]) {
    this.#columns = columns;
  }

  /** At the start of a row. */
  reset(): void {
    this.#next = 0;
  }

  find(bytes: Uint8Array, start: number, end: number): LegacyColumn | undefined {
    const columns = this.#columns;
    // The same column again (elements of a collection), or the one after it.
    for (let i = Math.max(0, this.#next - 1); i <= this.#next && i < columns.length; i++) {
      const { name } = columns[i];
      if (sameBytes(name, 0, name.length, bytes, start, end)) {
        this.#next = i + 1;
        return columns[i];
      }
    }
    let low = 0;
    let high = columns.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareBytes(columns[middle].name, bytes, start, end);
      if (order === 0) {
        this.#next = middle + 1;
        return columns[middle];
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array, bStart: number, bEnd: number): number {
  const length = Math.min(a.length, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = a[i] - b[bStart + i];
    if (difference !== 0) return difference;
  }
  return a.length - (bEnd - bStart);
}
