// What other packages may use. Insiders import files.

export { CodedError, errorFactory, cassandraErrors, cassandraError } from './errors.ts';
export type { ErrorEntry, ErrorPlace, CassandraErrorCode } from './errors.ts';
