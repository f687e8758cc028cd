// The key functions: for applications after the cut-over, for change capture, and for the validator, which computes tokens from items.

import { integerText } from '@aeneas/cassandra';
import type { TableMetadata } from '@aeneas/cassandra';
import { dynamodbError } from './errors.ts';
import { MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES } from './item-size.ts';
import { STATIC_SORT_KEY } from './key-plan.ts';
import type { KeyPlan } from './key-plan.ts';
import { integerBytes } from './key-number.ts';
import { readKeyComponents } from './key-reader.ts';
import { serializeKeyValue } from './key-values.ts';
import { KeyWriter } from './key-writer.ts';
import { joinPartitionKey, splitPartitionKey } from './partition-key.ts';
import type { TablePlan } from './table-plan.ts';
import { isAllZero } from './value-writer.ts';

/** A key attribute as the AWS SDK has it. */
export type KeyAttribute = { S: string } | { N: string } | { B: Uint8Array };
/** One value per key column: in their order, or by name. Null only for clustering columns of compact tables. */
export type KeyValues = readonly unknown[] | Readonly<Record<string, unknown>>;

const NATIVE_BYTES: Record<string, number> = { tinyint: 1, smallint: 2, int: 4, bigint: 8, timestamp: 8 };
const writer = new KeyWriter();

/** The partition key attribute of the given values. Throws KEY_VALUES_INVALID. */
export function partitionKeyOf(plan: TablePlan, values: KeyValues): KeyAttribute {
  return encodeKey(plan.partitionKey, valuesOf(plan.partitionKey, plan.table, values), MAX_PARTITION_KEY_BYTES);
}

/** The sort key attribute of a row. Throws KEY_VALUES_INVALID, also for a table without one. */
export function sortKeyOf(plan: TablePlan, values: KeyValues): KeyAttribute {
  const sortKey = sortKeyPlan(plan);
  return encodeKey(sortKey, valuesOf(sortKey, plan.table, values), MAX_SORT_KEY_BYTES);
}

/** The sort key attribute of a partition's static item. */
export function staticSortKey(): KeyAttribute {
  return { S: STATIC_SORT_KEY };
}

/** What all rows with these leading clustering values have at the start of their sort key, for `begins_with`. Encoded sort keys only. */
export function sortKeyPrefixOf(plan: TablePlan, leadingValues: readonly unknown[]): string {
  const sortKey = sortKeyPlan(plan);
  if (sortKey.isNative || leadingValues.length > sortKey.components.length) {
    throw dynamodbError('KEY_VALUES_INVALID', `The sort key "${sortKey.attribute}" of ${plan.targetName} has no prefix of ${leadingValues.length} columns`);
  }
  return writeComponents(sortKey, leadingValues.map((value, i) => serialized(sortKey, i, value)));
}

/** The partition key attribute of a serialized partition key. */
export function encodePartitionKey(plan: TablePlan, key: Uint8Array): KeyAttribute {
  const slices = { starts: [], ends: [] as number[] };
  splitPartitionKey(key, key.length, plan.partitionKey.components.length, slices);
  return encodeKey(plan.partitionKey, slices.starts.map((start, i) => key.subarray(start, slices.ends[i])), MAX_PARTITION_KEY_BYTES);
}

/** The sort key attribute of serialized clustering values. */
export function encodeSortKey(plan: TablePlan, clustering: readonly (Uint8Array | null | undefined)[]): KeyAttribute {
  return encodeKey(sortKeyPlan(plan), clustering.map((value) => value ?? undefined), MAX_SORT_KEY_BYTES);
}

/** The serialized partition key, byte for byte, of a partition key attribute. Throws KEY_VALUES_INVALID. */
export function decodePartitionKey(plan: TablePlan, attribute: KeyAttribute): Uint8Array {
  const { partitionKey } = plan;
  if (partitionKey.isNative) return decodeNative(partitionKey, attribute);
  return joinPartitionKey(readKeyComponents(partitionKey.components, textOf(partitionKey, attribute), true).map((value) => value ?? new Uint8Array(0)));
}

