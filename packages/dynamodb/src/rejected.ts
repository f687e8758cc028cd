// Rows that DynamoDB cannot hold. They are never dropped silently: each becomes one line with its key and the reason.

import { hexOf, neutralWriterOf } from '@aeneas/cassandra';
import type { ColumnMetadata, TableMetadata } from '@aeneas/cassandra';
import { splitPartitionKey } from './partition-key.ts';
import type { KeySlices } from './partition-key.ts';
import type { TablePlan } from './table-plan.ts';

export const REJECT_REASONS = {
  KEY_TOO_LONG: 'The partition key has more than 2048 bytes, or the sort key more than 1024',
  KEY_EMPTY: 'An empty or null value in a native number key',
  INDEX_KEY_EMPTY: 'An empty value in the key of a global secondary index: DynamoDB refuses the whole item',
  INDEX_KEY_TOO_LONG: 'More than 2048 bytes in the partition key of a global secondary index, or more than 1024 in its sort key',
  NUMBER_UNREPRESENTABLE: 'NaN, infinity, more than 38 digits, or out of the range of N',
  EMPTY_UNREPRESENTABLE: 'An empty value as member of a number set or in a tuple, or an empty set',
  TEXT_INVALID: 'Text that is not UTF-8, or ascii beyond 7F hex',
  VALUE_INVALID: 'Bytes that do not fit the CQL type',
  ITEM_TOO_LARGE: 'More than 409,600 bytes',
} as const;
export type RejectReason = keyof typeof REJECT_REASONS;

/** Why an item was not made. */
export interface Rejection {
  readonly reason: RejectReason;
  /** The column at fault; absent when it is the item as a whole. */
  readonly column?: string;
  readonly detail: string;
}

/** A key value as it lies in the serialized row. Undefined: null. */
export type KeyValue = Uint8Array | undefined;

/** The line of one rejected row, without the line feed: docs/MAPPING.md, "Rejected rows". `clustering` is empty for a static item. */
export function rejectedRowLine(table: TableMetadata, rejection: Rejection, partitionKey: readonly KeyValue[], clustering: readonly KeyValue[]): string {
  const fields = [
    ...table.partitionKey.map((column, i) => keyField(column, partitionKey[i])),
    ...clustering.map((value, i) => keyField(table.clustering[i], value)),
  ].filter((field) => field !== undefined);
  const column = rejection.column === undefined ? '' : `,"column":${JSON.stringify(rejection.column)}`;
  const name = JSON.stringify(`${table.keyspace}.${table.name}`);
  return `{"table":${name},"reason":"${rejection.reason}"${column},"detail":${JSON.stringify(rejection.detail)},"key":{${fields.join(',')}}}`;
}

/** The columns of a serialized partition key, as neutral JSON. */
export function partitionKeyText({ table }: Pick<TablePlan, 'table'>, key: Uint8Array): string {
  const slices: KeySlices = { starts: [], ends: [] };
  splitPartitionKey(key, key.length, table.partitionKey.length, slices);
  return `{${table.partitionKey.map((column, i) => keyField(column, key.subarray(slices.starts[i], slices.ends[i]))).join(',')}}`;
}

function keyField(column: ColumnMetadata, value: KeyValue): string | undefined {
  if (value === undefined) return undefined;
  return `${JSON.stringify(column.name)}:${neutralText(column, value)}`;
}

/** What does not fit its type (the very reason of the rejection, perhaps) is shown in hex. */
function neutralText(column: ColumnMetadata, value: Uint8Array): string {
  try {
    return neutralWriterOf(column.type)(value, 0, value.length);
  } catch {
    return `"0x${hexOf(value, 0, value.length)}"`;
  }
}
