// Statistics.db: what Cassandra knew about the SSTable when it wrote it (docs/formats/statistics.md).

import { ByteCursor } from '../bytes/byte-cursor.ts';
import { CodedError, cassandraError } from '../errors.ts';
import { readSerializationHeader } from './serialization-header.ts';
import type { SerializationHeader } from './serialization-header.ts';
import type { SSTableVersion } from './version.ts';

/** Bucket i counts values in (offsets[i-1], offsets[i]]; the last bucket has no upper bound. */
export interface EstimatedHistogram {
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
}

export interface CommitLogPosition {
  readonly segmentId: bigint;
  readonly position: number;
}

export interface ValidationMetadata {
  readonly partitioner: string;
  readonly bloomFilterFpChance: number;
}

export interface StatsMetadata {
  readonly partitionSizes: EstimatedHistogram;
  readonly columnCounts: EstimatedHistogram;
  readonly commitLogIntervals: readonly { readonly start: CommitLogPosition; readonly end: CommitLogPosition }[];
  readonly minTimestampMicros: bigint;
  readonly maxTimestampMicros: bigint;
  readonly minLocalDeletionTime: number;
  readonly maxLocalDeletionTime: number;
  readonly minTtlSeconds: number;
  readonly maxTtlSeconds: number;
  /** Compressed to uncompressed size; -1 when not compressed. */
  readonly compressionRatio: number;
  /** Local deletion time to the number of droppable tombstones, in seconds since the epoch. */
  readonly tombstoneDropTimes: readonly { readonly point: number; readonly count: number }[];
  readonly sstableLevel: number;
  /** Milliseconds since the epoch; 0 when not repaired. */
  readonly repairedAt: bigint;
  readonly minClustering: readonly Uint8Array[];
  readonly maxClustering: readonly Uint8Array[];
  readonly hasLegacyCounterShards: boolean;
  readonly totalColumnsSet: bigint;
  readonly totalRows: bigint;
  /** UUID text of the host that wrote the file, from version me on. */
  readonly originatingHostId?: string;
}

export interface Statistics {
  readonly validation: ValidationMetadata;
  readonly stats: StatsMetadata;
  /** HyperLogLog+ of the partition keys, as it is stored. */
  readonly cardinality: Uint8Array;
  readonly header: SerializationHeader;
}

const VALIDATION = 0;
const COMPACTION = 1;
const STATS = 2;
const HEADER = 3;
/** Histograms have about 150 buckets, drop times at most 100 bins, intervals a few: anything near this is damage. */
const MAX_ELEMENTS = 1 << 20;

/** Throws SSTABLE_CORRUPT, SSTABLE_TRUNCATED, or SSTABLE_UNSUPPORTED for metadata that is not known. */
export function parseStatistics(bytes: Uint8Array, file: string, version: SSTableVersion): Statistics {
  try {
    const offsets = readToc(bytes, file);
    return {
      validation: readValidation(new ByteCursor(bytes, offsets[VALIDATION])),
      cardinality: readCompaction(new ByteCursor(bytes, offsets[COMPACTION])),
      stats: readStats(new ByteCursor(bytes, offsets[STATS]), version),
      header: readSerializationHeader(new ByteCursor(bytes, offsets[HEADER])),
    };
  } catch (error) {
    if (!(error instanceof CodedError) || error.place.file !== undefined) throw error;
    throw new CodedError(error.code, error.remedy, error.message, { file, offset: error.place.offset }, error);
  }
}

function readToc(bytes: Uint8Array, file: string): number[] {
  const input = new ByteCursor(bytes);
  const count = input.readInt32();
  const offsets = [-1, -1, -1, -1];
  if (count < 1 || count > 16) throw cassandraError('SSTABLE_CORRUPT', `${count} metadata components`, { file });
  for (let i = 0; i < count; i++) {
    const type = input.readInt32();
    const offset = input.readInt32();
    if (type < 0 || type > HEADER) throw cassandraError('SSTABLE_UNSUPPORTED', `Metadata component ${type} is not known`, { file });
    if (offset < 0 || offset > bytes.length) throw cassandraError('SSTABLE_CORRUPT', `Metadata component ${type} starts at ${offset}`, { file });
    offsets[type] = offset;
  }
  // Compaction metadata is the one part that reading does not need, but every writer writes all four.
  for (const type of [VALIDATION, COMPACTION, STATS, HEADER]) {
    if (offsets[type] < 0) throw cassandraError('SSTABLE_CORRUPT', `Metadata component ${type} is missing`, { file });
  }
  return offsets;
}

