// The report as text for a terminal.

import type { MigrationReport, TableReport } from './report.ts';
import { columns, count, size } from './text.ts';
import type { ValidationResult } from './validation.ts';

const MAX_NAMED_TABLES = 5;

/** With `lasts: false` nothing is said about files and tables that are gone by the time somebody reads it. */
export function reportText(report: MigrationReport, { lasts = true } = {}): string {
  return [
    heading(report), '', ...tableLines(report.tables), ...failureLines(report), ...rejectedLines(report.tables, lasts), ...lostLines(report.tables), ...differenceLines(report.tables), ...noteLines(report.tables),
    '', ...speedLines(report), ...costLines(report), ...importLines(report), ...(lasts ? lookLines(report) : []), '',
  ].join('\n');
}

function lookLines({ howToLook, workspace }: MigrationReport): string[] {
  const beyond = howToLook.length - MAX_NAMED_TABLES;
  return [
    '', 'To look at the tables:', ...howToLook.slice(0, MAX_NAMED_TABLES).map((line) => `  ${line}`),
    ...(beyond > 0 ? [`  (and so for the other ${beyond})`] : []), '', `The whole report: ${workspace}/report.json`,
  ];
}

function heading(report: MigrationReport): string {
  const rejected = total(report.tables, (table) => table.rejectedRows);
  if (report.failures.length > 0) return `${report.failures.length} of ${report.failures.length + report.tables.length} tables of "${report.project}" could not be migrated.`;
  if (report.tables.some((table) => table.validation?.isEqual === false)) return `Project "${report.project}" is migrated, but the target differs from the source.`;
  if (report.imports.length > 0) return `Project "${report.project}" is staged; ${report.imports.length === 1 ? '1 table is' : `${count(report.imports.length)} tables are`} to be imported.`;
  if (rejected > 0) return `Project "${report.project}" is migrated, except ${count(rejected)} rejected rows.`;
  return `Project "${report.project}" is migrated.`;
}

function tableLines(tables: readonly TableReport[]): string[] {
  const rows = tables.map((table) => [table.table, count(table.rows), count(table.items), size(table.itemBytes), count(table.rejectedRows), validationText(table.validation)]);
  return columns([['Table', 'rows', 'items', 'size', 'rejected', 'read back and compared'], ...rows]);
}

function validationText(validation: ValidationResult | undefined): string {
  if (validation === undefined) return 'no';
  if (validation.isEqual) return `equal (${count(validation.targetItems)} items)`;
  return `DIFFERENT: ${count(validation.missing)} missing, ${count(validation.extra)} extra, ${count(validation.different)} changed`;
}

function failureLines({ failures }: MigrationReport): string[] {
  return failures.length === 0 ? [] : ['', 'Not migrated:', ...failures.flatMap((failure) => [`  ${failure.table}: ${failure.code}: ${failure.message}`, `    ${failure.remedy}`])];
}

function rejectedLines(tables: readonly TableReport[], lasts: boolean): string[] {
  const kinds = tables.flatMap((table) => table.rejected.map((kind) => ({ table, kind })));
  if (kinds.length === 0) return [];
  return [
    '', 'Rejected, since DynamoDB cannot hold them:',
    ...kinds.flatMap(({ table, kind }) => {
      const where = kind.column === undefined ? '' : ` in column ${kind.column}`;
      const [example] = kind.examples;
      return [`  ${table.table}: ${count(kind.rows)} x ${kind.reason}${where}`, `    for example ${JSON.stringify(example.key)}: ${example.detail}`];
    }),
    ...tables.filter((table) => lasts && table.rejectedFile !== undefined).map((table) => `  all of ${table.table}: ${table.rejectedFile}`),
  ];
}

/** Detail that DynamoDB has no place for: the rows are there, this is not. */
function lostLines(tables: readonly TableReport[]): string[] {
  const sum = (of: (lost: TableReport['lost']) => number): number => total(tables, (table) => of(table.lost));
  const kinds: [number, string][] = [
    [sum((lost) => lost.mixedExpiry), 'items whose parts expire at different times: the latest counts'],
    [sum((lost) => lost.decimalScales), 'decimals whose scale is not kept (1.0 or 1.00)'],
    [sum((lost) => lost.negativeZeros), 'zeros that lost their minus sign'],
  ];
  const found = kinds.filter(([number]) => number > 0);
  return found.length === 0 ? [] : ['', 'Not kept, since DynamoDB has no place for it:', ...found.map(([number, what]) => `  ${count(number)} ${what}`)];
}

function differenceLines(tables: readonly TableReport[]): string[] {
  return tables.flatMap(({ table, validation }) => {
    if (validation === undefined || validation.isEqual) return [];
    const beyond = validation.differingRanges - validation.examinedRanges;
    return [
      '', `Differences in ${table} (${validation.differingRanges} of ${validation.ranges} token ranges):`,
      ...validation.named.map((difference) => `  ${difference.kind} ${JSON.stringify(difference.key)}${difference.attributes === undefined ? '' : `: ${difference.attributes.join(', ')}`}`),
      ...(beyond > 0 ? [`  (${beyond} more ranges differ, which were not looked into)`] : []),
    ];
  });
}

/** What several tables have in common is said once. */
function noteLines(tables: readonly TableReport[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { target, notes } of tables) {
    for (const note of notes) {
      const text = note.replaceAll(`"${target}"`, 'the table');
      targets.set(text, [...(targets.get(text) ?? []), target]);
    }
  }
  return targets.size === 0 ? [] : ['', 'Worth knowing:', ...[...targets].map(([note, names]) => `  ${note} (${names.join(', ')})`)];
}

function importLines({ imports }: MigrationReport): string[] {
  return imports.length === 0 ? [] : ['', 'Start the imports; when they have completed, run the same command once more to compare the tables:', ...imports.map((line) => `  ${line}`)];
}

function speedLines({ thisRun, tables }: MigrationReport): string[] {
  const compared = tables.find((table) => table.validation !== undefined)?.validation?.comparedWith.replace(/ \(\d+ of this table\)/, '');
  const lines = compared === undefined ? [] : [`Compared with: ${compared}.`];
  const { extractSeconds, loadSeconds, seconds } = thisRun;
  if (extractSeconds === 0 && thisRun.rows > 0) return [...lines, `The task ran for ${seconds.toFixed(1)} s; ${count(Math.round(thisRun.rows / seconds))} rows/s from the files to the proof.`];
  const parts = [
    ...(extractSeconds > 0 && thisRun.rows > 0 ? [`extracted ${count(Math.round(thisRun.rows / extractSeconds))} rows/s`] : []),
    ...(loadSeconds > 0 && thisRun.loadedItems > 0 ? [`loaded ${count(Math.round(thisRun.loadedItems / loadSeconds))} items/s`] : []),
  ];
  return [...lines, `This run: ${seconds.toFixed(1)} s${parts.length === 0 ? ', nothing was left to extract or load' : `; ${parts.join(', ')}`}.`];
}

function costLines({ cost }: MigrationReport): string[] {
  return ['Estimated cost of loading this on AWS:', ...columns(cost.ways.map(({ name, dollars, note }) => [`  ${name}`, `$${dollars.toFixed(dollars < 1 ? 4 : 2)}`, note])), `  (${cost.basis})`];
}

function total<T>(of: readonly T[], value: (one: T) => number): number {
  return of.reduce((sum, one) => sum + value(one), 0);
}
