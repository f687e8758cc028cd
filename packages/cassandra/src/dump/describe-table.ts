// `aeneas sstable describe --estimate`: what SSTables together hold, as a plain object for JSON.

import type { FileSystem } from '../bytes/byte-source.ts';
import { estimateTable, largestPartitions } from '../merge/table-estimate.ts';
import { ringOf } from '../model/token-range.ts';
import { partitionOfKey, tokenToBigInt } from '../model/token.ts';
import { SSTable } from '../sstable/sstable.ts';

/** Takes the SSTables for one table. Reads Statistics and indexes, no data. Keys are hexadecimal. Throws what SSTable.open and reading an index throw. */
export async function describeTable(files: FileSystem, dataFiles: readonly string[], largestCount: number): Promise<Record<string, unknown>> {
  const sstables: SSTable[] = [];
  for (const file of dataFiles) sstables.push(await SSTable.open(files, file));
  const { partitioner } = sstables[0];
  const largest = await largestPartitions(sstables, largestCount);
  return {
    ...estimateTable(sstables),
    largestPartitions: largest.map(({ key, sizeBytes, sstables: count }) => ({
      key: Buffer.from(key).toString('hex'),
      ...(ringOf(partitioner) ? { token: `${tokenToBigInt(partitioner, partitionOfKey(partitioner, key))}` } : {}),
      uncompressedBytes: sizeBytes,
      sstables: count,
    })),
  };
}