function readValidation(input: ByteCursor): ValidationMetadata {
  const length = input.readUnsignedShort();
  return { partitioner: text(input, length), bloomFilterFpChance: input.readDouble() };
}

function readCompaction(input: ByteCursor): Uint8Array {
  const length = boundedCount(input, input.readInt32(), 1);
  const at = input.take(length);
  return input.bytes.slice(at, at + length);
}

function readStats(input: ByteCursor, version: SSTableVersion): StatsMetadata {
  const partitionSizes = readHistogram(input);
  const columnCounts = readHistogram(input);
  const upper = readPosition(input);
  const minTimestampMicros = input.readBigInt64();
  const maxTimestampMicros = input.readBigInt64();
  const minLocalDeletionTime = input.readInt32();
  const maxLocalDeletionTime = input.readInt32();
  const minTtlSeconds = input.readInt32();
  const maxTtlSeconds = input.readInt32();
  const compressionRatio = input.readDouble();
  const tombstoneDropTimes = readDropTimes(input);
  const sstableLevel = input.readInt32();
  const repairedAt = input.readBigInt64();
  const minClustering = readValues(input);
  const maxClustering = readValues(input);
  const hasLegacyCounterShards = input.readUnsignedByte() !== 0;
  const totalColumnsSet = input.readBigInt64();
  const totalRows = input.readBigInt64();
  const lower = version.hasCommitLogLowerBound ? readPosition(input) : { segmentId: -1n, position: 0 };
  const commitLogIntervals = version.hasCommitLogIntervals ? readIntervals(input) : [{ start: lower, end: upper }];
  const originatingHostId = version.hasOriginatingHostId && input.readUnsignedByte() !== 0 ? uuid(input) : undefined;
  return {
    partitionSizes, columnCounts, commitLogIntervals, minTimestampMicros, maxTimestampMicros, minLocalDeletionTime, maxLocalDeletionTime,
    minTtlSeconds, maxTtlSeconds, compressionRatio, tombstoneDropTimes, sstableLevel, repairedAt, minClustering, maxClustering,
    hasLegacyCounterShards, totalColumnsSet, totalRows, ...(originatingHostId === undefined ? {} : { originatingHostId }),
  };
}

/** The first bucket repeats the second's offset in the file: Cassandra writes size buckets but only size - 1 offsets. */
function readHistogram(input: ByteCursor): EstimatedHistogram {
  const size = boundedCount(input, input.readInt32(), 16);
  const offsets: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < size; i++) {
    const offset = Number(input.readBigInt64());
    if (i > 0 || size === 1) offsets.push(offset);
    counts.push(Number(input.readBigInt64()));
  }
  return { offsets, counts };
}

function readPosition(input: ByteCursor): CommitLogPosition {
  return { segmentId: input.readBigInt64(), position: input.readInt32() };
}

function readIntervals(input: ByteCursor): { start: CommitLogPosition; end: CommitLogPosition }[] {
  const count = boundedCount(input, input.readInt32(), 24);
  return Array.from({ length: count }, () => ({ start: readPosition(input), end: readPosition(input) }));
}

function readDropTimes(input: ByteCursor): { point: number; count: number }[] {
  input.readInt32(); // the largest number of bins, of interest to a writer only
  const count = boundedCount(input, input.readInt32(), 16);
  return Array.from({ length: count }, () => ({ point: input.readDouble(), count: Number(input.readBigInt64()) }));
}

function readValues(input: ByteCursor): Uint8Array[] {
  const count = boundedCount(input, input.readInt32(), 2);
  return Array.from({ length: count }, () => {
    const length = input.readUnsignedShort();
    const at = input.take(length);
    return input.bytes.slice(at, at + length);
  });
}

function boundedCount(input: ByteCursor, count: number, elementBytes: number): number {
  if (count < 0 || count > MAX_ELEMENTS || count * elementBytes > input.remaining()) {
    throw cassandraError('SSTABLE_CORRUPT', `A count of ${count} elements`, { offset: input.position - 4 });
  }
  return count;
}

function text(input: ByteCursor, length: number): string {
  const at = input.take(length);
  return Buffer.from(input.bytes.buffer, input.bytes.byteOffset + at, length).toString('utf8');
}

function uuid(input: ByteCursor): string {
  const at = input.take(16);
  const hex = Buffer.from(input.bytes.buffer, input.bytes.byteOffset + at, 16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
