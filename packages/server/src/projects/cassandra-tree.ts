// The tree of a live cluster: datacenters > racks > nodes, keyspaces > tables, views, types. Names are read at once; what is in a table when
// it is opened.

import type cassandra from 'cassandra-driver';
import { isSystemKeyspace } from '@aeneas/agent';
import type { TreeNode } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import { readModernTable, readModernType } from './cassandra-columns.ts';
import type { ShownField, ShownTable } from './cassandra-columns.ts';
import { readNodes, readRows } from './cassandra-connection.ts';
import type { CassandraSession, ClusterNode } from './cassandra-connection.ts';
import { branch, group, keyspaceNodes, tableNodes } from './tree.ts';
import type { ShownColumn } from './tree.ts';

/** Where names are kept: from 3.0 on in system_schema, before that in system. */
const SCHEMA_TABLES = {
  modern: { keyspaces: 'system_schema.keyspaces', tables: 'SELECT keyspace_name, table_name AS name FROM system_schema.tables', views: 'SELECT keyspace_name, view_name AS name FROM system_schema.views', types: 'SELECT keyspace_name, type_name AS name FROM system_schema.types' },
  legacy: { keyspaces: 'system.schema_keyspaces', tables: 'SELECT keyspace_name, columnfamily_name AS name FROM system.schema_columnfamilies', views: undefined, types: 'SELECT keyspace_name, type_name AS name FROM system.schema_usertypes' },
} as const;

