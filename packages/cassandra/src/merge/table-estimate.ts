// What is in a table, without reading its data: counts from Statistics.db, and the largest partitions from the indexes.

import { ringOf, tokenOfBigInt } from '../model/token-range.ts';
import { partitionOfKey, tokenToBigInt } from '../model/token.ts';
import type { PartitionIndex } from '../sstable/partition-index.ts';
import type { SSTable } from '../sstable/sstable.ts';
import { Heap } from './heap.ts';

export interface TableEstimate {
  readonly sstables: number;
  /** Bytes of Data.db files: on disk, and uncompressed. */
  readonly sizeBytes: number;
  readonly uncompressedBytes: number;
  /** Of all SSTables together: what several of them hold (written anew, or by several replicas) counts in each, deleted or not. Rows of SSTables before 3.0 are guessed from their cells. */
  readonly partitions: number;
  readonly rows: number;
}

export interface LargePartition {
  /** Serialized. */
  readonly key: Uint8Array;
  /** About how many uncompressed bytes of Data.db it has, over all SSTables; nothing was merged. */
  readonly sizeBytes: number;
  /** How many SSTables hold a part of it. */
  readonly sstables: number;
}

/** From Statistics.db alone, which is read when an SSTable is opened. */
export function estimateTable(sstables: readonly SSTable[]): TableEstimate {
  const total = (of: (sstable: SSTable) => number) => sstables.reduce((sum, sstable) => sum + of(sstable), 0);
  return {
    sstables: sstables.length,
    sizeBytes: total((sstable) => sstable.sizeBytes),
    uncompressedBytes: total((sstable) => sstable.dataLength),
    partitions: total(({ partitionCount }) => partitionCount),
    rows: total(rowsOf),
  };
}

/** Before 3.0 only cells were counted, by the partition, in ranges: as many as there would be if every row had every column, and a marker. */
function rowsOf(sstable: SSTable): number {
  const { totalRows, columnCounts } = sstable.statistics.stats;
  if (totalRows !== undefined) return Number(totalRows);
  const cells = columnCounts.counts.reduce((sum, count, i) => sum + count * (columnCounts.offsets[i] ?? columnCounts.offsets.at(-1) ?? 0), 0);
  const { table } = sstable;
  const cellsPerRow = table ? table.regularColumns.length + (table.isCompact ? 0 : 1) : 1;
  return Math.max(sstable.partitionCount, Math.round(cells / cellsPerRow));
}

/**
 * The `count` largest partitions, the largest first. Reads each index once from end to end, and the keys of the `count` largest of each; then looks for
 * those in the other SSTables. So a partition that is large only as a sum, and nowhere among the largest of a single SSTable, can be missed.
 * Throws what reading an index throws.
 */
export async function largestPartitions(sstables: readonly SSTable[], count: number): Promise<LargePartition[]> {
  if (count <= 0) return [];
  const found = new Map<string, { key: Uint8Array; sizes: Map<SSTable, number> }>();
  for (const sstable of sstables) {
    for (const { key, sizeBytes } of await withIndex(sstable, (index) => largestOf(index, sstable.dataLength, count))) {
      const name = Buffer.from(key).toString('latin1');
      if (!found.has(name)) found.set(name, { key, sizes: new Map() });
      found.get(name)!.sizes.set(sstable, sizeBytes);
    }
  }
  for (const sstable of sstables) {
    if (!ringOf(sstable.partitioner)) continue;
    const missing = [...found.values()].filter(({ sizes }) => !sizes.has(sstable));
    await withIndex(sstable, async (index) => {
      for (const { key, sizes } of missing) {
        const sizeBytes = await sizeOf(key, index, sstable);
        if (sizeBytes > 0) sizes.set(sstable, sizeBytes);
      }
    });
  }
  return [...found.values()]
    .map(({ key, sizes }) => ({ key, sstables: sizes.size, sizeBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) }))
    .sort((a, b) => b.sizeBytes - a.sizeBytes || Buffer.compare(a.key, b.key))
    .slice(0, count);
}

async function withIndex<T>(sstable: SSTable, use: (index: PartitionIndex) => Promise<T>): Promise<T> {
  const index = await sstable.openIndex();
  try {
    return await use(index);
  } finally {
    await index.close();
  }
}

interface Sized {
  readonly key: Uint8Array;
  readonly sizeBytes: number;
}

/** A partition is as long as it is to where the next one begins. */
async function largestOf(index: PartitionIndex, dataLength: number, count: number): Promise<Sized[]> {
  const largest = new Heap<{ readonly position: number; readonly sizeBytes: number; readonly key: Uint8Array | undefined }>((a, b) => a.sizeBytes - b.sizeBytes);
  let start = -1;
  let key = new Uint8Array(64);
  /** Negative when the index does not have it. */
  let keyLength = -1;
  const end = (position: number): void => {
    const sizeBytes = position - start;
    if (start < 0 || (largest.size === count && sizeBytes <= largest.top().sizeBytes)) return;
    if (largest.size === count) largest.pop();
    largest.push({ position: start, sizeBytes, key: keyLength < 0 ? undefined : key.slice(0, keyLength) });
  };
  await index.forEach((position, _token, next) => {
    end(position);
    start = position;
    keyLength = next?.length ?? -1;
    if (key.length < keyLength) key = new Uint8Array(keyLength * 2);
    if (next) key.set(next);
  });
  end(dataLength);
  const sized: Sized[] = [];
  while (largest.size > 0) {
    const { position, sizeBytes, key: known } = largest.pop();
    sized.push({ key: known ?? (await index.keyAt(position)), sizeBytes });
  }
  return sized;
}

/** Of one partition in one SSTable; 0 when it is not there. */
async function sizeOf(key: Uint8Array, index: PartitionIndex, { partitioner, dataLength }: SSTable): Promise<number> {
  const partition = partitionOfKey(partitioner, key);
  const first = await index.firstAfter(tokenOfBigInt(partitioner, tokenToBigInt(partitioner, partition) - 1n));
  if (!first || Buffer.compare(first.key, key) !== 0) return 0;
  const next = await index.firstAfter(partition);
  return (next?.position ?? dataLength) - first.position;
}
