// The assessment report as a PDF, to be read and passed on.

import { count } from '../text.ts';
import { SEVERITIES, SEVERITY_TEXT } from './action-items.ts';
import type { Assessment, AssessedTable } from './assess.ts';
import { duration } from './assessment-text.ts';
import { PARTITION_READ_UNITS, PARTITION_WRITE_UNITS } from './heat.ts';
import type { PdfReport } from './pdf-report.ts';

/** More is for CSV and JSON: nobody reads it on paper. */
const MAX_ACTION_ITEMS = 1_000;
const MAX_NAMED = 50;
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** @param madeMillis when the assessment was made. */
export async function assessmentPdf(assessment: Assessment, madeMillis: number): Promise<Uint8Array> {
  const title = `Assessment report: ${assessment.project}`;
  // Loaded when it is needed: every command imports this package.
  const { PdfReport: Report } = await import('./pdf-report.ts');
  const pdf = await Report.open(title, madeMillis);
  const made = `${new Date(madeMillis).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  pdf.title(title);
  pdf.paragraph(`Made by Aeneas on ${made}. Rows that expire are judged as of ${new Date(assessment.nowSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC. Large tables were sampled with seed ${assessment.seed}. Characters that the font of this file does not have are written as \\u{...}.`);
  await summary(pdf, assessment);
  await costAndTime(pdf, assessment);
  await actionItems(pdf, assessment);
  await tables(pdf, assessment);
  await partitions(pdf, assessment.tables);
  await queries(pdf, assessment.tables);
  return pdf.end(`${title} · ${made}`);
}

async function summary(pdf: PdfReport, { tables: all, actionItems: items }: Assessment): Promise<void> {
  const sum = (of: (table: AssessedTable) => number): number => all.reduce((total, table) => total + of(table), 0);
  pdf.section('Summary');
  await pdf.table([{ title: 'What', width: 3 }, { title: 'How much', width: 7 }], [
    ['Tables', count(all.length)],
    ['Size in Cassandra', bytes(sum(({ sizeBytes }) => sizeBytes))],
    ['Rows', count(sum(({ volume }) => volume.rows))],
    ['Items', count(sum(({ volume }) => volume.items))],
    ['Size in DynamoDB', bytes(sum(({ volume }) => volume.itemBytes))],
    ['Write units to load them', count(sum(({ volume }) => volume.writeUnits))],
    ['Rows that cannot become items', count(sum(({ volume }) => volume.rejected))],
    ['Hot partitions', count(sum(({ largestPartitions }) => largestPartitions.filter(({ isHot }) => isHot).length))],
    ...SEVERITIES.map((severity) => [SEVERITY_TEXT[severity], count(items.filter((item) => item.severity === severity).length)]),
  ]);
}

async function costAndTime(pdf: PdfReport, { cost, times }: Assessment): Promise<void> {
  pdf.section('Cost and time of loading');
  await pdf.table([{ title: 'Loader', width: 3 }, { title: 'US dollars', width: 1.5, isNumber: true }, { title: 'Note', width: 7 }], cost.ways.map(({ name, dollars: value, note }) => [name, dollars(value), note]));
  pdf.paragraph(`Reckoned with ${cost.basis}.`);
  await pdf.table([{ title: 'Time, at least', width: 3 }, { title: 'Duration', width: 1.5, isNumber: true }, { title: 'Note', width: 7 }], times.map(({ name, seconds, note }) => [name, duration(seconds), note]));
  pdf.paragraph('S3 import: AWS tells no speed; allow hours for terabytes.');
}

async function actionItems(pdf: PdfReport, { actionItems: items }: Assessment): Promise<void> {
  pdf.section('Action items');
  if (items.length === 0) pdf.paragraph('Nothing has to be decided: everything fits.');
  let room = MAX_ACTION_ITEMS;
  for (const severity of SEVERITIES) {
    const found = items.filter((item) => item.severity === severity);
    if (found.length === 0) continue;
    pdf.paragraph(`${SEVERITY_TEXT[severity]} (${count(found.length)})`);
    const listed = found.slice(0, room);
    room -= listed.length;
    await pdf.table([{ title: 'Table', width: 2 }, { title: 'What', width: 5 }, { title: 'What to do', width: 4 }], listed.map(({ table, what, remedy }) => [table, what, remedy]));
    if (listed.length < found.length) pdf.paragraph(`${count(found.length - listed.length)} more are in the report as CSV and JSON.`);
  }
}

async function tables(pdf: PdfReport, { tables: all }: Assessment): Promise<void> {
  pdf.section('Tables');
  await pdf.table([
    { title: 'Table', width: 3 }, { title: 'in Cassandra', width: 1.4, isNumber: true }, { title: 'Rows', width: 1.6, isNumber: true }, { title: 'Items', width: 1.6, isNumber: true }, { title: 'in DynamoDB', width: 1.4, isNumber: true },
    { title: 'Write units', width: 1.6, isNumber: true }, { title: 'Do not fit', width: 1.2, isNumber: true }, { title: 'On demand', width: 1.3, isNumber: true }, { title: 'S3 import', width: 1.3, isNumber: true }, { title: 'How exact', width: 2 },
  ], all.map(({ table, target, sizeBytes, volume, cost }) => [
    table === target ? table : `${table}\nto ${target}`, bytes(sizeBytes), count(volume.rows), count(volume.items), bytes(volume.itemBytes), count(volume.writeUnits), count(volume.rejected),
    ...['built-in, on-demand', 'S3 import'].map((way) => dollars(cost.ways.find(({ name }) => name === way)?.dollars ?? 0)),
    volume.isWhole ? 'all read' : `±${(volume.relativeError * 100).toFixed(1)} % from ${(volume.share * 100).toPrecision(2)} %`,
  ]));
}

async function partitions(pdf: PdfReport, all: readonly AssessedTable[]): Promise<void> {
  const found = all.flatMap(({ table, largestPartitions }) => largestPartitions.map((one) => ({ table, ...one }))).sort((a, b) => Number(b.isHot) - Number(a.isHot) || b.sizeBytes - a.sizeBytes).slice(0, MAX_NAMED);
  pdf.section('Largest partitions');
  pdf.paragraph(`Sizes are uncompressed, over all SSTables, from their indexes; items and units are the table's by this share, so estimates. SSTables tell how much is in a partition, not how often it is read or written. One partition of DynamoDB takes ${count(PARTITION_WRITE_UNITS)} write and ${count(PARTITION_READ_UNITS)} read units a second. Item collections are limited to 10 GB only in tables with local secondary indexes, and Aeneas makes none.`);
  await pdf.table([
    { title: 'Table', width: 2.2 }, { title: 'Partition key', width: 4 }, { title: 'Size', width: 1.2, isNumber: true }, { title: 'Share', width: 1, isNumber: true }, { title: 'Items', width: 1.3, isNumber: true },
    { title: 'Write units', width: 1.3, isNumber: true }, { title: 'Read units', width: 1.3, isNumber: true }, { title: 'Hot', width: 0.7 },
  ], found.map(({ table, partitionKey, sizeBytes, share, items, writeUnits, readUnits, isHot }) => [table, partitionKey, bytes(sizeBytes), `${(share * 100).toFixed(1)} %`, count(items), count(writeUnits), count(readUnits), isHot ? 'hot' : '']));
  const largest = all.flatMap(({ table, largestItems }) => largestItems.map((one) => ({ table, ...one }))).sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, MAX_NAMED);
  pdf.section('Largest items that were seen');
  pdf.paragraph('An item has 409,600 bytes at most.');
  await pdf.table([{ title: 'Table', width: 2.2 }, { title: 'Partition key', width: 6 }, { title: 'Bytes', width: 1.5, isNumber: true }, { title: 'Write units', width: 1.5, isNumber: true }], largest.map(({ table, partitionKey, sizeBytes, writeUnits }) => [table, partitionKey, count(sizeBytes), count(writeUnits)]));
}

async function queries(pdf: PdfReport, all: readonly AssessedTable[]): Promise<void> {
  const found = all.flatMap(({ target, queries: paths }) => paths.map((path) => ({ target, ...path })));
  if (found.length === 0) return;
  pdf.section('Queries');
  await pdf.table([{ title: 'Query', width: 4 }, { title: 'By', width: 0.8 }, { title: 'Of', width: 1.8 }, { title: 'How', width: 4.4 }], found.map(({ target, query, by, answer, notes }) => [query, by, target, [answer, ...notes].join('\n')]));
}

function dollars(value: number): string {
  return `$${value.toFixed(value < 1 ? 4 : 2)}`;
}

/** 1 KB is 1,024 bytes, as on the page. */
function bytes(value: number): string {
  let unit = 0;
  let shown = value;
  for (; shown >= 1024 && unit < UNITS.length - 1; shown /= 1024) unit++;
  return `${unit === 0 || shown >= 100 ? shown.toFixed(0) : shown.toFixed(1)} ${UNITS[unit]}`;
}