/** Throws SOURCE_SCHEMA_REFUSED. */
export async function cassandraTree({ client, releaseVersion }: CassandraSession): Promise<TreeNode[]> {
  const queries = isBeforeThree(releaseVersion) ? SCHEMA_TABLES.legacy : SCHEMA_TABLES.modern;
  const names = async (query: string | undefined): Promise<Map<string, string[]>> => {
    const rows = query === undefined ? [] : await readRows(client, query);
    return Map.groupBy(rows.map((row) => ({ keyspace: String(row['keyspace_name']), name: String(row['name']) })), ({ keyspace }) => keyspace) as unknown as Map<string, string[]>;
  };
  const [nodes, keyspaces, tables, views, types] = await Promise.all([readNodes(client), readRows(client, `SELECT * FROM ${queries.keyspaces}`), names(queries.tables), names(queries.views), names(queries.types)]);
  const of = (found: Map<string, unknown[]>, keyspace: string): string[] => ((found.get(keyspace) ?? []) as { readonly name: string }[]).map(({ name }) => name);
  const shown = keyspaces.map((row) => ({ name: String(row['keyspace_name']), replication: replicationText(row) })).filter(({ name }) => !isSystemKeyspace(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [
    ...group('datacenters', 'Datacenters', datacenters(nodes)),
    ...branch({ kind: 'keyspaces', name: 'Keyspaces', detail: String(shown.length) }, shown.flatMap(({ name, replication }) => keyspaceNodes(name, replication, { tables: of(tables, name), views: of(views, name), types: of(types, name) }))),
  ];
}

function datacenters(nodes: readonly ClusterNode[]): TreeNode[][] {
  const sorted = (names: Iterable<string>): string[] => [...new Set(names)].toSorted();
  return sorted(nodes.map(({ datacenter }) => datacenter)).map((datacenter) => {
    const here = nodes.filter((node) => node.datacenter === datacenter);
    return branch({ kind: 'datacenter', name: datacenter, detail: here.length === 1 ? '1 node' : `${here.length} nodes` }, sorted(here.map(({ rack }) => rack)).flatMap((rack) =>
      branch({ kind: 'rack', name: rack }, here.filter((node) => node.rack === rack).flatMap(({ address, releaseVersion }) => branch({ kind: 'node', name: address, detail: `Cassandra ${releaseVersion}` })))));
  });
}

/** "SimpleStrategy, replication_factor 3": from 3.0 on a map, before that a class and JSON text. */
function replicationText(row: cassandra.types.Row): string {
  const options = (row['replication'] ?? { class: row['strategy_class'], ...JSON.parse(String(row['strategy_options'] ?? '{}')) as object }) as Record<string, string>;
  const { class: strategy = '', ...rest } = options;
  return [strategy.replace(/^.*\./, ''), ...Object.entries(rest).map(([key, value]) => `${key} ${value}`)].join(', ');
}

/** What is in a table, view or type. Throws SOURCE_SCHEMA_REFUSED. */
export async function describeCassandra(session: CassandraSession, kind: 'table' | 'view' | 'type', keyspace: string, name: string): Promise<TreeNode[]> {
  if (kind !== 'type') {
    const { columns, indexes } = await readTable(session, keyspace, name, kind);
    return tableNodes(columns, indexes);
  }
  const { client, releaseVersion } = session;
  const fields = await (isBeforeThree(releaseVersion) ? readLegacyType(client.metadata, keyspace, name) : readModernType(client, keyspace, name));
  return (fields ?? none(kind, keyspace, name)).map((field) => ({ depth: 0, kind: 'field', name: field.name, detail: field.type }));
}

/** The columns and secondary indexes of a table or view as CQL shows them. Throws SOURCE_SCHEMA_REFUSED. */
export async function readTable({ client, releaseVersion }: CassandraSession, keyspace: string, name: string, kind: 'table' | 'view' = 'table'): Promise<ShownTable> {
  return await (isBeforeThree(releaseVersion) ? readLegacyTable(client.metadata, keyspace, name) : readModernTable(client, kind, keyspace, name)) ?? none(kind, keyspace, name);
}

function none(kind: string, keyspace: string, name: string): never {
  throw serverError('SOURCE_SCHEMA_REFUSED', `There is no ${kind} ${keyspace}.${name} any more`);
}

function isBeforeThree(releaseVersion: string): boolean {
  return Number.parseInt(releaseVersion, 10) < 3;
}

// Before 3.0, through the driver, which knows how types and kinds of columns were kept then. There were no views.

async function readLegacyTable(metadata: cassandra.metadata.Metadata, keyspace: string, name: string): Promise<ShownTable | undefined> {
  const table = await metadata.getTable(keyspace, name).catch((error: unknown) => untold(keyspace, name, error));
  return table === null ? undefined : { columns: columnsOf(table), indexes: table.indexes };
}

async function readLegacyType(metadata: cassandra.metadata.Metadata, keyspace: string, name: string): Promise<ShownField[] | undefined> {
  const type = await metadata.getUdt(keyspace, name).catch((error: unknown) => untold(keyspace, name, error));
  return type?.fields.map((field) => ({ name: field.name, type: typeText(field.type) }));
}

function untold(keyspace: string, name: string, error: unknown): never {
  throw serverError('SOURCE_SCHEMA_REFUSED', `Cassandra does not tell of ${keyspace}.${name}: ${(error as Error).message}`, {}, error);
}

function columnsOf(table: cassandra.metadata.DataCollection): ShownColumn[] {
  const isKey = new Set([...table.partitionKeys, ...table.clusteringKeys].map(({ name }) => name));
  const column = (kind: ShownColumn['kind'], isDescending = false) => ({ name, type }: cassandra.metadata.ColumnInfo): ShownColumn => ({ name, type: typeText(type), kind, isDescending });
  return [
    ...table.partitionKeys.map(column('partition_key')),
    ...table.clusteringKeys.map((one, i) => column('clustering', table.clusteringOrder[i] === 'DESC')(one)),
    // A compact table without a value has a column without a name.
    ...table.columns.filter(({ name }) => name !== '' && !isKey.has(name)).map((one) => column((one as { readonly isStatic?: boolean }).isStatic === true ? 'static' : 'regular')(one)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ];
}

interface DriverType { readonly code: number; readonly info?: unknown; readonly options?: { readonly frozen?: boolean } }
const CODE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x01, 'ascii'], [0x02, 'bigint'], [0x03, 'blob'], [0x04, 'boolean'], [0x05, 'counter'], [0x06, 'decimal'], [0x07, 'double'], [0x08, 'float'], [0x09, 'int'], [0x0a, 'text'], [0x0b, 'timestamp'],
  [0x0c, 'uuid'], [0x0d, 'text'], [0x0e, 'varint'], [0x0f, 'timeuuid'], [0x10, 'inet'], [0x11, 'date'], [0x12, 'time'], [0x13, 'smallint'], [0x14, 'tinyint'], [0x15, 'duration'],
]);

/** Writes a type as CQL does. User types were always frozen, and the schema tables did not say so. Source: the type codes of the native protocol, and how the driver keeps what is in them. */
function typeText(type: unknown): string {
  const { code, info, options } = type as DriverType;
  const frozen = (plain: string): string => (options?.frozen === true ? `frozen<${plain}>` : plain);
  const inner = (parts: unknown): string => (parts as readonly unknown[]).map(typeText).join(', ');
  if (code === 0x20) return frozen(`list<${typeText(info)}>`);
  if (code === 0x21) return frozen(`map<${inner(info)}>`);
  if (code === 0x22) return frozen(`set<${typeText(info)}>`);
  if (code === 0x30) return `frozen<${(info as { readonly name: string }).name}>`;
  if (code === 0x31) return `frozen<tuple<${inner(info)}>>`;
  return CODE_NAMES.get(code) ?? (typeof info === 'string' ? `'${info.replace(/^org\.apache\.cassandra\.db\.marshal\./, '')}'` : 'custom');
}
