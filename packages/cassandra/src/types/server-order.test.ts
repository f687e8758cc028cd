// The oracle is the server: what real nodes answered (fixtures/sstables/*/expected) is encoded by the few lines below, which share
// nothing with the code under test, and must come back as the same JSON and stand in the server's order.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { LABELS, putsEmptyFirst, unpackedFixture } from '../../../../fixtures/unpack.ts';
import { comparatorOf } from './compare.ts';
import type { CqlType, UdtType } from './cql-type.ts';
import { neutralWriterOf } from './neutral.ts';
import { parseCqlType } from './parse-cql-type.ts';

type Json = string | boolean | null | Json[] | { [key: string]: Json };
interface Column { name: string; type: string; kind: string; desc: boolean }
interface Expected { keyspace: string; table: string; role: string; primaryKey: string[]; columns: Column[]; rows: { v: Record<string, Json> }[] }

function int(value: bigint | number, length: number): Buffer {
  return Buffer.from(BigInt.asUintN(8 * length, BigInt(value)).toString(16).padStart(2 * length, '0'), 'hex');
}

function varint(value: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(8 * length, value) !== value) length++;
  return int(value, length);
}

function decimal(text: string): Buffer {
  const [, mantissa, exponent] = /^(.*?)(?:E(.*))?$/.exec(text)!;
  const [whole, fraction = ''] = mantissa.split('.');
  return Buffer.concat([int(fraction.length - Number(exponent ?? 0), 4), varint(BigInt(whole + fraction))]);
}

function floating(text: string, isFloat: boolean): Buffer {
  const bytes = Buffer.alloc(isFloat ? 4 : 8);
  if (isFloat) bytes.writeFloatBE(Number(text));
  else bytes.writeDoubleBE(Number(text));
  return bytes;
}

function inet(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  const [head, tail] = text.split('::').map((side) => side.split(':').filter((group) => group !== ''));
  const groups = tail === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.concat(groups.map((group) => int(BigInt(`0x${group}`), 2)));
}

function signedVint(value: bigint): Buffer {
  // The nine byte form of each vint is always legal.
  return Buffer.concat([Buffer.from([0xff]), int((value << 1n) ^ (value >> 63n), 8)]);
}

function sized(value: Buffer | null): Buffer {
  return value ? Buffer.concat([int(value.length, 4), value]) : int(-1, 4);
}

function encode(type: CqlType, value: Json): Buffer {
  const text = value as string;
  const list = value as Json[];
  if (value !== null && typeof value === 'object' && 'empty' in value && type.kind !== 'udt') return Buffer.alloc(0);
  const element = (of: CqlType, json: Json) => sized(json === null ? null : encode(of, json));
  switch (type.kind) {
    case 'ascii': case 'text': return Buffer.from(text);
    case 'blob': return Buffer.from(text.slice(2), 'hex');
    case 'bigint': case 'timestamp': case 'time': return int(BigInt(text), 8);
    case 'int': return int(BigInt(text), 4);
    case 'smallint': return int(BigInt(text), 2);
    case 'tinyint': return int(BigInt(text), 1);
    case 'date': return int(BigInt(text) + 2n ** 31n, 4);
    case 'counter': return Buffer.concat([int(0, 2), Buffer.alloc(24), int(BigInt(text), 8)]);
    case 'varint': return varint(BigInt(text));
    case 'decimal': return decimal(text);
    case 'double': return floating(text, false);
    case 'float': return floating(text, true);
    case 'boolean': return Buffer.from([value === true ? 1 : 0]);
    case 'inet': return inet(text);
    case 'uuid': case 'timeuuid': return Buffer.from(text.replaceAll('-', ''), 'hex');
    case 'duration': return Buffer.concat(Object.values(value as Record<string, string>).map((part) => signedVint(BigInt(part))));
    case 'list': case 'set': return Buffer.concat([int(list.length, 4), ...list.map((item) => element(type.element, item))]);
    case 'map': return Buffer.concat([int(list.length, 4), ...list.flatMap((pair) => [element(type.key, (pair as Json[])[0]), element(type.value, (pair as Json[])[1])])]);
    case 'tuple': return Buffer.concat(type.elements.map((of, i) => element(of, list[i])));
    // Of floats only: others would have their lengths before them.
    case 'vector': return Buffer.concat(list.map((item) => encode(type.element, item)));
    case 'udt': return Buffer.concat(type.fields.map((field) => element(field.type, (value as Record<string, Json>)[field.name])));
    default: throw new Error(type.kind);
  }
}

