// The tree of a source that is files: the same as of a live cluster, from the schema tables among the files. Datacenters are no part of
// them. The files are read on the server's machine.

import { readFile } from 'node:fs/promises';
import { isSystemKeyspace } from '@aeneas/agent';
import { cassandraError, columnTypeText, cqlView, localFiles, TableCatalogue } from '@aeneas/cassandra';
import type { SSTableSource, TreeNode } from '@aeneas/protocol';
import { branch, keyspaceNodes, tableNodes } from './tree.ts';
import type { ShownColumn } from './tree.ts';

/** Directories are absolute. Throws SCHEMA_*, SSTABLE_*, FILE_UNREADABLE. */
export async function openDirectories({ directories, schema }: SSTableSource): Promise<TableCatalogue> {
  for (const directory of directories) {
    if ((await localFiles.kind(directory)) === undefined) throw cassandraError('FILE_UNREADABLE', 'There is nothing', { file: directory });
  }
  const schemaText = schema === undefined ? undefined : await readFile(schema, 'utf8').catch((error: unknown) => {
    throw cassandraError('FILE_UNREADABLE', `Cannot read the schema: ${(error as Error).message}`, { file: schema }, error);
  });
  return TableCatalogue.open({ files: localFiles, directories, ...(schemaText === undefined ? {} : { schemaText }) });
}

export function sstableTree(catalogue: TableCatalogue): TreeNode[] {
  const all = catalogue.list().filter(({ keyspace }) => !isSystemKeyspace(keyspace));
  const keyspaces = Map.groupBy(all, ({ keyspace }) => keyspace);
  return branch({ kind: 'keyspaces', name: 'Keyspaces', detail: String(keyspaces.size) }, [...keyspaces].flatMap(([keyspace, tables]) => keyspaceNodes(keyspace, undefined, {
    tables: tables.filter(({ isView }) => !isView).map(({ name }) => name), views: tables.filter(({ isView }) => isView).map(({ name }) => name), types: catalogue.types(keyspace).map(({ name }) => name),
  })));
}

/** What is in a table, view or type. Throws TABLE_*, SCHEMA_*, SSTABLE_*, FILE_UNREADABLE. */
export async function describeSSTables(catalogue: TableCatalogue, kind: 'table' | 'view' | 'type', keyspace: string, name: string): Promise<TreeNode[]> {
  if (kind === 'type') {
    return (catalogue.types(keyspace).find((type) => type.name === name)?.fields ?? []).map((field) => ({ depth: 0, kind: 'field' as const, name: field.name, detail: field.type }));
  }
  const { table, dataFiles } = await catalogue.load({ keyspace, name });
  const { partitionKey, clustering, staticColumns, regularColumns } = cqlView(table);
  const columns = [...partitionKey, ...clustering, ...[...staticColumns, ...regularColumns].toSorted((a, b) => (a.name < b.name ? -1 : 1))]
    .map((column): ShownColumn => ({ name: column.name, type: columnTypeText(column.type), kind: column.kind, isDescending: column.reversed }));
  return [...tableNodes(columns, []), { depth: 0, kind: 'fact', name: 'SSTables', detail: String(dataFiles.length) }];
}
