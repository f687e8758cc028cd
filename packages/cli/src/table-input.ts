// What the inspecting commands share: from DIR arguments and --schema to an opened table.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { cassandraError, localFiles, loadTable, TableReader } from '@aeneas/cassandra';
import { parseTableName } from './table-name.ts';

export interface TableFlags {
  readonly table: string;
  readonly schema?: string;
  readonly now?: number;
}

/** Opens the table that the flags name in the directories. Throws TABLE_NOT_FOUND, SCHEMA_*, SSTABLE_*, FILE_UNREADABLE. */
export async function openTable(directories: readonly string[], flags: TableFlags): Promise<TableReader> {
  const schema = flags.schema === undefined ? {} : { schemaText: await readSchema(flags.schema) };
  const { table, dataFiles } = await loadTable({ files: localFiles, directories: directories.map((path) => resolve(path)), ...parseTableName(flags.table)!, ...schema });
  return TableReader.open(localFiles, table, dataFiles);
}

export function nowOf(flags: Pick<TableFlags, 'now'>): number {
  return flags.now ?? Math.floor(Date.now() / 1000);
}

export async function readSchema(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw cassandraError('FILE_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, error);
  });
}
