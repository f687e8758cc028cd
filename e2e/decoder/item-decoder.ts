// Items back to rows, by docs/MAPPING.md, "Keys", "Items", "The profile dms" and "Reading items back", for the default rules of both profiles.

import type { Type } from './cql-type.ts';
import type { Attribute, Neutral } from './decode-attribute.ts';
import { decodeDmsAttribute } from './decode-dms-attribute.ts';
import { decodeAttribute, withoutEscape } from './decode-attribute.ts';

export type Item = Readonly<Record<string, Attribute>>;

export interface DecoderColumn {
  readonly name: string;
  readonly kind: 'partition_key' | 'clustering' | 'static' | 'regular';
  readonly type: Type;
  readonly desc: boolean;
}

/** How one table's items are laid out. */
export interface ItemPlan {
  readonly columns: readonly DecoderColumn[];
  readonly partitionKey: KeySide;
  /** Absent when the table has neither clustering nor static columns. */
  readonly sortKey?: KeySide;
  readonly ttl: string;
  readonly profile: Profile;
}

export type Profile = 'native' | 'dms';

interface KeySide {
  readonly attribute: string;
  readonly native: boolean;
  readonly type: 'S' | 'N' | 'B';
  readonly desc: boolean;
}

export interface DecodedItem {
  readonly isStatic: boolean;
  readonly values: ReadonlyMap<string, Neutral>;
  /** Epoch seconds, if the item expires. */
  readonly ttl?: number;
  /** The key attributes in a form that is equal for equal keys. */
  readonly partition: string;
  readonly sort: string;
}

const NATIVE: Readonly<Record<string, 'S' | 'N' | 'B'>> = {
  text: 'S', ascii: 'S', blob: 'B', tinyint: 'N', smallint: 'N', int: 'N', bigint: 'N', timestamp: 'N',
};
const STATIC_SORT_KEY = ' !';

/** The layout that the mapping gives a table with these columns (key columns in key order). */
export function itemPlan(columns: readonly DecoderColumn[], profile: Profile = 'native'): ItemPlan {
  const names = new Set(columns.map((column) => column.name));
  const free = (name: string): string => (names.has(name) ? free(`_${name}`) : name);
  const side = (kind: DecoderColumn['kind'], name: string, mayBeNative: boolean): KeySide => {
    const keys = columns.filter((column) => column.kind === kind);
    const type = keys.length === 1 && keys[0]!.type.kind === 'scalar' ? NATIVE[keys[0]!.type.name] : undefined;
    if (mayBeNative && type !== undefined) return { attribute: keys[0]!.name, native: true, type, desc: keys[0]!.desc };
    return { attribute: free(name), native: false, type: 'S', desc: false };
  };
  const hasStatics = columns.some((column) => column.kind === 'static');
  const hasSort = hasStatics || columns.some((column) => column.kind === 'clustering');
  const partitionKey = side('partition_key', 'pk', profile === 'native');
  return { columns, partitionKey, ...(hasSort ? { sortKey: side('clustering', 'sk', profile === 'native' && !hasStatics) } : {}), ttl: free('ttl'), profile };
}

export function decodeItem(item: Item, plan: ItemPlan): DecodedItem {
  const partition = keyText(item, plan.partitionKey);
  const sort = plan.sortKey === undefined ? '' : keyText(item, plan.sortKey);
  const isStatic = plan.sortKey !== undefined && !plan.sortKey.native && sort === STATIC_SORT_KEY;
  const values = new Map<string, Neutral>();
  const seen = new Set([plan.partitionKey.attribute, plan.sortKey?.attribute, plan.ttl]);
  for (const column of plan.columns) {
    const attribute = item[column.name];
    if (attribute === undefined) {
      if (plan.profile === 'dms' && isEmptyKey(column, isStatic, sort)) values.set(column.name, emptyOf(column.type));
      continue;
    }
    seen.add(column.name);
    const side = column.kind === 'partition_key' ? plan.partitionKey : column.kind === 'clustering' ? plan.sortKey : undefined;
    if (plan.profile === 'dms') values.set(column.name, decodeDmsAttribute(attribute, column.type));
    else values.set(column.name, decodeAttribute(side?.native === true ? unescapeKey(attribute) : attribute, column.type));
  }
  const unknown = Object.keys(item).filter((name) => !seen.has(name));
  if (unknown.length > 0) throw new Error(`an item has attributes that the mapping does not know: ${unknown.join(', ')}`);
  const ttl = item[plan.ttl];
  if (ttl !== undefined && (!('N' in ttl) || !/^\d+$/.test(ttl.N))) throw new Error(`a TTL that is not epoch seconds: ${JSON.stringify(ttl)}`);
  return { isStatic, values, partition, sort, ...(ttl === undefined ? {} : { ttl: Number((ttl as { N: string }).N) }) };
}

/** A key column without an attribute has an empty value, unless the sort key says that it is null. */
function isEmptyKey({ kind }: DecoderColumn, isStatic: boolean, sort: string): boolean {
  return kind === 'partition_key' || (kind === 'clustering' && !isStatic && !sort.includes(' !#'));
}

function emptyOf(type: Type): Neutral {
  if (type.kind !== 'scalar' || !['text', 'ascii', 'blob'].includes(type.name)) return { empty: true };
  return type.name === 'blob' ? '0x' : '';
}

/** How DynamoDB orders two sort keys of one partition: S by UTF-8 bytes, B by bytes, N by value. A native DESC key is read backwards. */
export function compareSortKeys(a: DecodedItem, b: DecodedItem, plan: ItemPlan): number {
  const side = plan.sortKey!;
  const order = side.type === 'N' ? compareIntegers(a.sort, b.sort) : Buffer.compare(keyBytes(a.sort, side), keyBytes(b.sort, side));
  return side.native && side.desc ? -order : order;
}

function compareIntegers(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function keyBytes(key: string, side: KeySide): Buffer {
  return side.type === 'B' ? Buffer.from(key, 'base64') : Buffer.from(key, 'utf8');
}

/** Key sizes in bytes, for DynamoDB's limits; N keys have none worth checking. */
export function keySizes(item: DecodedItem, plan: ItemPlan): { partition: number; sort: number } {
  const size = (key: string, side: KeySide | undefined): number => (side === undefined || side.type === 'N' ? 0 : keyBytes(key, side).length);
  return { partition: size(item.partition, plan.partitionKey), sort: size(item.sort, plan.sortKey) };
}

function keyText(item: Item, side: KeySide): string {
  const attribute = item[side.attribute];
  if (attribute === undefined) throw new Error(`an item lacks its key attribute ${side.attribute}`);
  const value = (attribute as Record<string, unknown>)[side.type];
  if (typeof value !== 'string' || value === '') throw new Error(`key attribute ${side.attribute} is ${JSON.stringify(attribute)}, not a filled ${side.type}`);
  return value;
}

function unescapeKey(attribute: Attribute): Attribute {
  if ('S' in attribute) return { S: withoutEscape(attribute.S) };
  if (!('B' in attribute)) return attribute;
  const bytes = Buffer.from(attribute.B, 'base64');
  return bytes.every((byte) => byte === 0) ? { B: bytes.subarray(1).toString('base64') } : attribute;
}
