// What is in tables, views and types of a cluster from 3.0 on, as its system_schema says it: types are CQL text there. The driver's own reading
// of them stumbles over vectors of user types.

import type cassandra from 'cassandra-driver';
import { readRows } from './cassandra-connection.ts';
import type { ShownColumn } from './tree.ts';

type SchemaRow = Readonly<Record<string, unknown>>;

export interface ShownTable {
  readonly columns: ShownColumn[];
  readonly indexes: readonly { readonly name: string; readonly target: string }[];
}

/** Of a user type; its type as CQL text. */
export interface ShownField {
  readonly name: string;
  readonly type: string;
}

/** Undefined when there is none. Throws SOURCE_SCHEMA_REFUSED. */
export async function readModernTable(client: cassandra.Client, kind: 'table' | 'view', keyspace: string, name: string): Promise<ShownTable | undefined> {
  const read = (table: string): Promise<readonly SchemaRow[]> => rowsOf(client, table, keyspace, 'table_name', name);
  const [columns, tables, indexes] = await Promise.all([read('columns'), kind === 'table' ? read('tables') : [], kind === 'table' ? read('indexes') : []]);
  if (columns.length === 0) return undefined;
  return {
    columns: shownColumns(columns, kind === 'table' ? texts(tables[0]?.['flags']) : ['compound']),
    indexes: indexes.map((row) => ({ name: String(row['index_name']), target: (row['options'] as Readonly<Record<string, string>>)['target'] ?? '' })),
  };
}

/** Undefined when there is none. Throws SOURCE_SCHEMA_REFUSED. */
export async function readModernType(client: cassandra.Client, keyspace: string, name: string): Promise<ShownField[] | undefined> {
  const [row] = await rowsOf(client, 'types', keyspace, 'type_name', name);
  if (row === undefined) return undefined;
  const types = texts(row['field_types']);
  return texts(row['field_names']).map((field, i) => ({ name: field, type: typeText(types[i] ?? '') }));
}

function rowsOf(client: cassandra.Client, table: string, keyspace: string, key: string, name: string): Promise<readonly SchemaRow[]> {
  return readRows(client, `SELECT * FROM system_schema.${table} WHERE keyspace_name = ${quoted(keyspace)} AND ${key} = ${quoted(name)}`);
}

/** Keys in their order, then the others by name, without those that only the storage of compact tables has. `flags` are the table's. */
export function shownColumns(rows: readonly SchemaRow[], flags: readonly string[]): ShownColumn[] {
  const isPlain = !['super', 'dense', 'compound'].some((flag) => flags.includes(flag));
  const columns = rows.map((row) => ({
    name: String(row['column_name']), type: typeText(String(row['type'])), kind: row['kind'] as ShownColumn['kind'], isDescending: row['clustering_order'] === 'desc', position: Number(row['position']),
  }));
  // COMPACT STORAGE without clustering is kept as static columns beside a clustering and a value that nobody declared.
  const declared = isPlain ? columns.flatMap((one) => (one.kind === 'partition_key' ? one : one.kind === 'static' ? { ...one, kind: 'regular' as const } : [])) : columns.filter(({ kind, type }) => kind !== 'regular' || type !== 'empty');
  const keys = (kind: ShownColumn['kind']) => declared.filter((one) => one.kind === kind).toSorted((a, b) => a.position - b.position);
  const others = declared.filter(({ kind }) => kind === 'static' || kind === 'regular').toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [...keys('partition_key'), ...keys('clustering'), ...others].map(({ name, type, kind, isDescending }) => ({ name, type, kind, isDescending }));
}

/** A type that Cassandra has no CQL for is the name of its class. */
function typeText(type: string): string {
  return type.replaceAll('org.apache.cassandra.db.marshal.', '');
}

function texts(list: unknown): readonly string[] {
  return [...(list ?? []) as Iterable<string>];
}

function quoted(name: string): string {
  return `'${name.replaceAll('\'', '\'\'')}'`;
}
