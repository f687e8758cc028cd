// The values of a partition key's columns within its bytes.

import { cassandraError } from '../errors.ts';
import { hexOf } from '../types/decode.ts';

/** Calls `visit` with each column's slice: all bytes when it is a single column, else (uint16 length, bytes, 0) each. Throws VALUE_INVALID. */
export function forEachKeyComponent(key: Uint8Array, keyLength: number, count: number, visit: (column: number, start: number, end: number) => void): void {
  if (count === 1) {
    visit(0, 0, keyLength);
    return;
  }
  let at = 0;
  for (let column = 0; column < count; column++) {
    const end = at + 2 + ((key[at] << 8) | key[at + 1]);
    if (at + 3 > keyLength || end + 1 > keyLength) throw malformed(key, keyLength, count);
    visit(column, at + 2, end);
    at = end + 1;
  }
  if (at !== keyLength) throw malformed(key, keyLength, count);
}

function malformed(key: Uint8Array, keyLength: number, count: number): Error {
  return cassandraError('VALUE_INVALID', `Partition key 0x${hexOf(key, 0, keyLength)} is no composite of ${count} columns`);
}
