// What items say, decoded, against the rows of the server.

import { canonical, canonicalDecimal, decimalOf } from '../decoder/canonical.ts';
import { parseType } from '../decoder/cql-type.ts';
import type { Type, UserTypes } from '../decoder/cql-type.ts';
import type { Neutral } from '../decoder/decode-attribute.ts';
import { compareSortKeys, decodeItem, itemPlan, keySizes } from '../decoder/item-decoder.ts';
import type { DecodedItem, DecoderColumn, ItemPlan, Profile } from '../decoder/item-decoder.ts';
import type { ExpectedTable, NeutralRow } from './fixture-tables.ts';
import type { RejectedRow, TableItems } from './read-items.ts';

const PARTITION_KEY_MAX = 2048;
const SORT_KEY_MAX = 1024;
const SHOWN_MAX = 8;

/** Everything in which the items differ from the expected rows, as lines to read; none when nothing does. */
export function itemDifferences({ items, rejected }: TableItems, expected: ExpectedTable, userTypes: UserTypes, emptyFirstInDesc: boolean, profile: Profile = 'native'): string[] {
  const table = new TableView(expected, userTypes, profile);
  const decoded = items.map((item) => decodeItem(item, table.plan));
  const differences = [
    ...keyDifferences(decoded, table.plan, emptyFirstInDesc),
    ...rejected.flatMap((row) => table.unjustified(row)),
    ...rowsDiffer(rebuilt(decoded, table), withoutRejected(expected.rows, rejected, table), table),
    ...ttlDifferences(decoded, table),
  ];
  return differences.slice(0, SHOWN_MAX);
}

/** An expected table with its types parsed and its layout as items known. */
class TableView {
  readonly expected: ExpectedTable;
  readonly plan: ItemPlan;
  readonly columns: readonly DecoderColumn[];
  readonly #types: ReadonlyMap<string, Type>;
  /** By partition key, and by the whole key. */
  readonly #rows = new Map<string, NeutralRow[]>();

  constructor(expected: ExpectedTable, userTypes: UserTypes, profile: Profile) {
    this.expected = expected;
    const inKeyOrder = [...expected.columns].sort((a, b) => expected.primaryKey.indexOf(a.name) - expected.primaryKey.indexOf(b.name));
    this.columns = inKeyOrder.map(({ name, kind, desc, type }) => ({ name, kind, desc, type: parseType(type, userTypes) }));
    this.plan = itemPlan(this.columns, profile);
    const [partition, clustering] = [this.names('partition_key'), this.names('clustering')];
    for (const row of expected.rows) {
      for (const names of clustering.length === 0 ? [partition] : [partition, [...partition, ...clustering]]) {
        const key = this.keyText(row.v, names);
        const rows = this.#rows.get(key);
        if (rows === undefined) this.#rows.set(key, [row]);
        else rows.push(row);
      }
    }
    this.#types = new Map(this.columns.map((column) => [column.name, column.type]));
  }

  names(...kinds: readonly DecoderColumn['kind'][]): string[] {
    return this.columns.filter((column) => kinds.includes(column.kind)).map((column) => column.name);
  }

  text(name: string, value: Neutral | undefined): string {
    return value === undefined ? 'absent' : canonical(value, this.#types.get(name)!);
  }

  /** Key columns' values as one text; decimal partition keys that differ in scale are two partitions, so keys are compared as they are. */
  keyText(values: Readonly<Record<string, Neutral>>, names: readonly string[]): string {
    return JSON.stringify(names.map((name) => values[name] ?? null));
  }

  /** Why a rejection is wrong, judged from the server's row alone. */
  unjustified(row: RejectedRow): string[] {
    const clustering = this.names('clustering').filter((name) => row.key[name] !== undefined);
    const isWhole = clustering.length === this.names('clustering').length;
    const rows = (this.#rows.get(this.keyText(row.key, [...this.names('partition_key'), ...(isWhole ? clustering : [])])) ?? []).filter((candidate) => clustering.every((name) =>
      JSON.stringify(row.key[name]) === JSON.stringify(candidate.v[name])));
    const where = `rejected ${JSON.stringify(row.key)} for ${row.reason}`;
    if (rows.length === 0) return [`${where}: there is no such row`];
    const isTrue = rows.some((candidate) => this.columns.some(({ name, type }) =>
      (row.column === undefined || row.column === name) && candidate.v[name] !== undefined && (justifies(row.reason, candidate.v[name], type) || (this.plan.profile === 'dms' && justifiesForDms(row.reason, candidate.v[name], type)))));
    return isTrue ? [] : [`${where}: nothing in the row asks for it`];
  }
}

