// The production path behind `aeneas items`, within this process.

import { END, PENDING, TableReader } from '@aeneas/cassandra';
import type { FileSystem, TableCatalogue } from '@aeneas/cassandra';
import { DEFAULT_MAPPING, ITEM, ItemCursor, ItemEncoder, planTable } from '@aeneas/dynamodb';
import type { Mapping } from '@aeneas/dynamodb';
import type { Item } from '../decoder/item-decoder.ts';
import type { Neutral } from '../decoder/decode-attribute.ts';
import { linesOf } from './read-table.ts';

/** A row that has no item (docs/MAPPING.md, "Rejected rows"). */
export interface RejectedRow {
  readonly table: string;
  readonly reason: string;
  readonly column?: string;
  readonly detail: string;
  readonly key: Readonly<Record<string, Neutral>>;
}

export interface TableItems {
  readonly items: readonly Item[];
  readonly rejected: readonly RejectedRow[];
}

export async function readItems(files: FileSystem, catalogue: TableCatalogue, keyspace: string, name: string, nowSeconds: number, mapping: Mapping = DEFAULT_MAPPING): Promise<TableItems> {
  const { table, dataFiles } = await catalogue.load({ keyspace, name });
  const reader = await TableReader.open(files, table, dataFiles);
  const encoder = new ItemEncoder(planTable(table, mapping), undefined, { asLines: true });
  const cursor = new ItemCursor(await reader.liveRows({ nowSeconds }), encoder);
  const rejected: RejectedRow[] = [];
  try {
    for (;;) {
      const outcome = cursor.advance();
      if (outcome === END) break;
      if (outcome === PENDING) await cursor.fill();
      else if (outcome !== ITEM) rejected.push(JSON.parse(cursor.rejectedLine()) as RejectedRow);
    }
  } finally {
    await cursor.close();
  }
  return { items: itemsOf(encoder.out.toString()), rejected };
}

/** The items of `aeneas items`, one `{"Item":{...}}` a line. */
export function itemsOf(text: string): Item[] {
  return linesOf(text).map((line) => (JSON.parse(line) as { Item: Item }).Item);
}