/** The serialized clustering values of a sort key attribute (undefined: null), or 'static'. Throws KEY_VALUES_INVALID. */
export function decodeSortKey(plan: TablePlan, attribute: KeyAttribute): 'static' | (Uint8Array | undefined)[] {
  const sortKey = sortKeyPlan(plan);
  if (sortKey.isNative) return [decodeNative(sortKey, attribute)];
  if ('S' in attribute && attribute.S === STATIC_SORT_KEY) return 'static';
  return readKeyComponents(sortKey.components, textOf(sortKey, attribute), false);
}

function sortKeyPlan(plan: TablePlan): KeyPlan {
  if (plan.sortKey) return plan.sortKey;
  throw dynamodbError('KEY_VALUES_INVALID', `The table ${plan.targetName} has no sort key`);
}

function valuesOf(plan: KeyPlan, table: TableMetadata, values: KeyValues): (Uint8Array | undefined)[] {
  const list = Array.isArray(values) ? (values as readonly unknown[]) : plan.components.map(({ column }) => (values as Record<string, unknown>)[column.name]);
  if (list.length !== plan.components.length) {
    throw dynamodbError('KEY_VALUES_INVALID', `${list.length} values for the ${plan.components.length} columns (${plan.components.map(({ column }) => column.name).join(', ')})`);
  }
  return list.map((value, i) => {
    if ((value === undefined || value === null) && !(plan.side === 'sort' && table.isCompact)) {
      throw dynamodbError('KEY_VALUES_INVALID', `No value for the key column ${plan.components[i].column.name}`);
    }
    return serialized(plan, i, value);
  });
}

function serialized(plan: KeyPlan, index: number, value: unknown): Uint8Array | undefined {
  return value === undefined || value === null ? undefined : serializeKeyValue(plan.components[index].column.type, value);
}

function encodeKey(plan: KeyPlan, values: readonly (Uint8Array | undefined)[], maxBytes: number): KeyAttribute {
  const attribute = plan.isNative ? encodeNative(plan, values[0]) : { S: writeComponents(plan, values) };
  const size = 'S' in attribute ? Buffer.byteLength(attribute.S) : 'B' in attribute ? attribute.B.length : 0;
  if (size > maxBytes) throw dynamodbError('KEY_VALUES_INVALID', `The key has ${size} bytes, DynamoDB takes ${maxBytes}`);
  return attribute;
}

function writeComponents(plan: KeyPlan, values: readonly (Uint8Array | undefined)[]): string {
  writer.begin(plan);
  values.forEach((value, i) => writer.component(plan.components[i], value ?? new Uint8Array(0), value ? 0 : -1, value ? value.length : -1));
  if (writer.invalid !== undefined || writer.isTooLong) throw dynamodbError('KEY_VALUES_INVALID', `A key component with ${writer.invalid ?? 'too many bytes'}`);
  return Buffer.from(writer.bytes.subarray(0, writer.length)).toString();
}

function encodeNative(plan: KeyPlan, value: Uint8Array | undefined): KeyAttribute {
  if (value === undefined || (plan.type === 'N' && value.length === 0)) {
    throw dynamodbError('KEY_VALUES_INVALID', `The number key "${plan.attribute}" cannot be empty or null`);
  }
  if (plan.type === 'N') return { N: integerText(value, 0, value.length) };
  const escaped = isAllZero(value, 0, value.length) ? new Uint8Array(value.length + 1) : value;
  return plan.type === 'B' ? { B: escaped } : { S: Buffer.from(escaped).toString() };
}

function decodeNative(plan: KeyPlan, attribute: KeyAttribute): Uint8Array {
  if (plan.type === 'N' && 'N' in attribute) return integerOfWidth(BigInt(attribute.N), NATIVE_BYTES[plan.components[0].column.type.kind]);
  const bytes = plan.type === 'B' && 'B' in attribute ? attribute.B : textOf(plan, attribute);
  return isAllZero(bytes, 0, bytes.length) ? bytes.subarray(1) : bytes;
}

function textOf(plan: KeyPlan, attribute: KeyAttribute): Uint8Array {
  if ('S' in attribute) return new TextEncoder().encode(attribute.S);
  throw dynamodbError('KEY_VALUES_INVALID', `The key "${plan.attribute}" is of type ${plan.type}, not ${Object.keys(attribute)[0]}`);
}

function integerOfWidth(value: bigint, width: number): Uint8Array {
  const bytes = integerBytes(value);
  const padded = new Uint8Array(width).fill(value < 0n ? 0xff : 0);
  padded.set(bytes, width - bytes.length);
  return padded;
}
