// The order of values, exactly as AbstractType.compare of Cassandra 3.0 to 5.0 has it: it decides which rows and cells are the same and
// in which order they lie in every SSTable. Two different values may be equal (decimals 1.0 and 1.00, varints with padding): to
// Cassandra they are one clustering or one map key.
//
// An empty value is legal for most types and comes first. Other malformed values, at which Cassandra fails an assertion, are VALUE_INVALID.

import { cassandraError } from '../errors.ts';
import { compareComposites, compareDynamicComposites } from './compare-composite.ts';
import { compareDecimals, compareVarints } from './compare-number.ts';
import type { CqlType, VectorType } from './cql-type.ts';
import { VectorElements } from './vector.ts';

/** Compares a[aStart, aEnd) with b[bStart, bEnd): negative, zero or positive. */
export type Comparator = (a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number) => number;

/**
 * The order of clustering values, map keys and set elements of a type. Throws SSTABLE_UNSUPPORTED for types that nothing can be sorted by.
 *
 * `emptyStaysFirst` is for files of the versions ma and mb: until CASSANDRA-12127 (3.0.9, 3.9) an empty value was first in a descending
 * order as well, where 3.11 has it last.
 */
export function comparatorOf(type: CqlType, reversed = false, emptyStaysFirst = false): Comparator {
  const comparator = ascending(type);
  if (!reversed) return comparator;
  if (!emptyStaysFirst) return (a, aStart, aEnd, b, bStart, bEnd) => comparator(b, bStart, bEnd, a, aStart, aEnd);
  return (a, aStart, aEnd, b, bStart, bEnd) => {
    if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
    return comparator(b, bStart, bEnd, a, aStart, aEnd);
  };
}

/** The order of the cells of a multi-cell column: by map key, set element, list position (a timeuuid) or field number. */
export function cellPathComparatorOf(type: CqlType): Comparator {
  switch (type.kind) {
    case 'map': return comparatorOf(type.key);
    case 'set': return comparatorOf(type.element);
    case 'list': return compareTimeUuids;
    case 'udt': return compareSigned;
    default: throw new Error(`${type.kind} has no cell paths`);
  }
}

function ascending(type: CqlType): Comparator {
  switch (type.kind) {
    case 'ascii': case 'text': case 'blob': case 'inet': case 'date': case 'time': case 'duration': return compareBytes;
    case 'bigint': case 'int': case 'smallint': case 'tinyint': return compareSigned;
    case 'timestamp': return type.legacyOrder ? compareBytes : compareSigned;
    case 'boolean': return compareBooleans;
    case 'float': return compareFloats;
    case 'double': return compareDoubles;
    case 'decimal': return compareDecimals;
    case 'varint': return compareVarints;
    case 'timeuuid': return compareTimeUuids;
    case 'uuid': return type.legacyOrder ? compareUuidsLexically : compareUuids;
    case 'empty': return () => 0;
    case 'list': case 'set': return compareSequences([comparatorOf(type.element)]);
    case 'map': return compareSequences([comparatorOf(type.key), comparatorOf(type.value)]);
    case 'tuple': return compareTuples(type.elements.map((element) => comparatorOf(element)));
    case 'vector': return compareVectors(type);
    case 'udt': return compareTuples(type.fields.map((field) => comparatorOf(field.type)));
    case 'composite': return compareComposites(type.elements.map((element, i) => comparatorOf(element, type.reversed[i])));
    case 'custom':
      if (type.aliases) return compareDynamicComposites(type.aliases, comparatorOf);
      throw cassandraError('SSTABLE_UNSUPPORTED', `Nothing can be sorted by ${type.className}`);
    case 'counter':
      throw cassandraError('SCHEMA_INVALID', 'Nothing can be sorted by a counter');
  }
}

