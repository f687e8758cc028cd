// What a node answers over CQL, as the neutral values of the fixtures (fixtures/README.md). The driver decodes it, none of our code.

import { types } from 'cassandra-driver';
import type { Client } from 'cassandra-driver';
import type { ExpectedTable, NeutralRow } from '../conformance/fixture-tables.ts';
import { parseType } from '../decoder/cql-type.ts';
import type { Type, UserTypes } from '../decoder/cql-type.ts';
import type { Neutral } from '../decoder/decode-attribute.ts';
import type { LiveTable } from './cql-tables.ts';

/** All rows of a table as all its replicas have them, in the server's order. */
export async function answerOf(client: Client, { name, columns }: LiveTable, userTypes: UserTypes): Promise<ExpectedTable> {
  const parsed = columns.map(([column, type, kind, order]) => ({ name: column, type, kind, desc: order === 'desc', parsed: parseType(type, userTypes) }));
  const timed = parsed.filter(({ kind, type }) => (kind === 'regular' || kind === 'static') && type !== 'counter' && !/^(?:list|set|map)</.test(type)).map(({ name: column }) => column);
  const extra = timed.flatMap((column) => [`writetime(${column}) AS wt_${column}`, `ttl(${column}) AS ttl_${column}`]);
  const readAtMillis = Date.now();
  const found = await client.execute(`SELECT ${[...columns.map(([column]) => column), ...extra].join(', ')} FROM ${name}`, [], { prepare: true, fetchSize: 500, consistency: types.consistencies.all });
  const rows: NeutralRow[] = [];
  for await (const row of found) {
    const values = parsed.flatMap(({ name: column, parsed: type }) => (isNull(row[column]) ? [] : [[column, neutral(row[column], type)] as const]));
    const present = new Set(values.map(([column]) => column));
    const ofPresent = (prefix: string, show: (value: unknown) => unknown): [string, unknown][] =>
      timed.flatMap((column) => (present.has(column) && !isNull(row[`${prefix}_${column}`]) ? [[column, show(row[`${prefix}_${column}`])]] : []));
    rows.push({
      v: Object.fromEntries(values), wt: Object.fromEntries(ofPresent('wt', String)) as Record<string, string>, ttl: Object.fromEntries(ofPresent('ttl', Number)) as Record<string, number>,
    });
  }
  return { readAtMillis, primaryKey: parsed.filter(({ kind }) => kind === 'partition_key' || kind === 'clustering').map(({ name: column }) => column), columns: parsed, rows };
}

function isNull(value: unknown): boolean {
  return value === null || value === undefined;
}

function neutral(value: unknown, type: Type): Neutral {
  if (isNull(value)) return null;
  switch (type.kind) {
    case 'scalar':
      return scalar(value, type.name);
    case 'list':
    case 'set':
      return (value as unknown[]).map((element) => neutral(element, type.element));
    case 'map':
      return Object.entries(value as object).map(([key, element]) => [neutral(key, type.key), neutral(element, type.value)]);
    case 'tuple':
      return type.fields.map((field, i) => neutral((value as types.Tuple).get(i), field));
    case 'udt':
      return Object.fromEntries(type.names.map((field, i) => [field, neutral((value as Readonly<Record<string, unknown>>)[field], type.fields[i]!)]));
    case 'vector':
      throw new Error('These versions have no vectors');
  }
}

function scalar(value: unknown, name: string): Neutral {
  if (name === 'boolean') return value as boolean;
  if (name === 'blob') return `0x${(value as Buffer).toString('hex')}`;
  if (name === 'timestamp') return String((value as Date).getTime());
  return String(value);
}
