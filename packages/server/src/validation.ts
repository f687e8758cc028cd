// The proof: the source is read again and every item of the target is read back; both are summed up by token range. Where sums differ,
// items are compared one by one and differences are named.

import { addSums, faultPoint } from '@aeneas/agent';
import type { CompareResult, Difference, RangeSums, ScanResult } from '@aeneas/agent';
import type { TokenRange } from '@aeneas/cassandra';
import { runAll } from './run-all.ts';
import { targetOf } from './table-work.ts';
import type { TableWork } from './table-work.ts';

/** Ranges that are looked into item by item; more of them differing say that something is wrong altogether. */
const MAX_EXAMINED_RANGES = 8;
const MAX_NAMED = 10;
/** Items of the target that one scan segment is worth, up to a few segments for each worker. */
const ITEMS_PER_SEGMENT = 100_000;
const MAX_SEGMENTS_PER_WORKER = 4;

export interface ValidationResult {
  readonly isEqual: boolean;
  /** What the target was compared with, in words. */
  readonly comparedWith: string;
  readonly sourceItems: number;
  readonly targetItems: number;
  readonly ranges: number;
  readonly differingRanges: number;
  /** How many of the differing ranges were compared item by item; the counts below are of these. */
  readonly examinedRanges: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  /** Items whose TTL has passed and that DynamoDB has removed. */
  readonly expired: number;
  readonly named: readonly Difference[];
  /** Items in the ledger's records of the extraction. */
  readonly extractedItems: number;
}

/** Compares a table with its source, item for item. */
export async function validateTable(work: TableWork): Promise<ValidationResult> {
  const { context: { ledger }, task } = work;
  const ranges = ledger.splits(task.record.id).map((split) => split.range);
  const expiredBeforeSeconds = Math.floor(Date.now() / 1000);
  const sums = await digestSource(work, ranges, expiredBeforeSeconds);
  faultPoint('validation-source-read');
  const scan = await scanTarget(work, ranges, expiredBeforeSeconds, itemsOf(sums));
  faultPoint('validation-target-read');
  const differing = ranges.filter((_range, i) => !isSame(sums[i], scan.ranges[i]));
  const examined = differing.slice(0, MAX_EXAMINED_RANGES);
  const found = examined.length === 0 && scan.foreign === 0 ? undefined : await compare(work, examined);
  const extractedItems = ledger.totals(task.record.id).items;
  const isExplained = found === undefined || (differing.length === examined.length && found.missing + found.extra + found.different === 0);
  return {
    isEqual: isExplained && extractedItems === itemsOf(sums),
    comparedWith: `the pinned SSTables of the source (${task.dataFiles.length} of this table), merged and read again as of ${new Date(work.source.nowSeconds * 1000).toISOString()}`,
    sourceItems: itemsOf(sums), targetItems: itemsOf(scan.ranges) + scan.foreign,
    ranges: ranges.length, differingRanges: differing.length, examinedRanges: examined.length,
    missing: found?.missing ?? 0, extra: found?.extra ?? 0, different: found?.different ?? 0, expired: sums.reduce((total, { expired }, i) => total + Math.max(0, expired.items - scan.ranges[i].expired.items), 0), named: found?.named ?? [],
    extractedItems,
  };
}

async function digestSource({ context: { pool }, source, progress }: TableWork, ranges: readonly TokenRange[], expiredBeforeSeconds: number): Promise<RangeSums[]> {
  const sums: RangeSums[] = [];
  await runAll(ranges, pool.size, async (range, i) => {
    sums[i] = await pool.run<RangeSums>({ kind: 'digest', source, range, expiredBeforeSeconds }, () => {});
    progress.add({ phaseFraction: 0.4 / ranges.length });
  });
  return sums;
}

async function scanTarget(work: TableWork, ranges: readonly TokenRange[], expiredBeforeSeconds: number, expectedItems: number): Promise<ScanResult> {
  const { context, source, progress } = work;
  const { pool } = context;
  const segments = Math.max(1, Math.min(pool.size * MAX_SEGMENTS_PER_WORKER, Math.ceil(expectedItems / ITEMS_PER_SEGMENT)));
  const cuts = ranges.flatMap((range) => range.end ?? []);
  const results: ScanResult[] = [];
  await runAll(Array.from({ length: segments }, (_, i) => i), pool.size, async (segment) => {
    results.push(await pool.run<ScanResult>({ kind: 'scan', source, target: targetOf(context, 1), segment, segments, cuts, expiredBeforeSeconds }, (event) => {
      if (event.type === 'progress') progress.add({ phaseFraction: (0.6 * event.items) / Math.max(1, expectedItems) });
    }));
  });
  return {
    ranges: Array.from({ length: cuts.length + 1 }, (_, i) => addSums(results.map((result) => result.ranges[i]))),
    foreign: results.reduce((sum, result) => sum + result.foreign, 0),
  };
}

function compare({ context, source }: TableWork, ranges: readonly TokenRange[]): Promise<CompareResult> {
  return context.pool.run<CompareResult>({
    kind: 'compare', source, target: targetOf(context, 1), ranges, spool: context.workspace.spoolFolder, maxNamed: MAX_NAMED,
  }, () => {});
}

/** Of the items whose TTL has passed DynamoDB may have removed some: fewer of them are no difference, others are. */
function isSame(source: RangeSums, target: RangeSums): boolean {
  const same = (kind: keyof RangeSums): boolean => source[kind].items === target[kind].items && source[kind].digest === target[kind].digest;
  return same('live') && (same('expired') || target.expired.items < source.expired.items);
}

function itemsOf(sums: readonly RangeSums[]): number {
  return sums.reduce((total, { live, expired }) => total + live.items + expired.items, 0);
}
