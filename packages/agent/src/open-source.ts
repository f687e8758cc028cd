import { localFiles, TableReader } from '@aeneas/cassandra';
import type { TableSource } from './job.ts';

let last: { readonly key: string; readonly reader: TableReader } | undefined;

/** The opened table of a job. A thread's jobs are mostly of one table, so the last one stays open: its small components are read once. */
export async function openSource({ table, dataFiles }: TableSource): Promise<TableReader> {
  const key = [table.keyspace, table.name, ...dataFiles].join('\n');
  if (last?.key !== key) {
    last = undefined;
    last = { key, reader: await TableReader.open(localFiles, table, dataFiles) };
  }
  return last.reader;
}
