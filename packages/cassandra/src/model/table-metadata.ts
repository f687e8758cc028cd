import type { CqlType } from '../types/cql-type.ts';
import { RESERVED_WORDS } from './reserved-words.ts';

export type ColumnKind = 'partition_key' | 'clustering' | 'static' | 'regular';

export interface ColumnMetadata {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly type: CqlType;
  /** Position within the partition key or the clustering; -1 for others. */
  readonly position: number;
  /** CLUSTERING ORDER BY ... DESC. */
  readonly reversed: boolean;
}

/** A column that ALTER TABLE ... DROP removed: its cells up to that time are void, even if a column of that name was added again. */
export interface DroppedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly type: CqlType;
  readonly droppedTimeMicros: bigint;
}

/** A secondary index. What it says of a value (keys of a map, words of a text) is not kept. */
export interface IndexMetadata {
  readonly name: string;
  /** One, but for indexes of other makers. */
  readonly columns: readonly string[];
  /** Of a class of its own, such as SAI or SASI. */
  readonly isCustom: boolean;
}

/** What a materialized view has of its base table, by names of columns. */
export interface ViewMetadata {
  readonly name: string;
  readonly partitionKey: readonly string[];
  readonly clustering: readonly { readonly name: string; readonly reversed: boolean }[];
  /** Its other columns; undefined: all of the table. */
  readonly columns: readonly string[] | undefined;
  /** CQL conditions that leave rows out; undefined: it has every row in which its key columns are not null. */
  readonly filter: string | undefined;
}

export type Partitioner = 'murmur3' | 'random' | 'byte-ordered' | 'order-preserving';

/**
 * A table as its schema describes it. Column lists are in storage order: `staticColumns` and `regularColumns` have simple
 * columns before multi-cell ones, each group sorted by `compareColumnNames` (Cassandra's `Columns`).
 * A column's index in those lists is its *ordinal*: rows refer to columns by it.
 */
export interface TableMetadata {
  readonly keyspace: string;
  readonly name: string;
  /** Table id, 32 hex digits, where known. */
  readonly id?: string;
  readonly partitionKey: readonly ColumnMetadata[];
  readonly clustering: readonly ColumnMetadata[];
  readonly staticColumns: readonly ColumnMetadata[];
  readonly regularColumns: readonly ColumnMetadata[];
  readonly dropped: readonly DroppedColumn[];
  /**
   * COMPACT STORAGE without clustering and not dense ("static compact"): CQL shows one row per partition, made of the cells that
   * storage keeps as static ones; `clustering` and `regularColumns` describe the hidden column1/value and are not shown.
   */
  readonly isStaticCompact: boolean;
  /** Any COMPACT STORAGE table (dense, compound or static compact); its rows may have no liveness of their own. */
  readonly isCompact: boolean;
  readonly isDense: boolean;
  readonly isCompound: boolean;
  readonly isCounter: boolean;
  readonly isView: boolean;
  /**
   * A materialized view with a key column that is a regular one of its base: without primary key liveness a row of it is gone, live cells or
   * not (CASSANDRA-11500).
   */
  readonly enforcesStrictLiveness: boolean;
  readonly defaultTtlSeconds: number;
  /** Absent where there are none. */
  readonly indexes?: readonly IndexMetadata[];
  /** Materialized views of this table; absent where there are none. */
  readonly views?: readonly ViewMetadata[];
  /** Not all columns are listed: others that SSTables have are read over. So for schema tables, to which every version adds some. */
  readonly isPartial?: boolean;
}

/** `keyspace.table`, quoted as CQL would where needed. */
export function qualifiedName(table: { readonly keyspace: string; readonly name: string }): string {
  return `${quoteIdentifier(table.keyspace)}.${quoteIdentifier(table.name)}`;
}

/** A CQL identifier: bare when it is lower case and no reserved word, quoted otherwise. */
export function quoteIdentifier(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) && !RESERVED_WORDS.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/**
 * The order in which rows store columns of one kind. By the UTF-8 bytes of the name, but for an oddity that files are bound to: the
 * first six bytes are compared with the top bit of the first one flipped, so names that start outside ASCII come first.
 * Source: ColumnDefinition.comparisonOrder and ColumnIdentifier.prefixComparison, Cassandra 3.0 to 3.11.
 */
export function compareColumnNames(a: string, b: string): number {
  const aBytes = Buffer.from(a);
  const bBytes = Buffer.from(b);
  for (let i = 0; i < 6; i++) {
    const flip = i === 0 ? 0x80 : 0;
    const difference = ((aBytes[i] ?? 0) ^ flip) - ((bBytes[i] ?? 0) ^ flip);
    if (difference !== 0) return difference;
  }
  return Buffer.compare(aBytes, bBytes);
}
