// Where in Data.db the partitions of a token range lie.

import type { Partitioner } from '../model/table-metadata.ts';
import { requireTokens, tokenOfBigInt } from '../model/token-range.ts';
import type { TokenRange } from '../model/token-range.ts';
import type { IndexedPartition, PartitionIndex } from './partition-index.ts';

/** Uncompressed offsets [start, end), and the keys of the partitions there: of the first one, and of the one that follows the range. */
export interface RangeOffsets {
  readonly start: number;
  readonly end: number;
  readonly firstKey: Uint8Array | undefined;
  readonly endKey: Uint8Array | undefined;
}

/** Finds the partitions of a range that does not go round (see `unwrapped`). Throws SSTABLE_*; SSTABLE_UNSUPPORTED for a partitioner without tokens. */
export async function offsetsOfRange(index: PartitionIndex, partitioner: Partitioner, dataLength: number, range: TokenRange): Promise<RangeOffsets> {
  requireTokens(partitioner);
  const firstAfter = async (bound: bigint | undefined): Promise<IndexedPartition | undefined> =>
    (bound === undefined ? undefined : index.firstAfter(tokenOfBigInt(partitioner, bound)));
  const first = await firstAfter(range.start);
  const next = range.start !== undefined && first === undefined ? undefined : await firstAfter(range.end);
  return {
    start: range.start === undefined ? 0 : first?.position ?? dataLength,
    end: next?.position ?? dataLength,
    firstKey: first?.key,
    endKey: next?.key,
  };
}