/** Unsigned bytes; of two values of which one starts with the other, the shorter is first. */
export function compareBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const end = aStart + Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = aStart, j = bStart; i < end; i++, j++) {
    if (a[i] !== b[j]) return a[i] - b[j];
  }
  return (aEnd - aStart) - (bEnd - bStart);
}

/** Two's complement integers of one length: the first byte is signed. */
function compareSigned(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
  const first = (a[aStart] << 24 >> 24) - (b[bStart] << 24 >> 24);
  return first !== 0 ? first : compareBytes(a, aStart + 1, aEnd, b, bStart + 1, bEnd);
}

function compareBooleans(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
  return Number(a[aStart] !== 0) - Number(b[bStart] !== 0);
}

/** Java's Float.compareTo: -0.0 before 0.0, every NaN equal and after infinity. */
function compareFloats(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
  requireLength(aEnd - aStart, 4);
  requireLength(bEnd - bStart, 4);
  return floatRank(int32(a, aStart)) - floatRank(int32(b, bStart));
}

/** Maps the bits of a float to an integer in the order of Float.compareTo. */
function floatRank(bits: number): number {
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return 0x7fc0_0000;
  return bits < 0 ? bits ^ 0x7fff_ffff : bits;
}

function compareDoubles(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
  requireLength(aEnd - aStart, 8);
  requireLength(bEnd - bStart, 8);
  let aHi = int32(a, aStart);
  let aLo = int32(a, aStart + 4);
  let bHi = int32(b, bStart);
  let bLo = int32(b, bStart + 4);
  const aIsNaN = isNaNBits(aHi, aLo);
  const bIsNaN = isNaNBits(bHi, bLo);
  if (aIsNaN || bIsNaN) return Number(aIsNaN) - Number(bIsNaN);
  if (aHi < 0) {
    aHi ^= 0x7fff_ffff;
    aLo = ~aLo;
  }
  if (bHi < 0) {
    bHi ^= 0x7fff_ffff;
    bLo = ~bLo;
  }
  return aHi !== bHi ? aHi - bHi : (aLo >>> 0) - (bLo >>> 0);
}

function isNaNBits(hi: number, lo: number): boolean {
  const magnitude = hi & 0x7fff_ffff;
  return magnitude > 0x7ff0_0000 || (magnitude === 0x7ff0_0000 && lo !== 0);
}

/** The bytes of a version 1 UUID's timestamp, most significant first. */
const UUID_TIME_BYTES = [6, 7, 4, 5, 0, 1, 2, 3] as const;

/** By time; then, as TimeUUIDType always did, by the other eight bytes as *signed* ones. */
function compareTimeUuids(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
  requireLength(aEnd - aStart, 16);
  requireLength(bEnd - bStart, 16);
  const byTime = compareUuidTimes(a, aStart, b, bStart);
  if (byTime !== 0) return byTime;
  for (let i = 8; i < 16; i++) {
    if (a[aStart + i] !== b[bStart + i]) return (a[aStart + i] << 24 >> 24) - (b[bStart + i] << 24 >> 24);
  }
  return 0;
}

function compareUuidTimes(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number): number {
  for (const i of UUID_TIME_BYTES) {
    if (a[aStart + i] !== b[bStart + i]) return a[aStart + i] - b[bStart + i];
  }
  return 0;
}

/** By version; version 1 by time; then by unsigned bytes. */
function compareUuids(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
  requireLength(aEnd - aStart, 16);
  requireLength(bEnd - bStart, 16);
  const version = a[aStart + 6] >> 4;
  const byVersion = version - (b[bStart + 6] >> 4);
  if (byVersion !== 0) return byVersion;
  const byTime = version === 1 ? compareUuidTimes(a, aStart, b, bStart) : 0;
  return byTime !== 0 ? byTime : compareBytes(a, aStart, aEnd, b, bStart, bEnd);
}

