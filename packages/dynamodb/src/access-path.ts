// How a CQL query is answered by the target table: by its keys, by an index that it has or would need, or by reading everything.

import type { ColumnMetadata, Restriction, SelectStatement } from '@aeneas/cassandra';
import type { IndexPlan } from './index-plan.ts';
import type { TablePlan } from './table-plan.ts';
import { valuePlanOf } from './value-plan.ts';

export interface AccessPath {
  readonly query: string;
  /** keys: as good as in Cassandra. index: by a global secondary index. scan: reads the whole table each time. */
  readonly by: 'keys' | 'index' | 'scan';
  /** What to call, in words of the DynamoDB API. */
  readonly answer: string;
  /** Columns of the index that answers; it has a name where the mapping has it, otherwise it is yet to be made. */
  readonly index?: { readonly name?: string; readonly partitionKey: readonly string[]; readonly sortKey: readonly string[] };
  readonly notes: readonly string[];
}

type ByColumn = Extract<Restriction, { column: string }>;

/** Throws nothing: what cannot be answered by keys or an index is a scan, with the reason. */
export function accessPathOf(plan: TablePlan, { text, restrictions, order }: SelectStatement): AccessPath {
  const asked = new Query(restrictions);
  const { partitionKey } = plan.table;
  if (restrictions.length === 0) return { query: text, by: 'scan', answer: 'Scan, in parallel segments', notes: [] };
  if (partitionKey.every(({ name }) => asked.isFixed(name))) return byKeys(plan, text, asked, order);
  if (restrictions.some(({ kind }) => kind === 'token')) return { query: text, by: 'scan', answer: 'Scan, in parallel segments: they take the place of token ranges', notes: [] };
  return byOwnIndex(plan, text, asked, order) ?? byNewIndex(plan, text, asked, order);
}

/** What a query says of each column. */
class Query {
  readonly #kinds = new Map<string, Set<Restriction['kind']>>();

  constructor(restrictions: readonly Restriction[]) {
    for (const one of restrictions) {
      for (const column of isByColumn(one) ? [one.column] : one.columns) this.#kinds.set(column, (this.#kinds.get(column) ?? new Set()).add(one.kind));
    }
  }

