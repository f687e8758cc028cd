// The schema that nodes of 2.1 and 2.2 keep in tables of the keyspace system: columns as Thrift knew them, types as marshal class names.
// Later versions lay compact tables out anew when they take such a schema over; so it is done here, and everything after knows one layout.
// As with system_schema, rows of several nodes merge as those of any table.
//
// Source: LegacySchemaTables of Cassandra 2.2, LegacySchemaMigrator of 3.11.

import { cassandraError } from '../errors.ts';
import { qualifiedName, quoteIdentifier } from '../model/table-metadata.ts';
import type { ColumnKind, ColumnMetadata, DroppedColumn, IndexMetadata, TableMetadata } from '../model/table-metadata.ts';
import { frozen } from '../types/cql-type.ts';
import type { CqlType, OrderedType } from '../types/cql-type.ts';
import { parseMarshalType } from '../types/parse-marshal-type.ts';
import { sortedByName } from './cql-index.ts';
import { parseCqlSchema } from './cql-parser.ts';
import { tableOfCql } from './cql-schema.ts';
import { SchemaRow } from './schema-row.ts';
import type { ReadRows } from './system-schema.ts';
import { buildTable, compactLayout } from './table-builder.ts';

export const LEGACY_KEYSPACE = 'system';
const LEGACY_TABLES = ['schema_columnfamilies', 'schema_columns'] as const;

/** What of both versions' columns matters; the others are read over, as those of all tables of this keyspace. */
const TEXT = `
CREATE TABLE schema_columnfamilies (keyspace_name text, columnfamily_name text, cf_id uuid, comparator text, default_time_to_live int,
  default_validator text, dropped_columns map<text, bigint>, is_dense boolean, type text, PRIMARY KEY (keyspace_name, columnfamily_name));
CREATE TABLE schema_columns (keyspace_name text, columnfamily_name text, column_name text, component_index int, index_name text, index_type text, type text, validator text,
  PRIMARY KEY (keyspace_name, columnfamily_name, column_name));`;

/** Whether a table of the keyspace system is part of the schema. */
export function isLegacySchemaTable(name: string): boolean {
  return (LEGACY_TABLES as readonly string[]).includes(name);
}

interface TableRows {
  table: SchemaRow | undefined;
  readonly columns: SchemaRow[];
}

/** Understood only when a table is asked for, so that a damaged one does not hide the others. */
export class LegacySchema {
  readonly #tables = new Map<string, TableRows>();

  static async read(readRows: ReadRows): Promise<LegacySchema> {
    const schema = new LegacySchema();
    for (const name of LEGACY_TABLES) {
      const table = tableOfCql(parseCqlSchema(TEXT, LEGACY_KEYSPACE), LEGACY_KEYSPACE, name)!;
      for await (const row of readRows(table)) schema.#add(new SchemaRow(LEGACY_KEYSPACE, name, row));
    }
    return schema;
  }

  #add(row: SchemaRow): void {
    const key = qualifiedName(nameOf(row));
    let rows = this.#tables.get(key);
    if (rows === undefined) this.#tables.set(key, rows = { table: undefined, columns: [] });
    if (row.table === 'schema_columns') rows.columns.push(row);
    else rows.table = row;
  }

  list(): { keyspace: string; name: string; isView: boolean }[] {
    return [...this.#tables.values()].flatMap(({ table }) => (table ? [{ ...nameOf(table), isView: false }] : []));
  }

  has(keyspace: string, name: string): boolean {
    return this.#tables.get(qualifiedName({ keyspace, name }))?.table !== undefined;
  }

  /** One table; undefined when there is none. Throws SCHEMA_INVALID when its rows contradict each other, SSTABLE_UNSUPPORTED for super columns. */
  table(keyspace: string, name: string): TableMetadata | undefined {
    const { table: row, columns } = this.#tables.get(qualifiedName({ keyspace, name })) ?? {};
    if (row === undefined || columns === undefined) return undefined;
    if (row.has('type') && row.text('type').toLowerCase() === 'super') throw cassandraError('SSTABLE_UNSUPPORTED', `${qualifiedName({ keyspace, name })} has super columns`);
    const comparator = parse(row, 'comparator').type;
    const isCompound = comparator.kind === 'composite';
    const isDense = row.flag('is_dense') !== false && looksDense(comparator, columns);
    const isCounter = parse(row, 'default_validator').type.kind === 'counter';
    const declared = columns.filter((column) => isDeclared(column, isDense, isCompound)).map((column) => columnOf(column, !isDense && !isCompound));
    const isCompact = isDense || !isCompound;
    const built = buildTable({
      keyspace,
      name,
      id: row.has('cf_id') ? row.text('cf_id').replaceAll('-', '').toLowerCase() : undefined,
      columns: isCompact ? [...declared, ...hiddenColumns(declared, comparator, parse(row, 'default_validator').type, isCounter)] : declared,
      dropped: droppedColumns(row, declared),
      flags: { isDense, isCompound, isCounter, isSuper: false },
      baseKey: undefined,
      defaultTtlSeconds: row.has('default_time_to_live') ? Number(row.integer('default_time_to_live')) : 0,
    });
    return { ...built, ...sortedByName('indexes', columns.flatMap((column) => indexOf(column) ?? [])) };
  }
}

