// Live rows of a schema table as objects. Small tables, read whole: nothing here is for data.

import type { FileSystem } from '../bytes/byte-source.ts';
import { TableReader } from '../merge/table-reader.ts';
import { END, PENDING, ROW } from '../model/cursor.ts';
import type { Row } from '../model/row.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import type { CqlType } from '../types/cql-type.ts';
import { isMultiCell } from '../types/cql-type.ts';
import { neutralWriterOf } from '../types/neutral.ts';
import type { NeutralRow } from './schema-row.ts';

/** Reads a table with one partition key column from any number of nodes' Data.db files. */
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
  const readers = table.regularColumns.map((column) => cellReaderOf(column.type));
  return (row) => {
    const values: Record<string, unknown> = {};
    table.clustering.forEach(({ name }, i) => {
      values[name] = JSON.parse(clusteringWriters[i](row.bytes, row.clusteringStart[i], row.clusteringEnd[i]));
    });
    for (let cell = 0; cell < row.cellCount; cell++) {
      const ordinal = row.cellColumn[cell];
      const { name, type } = table.regularColumns[ordinal];
      const value = readers[ordinal](row, cell);
      if (!isMultiCell(type)) values[name] = value;
      else if (values[name] === undefined) values[name] = [value];
      else (values[name] as unknown[]).push(value);
    }
    return values;
  };
}

/** The value of a column's cell; of a list's or map's, the element or the pair. Schema tables have no other multi-cell columns. */
function cellReaderOf(type: CqlType): (row: Row, cell: number) => unknown {
  const valueType = isMultiCell(type) && type.kind === 'list' ? type.element : isMultiCell(type) && type.kind === 'map' ? type.value : type;
  const writeValue = neutralWriterOf(valueType);
  const value = (row: Row, cell: number): unknown => JSON.parse(writeValue(row.bytes, row.valueStart[cell], row.valueEnd[cell]));
  if (!isMultiCell(type) || type.kind !== 'map') return value;
  const writeKey = neutralWriterOf(type.key);
  return (row, cell) => [JSON.parse(writeKey(row.bytes, row.pathStart[cell], row.pathEnd[cell])), value(row, cell)];
}
