// Key values as applications have them, to the bytes that Cassandra serializes: for the key functions. Accepted are the forms of neutral rows
// (fixtures/README.md: numbers and times as strings of digits, blobs "0x...", {"empty":true}) and JavaScript's own.

import { packVector } from '@aeneas/cassandra';
import type { CqlType } from '@aeneas/cassandra';
import { parsePlainDate } from './calendar.ts';
import { dynamodbError } from './errors.ts';
import { integerBytes } from './key-number.ts';

const INTEGER_BYTES: Partial<Record<CqlType['kind'], number>> = { tinyint: 1, smallint: 2, int: 4, bigint: 8, counter: 8, timestamp: 8, time: 8 };

/** The serialized form of a value. Throws KEY_VALUES_INVALID. */
export function serializeKeyValue(type: CqlType, value: unknown): Uint8Array {
  if (isEmptyValue(value)) return new Uint8Array(0);
  try {
    return serialize(type, value);
  } catch (error) {
    throw dynamodbError('KEY_VALUES_INVALID', `${show(value)} is no ${type.kind}: ${(error as Error).message}`);
  }
}

function serialize(type: CqlType, value: unknown): Uint8Array {
  switch (type.kind) {
    case 'text': case 'ascii':
      return new TextEncoder().encode(asString(value));
    case 'tinyint': case 'smallint': case 'int': case 'bigint': case 'counter':
      return fixedBytes(asInteger(value), INTEGER_BYTES[type.kind]!);
    case 'timestamp':
      return fixedBytes(value instanceof Date ? BigInt(value.getTime()) : isDigits(value) ? asInteger(value) : isoMillis(asString(value)), 8);
    case 'date': {
      const days = isDigits(value) ? asInteger(value) : BigInt(parsePlainDate(asString(value)));
      return fixedBytes(BigInt.asIntN(32, days + 0x80000000n), 4);
    }
    case 'time':
      return fixedBytes(isDigits(value) ? asInteger(value) : clockNanos(asString(value)), 8);
    case 'varint':
      return integerBytes(asInteger(value));
    case 'decimal':
      return decimalBytes(String(value));
    case 'float': case 'double':
      return floatBytes(Number(value), type.kind === 'float');
    case 'boolean':
      if (typeof value !== 'boolean') throw new Error('not true or false');
      return Uint8Array.of(value ? 1 : 0);
    case 'uuid': case 'timeuuid':
      return hexBytes(asString(value).replaceAll('-', ''), 16);
    case 'inet':
      return inetBytes(asString(value));
    case 'blob': case 'custom': case 'composite': case 'duration': case 'empty':
      return value instanceof Uint8Array ? value : hexBytes(asString(value).replace(/^0x/, ''));
    case 'list': case 'set': {
      const elements = [...(value as Iterable<unknown>)];
      return concat([int32Bytes(elements.length), ...elements.flatMap((element) => prefixed(type.element, element))]);
    }
    case 'map': {
      const entries = [...(value as Iterable<[unknown, unknown]>)];
      return concat([int32Bytes(entries.length), ...entries.flatMap(([key, element]) => [...prefixed(type.key, key), ...prefixed(type.value, element)])]);
    }
    case 'vector':
      return packVector(type, [...(value as Iterable<unknown>)].map((element) => serializeKeyValue(type.element, element)));
    case 'tuple':
      return concat(type.elements.flatMap((element, i) => prefixed(element, (value as readonly unknown[])[i])));
    case 'udt':
      return concat(type.fields.flatMap((field) => prefixed(field.type, (value as Record<string, unknown>)[field.name])));
  }
}

function prefixed(type: CqlType, value: unknown): Uint8Array[] {
  if (value === null || value === undefined) return [int32Bytes(-1)];
  const bytes = serializeKeyValue(type, value);
  return [int32Bytes(bytes.length), bytes];
}

function isEmptyValue(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'empty' in value && Object.keys(value).length === 1 && value.empty === true;
}

function asString(value: unknown): string {
  if (typeof value !== 'string') throw new Error('not a string');
  return value;
}

function isDigits(value: unknown): boolean {
  return typeof value === 'bigint' || typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value));
}

function asInteger(value: unknown): bigint {
  if (!isDigits(value)) throw new Error('not an integer');
  return BigInt(value as string | number | bigint);
}

function fixedBytes(value: bigint, length: number): Uint8Array {
  if (BigInt.asIntN(length * 8, value) !== value) throw new Error(`out of the range of ${length} bytes`);
  const bytes = integerBytes(value);
  const padded = new Uint8Array(length).fill(value < 0n ? 0xff : 0);
  padded.set(bytes, length - bytes.length);
  return padded;
}

function isoMillis(text: string): bigint {
  const millis = Date.parse(text);
  if (Number.isNaN(millis)) throw new Error('neither milliseconds nor ISO 8601');
  return BigInt(millis);
}

function clockNanos(text: string): bigint {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) throw new Error('neither nanoseconds nor HH:MM:SS.nnnnnnnnn');
  return BigInt(Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1_000_000_000n + BigInt((match[4] ?? '').padEnd(9, '0'));
}

function decimalBytes(text: string): Uint8Array {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!match || `${match[2]}${match[3] ?? ''}` === '') throw new Error('not a decimal number');
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const unscaled = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return concat([int32Bytes(fraction.length - Number(exponent)), integerBytes(unscaled)]);
}

function floatBytes(value: number, isFloat: boolean): Uint8Array {
  const bytes = Buffer.alloc(isFloat ? 4 : 8);
  if (isFloat) bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes;
}

function inetBytes(text: string): Uint8Array {
  const parts = text.split('.');
  if (!text.includes(':')) {
    if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) throw new Error('not an address');
    return Uint8Array.from(parts.map(Number));
  }
  // An IPv4 address at the end counts for two groups.
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const v4 = tail ? inetBytes(tail[2]) : undefined;
  const full = tail && v4 ? `${tail[1]}${((v4[0] << 8) | v4[1]).toString(16)}:${((v4[2] << 8) | v4[3]).toString(16)}` : text;
  const [head, rest] = full.split('::');
  const groups = (side: string | undefined) => (side === undefined || side === '' ? [] : side.split(':'));
  const before = groups(head);
  const after = groups(rest);
  const missing = 8 - before.length - after.length;
  if (rest === undefined ? missing !== 0 : missing < 1) throw new Error('not an address');
  return hexBytes([...before, ...Array.from({ length: missing }, () => '0'), ...after].map((group) => group.padStart(4, '0')).join(''), 16);
}

function hexBytes(hex: string, length?: number): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  if (bytes.length * 2 !== hex.length || (length !== undefined && bytes.length !== length)) throw new Error('not the right number of hex digits');
  return bytes;
}

function int32Bytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? String(value);
  } catch {
    return String(value);
  }
}
