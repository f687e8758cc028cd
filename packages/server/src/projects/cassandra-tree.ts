// The tree of a live cluster: datacenters > racks > nodes, keyspaces > tables, views, types. Names are read at once; what is in a table when
// it is opened, through the driver's metadata, which knows the schema tables of all versions.

import type cassandra from 'cassandra-driver';
import { isSystemKeyspace } from '@aeneas/agent';
import type { TreeNode } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
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

/** What is in a table, view or type. Throws SOURCE_SCHEMA_REFUSED, CONNECTION_UNKNOWN. */
export async function describeCassandra({ client, releaseVersion }: CassandraSession, kind: 'table' | 'view' | 'type', keyspace: string, name: string): Promise<TreeNode[]> {
  const { metadata } = client;
  const typeText = typeTextOf(isBeforeThree(releaseVersion));
  try {
    if (kind === 'type') {
      const type = await metadata.getUdt(keyspace, name);
      if (type !== null) return type.fields.map((field) => ({ depth: 0, kind: 'field' as const, name: field.name, detail: typeText(field.type) }));
    } else {
      const table = kind === 'table' ? await metadata.getTable(keyspace, name) : await (metadata.getMaterializedView as ReadView).call(metadata, keyspace, name);
      if (table !== null) return tableNodes(columnsOf(table, typeText), 'indexes' in table ? (table.indexes as { name: string; target: string }[]).map((index) => ({ name: index.name, target: index.target })) : []);
    }
  } catch (error) {
    throw serverError('SOURCE_SCHEMA_REFUSED', `Cassandra does not tell of ${keyspace}.${name}: ${(error as Error).message}`, {}, error);
  }
  throw serverError('SOURCE_SCHEMA_REFUSED', `There is no ${kind} ${keyspace}.${name} any more`);
}

/** The columns and secondary indexes of a table as CQL shows them. Throws SOURCE_SCHEMA_REFUSED. */
export async function readTable({ client: { metadata }, releaseVersion }: CassandraSession, keyspace: string, name: string): Promise<{ readonly columns: ShownColumn[]; readonly indexes: readonly { readonly name: string; readonly target: string }[] }> {
  const table = await metadata.getTable(keyspace, name).catch((error: unknown) => {
    throw serverError('SOURCE_SCHEMA_REFUSED', `Cassandra does not tell of ${keyspace}.${name}: ${(error as Error).message}`, {}, error);
  });
  if (table === null) throw serverError('SOURCE_SCHEMA_REFUSED', `There is no table ${keyspace}.${name} any more`);
  return { columns: columnsOf(table, typeTextOf(isBeforeThree(releaseVersion))), indexes: table.indexes };
}

/** The driver's declaration forgets that it may be called without a callback. */
type ReadView = (keyspace: string, name: string) => Promise<cassandra.metadata.MaterializedView | null>;

function columnsOf(table: cassandra.metadata.DataCollection, typeText: TypeText): ShownColumn[] {
  const isKey = new Set([...table.partitionKeys, ...table.clusteringKeys].map(({ name }) => name));
  const column = (kind: ShownColumn['kind'], isDescending = false) => ({ name, type }: cassandra.metadata.ColumnInfo): ShownColumn => ({ name, type: typeText(type), kind, isDescending });
  return [
    ...table.partitionKeys.map(column('partition_key')),
    ...table.clusteringKeys.map((one, i) => column('clustering', table.clusteringOrder[i] === 'DESC')(one)),
    ...table.columns.filter(({ name }) => !isKey.has(name)).map((one) => column((one as { readonly isStatic?: boolean }).isStatic === true ? 'static' : 'regular')(one)).toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  ];
}

interface DriverType { readonly code: number; readonly info?: unknown; readonly options?: { readonly frozen?: boolean } }
const CODE_NAMES: ReadonlyMap<number, string> = new Map([
  [0x01, 'ascii'], [0x02, 'bigint'], [0x03, 'blob'], [0x04, 'boolean'], [0x05, 'counter'], [0x06, 'decimal'], [0x07, 'double'], [0x08, 'float'], [0x09, 'int'], [0x0a, 'text'], [0x0b, 'timestamp'],
  [0x0c, 'uuid'], [0x0d, 'text'], [0x0e, 'varint'], [0x0f, 'timeuuid'], [0x10, 'inet'], [0x11, 'date'], [0x12, 'time'], [0x13, 'smallint'], [0x14, 'tinyint'], [0x15, 'duration'],
]);

type TypeText = (type: unknown) => string;

function isBeforeThree(releaseVersion: string): boolean {
  return Number.parseInt(releaseVersion, 10) < 3;
}

/**
 * Writes a type as CQL does. Source: the type codes of the native protocol, and how the driver keeps what is in them.
 * @param areTypesFrozen before 3.0 user types were always frozen, and the schema tables did not say so.
 */
function typeTextOf(areTypesFrozen: boolean): TypeText {
  const text: TypeText = (type) => {
    const { code, info, options } = type as DriverType;
    const frozen = (plain: string, isFrozen = options?.frozen === true): string => (isFrozen ? `frozen<${plain}>` : plain);
    const inner = (parts: unknown): string => (parts as readonly unknown[]).map(text).join(', ');
    if (code === 0x20) return frozen(`list<${text(info)}>`);
    if (code === 0x21) return frozen(`map<${inner(info)}>`);
    if (code === 0x22) return frozen(`set<${text(info)}>`);
    if (code === 0x30) return frozen((info as { readonly name: string }).name, areTypesFrozen || options?.frozen === true);
    if (code === 0x31) return frozen(`tuple<${inner(info)}>`, true);
    if (code === 0 && Array.isArray(info) && info.length === 2 && typeof info[1] === 'number') return `vector<${text(info[0])}, ${info[1]}>`;
    return CODE_NAMES.get(code) ?? (typeof info === 'string' ? `'${info.replace(/^org\.apache\.cassandra\.db\.marshal\./, '')}'` : 'custom');
  };
  return text;
}
