// TableMetadata from its parts, in the order in which Cassandra 3.x stores columns; and what storage makes of COMPACT STORAGE.
//
// Storage knows compact tables as the Thrift layout: a clustering and one value column, always, and every declared column static
// when there was no clustering. So CQL and storage see different columns (docs/formats/schema.md has the table):
//
//   CREATE TABLE ... WITH COMPACT STORAGE       dense  compound   stored as
//   PRIMARY KEY (k), columns a, b               no     no         a, b static; clustering column1 text; regular value blob (or counter)
//   PRIMARY KEY (k, c), column v or none        yes    no         clustering c; regular v, or value of type empty
//   PRIMARY KEY (k, c, d, ...), v or none       yes    yes        clustering c, d, ...; regular v, or value of type empty
//
// Source: CreateTableStatement, CompactTables, CFMetaData, Columns of Cassandra 3.11.

import { cassandraError } from '../errors.ts';
import { isMultiCell } from '../types/cql-type.ts';
import { compareColumnNames, qualifiedName } from '../model/table-metadata.ts';
import type { ColumnMetadata, DroppedColumn, TableMetadata } from '../model/table-metadata.ts';

/** `system_schema.tables.flags`: how storage lays the table out. */
export interface StorageFlags {
  readonly isDense: boolean;
  readonly isCompound: boolean;
  readonly isCounter: boolean;
  /** A Thrift super column family. */
  readonly isSuper: boolean;
}

/** A table before its columns are put in order: all columns that storage has, hidden ones too. */
export interface TableParts {
  readonly keyspace: string;
  readonly name: string;
  readonly id?: string | undefined;
  readonly columns: readonly ColumnMetadata[];
  readonly dropped: readonly DroppedColumn[];
  readonly flags: StorageFlags;
  /** Key columns of a materialized view's base table; undefined for a table. */
  readonly baseKey: ReadonlySet<string> | undefined;
  readonly defaultTtlSeconds: number;
}

/** Sorts the columns into storage order. Throws SCHEMA_INVALID when they cannot be a table. */
export function buildTable(parts: TableParts): TableMetadata {
  const { isDense, isCompound, isCounter, isSuper } = parts.flags;
  const ofKind = (kind: ColumnMetadata['kind']): ColumnMetadata[] => parts.columns.filter((column) => column.kind === kind);
  const table: TableMetadata = {
    keyspace: parts.keyspace,
    name: parts.name,
    ...(parts.id === undefined ? {} : { id: parts.id }),
    partitionKey: ofKind('partition_key').sort(byPosition),
    clustering: ofKind('clustering').sort(byPosition),
    staticColumns: ofKind('static').sort(byStorageOrder),
    regularColumns: ofKind('regular').sort(byStorageOrder),
    dropped: parts.dropped.toSorted((a, b) => compareColumnNames(a.name, b.name)),
    isStaticCompact: !isSuper && !isDense && !isCompound,
    isCompact: isSuper || isDense || !isCompound,
    isDense,
    isCompound,
    isCounter,
    isView: parts.baseKey !== undefined,
    enforcesStrictLiveness: parts.baseKey !== undefined && parts.columns.some(({ kind, name }) => isKeyKind(kind) && !parts.baseKey?.has(name)),
    defaultTtlSeconds: parts.defaultTtlSeconds,
  };
  check(table);
  return table;
}

/** Whether columns of this kind make up the primary key. */
export function isKeyKind(kind: ColumnMetadata['kind']): boolean {
  return kind === 'partition_key' || kind === 'clustering';
}

function check(table: TableMetadata): void {
  const fail = (what: string): never => {
    throw cassandraError('SCHEMA_INVALID', `Table ${qualifiedName(table)} ${what}`);
  };
  const { partitionKey, clustering, staticColumns, regularColumns } = table;
  if (partitionKey.length === 0) fail('has no partition key column');
  for (const key of [partitionKey, clustering]) {
    if (key.some((column, i) => column.position !== i)) fail(`has key columns at positions ${key.map((column) => column.position).join(', ')}`);
  }
  const seen = new Set<string>();
  for (const { name } of [...partitionKey, ...clustering, ...staticColumns, ...regularColumns]) {
    if (seen.has(name)) fail(`has two columns "${name}"`);
    seen.add(name);
  }
  // Not checked: that a compact table has one value column. Up to 3.11.2 a node without assertions let ALTER TABLE add more.
  if (table.isCompact && clustering.length === 0) fail('is compact but has no clustering column');
}

function byPosition(a: ColumnMetadata, b: ColumnMetadata): number {
  return a.position - b.position;
}

function byStorageOrder(a: ColumnMetadata, b: ColumnMetadata): number {
  return Number(isMultiCell(a.type)) - Number(isMultiCell(b.type)) || compareColumnNames(a.name, b.name);
}


/** A column that storage adds to a compact table and CQL does not show. */
export interface HiddenColumn {
  readonly name: string;
  readonly kind: 'clustering' | 'regular';
  readonly type: 'text' | 'blob' | 'counter' | 'empty';
}

export interface CompactLayout {
  readonly isDense: boolean;
  readonly isCompound: boolean;
  /** The declared columns that are not in the key are stored as static. */
  readonly isStaticCompact: boolean;
  readonly hidden: readonly HiddenColumn[];
}

/** What storage makes of a table that is declared WITH COMPACT STORAGE. */
export function compactLayout(declared: { readonly names: ReadonlySet<string>; readonly clusteringCount: number; readonly valueCount: number; readonly isCounter: boolean }): CompactLayout {
  const isDense = declared.clusteringCount > 0;
  const isCompound = declared.clusteringCount > 1;
  if (isDense) {
    const hidden: HiddenColumn[] = declared.valueCount > 0 ? [] : [{ name: unusedName('value', 0, declared.names), kind: 'regular', type: 'empty' }];
    return { isDense, isCompound, isStaticCompact: false, hidden };
  }
  const hidden: HiddenColumn[] = [
    { name: unusedName('column', 1, declared.names), kind: 'clustering', type: 'text' },
    { name: unusedName('value', 0, declared.names), kind: 'regular', type: declared.isCounter ? 'counter' : 'blob' },
  ];
  return { isDense, isCompound, isStaticCompact: true, hidden };
}

/** column1, column2, ... or value, value1, ...: the first that no declared column has. */
function unusedName(stem: string, first: number, used: ReadonlySet<string>): string {
  for (let i = first; ; i++) {
    const name = i === 0 ? stem : `${stem}${i}`;
    if (!used.has(name)) return name;
  }
}

/**
 * The table as CQL shows it: a static compact table's stored static columns are its regular ones and its hidden clustering and
 * value are gone; so is a dense table's value of type `empty`. Ordinals of the shown columns are those of storage: `regularColumns`
 * of a static compact view index the stored `staticColumns`. Other tables are returned as they are.
 */
export function cqlView(table: TableMetadata): TableMetadata {
  if (table.isStaticCompact) {
    const regularColumns = table.staticColumns.map((column): ColumnMetadata => ({ ...column, kind: 'regular' }));
    return { ...table, clustering: [], staticColumns: [], regularColumns, isStaticCompact: false };
  }
  if (!table.isDense || table.regularColumns.every((column) => column.type.kind !== 'empty')) return table;
  return { ...table, regularColumns: table.regularColumns.filter((column) => column.type.kind !== 'empty') };
}