function userTypes(schema: string): Map<string, UdtType> {
  const types = new Map<string, UdtType>();
  for (const [, keyspace, name, body] of schema.matchAll(/^CREATE TYPE ("?\w+"?)\.("?\w+"?) \((.*)\)/gm)) {
    const unquoted = (identifier: string) => identifier.replaceAll('"', '');
    const fields = splitOutside(body).map((field) => {
      const [, fieldName, type] = /^("?\w+"?) (.*)$/.exec(field.trim())!;
      return { name: unquoted(fieldName), type: parseCqlType(type, (of) => types.get(`${unquoted(keyspace)}.${of}`)) };
    });
    types.set(`${unquoted(keyspace)}.${unquoted(name)}`, { kind: 'udt', keyspace: unquoted(keyspace), name: unquoted(name), fields, frozen: false });
  }
  return types;
}

/** Splits at the commas that are not inside angle brackets. */
function splitOutside(text: string): string[] {
  let depth = 0;
  return [...text].map((c) => {
    depth += Number(c === '<') - Number(c === '>');
    return c === ',' && depth === 0 ? '\0' : c;
  }).join('').split('\0');
}

/** Checks that what the server sorts inside a value (set elements, map keys) is in our order too, all the way down. */
function requireSorted(type: CqlType, value: Json): void {
  if (value === null || (typeof value === 'object' && 'empty' in value)) return;
  if (type.kind === 'set') requireAscending(comparatorOf(type.element), (value as Json[]).map((item) => encode(type.element, item)));
  if (type.kind === 'map') requireAscending(comparatorOf(type.key), (value as Json[]).map((pair) => encode(type.key, (pair as Json[])[0])));
  if (type.kind === 'list' || type.kind === 'set') for (const item of value as Json[]) requireSorted(type.element, item);
  if (type.kind === 'map') for (const pair of value as [Json, Json][]) requireSorted(type.value, pair[1]);
}

function requireAscending(compare: ReturnType<typeof comparatorOf>, values: Buffer[]): void {
  for (let i = 1; i < values.length; i++) {
    const [a, b] = [values[i - 1], values[i]];
    // Slices of larger arrays, as in real use.
    const [left, right] = [Buffer.concat([Buffer.from([7]), a, Buffer.from([9, 9])]), Buffer.concat([Buffer.from([255, 255]), b])];
    expect(compare(left, 1, 1 + a.length, right, 2, 2 + b.length)).toBeLessThan(0);
    expect(compare(right, 2, 2 + b.length, left, 1, 1 + a.length)).toBeGreaterThan(0);
    expect(compare(left, 1, 1 + a.length, left, 1, 1 + a.length)).toBe(0);
  }
}

for (const label of LABELS) {
  const directory = await unpackedFixture(label);
  const types = userTypes(readFileSync(join(directory, 'schema.cql'), 'utf8'));
  const tables = readdirSync(join(directory, 'expected')).map((name) => {
    const content = readFileSync(join(directory, 'expected', name));
    return JSON.parse((name.endsWith('.gz') ? gunzipSync(content) : content).toString()) as Expected;
  });
  const emptyStaysFirst = putsEmptyFirst(label);
  const changed = new Set(['altered-types', 'altered-udt', 'dropped-and-added']);
  const cases = tables.filter(({ role }) => !changed.has(role)).map((table): [string, Expected] => [`${table.role} ${table.keyspace}.${table.table}`, table]);

  test.each(cases)(`${label} %s`, (_name, { keyspace, columns, primaryKey, rows }) => {
    const typed = columns.map((column) => ({ ...column, cql: parseCqlType(column.type, (name) => types.get(`${keyspace}.${name}`)) }));
    for (const { v } of rows) {
      for (const { name, cql } of typed) {
        if (v[name] === undefined) continue;
        const bytes = Buffer.concat([Buffer.from('x'), encode(cql, v[name]), Buffer.from('y')]);
        expect(JSON.parse(neutralWriterOf(cql)(bytes, 1, bytes.length - 1))).toEqual(v[name]);
        requireSorted(cql, v[name]);
      }
    }
    const keys = primaryKey.map((name) => typed.find((column) => column.name === name)!);
    const clustering = keys.filter(({ kind }) => kind === 'clustering');
    const comparators = clustering.map(({ cql, desc }) => comparatorOf(cql, desc, emptyStaysFirst));
    for (let i = 1; i < rows.length; i++) {
      const [before, after] = [rows[i - 1].v, rows[i].v];
      if (keys.some(({ kind, name }) => kind === 'partition_key' && JSON.stringify(before[name]) !== JSON.stringify(after[name]))) continue;
      // Null clustering values (COMPACT STORAGE) are no values, so there is nothing to compare.
      if (clustering.some(({ name }) => before[name] === undefined || after[name] === undefined)) continue;
      const orders = clustering.map(({ name, cql }, column) => {
        const [a, b] = [encode(cql, before[name]), encode(cql, after[name])];
        return comparators[column](a, 0, a.length, b, 0, b.length);
      });
      expect(orders.find((order) => order !== 0)).toBeLessThan(0);
    }
  });
}
