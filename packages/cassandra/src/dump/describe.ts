// `aeneas sstable describe`: what an SSTable's small components say about it, as a plain object for JSON.

import type { FileSystem } from '../bytes/byte-source.ts';
import { timestampToBigInt } from '../model/row.ts';
import { SSTable } from '../sstable/sstable.ts';
import type { CommitLogPosition, EstimatedHistogram, KeyRange, Statistics } from '../sstable/statistics.ts';
import { Summary } from '../sstable/summary.ts';

/** Opens an SSTable without reading its rows. 64-bit numbers are strings, keys and values hexadecimal. Throws what SSTable.open does. */
export async function describeSSTable(files: FileSystem, dataFile: string): Promise<Record<string, unknown>> {
  const sstable = await SSTable.open(files, dataFile);
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
      chunkLengthBytes: compression.chunkLength, chunks: compression.chunkCount,
    },
    ...describeStatistics(statistics),
    summary: await describeSummary(files, sstable.descriptor.pathOf('Summary.db')),
  };
}

async function describeSummary(files: FileSystem, path: string): Promise<Record<string, unknown> | undefined> {
  if ((await files.kind(path)) === undefined) return undefined;
  const source = await files.open(path);
  try {
    const summary = await Summary.open(source);
    const { minIndexInterval, samplingLevel, fullSamplingSize, count } = summary;
    const { firstKey, lastKey } = await summary.bounds();
    return { minIndexInterval, samplingLevel, fullSamplingSize, entries: count, firstKey: hex(firstKey), lastKey: hex(lastKey) };
  } finally {
    await source.close();
  }
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
    totalRows: stats.totalRows?.toString(),
    totalColumnsSet: stats.totalColumnsSet?.toString(),
    hasLegacyCounterShards: stats.hasLegacyCounterShards,
    pendingRepair: stats.pendingRepair,
    isTransient: stats.isTransient,
    originatingHostId: stats.originatingHostId,
    ...(stats.keyRange && describeKeyRange(stats.keyRange)),
    partitions: stats.partitionSizes.counts.reduce((sum, count) => sum + count, 0),
    partitionSizeBytes: describeHistogram(stats.partitionSizes),
    cellsPerPartition: describeHistogram(stats.columnCounts),
    tombstoneDropTimes: stats.tombstoneDropTimes,
    minClustering: stats.minClustering.map((value) => value && hex(value)),
    maxClustering: stats.maxClustering.map((value) => value && hex(value)),
    commitLogIntervals: stats.commitLogIntervals.map(({ start, end }) => ({ start: positionText(start), end: positionText(end) })),
    cardinalityBytes: cardinality.length,
    header: header && {
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

function describeKeyRange({ hasPartitionLevelDeletions, firstKey, lastKey, tokenSpaceCoverage }: KeyRange): Record<string, unknown> {
  return {
    hasPartitionLevelDeletions, firstKey: hex(firstKey), lastKey: hex(lastKey),
    tokenSpaceCoverage: Number.isFinite(tokenSpaceCoverage) ? tokenSpaceCoverage : undefined,
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
