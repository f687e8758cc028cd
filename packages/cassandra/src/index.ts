// What other packages may use. Insiders import files.

export { CodedError, errorFactory, cassandraErrors, cassandraError } from './errors.ts';
export type { ErrorEntry, ErrorPlace, CassandraErrorCode } from './errors.ts';
export { PENDING, PARTITION, ROW, MARKER, END, Partition, Marker } from './model/cursor.ts';
export type { Fragment, UnfilteredCursor } from './model/cursor.ts';
export { Row, CELL_EXPIRING, NO_DELETION_TIME } from './model/row.ts';
export { qualifiedName } from './model/table-metadata.ts';
export type { TableMetadata, ColumnMetadata } from './model/table-metadata.ts';
export { isMultiCell } from './types/cql-type.ts';
export type { CqlType, ScalarName } from './types/cql-type.ts';
export { bigIntOf, counterTotalOf, decimalPartsOf, decimalText, durationOf, floatingOf, hexOf, integerText } from './types/decode.ts';
export { inetText } from './types/inet.ts';
export { floatingText } from './types/number-text.ts';
export { neutralWriterOf } from './types/neutral.ts';
export { comparatorOf } from './types/compare.ts';
