// The assessment as CSV for spreadsheets (RFC 4180): one line a table.

import type { AssessedTable, Assessment } from './assess.ts';

const HEADER = [
  'table', 'target', 'sstables', 'size_bytes', 'uncompressed_bytes', 'rows', 'items', 'item_bytes', 'write_units', 'rejected', 'is_whole', 'relative_error', 'largest_partition_bytes', 'largest_item_bytes',
  'dollars_on_demand', 'dollars_import', 'action_items', 'largest_partition_key', 'largest_partition_share', 'hot_partitions', 'queries',
];

export function assessmentCsv({ tables, actionItems }: Pick<Assessment, 'tables' | 'actionItems'>): string {
  const itemsOf = Map.groupBy(actionItems, ({ table }) => table);
  const lines = tables.map(({ table, target, sstables, sizeBytes, uncompressedBytes, volume, largestPartitions, largestItems, cost, queries }) => [
    table, target, sstables, sizeBytes, uncompressedBytes, volume.rows, volume.items, volume.itemBytes, volume.writeUnits, volume.rejected, volume.isWhole, volume.relativeError.toFixed(4),
    largestPartitions[0]?.sizeBytes ?? 0, largestItems[0]?.sizeBytes ?? 0, dollarsOf(cost, 'built-in, on-demand'), dollarsOf(cost, 'S3 import'),
    (itemsOf.get(table) ?? []).map(({ severity, what, remedy }) => `${severity}: ${what} -> ${remedy}`).join(' | '),
    largestPartitions[0]?.partitionKey ?? '', (largestPartitions[0]?.share ?? 0).toFixed(4), largestPartitions.filter(({ isHot }) => isHot).length,
    queries.map(({ query, by, answer }) => `${query} -> ${by}: ${answer}`).join(' | '),
  ]);
  return [HEADER, ...lines].map((line) => `${line.map((cell) => csvCell(cell)).join(',')}\r\n`).join('');
}

function dollarsOf({ ways }: AssessedTable['cost'], name: string): string {
  return ways.find((way) => way.name === name)!.dollars.toFixed(6);
}

/** Text that a spreadsheet would take for a formula is marked as text (OWASP, "CSV Injection"; full-width signs are signs in some languages' versions). */
export function csvCell(value: string | number | boolean): string {
  const text = String(value);
  const safe = typeof value === 'string' && /^\s*[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",;'\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
