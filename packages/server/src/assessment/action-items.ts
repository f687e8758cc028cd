// What somebody should decide or do about a table before it is migrated.

import type { TableAssessment } from '@aeneas/agent';
import { qualifiedName } from '@aeneas/cassandra';
import { REJECT_REASONS } from '@aeneas/dynamodb';
import type { AccessPath, RejectReason, TablePlan } from '@aeneas/dynamodb';
import { count } from '../text.ts';

export interface ActionItem {
  /** high: rows would be missing. medium: something would be different, slow or dear. low: worth knowing. */
  readonly severity: 'high' | 'medium' | 'low';
  readonly table: string;
  readonly what: string;
  readonly remedy: string;
}

const GIGABYTE = 1024 ** 3;
/** One partition key takes so many write units a second at most: "Best practices for designing and using partition keys". */
const UNITS_OF_ONE_KEY = 1_000;
const LARGE_PARTITION_BYTES = 10 * GIGABYTE;
const HOT_SHARE = 0.05;
const LARGE_TABLE_BYTES = GIGABYTE / 8;

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
export function actionItems(assessed: TableAssessment & { readonly queries: readonly AccessPath[] }, plan: TablePlan): ActionItem[] {
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

function rejectedItems({ rejected, volume, sampledRows }: TableAssessment, item: Make): ActionItem[] {
  return rejected.map(({ reason, column, rows, example }) => {
    const share = sampledRows === 0 ? 0 : rows / sampledRows;
    const number = volume.isWhole ? `${count(rows)} rows` : `About ${count(Math.max(1, Math.round(share * volume.rows)))} rows (${count(rows)} of ${count(sampledRows)} sampled)`;
    return item('high', `${number} cannot become items${column === undefined ? '' : ` because of ${column}`}: ${REJECT_REASONS[reason]}. For example ${example}`, REMEDIES[reason]);
  });
}

function lossyItems({ volume: { mixedExpiry, decimalScales, negativeZeros, isWhole } }: TableAssessment, item: Make): ActionItem[] {
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

function partitionItems({ largestPartitions, uncompressedBytes, volume }: TableAssessment, item: Make): ActionItem[] {
  return largestPartitions.flatMap(({ partitionKey, sizeBytes }) => {
    const share = uncompressedBytes === 0 ? 0 : sizeBytes / uncompressedBytes;
    const seconds = (volume.writeUnits - volume.indexWriteUnits) * share / UNITS_OF_ONE_KEY;
    const isHot = share > HOT_SHARE && uncompressedBytes > LARGE_TABLE_BYTES;
    if (!isHot && sizeBytes <= LARGE_PARTITION_BYTES) return [];
    return [item('medium', `Partition ${partitionKey} is ${(share * 100).toFixed(1)} % of the table (${(sizeBytes / GIGABYTE).toFixed(2)} GB in Cassandra): one key takes ${count(UNITS_OF_ONE_KEY)} write units a second, so loading it takes at least ${count(Math.ceil(seconds / 60))} min`,
      'Reads and writes of it stay within 3,000 read and 1,000 write units a second: split it in the application if it needs more; S3 import is not bound by it.')];
  });
}
