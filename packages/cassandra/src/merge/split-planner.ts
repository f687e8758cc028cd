// Cuts a table into token ranges of equal bytes, by questions to the indexes alone: how much of an SSTable lies before this token?
//
// Each SSTable is asked more closely where much lies between two answers, so the number of questions follows the number of splits, not
// the size of the table. What is left between two answers is taken to be spread evenly, as hashes are. A partition that is large by
// itself is found out: it is one step, not a slope. An index that is smaller than the answers would be is read through instead.

import { rangesOfCuts, requireTokens, tokenOfBigInt } from '../model/token-range.ts';
import type { Ring, TokenRange } from '../model/token-range.ts';
import type { Partitioner } from '../model/table-metadata.ts';
import { partitionOfKey, tokenToBigInt } from '../model/token.ts';
import type { PartitionIndex } from '../sstable/partition-index.ts';
import type { SSTable } from '../sstable/sstable.ts';

export interface PlannedSplit {
  readonly range: TokenRange;
  /** About how many bytes of Data.db files on disk it covers. */
  readonly sizeBytes: number;
}

/** Questions are asked until no answer is coarser than this part of a split. */
const GRAINS_PER_SPLIT = 8;
/** An even stretch between two answers may be cut at so many places. */
const STEPS_PER_GRAIN = 4;

/** What a question reads, about: pages of the summary, entries of the index. */
const BYTES_PER_QUESTION = 8 * 1024;

/** Bytes on disk that lie at a token, or between it and the one before. */
interface Weight {
  token: bigint;
  bytes: number;
}

/** An answer: partitions with tokens up to this one end at this uncompressed offset. */
interface Mark {
  readonly token: bigint;
  readonly position: number;
}

/**
 * At most `count` splits of about equal size, which together are the ring; the same for the same files. A partition that is larger than that
 * has a split to itself, and the others share the rest. Throws what reading an index throws; SSTABLE_UNSUPPORTED for a partitioner without tokens.
 */
export async function planSplits(sstables: readonly SSTable[], partitioner: Partitioner, count: number): Promise<PlannedSplit[]> {
  const ring = requireTokens(partitioner);
  const totalBytes = sstables.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const weights: Weight[] = [];
  for (const sstable of sstables) {
    const index = await sstable.openIndex();
    try {
      const grainBytes = totalBytes / (count * GRAINS_PER_SPLIT);
      const profile = new Profile(index, partitioner, sstable.sizeBytes / sstable.dataLength, grainBytes);
      const isQuickerRead = index.sizeBytes < (sstable.sizeBytes / grainBytes) * BYTES_PER_QUESTION;
      weights.push(...await (isQuickerRead ? profile.readThrough(sstable.dataLength) : profile.ask(ring, sstable.dataLength)));
    } finally {
      await index.close();
    }
  }
  return cut(inTokenOrder(weights), count);
}

/** Where the bytes of one SSTable lie. */
class Profile {
  readonly #index: PartitionIndex;
  readonly #partitioner: Partitioner;
  /** Of bytes on disk to bytes uncompressed. */
  readonly #ratio: number;
  readonly #grainBytes: number;
  readonly #weights: Weight[] = [];

  constructor(index: PartitionIndex, partitioner: Partitioner, ratio: number, grainBytes: number) {
    this.#index = index;
    this.#partitioner = partitioner;
    this.#ratio = ratio;
    this.#grainBytes = grainBytes;
  }

