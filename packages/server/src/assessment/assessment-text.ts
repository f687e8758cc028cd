// The assessment for a terminal, and as CSV for spreadsheets.

import { columns, count, size } from '../text.ts';
import type { AssessedTable, Assessment } from './assess.ts';

const SEVERITIES = ['high', 'medium', 'low'] as const;
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
    return found.length === 0 ? [] : [`${HEADINGS[severity]}:`, ...found.flatMap(({ table, what, remedy }) => [`  ${table}: ${what}.`.replace(/\.\.$/, '.'), `    ${remedy}`]), ''];
  });
}

const HEADINGS = { high: 'To be solved, or rows will be missing', medium: 'To be decided', low: 'Worth knowing' } as const;

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

const CSV_HEADER = [
  'table', 'target', 'sstables', 'size_bytes', 'uncompressed_bytes', 'rows', 'items', 'item_bytes', 'write_units', 'rejected', 'is_whole', 'relative_error', 'largest_partition_bytes', 'largest_item_bytes',
  'dollars_on_demand', 'dollars_import', 'action_items',
];

/** One line a table (RFC 4180). */
export function assessmentCsv({ tables, actionItems }: Assessment): string {
  const lines = tables.map(({ table, target, sstables, sizeBytes, uncompressedBytes, volume, largestPartitions, largestItems, cost }) => [
    table, target, sstables, sizeBytes, uncompressedBytes, volume.rows, volume.items, volume.itemBytes, volume.writeUnits, volume.rejected, volume.isWhole, volume.relativeError.toFixed(4),
    largestPartitions[0]?.sizeBytes ?? 0, largestItems[0]?.sizeBytes ?? 0, dollarsOf(cost, 'built-in, on-demand'), dollarsOf(cost, 'S3 import'),
    actionItems.filter((item) => item.table === table).map(({ severity, what, remedy }) => `${severity}: ${what} -> ${remedy}`).join(' | '),
  ]);
  return [CSV_HEADER, ...lines].map((line) => `${line.map((cell) => csvCell(String(cell))).join(',')}\r\n`).join('');
}

function dollarsOf({ ways }: AssessedTable['cost'], name: string): string {
  return ways.find((way) => way.name === name)!.dollars.toFixed(6);
}

/** A cell that a spreadsheet would take for a formula is marked as text. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function percent(share: number): string {
  return `${(share * 100).toPrecision(2)} %`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${seconds.toFixed(1)} s`;
  if (seconds < 90 * 60) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
