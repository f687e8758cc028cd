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
export const MAX_NAMED = 10;
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

/** What was found on both sides, range by range. */
export interface ValidationFindings {
  readonly ranges: readonly TokenRange[];
  readonly sums: readonly RangeSums[];
  readonly scan: ScanResult;
  /** The comparison item by item, where there was a reason. */
  readonly found: CompareResult | undefined;
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
  const toExamine = rangesToExamine(ranges, sums, scan);
  const found = toExamine === undefined ? undefined : await compare(work, toExamine);
  return validationResult({ ranges, sums, scan, found, extractedItems: ledger.totals(task.record.id).items }, task.dataFiles.length, work.source.nowSeconds);
}

/** Ranges in which items must be compared one by one; undefined: nothing differs. */
export function rangesToExamine(ranges: readonly TokenRange[], sums: readonly RangeSums[], scan: ScanResult): TokenRange[] | undefined {
  const differing = differingRanges(ranges, sums, scan);
  return differing.length === 0 && scan.foreign === 0 ? undefined : differing.slice(0, MAX_EXAMINED_RANGES);
}

/** The verdict on a table. */
export function validationResult({ ranges, sums, scan, found, extractedItems }: ValidationFindings, sstables: number, nowSeconds: number): ValidationResult {
  const differing = differingRanges(ranges, sums, scan).length;
  const examined = Math.min(differing, MAX_EXAMINED_RANGES);
  const isExplained = found === undefined || (differing === examined && found.missing + found.extra + found.different === 0);
  return {
    isEqual: isExplained && extractedItems === itemsOf(sums),
    comparedWith: `the pinned SSTables of the source (${sstables} of this table), merged and read again as of ${new Date(nowSeconds * 1000).toISOString()}`,
    sourceItems: itemsOf(sums), targetItems: itemsOf(scan.ranges) + scan.foreign,
    ranges: ranges.length, differingRanges: differing, examinedRanges: examined,
    missing: found?.missing ?? 0, extra: found?.extra ?? 0, different: found?.different ?? 0,
    expired: sums.reduce((total, { expired }, i) => total + Math.max(0, expired.items - scan.ranges[i].expired.items), 0), named: found?.named ?? [],
    extractedItems,
  };
}

/** One result of the scans of all segments. */
export function joinScans(results: readonly ScanResult[], ranges: number): ScanResult {
  return {
    ranges: Array.from({ length: ranges }, (_, i) => addSums(results.map((result) => result.ranges[i]))),
    foreign: results.reduce((sum, result) => sum + result.foreign, 0),
  };
}

/** How many segments a scan of the target is cut into. */
export function scanSegments(expectedItems: number, workers: number): number {
  return Math.max(1, Math.min(workers * MAX_SEGMENTS_PER_WORKER, Math.ceil(expectedItems / ITEMS_PER_SEGMENT)));
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
  const segments = scanSegments(expectedItems, pool.size);
  const cuts = ranges.flatMap((range) => range.end ?? []);
  const results: ScanResult[] = [];
  await runAll(Array.from({ length: segments }, (_, i) => i), pool.size, async (segment) => {
    results.push(await pool.run<ScanResult>({ kind: 'scan', source, target: targetOf(context, 1), segment, segments, cuts, expiredBeforeSeconds }, (event) => {
      if (event.type === 'progress') progress.add({ phaseFraction: (0.6 * event.items) / Math.max(1, expectedItems) });
    }));
  });
  return joinScans(results, cuts.length + 1);
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

function differingRanges(ranges: readonly TokenRange[], sums: readonly RangeSums[], scan: ScanResult): TokenRange[] {
  return ranges.filter((_range, i) => !isSame(sums[i], scan.ranges[i]));
}

export function itemsOf(sums: readonly RangeSums[]): number {
  return sums.reduce((total, { live, expired }) => total + live.items + expired.items, 0);
}
