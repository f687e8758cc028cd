// The order of rows and range tombstone bounds within a partition.
// Source of the rule: ClusteringComparator.compare and ClusteringPrefix.Kind of Cassandra 3.0 to 3.11.

import type { TableMetadata } from '../model/table-metadata.ts';
import { comparatorOf } from '../types/compare.ts';

/** What rows and markers have in common: clustering values in bytes. */
export interface Clustered {
  readonly bytes: Uint8Array;
  readonly clusteringCount: number;
  readonly clusteringStart: Int32Array;
  readonly clusteringEnd: Int32Array;
}

/** Where a kind (ClusteringPrefix.Kind, by ordinal) stands against a row with the same values: before, equal or after it. */
const AGAINST_CLUSTERING = [-1, -1, -1, -1, 0, 1, 1, 1];
/** How two kinds with the same values stand to each other. */
const KIND_ORDER = [0, 0, 0, 1, 2, 3, 3, 3];

/** Compares clustering prefixes of a table; kinds are Cassandra's ordinals (CLUSTERING for rows). */
export type ClusteringOrder = (a: Clustered, aKind: number, b: Clustered, bKind: number) => number;

export function clusteringOrderOf(table: TableMetadata): ClusteringOrder {
  const comparators = table.clustering.map(({ type, reversed }) => comparatorOf(type, reversed));
  return (a, aKind, b, bKind) => {
    const common = Math.min(a.clusteringCount, b.clusteringCount);
    for (let i = 0; i < common; i++) {
      const aStart = a.clusteringStart[i];
      const bStart = b.clusteringStart[i];
      // Null comes first, in a reversed column as well: compact tables leave trailing values out.
      if (aStart < 0 || bStart < 0) {
        if (aStart < 0 && bStart < 0) continue;
        return aStart < 0 ? -1 : 1;
      }
      const order = comparators[i](a.bytes, aStart, a.clusteringEnd[i], b.bytes, bStart, b.clusteringEnd[i]);
      if (order !== 0) return order;
    }
    if (a.clusteringCount === b.clusteringCount) return KIND_ORDER[aKind] - KIND_ORDER[bKind];
    return a.clusteringCount < b.clusteringCount ? AGAINST_CLUSTERING[aKind] : -AGAINST_CLUSTERING[bKind];
  };
}