function indexOf(column: SchemaRow): IndexMetadata | undefined {
  if (!column.has('index_name')) return undefined;
  return { name: column.text('index_name'), columns: [column.text('column_name')], isCustom: column.has('index_type') && column.text('index_type').toLowerCase() === 'custom' };
}

function nameOf(row: SchemaRow): { keyspace: string; name: string } {
  return { keyspace: row.text('keyspace_name'), name: row.text('columnfamily_name') };
}

function parse(row: SchemaRow, column: string): OrderedType {
  const { type, reversed } = parseMarshalType(row.text(column));
  // User types were frozen, and did not say so.
  return { type: type.kind === 'udt' ? frozen(type) : type, reversed };
}

/** "Dense" was written for tables that are not (CASSANDRA-11502); they show by a regular column, or a comparator with more than the clustering. */
function looksDense(comparator: CqlType, columns: readonly SchemaRow[]): boolean {
  if (columns.some((column) => kindText(column) === 'regular')) return false;
  const positions = columns.filter((column) => kindText(column) === 'clustering_key').map(positionOf);
  const components = comparator.kind === 'composite' ? comparator.elements.length : 1;
  if (positions.length > 0) return Math.max(...positions) === components - 1;
  // PRIMARY KEY (k) and nothing else.
  return !(comparator.kind === 'composite' && components === 1 && comparator.elements[0].kind === 'text');
}

/** Not what a table that is not dense after all has too much, nor the value column of no name. */
function isDeclared(column: SchemaRow, isDense: boolean, isCompound: boolean): boolean {
  const kind = kindText(column);
  if (kind === 'compact_value') return isDense && column.text('column_name') !== '';
  return kind !== 'clustering_key' || isDense || isCompound;
}

const KINDS: Readonly<Record<string, ColumnKind>> = {
  partition_key: 'partition_key', clustering_key: 'clustering', static: 'static', regular: 'regular', compact_value: 'regular',
};

function columnOf(row: SchemaRow, isStaticCompact: boolean): ColumnMetadata {
  const name = row.text('column_name');
  const kind = KINDS[kindText(row)];
  if (kind === undefined) throw row.invalid(`type "${kindText(row)}" of column ${quoteIdentifier(name)}`);
  const isKey = kind === 'partition_key' || kind === 'clustering';
  const { type, reversed } = parse(row, 'validator');
  return { name, kind: isStaticCompact && kind === 'regular' ? 'static' : kind, type, position: isKey ? positionOf(row) : -1, reversed: kind === 'clustering' && reversed };
}

function kindText(row: SchemaRow): string {
  return row.text('type').toLowerCase();
}

/** A partition key of one column had none. */
function positionOf(row: SchemaRow): number {
  return row.has('component_index') ? Number(row.integer('component_index')) : 0;
}

/** See `compactLayout`; a table that Thrift made has other types there. */
function hiddenColumns(declared: readonly ColumnMetadata[], comparator: CqlType, value: CqlType, isCounter: boolean): ColumnMetadata[] {
  const count = (kind: ColumnKind): number => declared.filter((column) => column.kind === kind).length;
  const { hidden } = compactLayout({ names: new Set(declared.map(({ name }) => name)), clusteringCount: count('clustering'), valueCount: count('regular'), isCounter });
  return hidden.map(({ name, kind, type }): ColumnMetadata => ({
    name, kind, reversed: false,
    type: kind === 'clustering' ? comparator : type === 'empty' ? { kind: 'empty' } : value,
    position: kind === 'clustering' ? 0 : -1,
  }));
}

/** Times by name; the types were not kept, and are not needed: the bytes are never shown. */
function droppedColumns(row: SchemaRow, declared: readonly ColumnMetadata[]): DroppedColumn[] {
  return row.pairs('dropped_columns').map(([name, droppedTimeMicros]) => ({
    name, kind: declared.find((column) => column.name === name)?.kind ?? 'regular', type: { kind: 'blob' }, droppedTimeMicros: BigInt(droppedTimeMicros),
  }));
}