  async readThrough(dataLength: number): Promise<readonly Weight[]> {
    const step = this.#grainBytes / STEPS_PER_GRAIN;
    let token = 0n;
    let start = 0;
    const weigh = (position: number): void => {
      const bytes = (position - start) * this.#ratio;
      if (bytes < step && position < dataLength) return;
      this.#weights.push({ token, bytes });
      start = position;
    };
    await this.#index.forEach((position, at) => {
      if (position > start) weigh(position);
      token = tokenToBigInt(this.#partitioner, at);
    });
    weigh(dataLength);
    return this.#weights;
  }

  async ask(ring: Ring, dataLength: number): Promise<readonly Weight[]> {
    await this.#refine({ token: ring.first - 1n, position: 0 }, { token: ring.last, position: dataLength });
    return this.#weights;
  }

  async #refine(after: Mark, upTo: Mark): Promise<void> {
    const bytes = (upTo.position - after.position) * this.#ratio;
    if (bytes <= 0) return;
    const width = upTo.token - after.token;
    if (width <= 1n) {
      this.#weights.push({ token: upTo.token, bytes });
    } else if (bytes <= this.#grainBytes) {
      for (let step = 1n; step <= STEPS_PER_GRAIN; step++) {
        this.#weights.push({ token: after.token + (width * step) / BigInt(STEPS_PER_GRAIN), bytes: bytes / STEPS_PER_GRAIN });
      }
    } else {
      const middle = await this.#ask((after.token + upTo.token) >> 1n, upTo);
      const isOneSided = middle.position === after.position || middle.position === upTo.position;
      const from = isOneSided ? await this.#takeLargePartition(after, upTo) : after;
      if (from !== after) {
        await this.#refine(from, upTo);
      } else {
        await this.#refine(after, middle);
        await this.#refine(middle, upTo);
      }
    }
  }

  /** If the first partition of a stretch is more than a grain, weighs it and returns where it ends. */
  async #takeLargePartition(after: Mark, upTo: Mark): Promise<Mark> {
    const first = await this.#index.firstAfter(tokenOfBigInt(this.#partitioner, after.token));
    if (!first || first.position !== after.position) return after;
    const token = tokenToBigInt(this.#partitioner, partitionOfKey(this.#partitioner, first.key));
    const end = await this.#ask(token, upTo);
    const bytes = (end.position - first.position) * this.#ratio;
    if (bytes <= this.#grainBytes) return after;
    this.#weights.push({ token, bytes });
    return end;
  }

  async #ask(token: bigint, upTo: Mark): Promise<Mark> {
    const next = await this.#index.positionAfter(tokenOfBigInt(this.#partitioner, token));
    return { token, position: Math.min(upTo.position, next ?? upTo.position) };
  }
}

/** Sorted, with one weight a token. */
function inTokenOrder(weights: Weight[]): Weight[] {
  weights.sort((a, b) => (a.token < b.token ? -1 : a.token > b.token ? 1 : 0));
  const merged: Weight[] = [];
  for (const weight of weights) {
    const last = merged.at(-1);
    if (last?.token === weight.token) last.bytes += weight.bytes;
    else merged.push(weight);
  }
  return merged;
}

/** Cuts where a split has its share; what one has too much or too little is spread over those that follow. */
function cut(weights: readonly Weight[], count: number): PlannedSplit[] {
  const large = largerThanShare(weights, count);
  let smallBytes = sum(weights) - sum(large);
  let smallSplits = count - large.length;
  const isLarge = new Set(large);
  const cuts: bigint[] = [];
  const sizes: number[] = [];
  let bytes = 0;
  const endSplit = (token: bigint): void => {
    cuts.push(token);
    sizes.push(bytes);
    bytes = 0;
  };
  weights.forEach((weight, i) => {
    const share = smallBytes / Math.max(1, smallSplits);
    const last = weights[i - 1];
    // A little before a large partition goes with it.
    const isDue = isLarge.has(weight) ? bytes >= share / 2 : isLarge.has(last) || bytes + weight.bytes - share > share - bytes;
    if (bytes > 0 && isDue && cuts.length < count - 1) {
      if (!isLarge.has(last)) {
        smallBytes -= bytes;
        smallSplits--;
      }
      endSplit(last.token);
    }
    bytes += weight.bytes;
  });
  sizes.push(bytes);
  return rangesOfCuts(cuts).map((range, i) => ({ range, sizeBytes: Math.round(sizes[i]) }));
}

/** Partitions that are larger than the share of the others. */
function largerThanShare(weights: readonly Weight[], count: number): Weight[] {
  const descending = [...weights].sort((a, b) => b.bytes - a.bytes);
  let left = sum(weights);
  let n = 0;
  while (n < Math.min(count, descending.length) - 1 && descending[n].bytes > left / (count - n)) left -= descending[n++].bytes;
  return descending.slice(0, n);
}

function sum(weights: readonly Weight[]): number {
  return weights.reduce((total, { bytes }) => total + bytes, 0);
}
