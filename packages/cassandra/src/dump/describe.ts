// `aeneas sstable describe`: what an SSTable's small components say about it, as a plain object for JSON.

import type { FileSystem } from '../bytes/byte-source.ts';
import { timestampToBigInt } from '../model/row.ts';
import { SSTable } from '../sstable/sstable.ts';
import type { CommitLogPosition, EstimatedHistogram, Statistics } from '../sstable/statistics.ts';
import { readSummary } from '../sstable/token-search.ts';

/** Opens an SSTable without reading its rows. 64-bit numbers are strings, keys and values hexadecimal. Throws what SSTable.open does. */
export async function describeSSTable(files: FileSystem, dataFile: string): Promise<Record<string, unknown>> {
  const sstable = await SSTable.open(files, dataFile);
  const summary = await readSummary(files, sstable.descriptor);
  const { compression, statistics } = sstable;
  return {
    file: dataFile,
    version: sstable.descriptor.version.letters,
    generation: sstable.descriptor.generation,
    components: sstable.components,
    sizeBytes: sstable.sizeBytes,
    uncompressedBytes: sstable.dataLength,
    compression: compression && {
      compressor: compression.compressor, options: Object.fromEntries(compression.options),
      chunkLengthBytes: compression.chunkLength, chunks: compression.chunks,
    },
    ...describeStatistics(statistics),
    summary: summary && {
      minIndexInterval: summary.minIndexInterval, samplingLevel: summary.samplingLevel, fullSamplingSize: summary.fullSamplingSize,
      entries: summary.entries.length, firstKey: hex(summary.firstKey), lastKey: hex(summary.lastKey),
    },
  };
}

function describeStatistics({ validation, stats, header, cardinality }: Statistics): Record<string, unknown> {
  return {
    partitioner: validation.partitioner,
    bloomFilterFpChance: validation.bloomFilterFpChance,
    minTimestampMicros: `${stats.minTimestampMicros}`,
    maxTimestampMicros: `${stats.maxTimestampMicros}`,
    minLocalDeletionTime: stats.minLocalDeletionTime,
    maxLocalDeletionTime: stats.maxLocalDeletionTime,
    minTtlSeconds: stats.minTtlSeconds,
    maxTtlSeconds: stats.maxTtlSeconds,
    compressionRatio: stats.compressionRatio,
    sstableLevel: stats.sstableLevel,
    repairedAtMillis: `${stats.repairedAt}`,
    totalRows: `${stats.totalRows}`,
    totalColumnsSet: `${stats.totalColumnsSet}`,
    hasLegacyCounterShards: stats.hasLegacyCounterShards,
    originatingHostId: stats.originatingHostId,
    partitions: stats.partitionSizes.counts.reduce((sum, count) => sum + count, 0),
    partitionSizeBytes: describeHistogram(stats.partitionSizes),
    cellsPerPartition: describeHistogram(stats.columnCounts),
    tombstoneDropTimes: stats.tombstoneDropTimes,
    minClustering: stats.minClustering.map(hex),
    maxClustering: stats.maxClustering.map(hex),
    commitLogIntervals: stats.commitLogIntervals.map(({ start, end }) => ({ start: positionText(start), end: positionText(end) })),
    cardinalityBytes: cardinality.length,
    header: {
      minTimestampMicros: `${timestampToBigInt(header.minTimestampHi, header.minTimestampLo)}`,
      minLocalDeletionTime: header.minLocalDeletionTime,
      minTtlSeconds: header.minTtlSeconds,
      keyType: header.keyType,
      clusteringTypes: header.clusteringTypes,
      staticColumns: Object.fromEntries(header.staticColumns.map(({ name, type }) => [name, type])),
      regularColumns: Object.fromEntries(header.regularColumns.map(({ name, type }) => [name, type])),
    },
  };
}

/** The buckets that are not empty: [upper bound, count], a bound of null being "more than the last". */
function describeHistogram({ offsets, counts }: EstimatedHistogram): [number | null, number][] {
  return counts.flatMap((count, i): [number | null, number][] => (count === 0 ? [] : [[offsets[i] ?? null, count]]));
}

function positionText({ segmentId, position }: CommitLogPosition): string {
  return `${segmentId}:${position}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
