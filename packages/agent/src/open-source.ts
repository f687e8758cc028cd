import { TableReader } from '@aeneas/cassandra';
import type { FileSystem } from '@aeneas/cassandra';
import type { TableSource } from './job.ts';

let last: { readonly key: string; readonly reader: TableReader } | undefined;

/**
 * The opened table of a job. A thread's jobs are mostly of one table, so the last one stays open: its small components are read once.
 * Its key has the whole schema, because two tasks of a server may see one table before and after an ALTER.
 */
export async function openSource({ table, dataFiles }: TableSource, files: FileSystem): Promise<TableReader> {
  const key = JSON.stringify([table, dataFiles], (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  if (last?.key !== key) {
    last = undefined;
    last = { key, reader: await TableReader.open(files, table, dataFiles) };
  }
  return last.reader;
}
