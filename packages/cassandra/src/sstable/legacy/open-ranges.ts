// Range tombstones of versions before 3.0 overlap, repeat and enclose one another; later ones are markers, at most one range open at a time.
// This flattens the former into the latter, as atoms come: a range is kept while it is open and nothing that outlives it is newer.
// Source of the rules: UnfilteredDeserializer.OldFormatDeserializer of Cassandra 3.0 and 3.11.

import type { Clustered, ClusteringOrder } from '../../merge/clustering-order.ts';
import { BOUND_EXCL_END, BOUND_EXCL_END_INCL_START, BOUND_EXCL_START, BOUND_INCL_END, BOUND_INCL_END_EXCL_START, BOUND_INCL_START } from '../../model/cursor.ts';
import type { Marker } from '../../model/cursor.ts';
import type { DeletionTime } from '../../model/row.ts';

/** Where a range starts or ends; in bytes of its own. */
export interface Bound extends Clustered {
  readonly clusteringStart: Int32Array<ArrayBuffer>;
  readonly clusteringEnd: Int32Array<ArrayBuffer>;
  readonly kind: number;
}

export interface RangeTombstone {
  readonly start: Bound;
  readonly stop: Bound;
  readonly deletion: DeletionTime;
}

export class OpenRanges {
  readonly #order: ClusteringOrder;
  /** By where they stop; each is newer than all after it, so the first is the one that counts now. */
  #open: RangeTombstone[] = [];
  /** Of the range that was opened last. */
  #lastStart: Bound | undefined;
  /** A start that is not told yet: the next tombstone may start at the same place and be newer. */
  #opening: { readonly at: Bound; readonly closes: DeletionTime | undefined; readonly opens: DeletionTime } | undefined;

  constructor(order: ClusteringOrder) {
    this.#order = order;
  }

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  reset(): void {
    this.#open = [];
    this.#opening = undefined;
    this.#lastStart = undefined;
  }

  /** Whether the last range starts after a place: then it was opened too early. */
  startAfter({ at, kind }: { readonly at: Clustered; readonly kind: number }): boolean {
    return this.#open.length > 0 && this.#lastStart !== undefined && this.#order(this.#lastStart, this.#lastStart.kind, at, kind) > 0;
  }

  /** The deletion that counts for what comes now. */
  get deletion(): DeletionTime | undefined {
    return this.#open[0]?.deletion;
  }

  /** Whether a newer range that is open lasts at least as long. */
  covers(tombstone: RangeTombstone): boolean {
    return this.#open.some((open) => open.deletion.deletes(tombstone.deletion.hi, tombstone.deletion.lo) && this.#compareStops(open, tombstone) >= 0);
  }

  /** Tells the next marker that comes before a place, or before the end of the partition. False when there is none. */
  nextMarker(marker: Marker, before?: { readonly at: Clustered; readonly kind: number }): boolean {
    const opening = this.#opening;
    if (opening && (!before || this.#order(opening.at, opening.at.kind, before.at, before.kind) < 0)) {
      this.#opening = undefined;
      const kind = opening.closes ? (opening.at.kind === BOUND_INCL_START ? BOUND_EXCL_END_INCL_START : BOUND_INCL_END_EXCL_START) : opening.at.kind;
      tell(marker, opening.at, kind, opening.closes, opening.opens);
      return true;
    }
    const first = this.#open[0];
    if (!first || (before && this.#order(first.stop, first.stop.kind, before.at, before.kind) >= 0)) return false;
    this.#open.shift();
    const next = this.deletion;
    const { kind } = first.stop;
    tell(marker, first.stop, next ? (kind === BOUND_INCL_END ? BOUND_INCL_END_EXCL_START : BOUND_EXCL_END_INCL_START) : kind, first.deletion, next);
    return true;
  }

  /** Opens a range that nothing covers; all markers before its start have been told. */
  add(tombstone: RangeTombstone): void {
    const current = this.deletion;
    this.#lastStart = tombstone.start;
    if (!current) {
      this.#opening = { at: tombstone.start, closes: undefined, opens: tombstone.deletion };
    } else if (tombstone.deletion.supersedes(this.#opening?.opens ?? current)) {
      this.#opening = this.#opening ? { ...this.#opening, opens: tombstone.deletion } : { at: tombstone.start, closes: current, opens: tombstone.deletion };
    }
    // What stops no later and is not newer counts for nothing any more.
    let place = 0;
    while (place < this.#open.length && this.#compareStops(this.#open[place], tombstone) <= 0) {
      if (this.#open[place].deletion.supersedes(tombstone.deletion)) place++;
      else this.#open.splice(place, 1);
    }
    this.#open.splice(place, 0, tombstone);
  }

  #compareStops(a: RangeTombstone, b: RangeTombstone): number {
    return this.#order(a.stop, a.stop.kind, b.stop, b.stop.kind);
  }
}

function tell(marker: Marker, at: Bound, kind: number, closes: DeletionTime | undefined, opens: DeletionTime | undefined): void {
  marker.kind = kind;
  marker.bytes = at.bytes;
  marker.clusteringCount = at.clusteringCount;
  marker.clusteringStart = at.clusteringStart;
  marker.clusteringEnd = at.clusteringEnd;
  if (closes) marker.closes.copy(closes);
  else marker.closes.reset();
  if (opens) marker.opens.copy(opens);
  else marker.opens.reset();
}

/** The kind of a bound by its side and whether it includes its place. */
export function boundKind(isStart: boolean, isInclusive: boolean): number {
  if (isStart) return isInclusive ? BOUND_INCL_START : BOUND_EXCL_START;
  return isInclusive ? BOUND_INCL_END : BOUND_EXCL_END;
}
