// Live rows of a schema table as objects. Small tables of simple columns, read whole: nothing here is for data.

import type { FileSystem } from '../bytes/byte-source.ts';
import { TableReader } from '../merge/table-reader.ts';
import { END, PENDING, ROW } from '../model/cursor.ts';
import type { Row } from '../model/row.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import { neutralWriterOf } from '../types/neutral.ts';
import type { NeutralRow } from './system-schema.ts';

/** Reads a table with one partition key column and no multi-cell columns from any number of nodes' Data.db files. */
export async function* readSchemaRows(files: FileSystem, table: TableMetadata, dataFiles: readonly string[]): AsyncGenerator<NeutralRow> {
  const reader = await TableReader.open(files, table, dataFiles);
  // Schema rows never expire, so no clock is needed.
  const cursor = await reader.liveRows({ nowSeconds: 0 });
  const [key] = table.partitionKey;
  const writeKey = neutralWriterOf(key.type);
  const values = valuesOf(table);
  try {
    for (let fragment = cursor.advance(); fragment !== END; fragment = cursor.advance()) {
      if (fragment === PENDING) await cursor.fill();
      else if (fragment === ROW) yield { [key.name]: JSON.parse(writeKey(cursor.partition.key, 0, cursor.partition.keyLength)), ...values(cursor.row) };
    }
  } finally {
    await cursor.close();
  }
}

function valuesOf(table: TableMetadata): (row: Row) => Record<string, unknown> {
  const clusteringWriters = table.clustering.map((column) => neutralWriterOf(column.type));
  const cellWriters = table.regularColumns.map((column) => neutralWriterOf(column.type));
  return (row) => {
    const values: Record<string, unknown> = {};
    table.clustering.forEach(({ name }, i) => {
      values[name] = JSON.parse(clusteringWriters[i](row.bytes, row.clusteringStart[i], row.clusteringEnd[i]));
    });
    for (let cell = 0; cell < row.cellCount; cell++) {
      const ordinal = row.cellColumn[cell];
      values[table.regularColumns[ordinal].name] = JSON.parse(cellWriters[ordinal](row.bytes, row.valueStart[cell], row.valueEnd[cell]));
    }
    return values;
  };
}