  get columns(): string[] {
    return [...this.#kinds.keys()];
  }

  is(column: string, ...kinds: readonly Restriction['kind'][]): boolean {
    return kinds.some((kind) => this.#kinds.get(column)?.has(kind) === true);
  }

  /** It has one value, or one of a few. */
  isFixed(column: string): boolean {
    return this.is(column, 'equal', 'in', 'tuple-in');
  }
}

function isByColumn(one: Restriction): one is ByColumn {
  return 'column' in one;
}

function byKeys(plan: TablePlan, query: string, asked: Query, order: SelectStatement['order']): AccessPath {
  const { table: { partitionKey, clustering }, sortKey } = plan;
  const fixed = clustering.findIndex(({ name }) => !asked.isFixed(name));
  const prefix = clustering.slice(0, fixed < 0 ? clustering.length : fixed);
  const next = clustering[prefix.length];
  const ranged = next !== undefined && asked.is(next.name, 'range', 'tuple-range') ? next : undefined;
  const used = new Set([...partitionKey, ...prefix, ...(ranged === undefined ? [] : [ranged])].map(({ name }) => name));
  const isSeveral = [...partitionKey, ...prefix].some(({ name }) => asked.is(name, 'in', 'tuple-in'));
  const notes = [...filterNotes(asked.columns.filter((column) => !used.has(column) && !asked.is(column, 'tuple-range'))), ...orderNotes(plan, order)];
  const keys = `${plan.partitionKey.attribute} of ${namesOf(partitionKey)}`;
  if (prefix.length === clustering.length) {
    const key = sortKey === undefined || clustering.length === 0 ? keys : `${keys}, ${sortKey.attribute} of ${namesOf(clustering)}`;
    const answer = clustering.length === 0 && sortKey !== undefined ? `Query with ${keys}` : `${isSeveral ? 'BatchGetItem' : 'GetItem'} with ${key}`;
    return { query, by: 'keys', answer, notes };
  }
  if (isSeveral) notes.unshift('One Query for each combination of the values of IN');
  const condition = sortKey === undefined ? '' : sortCondition(plan, prefix, ranged);
  return { query, by: 'keys', answer: `Query with ${keys}${condition}`, notes };
}

function sortCondition({ sortKey }: TablePlan, prefix: readonly ColumnMetadata[], ranged: ColumnMetadata | undefined): string {
  const { attribute, isNative } = sortKey!;
  if (isNative) return ranged === undefined ? '' : `, ${attribute} by >, <, or BETWEEN`;
  if (ranged !== undefined) return `, ${attribute} BETWEEN bounds of ${namesOf([...prefix, ranged])} (sortKeyPrefixOf)`;
  return prefix.length === 0 ? '' : `, begins_with(${attribute}, prefix of ${namesOf(prefix)})`;
}

/** ScanIndexForward, where the wanted order is not that of the sort key. */
function orderNotes({ table: { clustering }, sortKey }: TablePlan, order: SelectStatement['order']): string[] {
  const [first] = order;
  const column = clustering.find(({ name }) => name === first?.column);
  if (sortKey === undefined || clustering.length === 0) return [];
  // Native sort keys ascend by value; encoded ones follow the clustering order.
  const isDescending = column === undefined ? clustering[0].reversed : first!.isDescending;
  const keyDescends = sortKey.isNative ? false : (column ?? clustering[0]).reversed;
  return isDescending === keyDescends ? [] : ['ScanIndexForward: false gives the order of the query'];
}

/** By the index of the mapping that fits best: a sort key that takes part in the answer before one that does not. */
function byOwnIndex(plan: TablePlan, query: string, asked: Query, order: SelectStatement['order']): AccessPath | undefined {
  const isOne = (columns: readonly string[] = []): boolean => columns.length > 0 && columns.every((name) => asked.isFixed(name));
  const isUsed = ({ sortKey }: IndexPlan): boolean => {
    const [column, ...others] = sortKey?.columns ?? [];
    return column !== undefined && (isOne(sortKey?.columns) || (others.length === 0 && (asked.is(column, 'range') || order[0]?.column === column)));
  };
  const fitting = plan.indexes.filter(({ partitionKey }) => isOne(partitionKey.columns));
  const index = fitting.find(isUsed) ?? fitting[0];
  if (index === undefined) return undefined;
  const { name, partitionKey, sortKey, projection } = index;
  const sorted = isUsed(index) ? sortKey!.columns : [];
  const used = new Set([...partitionKey.columns, ...sorted]);
  const isSeveral = [...used].some((column) => asked.is(column, 'in', 'tuple-in'));
  const column = order[0]?.column;
  return {
    query, by: 'index', index: { name, partitionKey: partitionKey.columns, sortKey: sortKey?.columns ?? [] },
    answer: `Query of index ${name} with ${partitionKey.attribute} of ${partitionKey.columns.join(', ')}${sorted.length === 0 ? '' : `, ${sortKey!.attribute} of ${sorted.join(', ')}`}`,
    notes: [
      ...(isSeveral ? ['One Query for each combination of the values of IN'] : []),
      ...(column !== undefined && sorted.includes(column) && order[0].isDescending ? ['ScanIndexForward: false gives the order of the query'] : []),
      ...(column !== undefined && !sorted.includes(column) ? [`The application has to sort by ${column}`] : []),
      'Reads of an index are eventually consistent',
      ...(projection === 'all' ? [] : [`The index has ${projection === 'keys-only' ? 'keys only' : `${projection.join(', ')} and keys`}: other attributes take a GetItem each`]),
      ...filterNotes(asked.columns.filter((one) => !used.has(one))),
    ],
  };
}

function byNewIndex(plan: TablePlan, query: string, asked: Query, order: SelectStatement['order']): AccessPath {
  const columns = [...plan.table.partitionKey, ...plan.table.clustering, ...plan.table.regularColumns];
  const fixed = columns.filter(({ name }) => asked.isFixed(name));
  const statics = plan.table.staticColumns.filter(({ name }) => asked.columns.includes(name)).map(({ name }) => name);
  if (fixed.length === 0) {
    const why = asked.columns.some((column) => asked.is(column, 'contains')) ? 'an index cannot look into collections: keep one item for each element, or use OpenSearch'
      : statics.length > 0 ? `static columns are in items of their own: an index on ${statics.join(', ')} finds those` : 'an index needs a column that is compared by =';
    return { query, by: 'scan', answer: 'Scan with a FilterExpression', notes: [`Reads, and costs, the whole table: ${why}`] };
  }
  const ranged = columns.find(({ name }) => asked.is(name, 'range', 'like')) ?? columns.find(({ name }) => name === order[0]?.column && !fixed.some((one) => one.name === name));
  const sortKey = ranged === undefined ? [...plan.table.partitionKey, ...plan.table.clustering].filter(({ name }) => !fixed.some((one) => one.name === name)) : [ranged];
  const index = { partitionKey: fixed.map(({ name }) => name), sortKey: sortKey.map(({ name }) => name) };
  const used = new Set([...index.partitionKey, ...index.sortKey]);
  return {
    query, by: 'index', index,
    answer: `Query of a global secondary index: partition key ${keyText(fixed)}${sortKey.length === 0 ? '' : `, sort key ${keyText(sortKey)}`}`,
    notes: [
      ...attributeNotes(fixed, sortKey), 'Reads of an index are eventually consistent; each write of its attributes costs write units there as well',
      ...filterNotes(asked.columns.filter((column) => !used.has(column))),
    ],
  };
}

/** Keys of an index are single S, N or B attributes. */
function attributeNotes(...sides: readonly (readonly ColumnMetadata[])[]): string[] {
  const built = sides.filter((side) => side.length > 1 || side.some((column) => !'SNB'.includes(valuePlanOf(column.type, { numbersAsText: 'none' }).attributeType)));
  return built.map((side) => `${namesOf(side)}: an attribute has to be made of ${side.length > 1 ? 'them' : 'it'}, as text, when items are written`);
}

function filterNotes(columns: readonly string[]): string[] {
  return columns.length === 0 ? [] : [`${columns.join(', ')}: by a FilterExpression, which is applied after reading (what it leaves out is paid for as well)`];
}

function keyText(columns: readonly ColumnMetadata[]): string {
  return columns.length === 1 ? columns[0].name : `made of ${namesOf(columns)}`;
}

function namesOf(columns: readonly ColumnMetadata[]): string {
  return columns.map(({ name }) => name).join(', ');
}
