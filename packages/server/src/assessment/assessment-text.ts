// The assessment for a terminal.

import { columns, count, size } from '../text.ts';
import { SEVERITIES, SEVERITY_TEXT } from './action-items.ts';
import type { AssessedTable, Assessment } from './assess.ts';

const MAX_NAMED = 3;

/** For people. */
export function assessmentText(assessment: Assessment): string {
  const { project, tables, cost, times } = assessment;
  return [
    `Assessment of "${project}": ${count(tables.length)} ${tables.length === 1 ? 'table' : 'tables'}.`, '', ...tableLines(tables), '', ...itemLines(assessment), ...largestLines(tables), ...queryLines(tables),
    'Cost of loading all of it on AWS:', ...columns(cost.ways.map(({ name, dollars, note }) => [`  ${name}`, `$${dollars.toFixed(dollars < 1 ? 4 : 2)}`, note])), `  (${cost.basis})`, '',
    'Time, at least:', ...columns(times.map(({ name, seconds, note }) => [`  ${name}`, duration(seconds), note])), '  S3 import: AWS tells no speed; allow hours for terabytes.', '',
  ].join('\n');
}

function tableLines(tables: readonly AssessedTable[]): string[] {
  const rows = tables.map(({ table, sizeBytes, volume }) => [
    table, size(sizeBytes), count(volume.rows), count(volume.items), size(volume.itemBytes), count(volume.writeUnits), count(volume.rejected), volume.isWhole ? 'all read' : `±${(volume.relativeError * 100).toFixed(1)} % from ${percent(volume.share)}`,
  ]);
  return columns([['Table', 'in Cassandra', 'rows', 'items', 'in DynamoDB', 'write units', 'rejected', 'how exact'], ...rows]);
}

function itemLines({ actionItems }: Assessment): string[] {
  if (actionItems.length === 0) return ['Nothing has to be decided: everything fits.', ''];
  return SEVERITIES.flatMap((severity) => {
    const found = actionItems.filter((item) => item.severity === severity);
    return found.length === 0 ? [] : [`${SEVERITY_TEXT[severity]}:`, ...found.flatMap(({ table, what, remedy }) => [`  ${table}: ${what}.`.replace(/\.\.$/, '.'), `    ${remedy}`]), ''];
  });
}

function largestLines(tables: readonly AssessedTable[]): string[] {
  const partitions = tables.flatMap(({ table, largestPartitions: found }) => found.map((one) => ({ table, ...one }))).sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, MAX_NAMED);
  const items = tables.flatMap(({ table, largestItems: found }) => found.map((one) => ({ table, ...one }))).sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, MAX_NAMED);
  const line = ({ table, partitionKey, sizeBytes }: { readonly table: string; readonly partitionKey: string; readonly sizeBytes: number }): string[] => [`  ${table}`, size(sizeBytes), partitionKey];
  return [
    ...(partitions.length === 0 ? [] : ['Largest partitions, uncompressed in Cassandra:', ...columns(partitions.map(line)), '']),
    ...(items.length === 0 ? [] : ['Largest items that were seen (409,600 bytes are the limit):', ...columns(items.map(line)), '']),
  ];
}

function queryLines(tables: readonly AssessedTable[]): string[] {
  const found = tables.flatMap(({ target, queries }) => queries.map((path) => ({ target, ...path })));
  return found.length === 0 ? [] : ['Queries:', ...found.flatMap(({ target, query, by, answer, notes }) => [`  ${query}`, `    ${by.toUpperCase()} of ${target}: ${answer}`, ...notes.map((note) => `    ${note}`)]), ''];
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(2)} %`;
}

/** For people; one digit after the point. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  if (seconds < 90 * 60) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
