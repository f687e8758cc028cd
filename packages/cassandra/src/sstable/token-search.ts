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
import type { IndexEntry } from './index-entries.ts';
import { parseSummary } from './summary.ts';
import type { Summary } from './summary.ts';

const MAX_SUMMARY_BYTES = 1 << 30;

/** Summary.db, where it is there (it can be rebuilt from Index.db, so Cassandra lives without). */
export async function readSummary(files: FileSystem, descriptor: Descriptor): Promise<Summary | undefined> {
  const path = descriptor.pathOf('Summary.db');
  return (await files.kind(path)) === undefined ? undefined : parseSummary(await readWhole(files, path, MAX_SUMMARY_BYTES), path);
}

/** Where the partitions of a range lie: uncompressed offsets [start, end), and the key of the first one. */
export interface RangeOffsets {
  readonly start: number;
  readonly end: number;
  readonly firstKey: Uint8Array | undefined;
}

/**
 * Finds the partitions of a range. Neither file has checksums, so what they say is checked where it is used: the summary's key against the
 * index, the index's key against the partition. Throws SSTABLE_COMPONENT_MISSING without Index.db, SSTABLE_CORRUPT when they contradict.
 */
export async function offsetsOfRange(files: FileSystem, descriptor: Descriptor, partitioner: Partitioner, dataLength: number, range: TokenRange): Promise<RangeOffsets> {
  const path = descriptor.pathOf('Index.db');
  if ((await files.kind(path)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Index.db is not there: it finds a token range', { file: path });
  const summary = await readSummary(files, descriptor);
  const source = await files.open(path);
  try {
    const firstAfter = async (bound: bigint): Promise<IndexEntry | undefined> => {
      const token = tokenOfBigInt(partitioner, bound);
      let sample = summary && sampleBefore(summary, partitioner, token);
      for await (const entry of readIndexEntries(source, sample?.indexPosition ?? 0)) {
        if (sample && Buffer.compare(sample.key, entry.key) !== 0) throw cassandraError('SSTABLE_CORRUPT', 'Summary.db and Index.db contradict each other', { file: path });
        sample = undefined;
        if (compareTokens(partitionOfKey(partitioner, entry.key), token) <= 0) continue;
        if (entry.position >= dataLength) throw cassandraError('SSTABLE_CORRUPT', `An index entry points to byte ${entry.position} of ${dataLength}`, { file: path });
        return entry;
      }
      return undefined;
    };
    const first = range.start === undefined ? undefined : await firstAfter(range.start);
    const next = range.end === undefined ? undefined : await firstAfter(range.end);
    return {
      start: range.start === undefined ? 0 : first?.position ?? dataLength,
      end: next?.position ?? dataLength,
      firstKey: first?.key,
    };
  } finally {
    await source.close();
  }
}

/** The last sampled key whose token is at most `token`. */
function sampleBefore(summary: Summary, partitioner: Partitioner, token: Token): Summary['entries'][number] | undefined {
  let low = 0;
  let high = summary.entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareTokens(partitionOfKey(partitioner, summary.entries[middle].key), token) <= 0) low = middle + 1;
    else high = middle;
  }
  return summary.entries[low - 1];
}
