// The production path behind `aeneas sstable dump`, within this process: hundreds of tables would take minutes as processes.

import { TableReader, dumpTable } from '@aeneas/cassandra';
import type { FileSystem, TableCatalogue } from '@aeneas/cassandra';
import type { NeutralRow } from './fixture-tables.ts';

/** A table's live rows at a moment, as lines of JSON. */
export async function readLines(files: FileSystem, catalogue: TableCatalogue, keyspace: string, name: string, nowSeconds: number): Promise<string[]> {
  const { table, dataFiles } = await catalogue.load({ keyspace, name });
  const reader = await TableReader.open(files, table, dataFiles);
  let text = '';
  await dumpTable(reader, nowSeconds, (bytes) => {
    text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  });
  return linesOf(text);
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

export function rowsOf(lines: readonly string[]): NeutralRow[] {
  return lines.map((line) => JSON.parse(line) as NeutralRow);
}
