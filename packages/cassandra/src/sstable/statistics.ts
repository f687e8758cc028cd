// Statistics.db: what Cassandra knew about the SSTable when it wrote it (docs/formats/statistics.md).

import { crc32 } from 'node:zlib';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { CodedError, cassandraError } from '../errors.ts';
import { readCoveredClustering } from './covered-clustering.ts';
import type { BoundValues } from './covered-clustering.ts';
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
  /** The largest number of 31 bits (from oa on: 32) when something never expires. */
  readonly maxLocalDeletionTime: number;
  /** These five came with 3.0. */
  readonly minLocalDeletionTime?: number;
  readonly minTtlSeconds?: number;
  readonly maxTtlSeconds?: number;
  readonly totalColumnsSet?: bigint;
  readonly totalRows?: bigint;
  /** Compressed to uncompressed size; -1 when not compressed. */
  readonly compressionRatio: number;
  /** Local deletion time to the number of droppable tombstones, in seconds since the epoch. */
  readonly tombstoneDropTimes: readonly { readonly point: number; readonly count: number }[];
  readonly sstableLevel: number;
  /** Milliseconds since the epoch; 0 when not repaired. */
  readonly repairedAt: bigint;
  readonly minClustering: BoundValues;
  readonly maxClustering: BoundValues;
  readonly hasLegacyCounterShards: boolean;
  /** UUID text of the incremental repair that has not ended, from version na on. */
  readonly pendingRepair?: string;
  readonly isTransient?: boolean;
  /** UUID text of the host that wrote the file, from version me on. */
  readonly originatingHostId?: string;
  /** From version oa on. */
  readonly keyRange?: KeyRange;
}

/** What 5.0 notes of the partitions as such. */
export interface KeyRange {
  /** Whether any partition was deleted as a whole. */
  readonly hasPartitionLevelDeletions: boolean;
  /** Serialized keys. */
  readonly firstKey: Uint8Array;
  readonly lastKey: Uint8Array;
  /** The part of the ring that the file spans; NaN or negative when not known. */
  readonly tokenSpaceCoverage: number;
}

export interface Statistics {
  readonly validation: ValidationMetadata;
  readonly stats: StatsMetadata;
  /** HyperLogLog+ of the partition keys, as it is stored. */
  readonly cardinality: Uint8Array;
  /** Undefined before 3.0: then only the schema knows the columns. */
  readonly header: SerializationHeader | undefined;
}

const VALIDATION = 0;
const COMPACTION = 1;
const STATS = 2;
const HEADER = 3;
const CRC_BYTES = 4;
/** Histograms have about 150 buckets, drop times at most 100 bins, intervals a few: anything near this is damage. */
const MAX_ELEMENTS = 1 << 20;

/** Throws SSTABLE_CORRUPT, SSTABLE_TRUNCATED, or SSTABLE_UNSUPPORTED for metadata that is not known. */
export function parseStatistics(bytes: Uint8Array, file: string, version: SSTableVersion): Statistics {
  try {
    const parts = readToc(bytes, file, version);
    return {
      validation: readValidation(parts[VALIDATION]),
      cardinality: readCompaction(parts[COMPACTION], version),
      stats: version.storesAtoms ? readLegacyStats(parts[STATS], version) : readStats(parts[STATS], version),
      header: version.storesAtoms ? undefined : readSerializationHeader(parts[HEADER]),
    };
  } catch (error) {
    if (!(error instanceof CodedError) || error.place.file !== undefined) throw error;
    throw new CodedError(error.code, error.remedy, error.message, { file, offset: error.place.offset }, error);
  }
}

/** A cursor over each part, by type. */
function readToc(bytes: Uint8Array, file: string, version: SSTableVersion): ByteCursor[] {
  const corrupt = (message: string) => cassandraError('SSTABLE_CORRUPT', message, { file });
  const needed = version.storesAtoms ? [VALIDATION, COMPACTION, STATS] : [VALIDATION, COMPACTION, STATS, HEADER];
  const crcBytes = version.hasMetadataChecksums ? CRC_BYTES : 0;
  const input = new ByteCursor(bytes);
  const count = input.readInt32();
  if (count < 1 || count > 16) throw corrupt(`${count} metadata components`);
  const countCrc = crc32(bytes.subarray(0, input.position));
  if (crcBytes > 0) requireCrc(input, countCrc, 'The number of metadata components');
  const tocStart = input.position;
  const entries = Array.from({ length: count }, () => ({ type: input.readInt32(), offset: input.readInt32() }));
  if (crcBytes > 0) requireCrc(input, crc32(bytes.subarray(tocStart, input.position), countCrc), 'The list of metadata components');
  const parts: ByteCursor[] = [];
  const offsets = entries.map(({ offset }) => offset);
  entries.forEach(({ type, offset }) => {
    // Cassandra lists the parts in the order in which they lie, other writers do not.
    const end = Math.min(bytes.length, ...offsets.filter((other) => other > offset)) - crcBytes;
    if (!needed.includes(type)) throw cassandraError('SSTABLE_UNSUPPORTED', `Metadata component ${type} is not known`, { file });
    if (offset < input.position || offset > end) throw corrupt(`Metadata component ${type} lies from ${offset} to ${end}`);
    if (parts[type]) throw corrupt(`Metadata component ${type} is there twice`);
    parts[type] = new ByteCursor(bytes, offset, end);
    if (crcBytes > 0) requireCrc(new ByteCursor(bytes, end), crc32(bytes.subarray(offset, end)), `Metadata component ${type}`);
  });
  // Compaction metadata is the one part that reading does not need, but every writer writes all of them.
  for (const type of needed) {
    if (!parts[type]) throw corrupt(`Metadata component ${type} is missing`);
  }
  return parts;
}

