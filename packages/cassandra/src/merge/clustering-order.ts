// The order of rows and range tombstone bounds within a partition.
// Source of the rule: ClusteringComparator.compare and ClusteringPrefix.Kind of Cassandra 3.0 to 3.11.

import { cassandraError } from '../errors.ts';
import { qualifiedName } from '../model/table-metadata.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import { comparatorOf } from '../types/compare.ts';
import type { Comparator } from '../types/compare.ts';

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

/**
 * The order of a table's files. `emptyInDesc`: where they put empty values of DESC columns (SSTableVersion.putsEmptyFirstInDesc); files
 * that differ in it cannot be merged by one order, so with 'mixed' such a value is an error.
 */
export function clusteringOrderOf(table: TableMetadata, emptyInDesc: 'first' | 'last' | 'mixed' = 'last'): ClusteringOrder {
  const comparators = table.clustering.map(({ type, reversed }) => {
    const comparator = comparatorOf(type, reversed, emptyInDesc === 'first');
    return reversed && emptyInDesc === 'mixed' ? refusingEmpty(comparator, table) : comparator;
  });
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

function refusingEmpty(comparator: Comparator, table: TableMetadata): Comparator {
  return (a, aStart, aEnd, b, bStart, bEnd) => {
    if (aStart === aEnd || bStart === bEnd) {
      throw cassandraError('SSTABLE_UNSUPPORTED', `${qualifiedName(table)} has an empty value in a DESC clustering column, which its SSTables before and since version mc sort differently: run "nodetool upgradesstables"`);
    }
    return comparator(a, aStart, aEnd, b, bStart, bEnd);
  };
}
