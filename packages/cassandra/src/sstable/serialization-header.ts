// The last part of Statistics.db: which columns the rows of this file have, their types when it was written, and the bases that
// timestamps, deletion times and TTLs are stored as differences to (docs/formats/statistics.md).

import type { ByteCursor } from '../bytes/byte-cursor.ts';
import { cassandraError } from '../errors.ts';

export interface HeaderColumn {
  readonly name: string;
  /** Marshal class string, such as org.apache.cassandra.db.marshal.Int32Type. */
  readonly type: string;
}

export interface SerializationHeader {
  readonly minTimestampHi: number;
  readonly minTimestampLo: number;
  /** Modulo 2^32. */
  readonly minLocalDeletionTime: number;
  readonly minTtlSeconds: number;
  readonly keyType: string;
  readonly clusteringTypes: readonly string[];
  /** In the order in which rows store them. */
  readonly staticColumns: readonly HeaderColumn[];
  readonly regularColumns: readonly HeaderColumn[];
}

/** EncodingStats' own bases: 2015-09-22T00:00:00Z, in microseconds (as halves) and in seconds. */
const TIMESTAMP_EPOCH = 1_442_880_000_000_000n;
const DELETION_TIME_EPOCH = 1_442_880_000;
/** Cassandra refuses tables with more columns than an unsigned short counts. */
const MAX_COLUMNS = 0xffff;
const MAX_TYPE_LENGTH = 1 << 20;

export function readSerializationHeader(input: ByteCursor): SerializationHeader {
  input.readUnsignedVInt64();
  const minTimestamp = BigInt.asIntN(64, ((BigInt(input.hi) << 32n) | BigInt(input.lo)) + TIMESTAMP_EPOCH);
  input.readUnsignedVInt64();
  const minLocalDeletionTime = (input.lo + DELETION_TIME_EPOCH) | 0;
  input.readUnsignedVInt64();
  const minTtlSeconds = input.lo | 0;
  const keyType = readText(input);
  const clusteringTypes = readTypeNames(input);
  return {
    minTimestampHi: Number(minTimestamp >> 32n),
    minTimestampLo: Number(minTimestamp & 0xffff_ffffn),
    minLocalDeletionTime,
    minTtlSeconds,
    keyType,
    clusteringTypes,
    staticColumns: readColumns(input),
    regularColumns: readColumns(input),
  };
}

/** A count and that many marshal class strings. */
export function readTypeNames(input: ByteCursor): string[] {
  return Array.from({ length: readCount(input) }, () => readText(input));
}

function readColumns(input: ByteCursor): HeaderColumn[] {
  return Array.from({ length: readCount(input) }, () => ({ name: readText(input), type: readText(input) }));
}

function readCount(input: ByteCursor): number {
  const count = input.readUnsignedVInt();
  if (count > MAX_COLUMNS) throw cassandraError('SSTABLE_CORRUPT', `${count} columns`, { offset: input.position });
  return count;
}

function readText(input: ByteCursor): string {
  const length = input.readUnsignedVInt();
  if (length > MAX_TYPE_LENGTH) throw cassandraError('SSTABLE_CORRUPT', `A name or type of ${length} bytes`, { offset: input.position });
  const at = input.take(length);
  return Buffer.from(input.bytes.buffer, input.bytes.byteOffset + at, length).toString('utf8');
}

const USER_TYPE = /^org\.apache\.cassandra\.db\.marshal\.UserType\(/;

/**
 * Whether a column's type is a user type that is not said to be frozen. Cassandra up to 3.5 knew frozen ones only and did not say so
 * (CASSANDRA-15035), later ones mean a multi-cell column by it: without the schema only the rows themselves can tell.
 */
export function isUnmarkedUserType(type: string): boolean {
  return USER_TYPE.test(type);
}

/** The header as Cassandra up to 3.5 meant it. */
export function withFrozenUserTypes(header: SerializationHeader): SerializationHeader {
  const freeze = (columns: readonly HeaderColumn[]) => columns.map(({ name, type }) => ({
    name, type: USER_TYPE.test(type) ? `org.apache.cassandra.db.marshal.FrozenType(${type})` : type,
  }));
  return { ...header, staticColumns: freeze(header.staticColumns), regularColumns: freeze(header.regularColumns) };
}
