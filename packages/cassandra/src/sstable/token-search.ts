// Where in Data.db the partitions of a token range lie: a search in Summary.db, then a short read of Index.db.

import { readWhole } from '../bytes/byte-source.ts';
import type { FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';
import type { Partitioner } from '../model/table-metadata.ts';
import { tokenOfBigInt } from '../model/token-range.ts';
import type { TokenRange } from '../model/token-range.ts';
import { compareTokens, partitionOfKey } from '../model/token.ts';
import type { Token } from '../model/token.ts';
import type { Descriptor } from './descriptor.ts';
import { readIndexEntries } from './index-entries.ts';
import { parseSummary } from './summary.ts';
import type { Summary } from './summary.ts';

const MAX_SUMMARY_BYTES = 1 << 30;

/** Summary.db, where it is there (it can be rebuilt from Index.db, so Cassandra lives without). */
export async function readSummary(files: FileSystem, descriptor: Descriptor): Promise<Summary | undefined> {
  const path = descriptor.pathOf('Summary.db');
  return (await files.kind(path)) === undefined ? undefined : parseSummary(await readWhole(files, path, MAX_SUMMARY_BYTES), path);
}

/** Uncompressed offsets [start, end) of the partitions of a range. Throws SSTABLE_COMPONENT_MISSING without Index.db. */
export async function offsetsOfRange(files: FileSystem, descriptor: Descriptor, partitioner: Partitioner, dataLength: number, range: TokenRange): Promise<{ start: number; end: number }> {
  const path = descriptor.pathOf('Index.db');
  if ((await files.kind(path)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Index.db is not there: it finds a token range', { file: path });
  const summary = await readSummary(files, descriptor);
  const source = await files.open(path);
  try {
    const offsetAfter = async (bound: bigint | undefined, ifOpen: number): Promise<number> => {
      if (bound === undefined) return ifOpen;
      const token = tokenOfBigInt(partitioner, bound);
      for await (const entry of readIndexEntries(source, summary ? indexPositionBefore(summary, partitioner, token) : 0)) {
        if (compareTokens(partitionOfKey(partitioner, entry.key), token) <= 0) continue;
        if (entry.position > dataLength) throw cassandraError('SSTABLE_CORRUPT', `An index entry points to byte ${entry.position} of ${dataLength}`, { file: path });
        return entry.position;
      }
      return dataLength;
    };
    return { start: await offsetAfter(range.start, 0), end: await offsetAfter(range.end, dataLength) };
  } finally {
    await source.close();
  }
}

/** Offset in Index.db of the last sampled key whose token is at most `token`. */
function indexPositionBefore(summary: Summary, partitioner: Partitioner, token: Token): number {
  let low = 0;
  let high = summary.entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareTokens(partitionOfKey(partitioner, summary.entries[middle].key), token) <= 0) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : summary.entries[low - 1].indexPosition;
}
