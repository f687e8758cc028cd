// The index of the big formats: a binary search in Summary.db, then a few entries of Index.db.

import type { ByteSource, FileSystem } from '../bytes/byte-source.ts';
import { CodedError, cassandraError } from '../errors.ts';
import { END, PENDING, Partition } from '../model/cursor.ts';
import type { Partitioner } from '../model/table-metadata.ts';
import { assignToken, compareTokens } from '../model/token.ts';
import type { Token } from '../model/token.ts';
import type { Descriptor } from './descriptor.ts';
import { IndexCursor } from './index-entries.ts';
import type { IndexSample, IndexSamples } from './index-samples.ts';
import type { IndexedData, IndexedPartition, KeyAt, PartitionIndex, PartitionVisitor } from './partition-index.ts';
import { Summary } from './summary.ts';
import type { SSTableVersion } from './version.ts';

/** About what lies between two samples of the summary: 128 entries of small partitions. */
const SEARCH_BYTES = 4 * 1024;
const WALK_BYTES = 64 * 1024;

/** Makes samples of an Index.db. */
type Sampler = (index: ByteSource) => Promise<IndexSamples>;

/**
 * Neither file has checksums, so what they say is checked where it is used: the summary's keys against the index here, the index's keys against
 * the partitions by the scan. A summary that is missing or damaged is made anew, as Cassandra does.
 * Errors: SSTABLE_COMPONENT_MISSING without Index.db, SSTABLE_CORRUPT, SSTABLE_TRUNCATED.
 */
export class BigIndex implements PartitionIndex {
  readonly keyAt: KeyAt;
  readonly #index: ByteSource;
  readonly #version: SSTableVersion;
  readonly #summaryFile: ByteSource | undefined;
  readonly #summary: Summary | undefined;
  readonly #sample: Sampler;
  /** The summary, until it is found to be damaged. */
  #samples: IndexSamples;
  readonly #partitioner: Partitioner;
  readonly #dataLength: number;
  readonly #probe = new Partition();

  private constructor(index: ByteSource, version: SSTableVersion, data: IndexedData, sample: Sampler, samples: IndexSamples, summaryFile: ByteSource | undefined) {
    this.#index = index;
    this.#version = version;
    this.#summaryFile = summaryFile;
    this.#summary = samples instanceof Summary ? samples : undefined;
    this.#samples = samples;
    this.#sample = sample;
    this.#partitioner = data.partitioner;
    this.#dataLength = data.dataLength;
    this.keyAt = data.keyAt;
  }

  /** `sample` is asked where Summary.db cannot be used. */
  static async open(files: FileSystem, descriptor: Descriptor, data: IndexedData, sample: Sampler): Promise<BigIndex> {
    const path = descriptor.pathOf('Index.db');
    if ((await files.kind(path)) === undefined) throw cassandraError('SSTABLE_COMPONENT_MISSING', 'Index.db is not there: it finds a token range', { file: path });
    const summaryPath = descriptor.pathOf('Summary.db');
    const index = await files.open(path);
    let summaryFile: ByteSource | undefined;
    try {
      summaryFile = (await files.kind(summaryPath)) === undefined ? undefined : await files.open(summaryPath);
      const samples = (summaryFile && (await unlessDamaged(Summary.open(summaryFile)))) ?? (await sample(index));
      return new BigIndex(index, descriptor.version, data, sample, samples, summaryFile);
    } catch (error) {
      await index.close();
      await summaryFile?.close();
      throw error;
    }
  }

  get sizeBytes(): number {
    return this.#index.size;
  }

  async firstAfter(token: Token): Promise<IndexedPartition | undefined> {
    try {
      return await this.#search(token);
    } catch (error) {
      if (this.#samples !== this.#summary || !isDamage(error)) throw error;
      this.#samples = await this.#sample(this.#index);
      return this.#search(token);
    }
  }

  async #search(token: Token): Promise<IndexedPartition | undefined> {
    let sample = await this.#sampleBefore(token);
    const cursor = new IndexCursor(this.#index, this.#version, sample?.indexPosition ?? 0, SEARCH_BYTES);
    let key: Uint8Array | undefined;
    for (;;) {
      const step = cursor.advance();
      if (step === END) {
        await this.#requireLast(key);
        return undefined;
      }
      if (step === PENDING) {
        await cursor.fill();
        continue;
      }
      key = cursor.key();
      if (sample && Buffer.compare(sample.key, key) !== 0) throw this.#corrupt('Summary.db and Index.db contradict each other');
      sample = undefined;
      if (compareTokens(this.#tokenOf(key), token) <= 0) continue;
      this.#requireWithin(cursor.dataPosition);
      return { key, position: cursor.dataPosition };
    }
  }

  async positionAfter(token: Token): Promise<number | undefined> {
    return (await this.firstAfter(token))?.position;
  }

  async forEach(visit: PartitionVisitor): Promise<void> {
    const cursor = new IndexCursor(this.#index, this.#version, 0, WALK_BYTES);
    for (let last = -1; ; ) {
      const step = cursor.advance();
      if (step === END) return;
      if (step === PENDING) {
        await cursor.fill();
        continue;
      }
      if (cursor.dataPosition <= last) throw this.#corrupt(`The partition at byte ${cursor.dataPosition} comes after the one at ${last}`);
      last = cursor.dataPosition;
      this.#requireWithin(last);
      const key = cursor.bytes.subarray(cursor.keyStart, cursor.keyEnd);
      visit(last, this.#tokenOf(key), key);
    }
  }

  async close(): Promise<void> {
    await this.#index.close();
    await this.#summaryFile?.close();
  }

  /** An index that was cut off between two entries would hide the partitions behind them: the summary knows the last key. */
  async #requireLast(key: Uint8Array | undefined): Promise<void> {
    const bounds = this.#summary && (await unlessDamaged(this.#summary.bounds()));
    if (bounds && key && Buffer.compare(bounds.lastKey, key) !== 0) throw this.#corrupt('The last key of the index is not the one that Summary.db has');
  }

  /** The last sampled key whose token is at most `token`. */
  async #sampleBefore(token: Token): Promise<IndexSample | undefined> {
    let low = 0;
    let high = this.#samples.count;
    let found: IndexSample | undefined;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = await this.#samples.entry(middle);
      if (compareTokens(this.#tokenOf(entry.key), token) <= 0) {
        found = entry;
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return found;
  }

  #tokenOf(key: Uint8Array): Token {
    this.#probe.key = key as Uint8Array<ArrayBuffer>;
    this.#probe.keyLength = key.length;
    assignToken(this.#partitioner, this.#probe);
    return this.#probe;
  }

  #requireWithin(position: number): void {
    if (position >= this.#dataLength) throw this.#corrupt(`An index entry points to byte ${position} of ${this.#dataLength}`);
  }

  #corrupt(message: string): Error {
    return cassandraError('SSTABLE_CORRUPT', message, { file: this.#index.path });
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof CodedError && error.code.startsWith('SSTABLE_');
}

async function unlessDamaged<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
