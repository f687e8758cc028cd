// DynamoDB attributes back to neutral values (fixtures/README.md), by docs/MAPPING.md, "Types".

import type { Type } from './cql-type.ts';
import { daysOfDate, durationOfText, nanosOfTime } from './times.ts';

/** DynamoDB JSON: one type descriptor and its value. */
export type Attribute =
  | { readonly S: string } | { readonly N: string } | { readonly B: string } | { readonly BOOL: boolean } | { readonly NULL: true }
  | { readonly SS: readonly string[] } | { readonly NS: readonly string[] } | { readonly BS: readonly string[] }
  | { readonly L: readonly Attribute[] } | { readonly M: Readonly<Record<string, Attribute>> };

export type Neutral = string | boolean | null | readonly Neutral[] | { readonly [name: string]: Neutral };

const EMPTY: Neutral = { empty: true };

/** Throws an Error that names what the attribute should have been. */
export function decodeAttribute(attribute: Attribute, type: Type): Neutral {
  if ('NULL' in attribute) return EMPTY;
  switch (type.kind) {
    case 'scalar':
      return decodeScalar(attribute, type.name);
    case 'list':
    case 'vector':
      return take(attribute, 'L').map((element) => decodeAttribute(element, type.element));
    case 'set':
      return decodeSet(attribute, type.element, type.frozen);
    case 'map':
      return decodeMap(attribute, type.key, type.value);
    case 'tuple':
      return take(attribute, 'L').map((field, i) => ('NULL' in field ? null : decodeAttribute(field, type.fields[i]!)));
    case 'udt': {
      const fields = take(attribute, 'M');
      const unknown = Object.keys(fields).filter((name) => !type.names.includes(name));
      if (unknown.length > 0) throw new Error(`a user type has no field ${unknown.join(', ')}`);
      return Object.fromEntries(type.names.map((name, i) => [name, fields[name] === undefined ? null : decodeAttribute(fields[name], type.fields[i]!)]));
    }
  }
}

/** The set type of an element type; undefined where a set is an L. */
function setTypeOf(element: Type): 'SS' | 'NS' | 'BS' | undefined {
  if (element.kind !== 'scalar') return undefined;
  if (['text', 'ascii', 'uuid', 'timeuuid', 'inet', 'date', 'time', 'duration'].includes(element.name)) return 'SS';
  if (['tinyint', 'smallint', 'int', 'bigint', 'varint', 'timestamp'].includes(element.name)) return 'NS';
  return element.name === 'blob' ? 'BS' : undefined;
}

function decodeSet(attribute: Attribute, element: Type, frozen: boolean): Neutral {
  const kind = frozen ? undefined : setTypeOf(element);
  if (kind === undefined) return take(attribute, 'L').map((member) => decodeAttribute(member, element));
  const single = { SS: 'S', NS: 'N', BS: 'B' }[kind];
  return (take(attribute, kind) as readonly string[]).map((member) => decodeAttribute({ [single]: member } as unknown as Attribute, element));
}

function decodeMap(attribute: Attribute, key: Type, value: Type): Neutral {
  if (key.kind === 'scalar' && (key.name === 'text' || key.name === 'ascii')) {
    return Object.entries(take(attribute, 'M')).map(([name, element]) => [withoutEscape(name), decodeAttribute(element, value)]);
  }
  return take(attribute, 'L').map((pair) => {
    const [first, second] = take(pair, 'L');
    return [decodeAttribute(first!, key), decodeAttribute(second!, value)];
  });
}

/** Texts of U+0000 only carry one more of them where DynamoDB forbids empty ones. */
export function withoutEscape(text: string): string {
  return /^\0+$/.test(text) ? text.slice(1) : text;
}

function decodeScalar(attribute: Attribute, name: string): Neutral {
  switch (name) {
    case 'text':
    case 'ascii':
      return take(attribute, 'S');
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'counter':
    case 'varint':
    case 'timestamp':
      return integerOf(take(attribute, 'N'));
    case 'decimal':
    case 'float':
    case 'double':
      return take(attribute, 'N');
    case 'boolean':
      return take(attribute, 'BOOL');
    case 'blob':
      return `0x${Buffer.from(take(attribute, 'B'), 'base64').toString('hex')}`;
    default: {
      const text = take(attribute, 'S');
      return text === '' ? EMPTY : decodeText(text, name);
    }
  }
}

function decodeText(text: string, name: string): Neutral {
  switch (name) {
    case 'uuid':
    case 'timeuuid':
    case 'inet':
      return text;
    case 'date':
      return daysOfDate(text);
    case 'time':
      return nanosOfTime(text);
    case 'duration':
      return durationOfText(text);
    default:
      throw new Error(`the decoder does not know type ${name}`);
  }
}

/** An N that must be an integer, in plain digits: DynamoDB may write 1E+20 for it. */
function integerOf(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a number: ${text}`);
  const fraction = match[3] ?? '';
  const zeros = Number(match[4] ?? 0) - fraction.length;
  const digits = BigInt(match[2]! + fraction);
  const scaled = zeros >= 0 ? digits * 10n ** BigInt(zeros) : digits / 10n ** BigInt(-zeros);
  if (zeros < 0 && scaled * 10n ** BigInt(-zeros) !== digits) throw new Error(`not an integer: ${text}`);
  return `${match[1] === '-' && scaled !== 0n ? '-' : ''}${scaled}`;
}

type ValueOf<K extends string> = Extract<Attribute, Record<K, unknown>> extends Record<K, infer V> ? V : never;

function take<K extends 'S' | 'N' | 'B' | 'BOOL' | 'SS' | 'NS' | 'BS' | 'L' | 'M'>(attribute: Attribute, kind: K): ValueOf<K> {
  const kinds = Object.keys(attribute);
  if (kinds.length !== 1 || kinds[0] !== kind) throw new Error(`expected ${kind}, found ${kinds.join(', ')}`);
  return (attribute as unknown as Record<K, ValueOf<K>>)[kind];
}
