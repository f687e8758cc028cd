// The schema of one table of a live cluster, in the form in which the reader of files has it: through the CQL that would make it.

import { parseCqlSchema, quoteIdentifier, tableOfCql } from '@aeneas/cassandra';
import type { LoadedTable } from '@aeneas/cassandra';
import type { TreeNode } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { CassandraSession } from './cassandra-connection.ts';
import { describeCassandra, readTable } from './cassandra-tree.ts';
import type { ShownColumn } from './tree.ts';

/** @param nodes of the cluster's tree, which names the user types. Throws SOURCE_SCHEMA_REFUSED, SCHEMA_INVALID. */
export async function loadCassandraTable(session: CassandraSession, nodes: readonly TreeNode[], keyspace: string, name: string): Promise<LoadedTable> {
  const { columns, indexes } = await readTable(session, keyspace, name);
  const types = await Promise.all(typesOf(nodes, keyspace).map(async (type) => ({ name: type, fields: await describeCassandra(session, 'type', keyspace, type) })));
  const table = tableOfCql(parseCqlSchema(ddlOf(keyspace, name, { columns, indexes, types }), keyspace), keyspace, name);
  if (table === undefined) throw serverError('SOURCE_SCHEMA_REFUSED', `What Cassandra tells of ${keyspace}.${name} is no table`);
  return { table, dataFiles: [] };
}

function typesOf(nodes: readonly TreeNode[], keyspace: string): string[] {
  const from = nodes.findIndex(({ kind, name }) => kind === 'keyspace' && name === keyspace);
  const rest = nodes.slice(from + 1);
  const end = rest.findIndex(({ kind }) => kind === 'keyspace');
  return (end < 0 ? rest : rest.slice(0, end)).filter(({ kind }) => kind === 'type').map(({ name }) => name);
}

interface CqlParts {
  readonly columns: readonly ShownColumn[];
  /** `target` as CQL writes it. */
  readonly indexes: readonly { readonly name: string; readonly target: string }[];
  readonly types: readonly { readonly name: string; readonly fields: readonly { readonly name: string; readonly detail?: string | undefined }[] }[];
}

/** CREATE TABLE as CQL shows the table, after the types of its keyspace. */
export function ddlOf(keyspace: string, name: string, { columns, indexes, types }: CqlParts): string {
  const q = quoteIdentifier;
  const ofKind = (kind: ShownColumn['kind']): ShownColumn[] => columns.filter((column) => column.kind === kind);
  const names = (kind: ShownColumn['kind']): string => ofKind(kind).map((column) => q(column.name)).join(', ');
  const clustering = ofKind('clustering');
  const order = clustering.map((column) => `${q(column.name)} ${column.isDescending ? 'DESC' : 'ASC'}`).join(', ');
  return [
    ...types.map(({ name: type, fields }) => `CREATE TYPE ${q(keyspace)}.${q(type)} (${fields.map((field) => `${q(field.name)} ${field.detail ?? ''}`).join(', ')});`),
    `CREATE TABLE ${q(keyspace)}.${q(name)} (${columns.map((column) => `${q(column.name)} ${column.type}${column.kind === 'static' ? ' static' : ''}`).join(', ')}, `
      + `PRIMARY KEY ((${names('partition_key')})${clustering.length === 0 ? '' : `, ${names('clustering')}`}))${order === '' ? '' : ` WITH CLUSTERING ORDER BY (${order})`};`,
    ...indexes.map((index) => `CREATE INDEX ${q(index.name)} ON ${q(keyspace)}.${q(name)} (${index.target});`),
  ].join('\n');
}
