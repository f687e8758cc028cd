// What somebody should decide or do about a table before it is migrated.

import type { TableAssessment } from '@aeneas/agent';
import { qualifiedName } from '@aeneas/cassandra';
import { REJECT_REASONS } from '@aeneas/dynamodb';
import type { AccessPath, RejectReason, TablePlan } from '@aeneas/dynamodb';
import { count } from '../text.ts';
import { LARGE_PARTITION_BYTES, PARTITION_READ_UNITS, PARTITION_WRITE_UNITS } from './heat.ts';
import type { PartitionHeat } from './heat.ts';

export const SEVERITIES = ['high', 'medium', 'low'] as const;
export const SEVERITY_TEXT = { high: 'To be solved, or rows will be missing', medium: 'To be decided', low: 'Worth knowing' } as const;

export interface ActionItem {
  /** high: rows would be missing. medium: something would be different, slow or dear. low: worth knowing. */
  readonly severity: (typeof SEVERITIES)[number];
  readonly table: string;
  readonly what: string;
  readonly remedy: string;
}

const GIGABYTE = 1024 ** 3;

/** What helps against rows that are rejected. */
export const REMEDIES: Readonly<Record<RejectReason, string>> = {
  KEY_TOO_LONG: 'Shorten the key in the application, or keep these rows elsewhere: no mapping makes such a key fit.',
  KEY_EMPTY: 'Use the rule "keys: encoded" for the table: encoded keys hold empty values.',
  INDEX_KEY_EMPTY: 'Take the index out of the rule "indexes", or the empty values out of the column: DynamoDB has no items with an empty value in an index\'s key.',
  INDEX_KEY_TOO_LONG: 'Take the index out of the rule "indexes", or shorten the values: DynamoDB has no items with such a value in an index\'s key.',
  NUMBER_UNREPRESENTABLE: 'Use the rule "as: string" for the column, or "onUnrepresentable: string" for the table.',
  EMPTY_UNREPRESENTABLE: 'Use the rule "as: list" for the column, or exclude it.',
  TEXT_INVALID: 'Correct the text in Cassandra, or exclude the column.',
  VALUE_INVALID: 'Look at the rows with "aeneas sstable dump"; correct them in Cassandra, or exclude the column.',
  ITEM_TOO_LARGE: 'Exclude a large column by rule and keep it in S3, or split the row in the application.',
};

/** Of one table. */
export function actionItems(assessed: Omit<TableAssessment, 'largestPartitions'> & { readonly largestPartitions: readonly PartitionHeat[]; readonly queries: readonly AccessPath[] }, plan: TablePlan): ActionItem[] {
  const table = qualifiedName(plan.table);
  const item = (severity: ActionItem['severity'], what: string, remedy: string): ActionItem => ({ severity, table, what, remedy });
  return [
    ...rejectedItems(assessed, item), ...lossyItems(assessed, item), ...partitionItems(assessed, item), ...indexItems(plan, item),
    ...plan.warnings.map((warning) => item('low', warning, 'See docs/MAPPING.md.')),
    ...assessed.queries.filter(({ by, notes, index }) => (by === 'index' && index?.name === undefined) || (by === 'scan' && notes.length > 0)).map(({ query, answer, notes }) => item(
      'medium', `${query}: ${answer}`, notes.join('. '),
    )),
    ...(plan.table.isView ? [item('low', 'It is a materialized view: as a table of its own it is no longer kept up by its base', 'Leave it out ("!keyspace.view") and add a global secondary index to its base, or write both.')] : []),
  ];
}

type Make = (severity: ActionItem['severity'], what: string, remedy: string) => ActionItem;

function rejectedItems({ rejected, volume, sampledRows }: Pick<TableAssessment, 'rejected' | 'volume' | 'sampledRows'>, item: Make): ActionItem[] {
  return rejected.map(({ reason, column, rows, example }) => {
    const share = sampledRows === 0 ? 0 : rows / sampledRows;
    const number = volume.isWhole ? `${count(rows)} rows` : `About ${count(Math.max(1, Math.round(share * volume.rows)))} rows (${count(rows)} of ${count(sampledRows)} sampled)`;
    return item('high', `${number} cannot become items${column === undefined ? '' : ` because of ${column}`}: ${REJECT_REASONS[reason]}. For example ${example}`, REMEDIES[reason]);
  });
}

function lossyItems({ volume: { mixedExpiry, decimalScales, negativeZeros, isWhole } }: Pick<TableAssessment, 'volume'>, item: Make): ActionItem[] {
  const about = isWhole ? '' : 'about ';
  return [
    ...(mixedExpiry > 0 ? [item('medium', `${about}${count(mixedExpiry)} rows have cells that expire at different times; DynamoDB expires whole items, at the latest of them`, 'Decide whether readers may see such values for longer; "ttl: false" keeps all.')] : []),
    ...(decimalScales > 0 ? [item('low', `${about}${count(decimalScales)} decimals lose their scale (1.00 becomes 1)`, 'Use the rule "as: string" for the column where the scale matters.')] : []),
    ...(negativeZeros > 0 ? [item('low', `${about}${count(negativeZeros)} zeros lose their minus sign`, 'Use the rule "as: string" for the column where the sign matters.')] : []),
  ];
}

/** Secondary indexes and views that nothing takes the place of. */
export function indexItems({ table: { indexes = [], views = [] }, indexes: planned }: TablePlan, item: Make): ActionItem[] {
  const isMissing = ({ name }: { readonly name: string }): boolean => !planned.some(({ from }) => from === name);
  return [
    ...indexes.filter(isMissing).map(({ name, columns }) => item('medium', `Nothing takes the place of its secondary index ${name} (${columns.join(', ')})`, `Where queries use it, add the rule "indexes: [{ from: ${name} }]".`)),
    ...views.filter(isMissing).map(({ name, partitionKey, clustering }) => item('medium',
      `Nothing takes the place of its materialized view ${name} (${[...partitionKey, ...clustering.map((column) => column.name)].join(', ')})`, `Where queries read it, add the rule "indexes: [{ from: ${name} }]".`)),
  ];
}

function partitionItems({ largestPartitions }: { readonly largestPartitions: readonly PartitionHeat[] }, item: Make): ActionItem[] {
  return largestPartitions.filter(({ isHot }) => isHot).map(({ partitionKey, sizeBytes, share, loadSeconds }) => item(
    'medium',
    `Partition ${partitionKey} is ${(share * 100).toFixed(1)} % of the table (${(sizeBytes / GIGABYTE).toFixed(2)} GB in Cassandra): one partition takes ${count(PARTITION_WRITE_UNITS)} write units a second, so loading it takes at least ${count(Math.ceil(loadSeconds / 60))} min${sizeBytes > LARGE_PARTITION_BYTES ? '. It is above 10 GB, so DynamoDB spreads it over several partitions; the limit of 10 GB for an item collection is that of tables with a local secondary index, and Aeneas makes none' : ''}`,
    `Reads and writes of it stay within ${count(PARTITION_READ_UNITS)} read and ${count(PARTITION_WRITE_UNITS)} write units a second, until DynamoDB splits it by its sort key: split it in the application if it needs more; S3 import is not bound by it.`,
  ));
}
