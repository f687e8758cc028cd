// What somebody should decide or correct about a mapping rule before anything is migrated.

import { isChosen } from '@aeneas/agent';
import type { SampleResult } from '@aeneas/agent';
import { CodedError, qualifiedName } from '@aeneas/cassandra';
import type { CqlType, TableMetadata } from '@aeneas/cassandra';
import { dynamodbErrors, matcherOf, planTable, REJECT_REASONS, targetTableName } from '@aeneas/dynamodb';
import type { Mapping, TablePlan } from '@aeneas/dynamodb';
import { indexItems, REMEDIES } from '../assessment/action-items.ts';
import type { ActionItem } from '../assessment/action-items.ts';
import { count } from '../text.ts';

/** So many of each kind are named. */
const NAMED = 20;

/** Tables whose target tables would have one name, or a name that DynamoDB does not have. Of all that are migrated; those that a rule is about come with it. */
export function nameConflicts(names: readonly string[], mapping: Mapping, patterns: readonly string[], about: ReadonlySet<string>): ActionItem[] {
  const named = mapping.rules.flatMap(({ table, name }) => (name === undefined ? [] : [{ matches: matcherOf(table), name }]));
  const byTarget = new Map<string, string[]>();
  const items: ActionItem[] = [];
  for (const full of names) {
    if (!isChosen(full, patterns)) continue;
    const dot = full.indexOf('.');
    try {
      const target = targetTableName({ keyspace: full.slice(0, dot), name: full.slice(dot + 1) }, named.findLast(({ matches }) => matches(full))?.name);
      byTarget.set(target, [...byTarget.get(target) ?? [], full]);
    } catch (error) {
      if (about.has(full) && items.length < NAMED) items.push(errorItem(full, error));
    }
  }
  for (const [target, tables] of byTarget) {
    if (tables.length < 2 || !tables.some((table) => about.has(table)) || items.length >= NAMED) continue;
    items.push({ severity: 'high', table: tables[0]!, what: `${listOf(tables)} would become the same table "${target}" (MAPPING_COLLISION)`, remedy: dynamodbErrors.MAPPING_COLLISION.remedy });
  }
  return items;
}

/** Tables that cannot be planned. */
export function planConflicts(tables: readonly TableMetadata[], mapping: Mapping): ActionItem[] {
  return tables.flatMap((table) => {
    try {
      planTable(table, mapping);
      return [];
    } catch (error) {
      return [errorItem(qualifiedName(table), error)];
    }
  }).slice(0, NAMED);
}

/** Throws what is no coded error. */
export function errorItem(table: string, error: unknown): ActionItem {
  if (!(error instanceof CodedError)) throw error;
  return { severity: 'high', table, what: `${error.message} (${error.code})`, remedy: error.remedy };
}

/** What the plan of a table tells before a row was read. */
export function planItems(plan: TablePlan): ActionItem[] {
  const table = qualifiedName(plan.table);
  const item = (severity: ActionItem['severity'], what: string, remedy: string): ActionItem => ({ severity, table, what, remedy });
  const low = (what: string, remedy: string): ActionItem => item('low', what, remedy);
  const inexact = [...plan.staticColumns, ...plan.regularColumns].flatMap((attribute) => (attribute !== undefined && holdsInexact(attribute.column.type) && attribute.value.attributeType === 'N' ? [attribute.column.name] : []));
  return [
    ...plan.warnings.map((warning) => low(warning, 'See docs/MAPPING.md.')), ...indexItems(plan, item),
    ...(inexact.length === 0 ? [] : [low(`${inexact.join(', ')}: numbers of more than 38 digits, NaN and infinity do not fit into N; such rows are rejected`, 'Use the rule "as: string" for the column, or "onUnrepresentable: string" for the table, if there are such values.')]),
    ...(plan.table.staticColumns.length > 0 && plan.statics === 'item' ? [low('Static columns become one item per partition, with the sort key " !"', 'Readers of rows ask for sort keys greater than that; "statics: copy" writes them into each row instead.')] : []),
  ];
}

/** What rows that were read do not bring along. */
export function sampleItems(table: string, { rejected, lost, read, isWhole }: SampleResult): ActionItem[] {
  const of = isWhole ? `of ${count(read)}` : `of the first ${count(read)}`;
  const item = (severity: ActionItem['severity'], what: string, remedy: string): ActionItem => ({ severity, table, what, remedy });
  return [
    ...rejected.map(({ reason, column, rows }) => item('high', `${count(rows)} ${of} rows cannot become items${column === undefined ? '' : ` because of ${column}`}: ${REJECT_REASONS[reason]} (${reason})`, REMEDIES[reason])),
    ...(lost.mixedExpiry > 0 ? [item('medium', `${count(lost.mixedExpiry)} ${of} rows have cells that expire at different times; DynamoDB expires whole items, at the latest of them`, 'Decide whether readers may see such values for longer; "ttl: false" keeps all.')] : []),
    ...(lost.decimalScales > 0 ? [item('low', `${count(lost.decimalScales)} decimals in ${count(read)} rows lose their scale (1.00 becomes 1)`, 'Use the rule "as: string" for the column where the scale matters.')] : []),
    ...(lost.negativeZeros > 0 ? [item('low', `${count(lost.negativeZeros)} zeros in ${count(read)} rows lose their minus sign`, 'Use the rule "as: string" for the column where the sign matters.')] : []),
  ];
}

function holdsInexact({ kind }: CqlType): boolean {
  return kind === 'varint' || kind === 'decimal' || kind === 'float' || kind === 'double';
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  return `${shown.join(', ')}${names.length > shown.length ? ` and ${count(names.length - shown.length)} more` : ''}`;
}
