// A range tombstone of versions before 3.0 as it stands in the file: what it deletes is told by its two bounds (docs/formats/legacy-data.md).

import { DeletionTime } from '../../model/row.ts';
import type { DataWindow } from '../data-window.ts';
import { AtomName, sameBytes } from './atom-name.ts';
import type { LegacyLayout } from './layout.ts';
import { boundKind } from './open-ranges.ts';
import type { Bound, RangeTombstone } from './open-ranges.ts';

const NO_BYTES = new Uint8Array(0);
const NO_VALUES = new Int32Array(0);

/** One tombstone, taken apart in the window. Reused. */
export class TombstoneAtom {
  readonly start: AtomName;
  readonly #stop: AtomName;
  readonly deletion = new DeletionTime();
  /** Of one collection of a row: `start` has its column. */
  isCollection = false;
  /** Of one row. Neither: of all rows between two bounds. */
  isRow = false;
  #isToTheEnd = false;
  readonly #layout: LegacyLayout;

  constructor(layout: LegacyLayout) {
    this.#layout = layout;
    this.start = new AtomName(layout);
    this.#stop = new AtomName(layout);
  }

  /** Reads what comes after the flags; the start is bytes[nameStart, nameEnd). */
  read(input: DataWindow, nameStart: number, nameEnd: number): void {
    const { start } = this;
    const stop = this.#stop;
    const stopLength = input.readUnsignedShort();
    const stopStart = input.take(stopLength);
    const localDeletionTime = input.readInt32();
    input.readInt64();
    this.deletion.set(input.hi, input.lo, localDeletionTime);
    const problem = start.parse(input.bytes, nameStart, nameEnd) ?? start.wrongLength() ?? this.#parseStop(input.bytes, stopStart, stopLength);
    if (problem !== undefined) throw input.corrupt(problem);
    if (start.elementStart >= 0 || stop.elementStart >= 0) throw input.corrupt('A range tombstone of single elements');
    if (start.isStatic !== stop.isStatic && !this.#isToTheEnd) throw input.corrupt('A range tombstone of static and other cells');
    this.isCollection = start.columnStart >= 0 && stop.columnStart >= 0 && start.hasClusteringOf(stop) && start.hasColumnOf(stop);
    // Between two collections of a row, or between one and the row's own bounds, it is a piece of the row's deletion.
    this.isRow = !this.isCollection && !this.#isToTheEnd && start.clusteringCount === this.#layout.clusteringCount && start.hasClusteringOf(stop);
    if (start.isStatic && !this.isCollection) throw input.corrupt('A range tombstone of static cells that are no collection');
  }

  #parseStop(bytes: Uint8Array, start: number, length: number): string | undefined {
    this.#isToTheEnd = length === 0;
    return this.#stop.parse(bytes, start, start + length) ?? (this.#isToTheEnd ? undefined : this.#stop.wrongLength());
  }

  /** As a range, in bytes of its own. */
  range(): RangeTombstone {
    const deletion = new DeletionTime();
    deletion.copy(this.deletion);
    return { start: this.#startBound(), stop: this.#stopBound(), deletion };
  }

  /** As a range, but only for what comes after the row of a clustering. */
  rangeAfter(row: { readonly bytes: Uint8Array; readonly clusteringCount: number; readonly clusteringStart: Int32Array; readonly clusteringEnd: Int32Array }): RangeTombstone {
    const deletion = new DeletionTime();
    deletion.copy(this.deletion);
    return { start: boundOf(row, boundKind(true, false)), stop: this.#stopBound(), deletion };
  }

  #startBound(): Bound {
    const { start } = this;
    return boundOf(start, boundKind(true, start.columnStart >= 0 || start.endMark <= 0));
  }

  #stopBound(): Bound {
    const stop = this.#stop;
    if (this.#isToTheEnd) return { bytes: NO_BYTES, clusteringCount: 0, clusteringStart: NO_VALUES, clusteringEnd: NO_VALUES, kind: boundKind(false, true) };
    if (stop.columnStart >= 0) return boundOf(stop, boundKind(false, true));
    // A prefix that is not marked as an end is the prefix alone (CASSANDRA-12423).
    if (stop.endMark === 0 && this.#layout.isCompound && stop.clusteringCount < this.#layout.clusteringCount) return boundOf(stop, boundKind(false, false), 1);
    return boundOf(stop, boundKind(false, stop.endMark >= 0));
  }
}

/** Copies a clustering prefix, and adds empty values to it. */
function boundOf(from: { readonly bytes: Uint8Array; readonly clusteringCount: number; readonly clusteringStart: Int32Array; readonly clusteringEnd: Int32Array }, kind: number, addedCount = 0): Bound {
  const count = from.clusteringCount;
  const low = count > 0 ? from.clusteringStart[0] : 0;
  const high = count > 0 ? from.clusteringEnd[count - 1] : 0;
  const starts = new Int32Array(count + addedCount);
  const ends = new Int32Array(count + addedCount);
  for (let i = 0; i < count; i++) {
    starts[i] = from.clusteringStart[i] - low;
    ends[i] = from.clusteringEnd[i] - low;
  }
  return { bytes: from.bytes.slice(low, high), clusteringCount: count + addedCount, clusteringStart: starts, clusteringEnd: ends, kind };
}

/**
 * The row deletion that was read last: it may be written again behind its row, where a block of the index begins with a range tombstone that
 * starts exactly at the row's end.
 */
export class LastRowDeletion {
  #clustering = new Uint8Array(64);
  #length = -1;
  readonly #deletion = new DeletionTime();

  forget(): void {
    this.#length = -1;
  }

  keep({ start, deletion }: TombstoneAtom): void {
    this.#length = start.prefixEnd - start.prefixStart;
    if (this.#clustering.length < this.#length) this.#clustering = new Uint8Array(this.#length * 2);
    this.#clustering.set(start.bytes.subarray(start.prefixStart, start.prefixEnd));
    this.#deletion.copy(deletion);
  }

  isLast({ start, deletion, isRow }: TombstoneAtom): boolean {
    return isRow && !deletion.supersedes(this.#deletion) && sameBytes(start.bytes, start.prefixStart, start.prefixEnd, this.#clustering, 0, this.#length);
  }
}
