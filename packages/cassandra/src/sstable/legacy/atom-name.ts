// Names of cells and bounds of range tombstones before 3.0 (docs/formats/legacy-data.md), taken apart without copying.
//
//   composite := static_mark?, (length: uint16, value, end_of_component: int8)*          clustering values, column, element

import type { Clustered } from '../../merge/clustering-order.ts';
import type { LegacyLayout } from './layout.ts';

/** A name in its parts: offsets into `bytes`. Reused. */
export class AtomName implements Clustered {
  bytes: Uint8Array = new Uint8Array(0);
  isStatic = false;
  clusteringCount = 0;
  readonly clusteringStart: Int32Array;
  readonly clusteringEnd: Int32Array;
  /** Where the name starts, and the end of its last clustering value, without the mark behind it. */
  prefixStart = 0;
  prefixEnd = 0;
  /** -1 where there is none. */
  columnStart = -1;
  columnEnd = -1;
  elementStart = -1;
  elementEnd = -1;
  /** The last end_of_component: -1, 0 or 1. */
  endMark = 0;
  readonly #layout: LegacyLayout;

  constructor(layout: LegacyLayout) {
    this.#layout = layout;
    this.clusteringStart = new Int32Array(layout.clusteringCount);
    this.clusteringEnd = new Int32Array(layout.clusteringCount);
  }

  /** Takes apart bytes[start, end). Returns what is wrong with them, or nothing. */
  parse(bytes: Uint8Array, start: number, end: number): string | undefined {
    this.bytes = bytes;
    this.isStatic = false;
    this.clusteringCount = 0;
    this.prefixStart = start;
    this.prefixEnd = start;
    this.columnStart = -1;
    this.columnEnd = -1;
    this.elementStart = -1;
    this.elementEnd = -1;
    this.endMark = 0;
    if (!this.#layout.isCompound) {
      this.clusteringCount = 1;
      this.clusteringStart[0] = start;
      this.clusteringEnd[0] = end;
      this.prefixEnd = end;
      return undefined;
    }
    let at = start;
    if (end - start >= 2 && bytes[start] === 0xff && bytes[start + 1] === 0xff) {
      this.isStatic = true;
      at += 2;
      this.prefixEnd = at;
    }
    for (let i = 0; at < end; i++) {
      if (this.endMark !== 0) return 'A name goes on after its end';
      if (end - at < 3) return 'A name ends within a component';
      const from = at + 2;
      const to = from + ((bytes[at] << 8) | bytes[at + 1]);
      if (to + 1 > end) return 'A component of a name runs over the end of the name';
      const mark = (bytes[to] << 24) >> 24;
      if (mark < -1 || mark > 1) return `A component of a name ends with ${mark}`;
      this.endMark = mark;
      if (!this.#place(i, from, to)) return 'A name has more components than its table';
      at = to + 1;
    }
    return undefined;
  }

  #place(i: number, from: number, to: number): boolean {
    const { clusteringCount, isDense } = this.#layout;
    if (i < clusteringCount) {
      this.clusteringStart[i] = from;
      this.clusteringEnd[i] = to;
      this.clusteringCount = i + 1;
      this.prefixEnd = to;
    } else if (isDense || i > clusteringCount + 1) {
      return false;
    } else if (i === clusteringCount) {
      this.columnStart = from;
      this.columnEnd = to;
    } else {
      this.elementStart = from;
      this.elementEnd = to;
    }
    return true;
  }

  /** What is wrong with the lengths of clustering values, if anything. They are written even of types that need none; any value may also be empty. */
  wrongLength(): string | undefined {
    const { clusteringLengths } = this.#layout;
    for (let i = 0; i < this.clusteringCount; i++) {
      const length = this.clusteringEnd[i] - this.clusteringStart[i];
      if (clusteringLengths[i] >= 0 && length !== clusteringLengths[i] && length !== 0) return `A clustering value of ${length} bytes, not ${clusteringLengths[i]}`;
    }
    return undefined;
  }

  /** Whether two names have the same clustering. */
  hasClusteringOf(other: Clustered): boolean {
    if (this.clusteringCount !== other.clusteringCount) return false;
    for (let i = 0; i < this.clusteringCount; i++) {
      if (!sameBytes(this.bytes, this.clusteringStart[i], this.clusteringEnd[i], other.bytes, other.clusteringStart[i], other.clusteringEnd[i])) return false;
    }
    return true;
  }

  hasColumnOf(other: AtomName): boolean {
    return sameBytes(this.bytes, this.columnStart, this.columnEnd, other.bytes, other.columnStart, other.columnEnd);
  }
}

export function sameBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = aStart, j = bStart; i < aEnd; i++, j++) if (a[i] !== b[j]) return false;
  return true;
}
