// What Summary.db is to Index.db, made anew where it is missing: some tools do not write it, and Cassandra does not need it either.

import type { ByteSource } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';
import { END, PENDING } from '../model/cursor.ts';
import { IndexCursor } from './index-entries.ts';
import type { SSTableVersion } from './version.ts';

/** A sampled key and the offset of its entry in Index.db. */
export interface IndexSample {
  readonly key: Uint8Array<ArrayBuffer>;
  readonly indexPosition: number;
}

/** Samples of an index, in token order. */
export interface IndexSamples {
  readonly count: number;
  entry(i: number): Promise<IndexSample>;
}

const KEYS_PER_SAMPLE = 128;
/** They are kept in memory: an index of more keys is sampled more thinly. */
const MAX_SAMPLES = 1 << 14;
const READ_BYTES = 64 * 1024;

/**
 * Reads the index once. `keyCount`: how many partitions the SSTable has, since an index that was cut off between two entries looks whole.
 * Throws SSTABLE_CORRUPT or SSTABLE_TRUNCATED.
 */
export async function sampleIndex(source: ByteSource, version: SSTableVersion, keyCount: number): Promise<IndexSamples> {
  const cursor = new IndexCursor(source, version, 0, READ_BYTES);
  let samples: IndexSample[] = [];
  let interval = KEYS_PER_SAMPLE;
  for (let keys = 0; ; ) {
    const step = cursor.advance();
    if (step === END) {
      if (keys !== keyCount) throw cassandraError('SSTABLE_CORRUPT', `The index has ${keys} partitions, Statistics.db counts ${keyCount}`, { file: source.path });
      return { count: samples.length, entry: async (i) => samples[i] };
    }
    if (step === PENDING) {
      await cursor.fill();
      continue;
    }
    if (keys++ % interval !== 0) continue;
    samples.push({ key: cursor.key(), indexPosition: cursor.entryPosition });
    if (samples.length <= MAX_SAMPLES) continue;
    samples = samples.filter((_, i) => i % 2 === 0);
    interval *= 2;
  }
}
