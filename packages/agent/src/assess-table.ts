// What a table would become, from a part of it: parts by chance until the estimate is good enough, or all of a small table.

import { END, PENDING, ringOf, sampleRanges, seededRandom } from '@aeneas/cassandra';
import type { LargePartition, TableReader, TokenRange } from '@aeneas/cassandra';
import { ItemCursor, ItemEncoder, OutputBuffer, partitionKeyText, planTable, REJECTED, writeUnits } from '@aeneas/dynamodb';
import type { RejectReason, TablePlan } from '@aeneas/dynamodb';
import { agentError } from './errors.ts';
import type { AssessedPartition, AssessJob, JobContext, SampledItem, SampledVolume, TableAssessment } from './job.ts';
import { openSource } from './open-source.ts';
import { LostCounter, RowCounter, Tally } from './tally.ts';

/** A table up to this size is read as a whole: then nothing is estimated. */
const WHOLE_BYTES = 16 * 1024 * 1024;
/** About so much is read before the estimate is judged anew. */
const ROUND_BYTES = 4 * 1024 * 1024;
const RANGES_PER_ROUND = 16;
const MIN_ROUNDS = 8;
/** Rounds that together are this much of a table may as well be all of it. */
const MAX_SHARE = 0.5;
/** Half of the interval that holds the truth in 95 of 100 cases, by the number of rounds (Student's t). */
const T_OF_FEW_ROUNDS = 2.37;
const T_OF_MANY_ROUNDS = 2.05;
const MANY_ROUNDS = 30;
const NAMED = 10;

/** Runs a job of this kind: see AssessJob. */
export async function assessTable({ source, seed, precision, maxBytes }: AssessJob, context: JobContext): Promise<TableAssessment> {
  const plan = planTable(source.table, source.mapping);
  const reader = await openSource(source, context.files);
  const estimate = reader.estimate();
  const largest = await reader.largestPartitions(NAMED);
  let sample = new Sample(plan);
  const began = performance.now();
  const read = (range: TokenRange): Promise<Volume> => sample.read(reader, range, source.nowSeconds, context);
  let volume = isReadWhole(reader, estimate.uncompressedBytes) ? undefined : await readRounds(read, reader, { bytes: estimate.uncompressedBytes, seed, precision, maxBytes }, context);
  if (volume === undefined) {
    sample = new Sample(plan);
    volume = { ...await read({}), isWhole: true, share: 1, relativeError: 0 };
  }
  return {
    ...estimate, volume, sampledRows: sample.rows, sampledSeconds: (performance.now() - began) / 1000,
    largestPartitions: largest.map((partition) => assessedPartition(partition, plan)),
    largestItems: sample.largest, rejected: [...sample.rejected.values()],
  };
}

/** Sums of one or more ranges. */
type Volume = Pick<SampledVolume, 'rows' | 'items' | 'rejected' | 'itemBytes' | 'writeUnits' | 'indexWriteUnits' | 'mixedExpiry' | 'decimalScales' | 'negativeZeros'>;
const FIELDS = ['rows', 'items', 'rejected', 'itemBytes', 'writeUnits', 'indexWriteUnits', 'mixedExpiry', 'decimalScales', 'negativeZeros'] as const;

/** Without tokens there are no ranges to choose from. */
function isReadWhole({ partitioner }: TableReader, bytes: number): boolean {
  return bytes <= WHOLE_BYTES || ringOf(partitioner) === undefined;
}

interface Rounds {
  readonly bytes: number;
  readonly seed: number;
  readonly precision: number;
  readonly maxBytes: number;
}

/** Each round is an estimate of its own; how far they differ says how good their mean is. Undefined when it is better to read everything. */
async function readRounds(read: (range: TokenRange) => Promise<Volume>, { partitioner }: TableReader, { bytes, seed, precision, maxBytes }: Rounds, { report }: JobContext): Promise<SampledVolume | undefined> {
  const random = seededRandom(seed);
  const share = ROUND_BYTES / bytes;
  const rounds: Volume[] = [];
  for (;;) {
    let round: Volume | undefined;
    for (const range of sampleRanges(partitioner, RANGES_PER_ROUND, share, random)) round = added(round, await read(range));
    rounds.push(round!);
    const relativeError = relativeErrorOf(rounds.map(({ writeUnits: units }) => units));
    report({ type: 'progress', rows: 0, items: 0, rejected: 0, fraction: Math.min(0.99, Math.max(rounds.length / MIN_ROUNDS * 0.5, precision / Math.max(relativeError, precision))) });
    if (rounds.length * share >= MAX_SHARE) return undefined;
    if (rounds.length >= MIN_ROUNDS && (relativeError <= precision || rounds.length * ROUND_BYTES >= maxBytes)) {
      const sum = rounds.reduce(added);
      const scaled = Object.fromEntries(FIELDS.map((field) => [field, Math.round(sum[field] / (rounds.length * share))])) as unknown as Volume;
      return { ...scaled, isWhole: false, share: rounds.length * share, relativeError };
    }
  }
}

