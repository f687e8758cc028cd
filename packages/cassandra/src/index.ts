// What other packages may use of this one.

export { CodedError, cassandraError, cassandraErrors, errorFactory } from './errors.ts';
export type { ErrorEntry, ErrorPlace } from './errors.ts';
export type { ByteSource, FileSystem } from './bytes/byte-source.ts';
export { localFiles } from './bytes/file-source.ts';
export * from './model/cursor.ts';
export * from './model/row.ts';
export * from './model/table-metadata.ts';
export * from './model/token.ts';
export * from './model/token-range.ts';
export * from './types/cql-type.ts';
export { SSTable } from './sstable/sstable.ts';
export { TableReader } from './merge/table-reader.ts';
export type { LiveRowsQuery } from './merge/table-reader.ts';
export { LiveRows } from './merge/live-rows.ts';
export type { Position } from './merge/live-rows.ts';
export { bigIntOf, counterTotalOf, decimalPartsOf, decimalText, durationOf, floatingOf, hexOf, integerText } from './types/decode.ts';
export { inetText } from './types/inet.ts';
export { floatingText } from './types/number-text.ts';
export { neutralWriterOf } from './types/neutral.ts';
export { comparatorOf } from './types/compare.ts';
export { TableCatalogue, listTables, loadTable } from './schema/load-schema.ts';
export type { ListedTable, LoadedTable, TableName, TableSources } from './schema/load-schema.ts';
export { dumpSSTable, dumpTable } from './dump/dump-table.ts';
export type { ByteSink } from './dump/chunked-output.ts';
export { cqlView } from './schema/table-builder.ts';
export { closestName } from './schema/closest-name.ts';
export { describeSSTable } from './dump/describe.ts';