/** Whether a value is a reason that DynamoDB cannot hold the row. */
function justifies(reason: string, value: Neutral, type: Type): boolean {
  switch (reason) {
    case 'NUMBER_UNREPRESENTABLE':
      return some(value, type, (scalar, name) => ['decimal', 'varint', 'float', 'double'].includes(name) && !fitsNumber(scalar));
    case 'EMPTY_UNREPRESENTABLE':
    case 'KEY_EMPTY':
      return JSON.stringify(value).includes('{"empty":true}');
    case 'KEY_TOO_LONG':
      return JSON.stringify(value).length > 300;
    case 'ITEM_TOO_LARGE':
      return JSON.stringify(value).length > 100_000;
    default:
      return false;
  }
}

/** CSV has no empty values, and numbers of NUMERIC(38,10) or (38,0). */
function justifiesForDms(reason: string, value: Neutral, type: Type): boolean {
  if (reason === 'EMPTY_UNREPRESENTABLE') return ['""', '"0x"', '{"empty":true}'].includes(JSON.stringify(value));
  if (reason !== 'NUMBER_UNREPRESENTABLE' || type.kind !== 'scalar' || typeof value !== 'string') return false;
  const { digits, exponent } = decimalOf(value);
  const whole = digits.length + exponent;
  return type.name === 'varint' ? whole > 38 : type.name === 'decimal' && (whole > 28 || exponent < -10);
}

function some(value: Neutral, type: Type, test: (scalar: string, name: string) => boolean): boolean {
  if (value === null || (typeof value === 'object' && 'empty' in value && type.kind !== 'udt')) return false;
  switch (type.kind) {
    case 'scalar':
      return typeof value === 'string' && test(value, type.name);
    case 'list':
    case 'vector':
    case 'set':
      return (value as Neutral[]).some((element) => some(element, type.element, test));
    case 'map':
      return (value as Neutral[][]).some(([key, element]) => some(key!, type.key, test) || some(element!, type.value, test));
    case 'tuple':
      return (value as Neutral[]).some((field, i) => some(field, type.fields[i]!, test));
    case 'udt':
      return type.names.some((name, i) => some((value as Record<string, Neutral>)[name] ?? null, type.fields[i]!, test));
  }
}

/** DynamoDB: 38 significant digits, magnitudes from 1E-130 to 9.99...E+125, and zero. */
function fitsNumber(text: string): boolean {
  if (/NaN|Infinity/.test(text)) return false;
  if (canonicalDecimal(text) === '0') return true;
  const { digits, exponent } = decimalOf(text);
  const magnitude = exponent + digits.length - 1;
  return digits.length <= 38 && magnitude >= -130 && magnitude <= 125;
}

/**
 * No two items share a key, keys fit, and the sort keys of a partition rise as its rows do. Sort keys have empty values last in DESC
 * columns, as later versions do; `emptyFirstInDesc` (2.2.0, 3.0.0, 3.1.1: docs/formats/data.md) excuses the row that follows such a one.
 */
function keyDifferences(decoded: readonly DecodedItem[], plan: ItemPlan, emptyFirstInDesc: boolean): string[] {
  const differences: string[] = [];
  const seen = new Set<string>();
  let previous: DecodedItem | undefined;
  for (const item of decoded) {
    const key = JSON.stringify([item.partition, item.sort]);
    if (seen.has(key)) differences.push(`two items have the key ${key}`);
    seen.add(key);
    const sizes = keySizes(item, plan);
    if (sizes.partition > PARTITION_KEY_MAX || sizes.sort > SORT_KEY_MAX) differences.push(`the key ${key.slice(0, 200)} is too long: ${JSON.stringify(sizes)}`);
    if (plan.sortKey !== undefined && previous?.partition === item.partition && compareSortKeys(previous, item, plan) >= 0 && !(emptyFirstInDesc && hasEmptyInDesc(previous, plan))) {
      differences.push(`sort key ${JSON.stringify(item.sort)} does not follow ${JSON.stringify(previous.sort)}`);
    }
    previous = item;
  }
  return differences;
}

function hasEmptyInDesc(item: DecodedItem, plan: ItemPlan): boolean {
  return plan.columns.some(({ name, kind, desc }) => kind === 'clustering' && desc && ['""', '"0x"', '{"empty":true}'].includes(JSON.stringify(item.values.get(name))));
}