/** Half of the 95 % interval of the mean, as a part of the mean. */
export function relativeErrorOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (mean === 0) return values.length < MIN_ROUNDS ? 1 : 0;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const factor = values.length < MANY_ROUNDS ? T_OF_FEW_ROUNDS : T_OF_MANY_ROUNDS;
  return factor * Math.sqrt(variance / values.length) / mean;
}

function added(a: Volume | undefined, b: Volume): Volume {
  return a === undefined ? b : Object.fromEntries(FIELDS.map((field) => [field, a[field] + b[field]])) as unknown as Volume;
}

/** What the ranges that were read have in common: their largest items, and why rows were rejected. */
class Sample {
  rows = 0;
  readonly largest: SampledItem[] = [];
  readonly rejected = new Map<string, { reason: RejectReason; column: string | undefined; rows: number; example: string }>();
  readonly #plan: TablePlan;
  readonly #out = new OutputBuffer();

  constructor(plan: TablePlan) {
    this.#plan = plan;
  }

  async read(reader: TableReader, range: TokenRange, nowSeconds: number, { signal, report }: JobContext): Promise<Volume> {
    const encoder = new ItemEncoder(this.#plan, this.#out);
    const cursor = new ItemCursor(await reader.liveRows({ nowSeconds, range }), encoder);
    const tally = new Tally();
    const counter = new RowCounter(undefined);
    const lost = new LostCounter(encoder);
    let indexWriteUnits = 0;
    try {
      for (;;) {
        const outcome = cursor.advance();
        if (outcome === END) break;
        if (outcome === PENDING) {
          if (signal.aborted) throw agentError('JOB_STOPPED', 'The assessment was stopped');
          await cursor.fill();
          continue;
        }
        tally.rows += counter.count(cursor);
        if (outcome === REJECTED) this.#reject(cursor, tally);
        else {
          this.#take(cursor, tally);
          indexWriteUnits += encoder.indexUnits;
        }
        this.#out.length = 0;
      }
    } finally {
      await cursor.close();
    }
    tally.rows += counter.end();
    this.rows += tally.rows;
    report({ type: 'progress', rows: tally.rows, items: tally.items, rejected: tally.rejected, fraction: 0 });
    return { rows: tally.rows, items: tally.items, rejected: tally.rejected, itemBytes: tally.itemBytes, writeUnits: tally.writeUnits, indexWriteUnits, ...lost.take() };
  }

  #take({ encoder }: ItemCursor, tally: Tally): void {
    tally.addItem(encoder);
    const { largest } = this;
    if (largest.length === NAMED && encoder.itemSize <= largest.at(-1)!.sizeBytes) return;
    const partitionKey = partitionKeyText(this.#plan, encoder.partition.subarray(0, encoder.partitionLength));
    largest.push({ partitionKey, sizeBytes: encoder.itemSize, writeUnits: writeUnits(encoder.itemSize) + encoder.indexUnits });
    largest.sort((a, b) => b.sizeBytes - a.sizeBytes);
    if (largest.length > NAMED) largest.pop();
  }

  #reject(cursor: ItemCursor, tally: Tally): void {
    tally.rejected++;
    const { reason, column } = cursor.encoder.rejection!;
    const kind = `${reason} ${column ?? ''}`;
    const known = this.rejected.get(kind);
    if (known === undefined) this.rejected.set(kind, { reason, column, rows: 1, example: cursor.rejectedLine() });
    else known.rows++;
  }
}

function assessedPartition({ key, sizeBytes, sstables }: LargePartition, plan: TablePlan): AssessedPartition {
  return { partitionKey: partitionKeyText(plan, key), sizeBytes, sstables };
}
