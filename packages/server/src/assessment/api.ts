// The contract of assessments, answered: a report as the page shows it, and as files.

import { assessmentContract } from '@aeneas/protocol';
import type { AssessedTableDetails, AssessedTableRow } from '@aeneas/protocol';
import { implement } from '@orpc/server';
import { serverError } from '../errors.ts';
import type { ActionItem } from './action-items.ts';
import { SEVERITIES } from './action-items.ts';
import type { AssessedTable, Assessment } from './assess.ts';
import { assessmentCsv } from './assessment-csv.ts';
import { assessmentPdf } from './assessment-pdf.ts';
import type { AssessmentRuns } from './assessment-runs.ts';

/** A page shows a part of them at a time; all of them are in the files. */
const MAX_ACTION_ITEMS = 2_000;

export const REPORT_FORMATS = ['json', 'csv', 'pdf'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];
const MEDIA_TYPES: Readonly<Record<ReportFormat, string>> = { json: 'application/json', csv: 'text/csv; charset=utf-8', pdf: 'application/pdf' };

export function assessmentRouter(runs: AssessmentRuns) {
  const api = implement(assessmentContract);
  return api.router({
    status: api.status.handler(({ input }) => runs.status(input.name)),
    start: api.start.handler(({ input: { name, ...asked } }) => runs.start(name, asked)),
    cancel: api.cancel.handler(({ input }) => runs.cancel(input.name)),
    report: api.report.handler(async ({ input }) => {
      const { stored: { assessment }, made } = await runs.report(input.name);
      const { tables, actionItems, cost: { ways, basis }, times } = assessment;
      const found = itemsByTable(actionItems);
      const bySeverity = Object.fromEntries(SEVERITIES.map((severity) => [severity, actionItems.filter((item) => item.severity === severity)])) as Record<ActionItem['severity'], ActionItem[]>;
      return {
        made, basis, times: [...times], ways: [...ways], tables: tables.map((one) => rowOf(one, found)),
        actionItems: SEVERITIES.flatMap((severity) => bySeverity[severity]).slice(0, MAX_ACTION_ITEMS),
        counts: { high: bySeverity.high.length, medium: bySeverity.medium.length, low: bySeverity.low.length },
        queries: tables.flatMap(({ target, queries }) => queries.map(({ query, by, answer, notes }) => ({ target, query, by, answer, notes: [...notes] }))),
      };
    }),
    table: api.table.handler(async ({ input: { name, table } }) => {
      const { stored: { assessment: { tables, actionItems } } } = await runs.report(name);
      const found = tables.find((one) => one.table === table);
      if (found === undefined) throw serverError('ASSESSMENT_NONE', `The assessment report of ${name} has no table ${table}`);
      return detailsOf(found, itemsByTable(actionItems));
    }),
  });
}

/** The report as a file. Throws ASSESSMENT_NONE. */
export async function reportFile(runs: AssessmentRuns, name: string, format: ReportFormat): Promise<{ readonly fileName: string; readonly mediaType: string; readonly bytes: Uint8Array }> {
  const { stored: { assessment, madeMillis } } = await runs.report(name);
  const bytes = format === 'pdf' ? await assessmentPdf(assessment, madeMillis) : Buffer.from(format === 'csv' ? assessmentCsv(assessment) : `${JSON.stringify(assessment, null, 2)}\n`);
  return { fileName: `${name}-assessment.${format}`, mediaType: MEDIA_TYPES[format], bytes };
}

function itemsByTable(items: Assessment['actionItems']): ReadonlyMap<string, ActionItem[]> {
  return Map.groupBy(items, ({ table }) => table);
}

function rowOf(one: AssessedTable, items: ReadonlyMap<string, ActionItem[]>): AssessedTableRow {
  const { table, target, sstables, sizeBytes, uncompressedBytes, volume, largestPartitions, largestItems, cost: { ways } } = one;
  const { rows, items: itemCount, itemBytes, writeUnits, rejected, isWhole, share, relativeError } = volume;
  const dollarsBy = (way: string): number => ways.find(({ name }) => name === way)?.dollars ?? 0;
  return {
    table, target, sstables, sizeBytes, uncompressedBytes, rows, items: itemCount, itemBytes, writeUnits, rejected, isWhole, share, relativeError,
    largestPartitionBytes: largestPartitions[0]?.sizeBytes ?? 0, largestItemBytes: largestItems[0]?.sizeBytes ?? 0, hotPartitions: largestPartitions.filter(({ isHot }) => isHot).length,
    onDemandDollars: dollarsBy('built-in, on-demand'), importDollars: dollarsBy('S3 import'), actionItems: items.get(table)?.length ?? 0,
  };
}

function detailsOf(one: AssessedTable, items: ReadonlyMap<string, ActionItem[]>): AssessedTableDetails {
  const { volume: { mixedExpiry, decimalScales, negativeZeros }, ttlAttribute, trafficLimit, largestPartitions, largestItems, cost: { ways }, queries } = one;
  return {
    ...rowOf(one, items), mixedExpiry, decimalScales, negativeZeros, largestPartitions: [...largestPartitions], largestItems: [...largestItems], ways: [...ways],
    ...(ttlAttribute === undefined ? {} : { ttlAttribute }), ...(trafficLimit === undefined ? {} : { trafficLimit }),
    queries: queries.map(({ query, by, answer, notes }) => ({ query, by, answer, notes: [...notes] })), findings: items.get(one.table) ?? [],
  };
}
