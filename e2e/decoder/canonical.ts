// One text for all neutral values that an item cannot tell apart: N forgets scale and the sign of zero, sets and M forget order.

import type { Type } from './cql-type.ts';
import type { Neutral } from './decode-attribute.ts';

/** A text that is equal for two neutral values of a type exactly when DynamoDB's item is to be the same. */
export function canonical(value: Neutral, type: Type): string {
  if (value === null || isEmpty(value)) return JSON.stringify(value);
  switch (type.kind) {
    case 'scalar':
      return canonicalScalar(value, type.name);
    case 'list':
    case 'vector':
      return `[${(value as Neutral[]).map((element) => canonical(element, type.element)).join()}]`;
    case 'set':
      return `{${(value as Neutral[]).map((element) => canonical(element, type.element)).sort().join()}}`;
    case 'map':
      return `{${(value as Neutral[][]).map(([key, element]) => `${canonical(key!, type.key)}:${canonical(element!, type.value)}`).sort().join()}}`;
    case 'tuple':
      return `(${type.fields.map((field, i) => canonical((value as Neutral[])[i] ?? null, field)).join()})`;
    case 'udt':
      return `(${type.names.map((name, i) => canonical((value as Record<string, Neutral>)[name] ?? null, type.fields[i]!)).join()})`;
  }
}

function canonicalScalar(value: Neutral, name: string): string {
  if (name === 'decimal') return canonicalDecimal(value as string);
  if (name === 'double') return String(Number(value) + 0);
  if (name === 'float') return String(Math.fround(Number(value)) + 0);
  if (name === 'inet') return canonicalInet(value as string);
  return JSON.stringify(value);
}

/** Digits without leading and trailing zeros, and the exponent of the last one. */
export function canonicalDecimal(text: string): string {
  const { negative, digits, exponent } = decimalOf(text);
  return digits === '' ? '0' : `${negative ? '-' : ''}${digits}e${exponent}`;
}

/** A decimal's sign, significant digits (none for zero) and the power of ten of the last digit. */
export function decimalOf(text: string): { negative: boolean; digits: string; exponent: number } {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) throw new Error(`not a number: ${text}`);
  const fraction = match[3] ?? '';
  const all = (match[2]! + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { negative: match[1] === '-', digits, exponent: Number(match[4] ?? 0) - fraction.length + all.length - digits.length };
}

function canonicalInet(text: string): string {
  if (!text.includes(':')) return text;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (high: string, low: string): string => ((Number(high) << 8) | Number(low)).toString(16);
  const groups = dotted === null ? text : `${dotted[1]}${hex(dotted[2]!, dotted[3]!)}:${hex(dotted[4]!, dotted[5]!)}`;
  const [head, tail] = groups.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const all = tail === undefined ? head! : [...head!, ...Array<string>(8 - head!.length - tail.length).fill('0'), ...tail];
  return all.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

function isEmpty(value: Neutral): boolean {
  return typeof value === 'object' && value !== null && 'empty' in value && (value as { empty: Neutral }).empty === true;
}