/** LexicalUUIDType: java.util.UUID.compareTo, two signed 64-bit halves. */
function compareUuidsLexically(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
  requireLength(aEnd - aStart, 16);
  requireLength(bEnd - bStart, 16);
  const byUpper = compareSigned(a, aStart, aStart + 8, b, bStart, bStart + 8);
  return byUpper !== 0 ? byUpper : compareSigned(a, aStart + 8, aEnd, b, bStart + 8, bEnd);
}

/**
 * Frozen lists and sets (one comparator) and maps (key and value): element by element, then by their number.
 * The bytes are int32 count, then per element int32 length and bytes (native protocol version 3, whatever the client spoke).
 */
function compareSequences(comparators: readonly Comparator[]): Comparator {
  return (a, aStart, aEnd, b, bStart, bEnd) => {
    if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
    const aCount = lengthAt(a, aStart, aEnd);
    const bCount = lengthAt(b, bStart, bEnd);
    let i = aStart + 4;
    let j = bStart + 4;
    for (let left = Math.min(aCount, bCount); left > 0; left--) {
      for (const compare of comparators) {
        const iEnd = i + 4 + elementLength(a, i, aEnd);
        const jEnd = j + 4 + elementLength(b, j, bEnd);
        const order = compare(a, i + 4, iEnd, b, j + 4, jEnd);
        if (order !== 0) return order;
        i = iEnd;
        j = jEnd;
      }
    }
    return aCount - bCount;
  };
}

/** Element by element. */
function compareVectors(type: VectorType): Comparator {
  const compare = comparatorOf(type.element);
  const left = new VectorElements(type);
  const right = new VectorElements(type);
  return (a, aStart, aEnd, b, bStart, bEnd) => {
    if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
    left.open(a, aStart, aEnd);
    right.open(b, bStart, bEnd);
    while (left.next() && right.next()) {
      const order = compare(a, left.start, left.end, b, right.start, right.end);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** Tuples and user types: null before any value; fields that are missing at the end count as null. */
function compareTuples(comparators: readonly Comparator[]): Comparator {
  return (a, aStart, aEnd, b, bStart, bEnd) => {
    if (aStart === aEnd || bStart === bEnd) return emptyFirst(aEnd - aStart, bEnd - bStart);
    let i = aStart;
    let j = bStart;
    for (let field = 0; i < aEnd && j < bEnd; field++) {
      if (field === comparators.length) throw malformed('more fields than its type has');
      const aLength = lengthAt(a, i, aEnd);
      const bLength = lengthAt(b, j, bEnd);
      i += 4;
      j += 4;
      if (aLength < 0 && bLength < 0) continue;
      if (aLength < 0) return -1;
      if (bLength < 0) return 1;
      if (aLength > aEnd - i || bLength > bEnd - j) throw malformed('a field that runs over its end');
      const order = comparators[field](a, i, i + aLength, b, j, j + bLength);
      if (order !== 0) return order;
      i += aLength;
      j += bLength;
    }
    if (hasValue(a, i, aEnd)) return 1;
    return hasValue(b, j, bEnd) ? -1 : 0;
  };
}

/** True when a field that is neither null nor empty remains: TupleType takes trailing empty values for nulls. */
function hasValue(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i += 4) {
    if (lengthAt(bytes, i, end) > 0) return true;
  }
  return false;
}

function emptyFirst(aLength: number, bLength: number): number {
  return aLength > 0 ? 1 : bLength > 0 ? -1 : 0;
}

function int32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

function lengthAt(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 4) throw malformed('a length that runs over its end');
  return int32(bytes, at);
}

function elementLength(bytes: Uint8Array, at: number, end: number): number {
  const length = lengthAt(bytes, at, end);
  if (length < 0 || length > end - at - 4) throw malformed('an element that is null or runs over its end');
  return length;
}

function requireLength(length: number, expected: number): void {
  if (length !== expected) throw malformed(`${length} bytes instead of ${expected}`);
}

function malformed(what: string): Error {
  return cassandraError('VALUE_INVALID', `A value that is to be sorted has ${what}`);
}