function requireCrc(input: ByteCursor, crc: number, what: string): void {
  const offset = input.position;
  if (input.readInt32() >>> 0 !== crc) throw cassandraError('SSTABLE_CORRUPT', `${what} does not fit its checksum`, { offset });
}

function readValidation(input: ByteCursor): ValidationMetadata {
  const length = input.readUnsignedShort();
  return { partitioner: text(input, length), bloomFilterFpChance: input.readDouble() };
}

function readCompaction(input: ByteCursor, version: SSTableVersion): Uint8Array {
  // The generations that the file was compacted from.
  if (version.storesAtoms) input.take(4 * boundedCount(input, input.readInt32(), 4));
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
  const readDeletionTime = () => (version.hasUnsignedDeletionTimes ? input.readInt32() >>> 0 : input.readInt32());
  const minLocalDeletionTime = readDeletionTime();
  const maxLocalDeletionTime = readDeletionTime();
  const minTtlSeconds = input.readInt32();
  const maxTtlSeconds = input.readInt32();
  const compressionRatio = input.readDouble();
  const tombstoneDropTimes = version.hasUnsignedDeletionTimes ? readIntegerDropTimes(input) : readDropTimes(input);
  const sstableLevel = input.readInt32();
  const repairedAt = input.readBigInt64();
  const clustering = version.hasCoveredClustering ? readCoveredClustering(input) : { minClustering: readValues(input), maxClustering: readValues(input) };
  const hasLegacyCounterShards = input.readUnsignedByte() !== 0;
  const totalColumnsSet = input.readBigInt64();
  const totalRows = input.readBigInt64();
  const lower = version.hasCommitLogLowerBound ? readPosition(input) : { segmentId: -1n, position: 0 };
  const commitLogIntervals = version.hasCommitLogIntervals ? readIntervals(input) : [{ start: lower, end: upper }];
  return {
    partitionSizes, columnCounts, commitLogIntervals, minTimestampMicros, maxTimestampMicros, minLocalDeletionTime, maxLocalDeletionTime,
    minTtlSeconds, maxTtlSeconds, compressionRatio, tombstoneDropTimes, sstableLevel, repairedAt, ...clustering,
    hasLegacyCounterShards, totalColumnsSet, totalRows, ...readLaterStats(input, version),
  };
}

/** What the versions since me appended. */
function readLaterStats(input: ByteCursor, version: SSTableVersion): Pick<StatsMetadata, 'pendingRepair' | 'isTransient' | 'originatingHostId' | 'keyRange'> {
  const pendingRepair = version.hasPendingRepair && input.readUnsignedByte() !== 0 ? uuid(input) : undefined;
  const isTransient = version.hasPendingRepair ? input.readUnsignedByte() !== 0 : undefined;
  const originatingHostId = version.hasOriginatingHostId && input.readUnsignedByte() !== 0 ? uuid(input) : undefined;
  const keyRange = version.hasCoveredClustering ? readKeyRange(input) : undefined;
  return {
    ...(pendingRepair === undefined ? {} : { pendingRepair }), ...(isTransient === undefined ? {} : { isTransient }),
    ...(originatingHostId === undefined ? {} : { originatingHostId }), ...(keyRange === undefined ? {} : { keyRange }),
  };
}

function readKeyRange(input: ByteCursor): KeyRange {
  const hasPartitionLevelDeletions = input.readUnsignedByte() !== 0;
  const firstKey = readKey(input);
  const lastKey = readKey(input);
  return { hasPartitionLevelDeletions, firstKey, lastKey, tokenSpaceCoverage: input.readDouble() };
}

function readKey(input: ByteCursor): Uint8Array {
  const length = input.readUnsignedVInt();
  const at = input.take(length);
  return input.bytes.slice(at, at + length);
}

/** As versions before 3.0 have them. */
function readLegacyStats(input: ByteCursor, version: SSTableVersion): StatsMetadata {
  const partitionSizes = readHistogram(input);
  const columnCounts = readHistogram(input);
  const upper = readPosition(input);
  const minTimestampMicros = input.readBigInt64();
  const maxTimestampMicros = input.readBigInt64();
  const maxLocalDeletionTime = input.readInt32();
  const compressionRatio = input.readDouble();
  const tombstoneDropTimes = readDropTimes(input);
  const sstableLevel = input.readInt32();
  const repairedAt = input.readBigInt64();
  const minClustering = readValues(input);
  const maxClustering = readValues(input);
  const hasLegacyCounterShards = input.readUnsignedByte() !== 0;
  const lower = version.hasCommitLogLowerBound ? readPosition(input) : { segmentId: -1n, position: 0 };
  return {
    partitionSizes, columnCounts, commitLogIntervals: [{ start: lower, end: upper }], minTimestampMicros, maxTimestampMicros, maxLocalDeletionTime,
    compressionRatio, tombstoneDropTimes, sstableLevel, repairedAt, minClustering, maxClustering, hasLegacyCounterShards,
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

/** From version oa on the points are no doubles. */
function readIntegerDropTimes(input: ByteCursor): { point: number; count: number }[] {
  input.readInt32();
  const count = boundedCount(input, input.readInt32(), 12);
  return Array.from({ length: count }, () => ({ point: Number(input.readBigInt64()), count: input.readInt32() }));
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