/** Rows as CQL shows them, from items in the order of their output: static values are in every row of their partition. */
function rebuilt(decoded: readonly DecodedItem[], table: TableView): Record<string, Neutral>[] {
  const statics = new Map(decoded.filter((item) => item.isStatic).map((item) => [item.partition, item.values]));
  const withRows = new Set(decoded.filter((item) => !item.isStatic).map((item) => item.partition));
  const rows: Record<string, Neutral>[] = [];
  for (const item of decoded) {
    if (item.isStatic && withRows.has(item.partition)) continue;
    const shared = statics.get(item.partition) ?? new Map<string, Neutral>();
    rows.push(Object.fromEntries([...item.values, ...table.names('static').flatMap((name) => (shared.has(name) ? [[name, shared.get(name)!] as const] : []))]));
  }
  return rows;
}

/** The server's rows that must have become items. A rejected static item leaves its partition's rows without static values. */
function withoutRejected(rows: readonly NeutralRow[], rejected: readonly RejectedRow[], table: TableView): Record<string, Neutral>[] {
  const partition = table.names('partition_key');
  const whole = [...partition, ...table.names('clustering')];
  const hasClustering = table.names('clustering').length > 0;
  const isStatic = (key: RejectedRow['key']): boolean => hasClustering && table.names('clustering').every((name) => key[name] === undefined) && table.plan.sortKey?.native === false;
  const rejectedRows = new Set(rejected.filter(({ key }) => !isStatic(key)).map(({ key }) => table.keyText(key, whole)));
  const rejectedStatics = new Set(rejected.filter(({ key }) => isStatic(key)).map(({ key }) => table.keyText(key, partition)));
  const isRejected = (row: NeutralRow): boolean => rejectedRows.has(table.keyText(row.v, whole));
  const partitionsLeft = new Set(rows.filter((row) => !isRejected(row)).map((row) => table.keyText(row.v, partition)));
  return rows.flatMap((row) => {
    const key = table.keyText(row.v, partition);
    const only = (...names: readonly string[]): Record<string, Neutral> => Object.fromEntries(Object.entries(row.v).filter(([name]) => names.includes(name)));
    const hasStatics = table.names('static').some((name) => row.v[name] !== undefined) && !rejectedStatics.has(key);
    if (isRejected(row)) {
      // Of a partition without a row left its static item stays, for once.
      if (partitionsLeft.has(key) || !hasStatics) return [];
      partitionsLeft.add(key);
      return [only(...partition, ...table.names('static'))];
    }
    if (!rejectedStatics.has(key)) return [row.v];
    const isOnlyStatic = hasClustering && table.names('clustering').every((name) => row.v[name] === undefined);
    return isOnlyStatic ? [] : [only(...whole, ...table.names('regular'))];
  });
}

function rowsDiffer(mine: readonly Readonly<Record<string, Neutral>>[], theirs: readonly Readonly<Record<string, Neutral>>[], table: TableView): string[] {
  const differences: string[] = [];
  for (let i = 0; i < Math.min(mine.length, theirs.length) && differences.length < SHOWN_MAX; i++) {
    for (const { name } of table.columns) {
      const [a, b] = [table.text(name, mine[i]![name]), table.text(name, theirs[i]![name])];
      if (a !== b) differences.push(`row ${i}: ${name} is ${a.slice(0, 300)}, expected ${b.slice(0, 300)}`);
    }
  }
  if (mine.length !== theirs.length) differences.push(`${mine.length} rows, expected ${theirs.length}`);
  return differences;
}

/** An item expires only if everything in it does, and then with the last of it, as far as the server told. */
function ttlDifferences(decoded: readonly DecodedItem[], table: TableView): string[] {
  const keys = table.names('partition_key', 'clustering');
  const rows = new Map(table.expected.rows.map((row) => [table.keyText(row.v, keys), row]));
  return decoded.flatMap((item) => {
    if (item.ttl === undefined || item.isStatic) return [];
    const row = rows.get(table.keyText(Object.fromEntries(item.values), keys));
    if (row === undefined) return [];
    const timed = table.names('regular').filter((name) => row.wt?.[name] !== undefined);
    const forEver = timed.filter((name) => row.ttl?.[name] === undefined);
    if (forEver.length > 0) return [`an item expires, but ${forEver.join(', ')} of its row does not`];
    const latest = Math.max(...timed.map((name) => row.ttl![name]!)) + table.expected.readAtMillis / 1000;
    return timed.length > 0 && item.ttl < latest - 2 ? [`an item expires at ${item.ttl}, before ${latest}`] : [];
  });
}
