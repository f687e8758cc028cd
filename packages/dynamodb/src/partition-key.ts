// The serialized partition key of Cassandra: the value itself for one column, for several ([uint16 length] [bytes] 0) for each.

import { dynamodbError } from './errors.ts';

/** Where the values of a key's columns lie. Reused. */
export interface KeySlices {
  readonly starts: number[];
  readonly ends: number[];
}

/** Finds the values of `columns` columns in the first `length` bytes. Throws KEY_VALUES_INVALID when they are not a key of so many. */
export function splitPartitionKey(key: Uint8Array, length: number, columns: number, slices: KeySlices): void {
  const { starts, ends } = slices;
  starts.length = columns;
  ends.length = columns;
  if (columns === 1) {
    starts[0] = 0;
    ends[0] = length;
    return;
  }
  let at = 0;
  for (let i = 0; i < columns; i++) {
    starts[i] = at + 2;
    ends[i] = at + 2 + (at + 2 <= length ? (key[at] << 8) | key[at + 1] : length);
    at = ends[i] + 1;
    if (at > length) throw dynamodbError('KEY_VALUES_INVALID', `A partition key of ${length} bytes does not hold ${columns} columns`);
  }
}

/** The serialized partition key of its columns' values. */
export function joinPartitionKey(values: readonly Uint8Array[]): Uint8Array {
  if (values.length === 1) return values[0];
  const key = new Uint8Array(values.reduce((total, value) => total + value.length + 3, 0));
  let at = 0;
  for (const value of values) {
    if (value.length > 0xffff) throw dynamodbError('KEY_VALUES_INVALID', `A partition key column of ${value.length} bytes`);
    key[at] = value.length >>> 8;
    key[at + 1] = value.length & 0xff;
    key.set(value, at + 2);
    at += value.length + 3;
  }
  return key;
}
