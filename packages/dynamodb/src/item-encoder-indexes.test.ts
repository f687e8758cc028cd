// What indexes ask of items: keys that DynamoDB takes, and what the item costs in them.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CqlType } from '@aeneas/cassandra';
import { TestRows, hex, int, tableOf, text } from '../test/live-rows.ts';
import type { TestCell } from '../test/live-rows.ts';
import { ITEM, ItemCursor, REJECTED } from './item-cursor.ts';
import { ItemEncoder } from './item-encoder.ts';
import type { TableRule } from './mapping.ts';
import { planTable } from './table-plan.ts';

const string: CqlType = { kind: 'text' };
const none = new Uint8Array(0);
const table = tableOf({
  partition: [['id', string]], clustering: [['at', string]], statics: [['owner', string]],
  regular: [['a', string], ['n', { kind: 'int' }], ['b', { kind: 'blob' }], ['c', string]],
});

function outcomes(indexes: NonNullable<TableRule['indexes']>, rows: readonly (readonly TestCell[])[], options: { key?: Uint8Array; statics?: readonly TestCell[]; rule?: Partial<TableRule> } = {}): string[] {
  const plan = planTable(table, { rules: [{ table: '*.*', indexes, ...options.rule }] });
  const encoder = new ItemEncoder(plan);
  const statics = options.statics === undefined ? {} : { statics: options.statics };
  const cursor = new ItemCursor(new TestRows([{ key: options.key ?? text('k'), ...statics, rows: rows.map((cells, i) => ({ clustering: [text(`r${i}`)], cells })) }]), encoder);
  const found: string[] = [];
  for (let outcome = cursor.advance(); outcome === ITEM || outcome === REJECTED; outcome = cursor.advance()) {
    found.push(outcome === ITEM ? String(encoder.indexUnits) : `${encoder.rejection!.reason} ${encoder.rejection!.column}`);
  }
  return found;
}

describe('keys of indexes', () => {
  const byAll: NonNullable<TableRule['indexes']> = [{ name: 'by_a', partitionKey: 'a', sortKey: 'n' }, { name: 'by_b', partitionKey: 'c', sortKey: 'b' }];

  test('empty values reject the row, absent ones leave it out of the index', () => {
    expect(outcomes(byAll, [
      [], [{ column: 0, value: text('x') }], [{ column: 0, value: text('x') }, { column: 1, value: int(1) }],
      [{ column: 0, value: none }], [{ column: 1, value: none }], [{ column: 2, value: none }],
    ])).toEqual(['0', '0', '1', 'INDEX_KEY_EMPTY a', 'INDEX_KEY_EMPTY n', 'INDEX_KEY_EMPTY b']);
    // Not a key: any value may be empty.
    expect(outcomes([{ name: 'by_c', partitionKey: 'c' }], [[{ column: 0, value: none }, { column: 1, value: none }, { column: 2, value: none }]])).toEqual(['0']);
  });

  test('long values reject the row: 2048 bytes in a partition key, 1024 in a sort key', () => {
    const of = (column: number, length: number): TestCell[] => [{ column, value: new Uint8Array(length).fill(0x61) }];
    expect(outcomes(byAll, [of(0, 2048), of(0, 2049), of(2, 1024), of(2, 1025), of(3, 2048), of(3, 2049)])).toEqual(['0', 'INDEX_KEY_TOO_LONG a', '0', 'INDEX_KEY_TOO_LONG b', '0', 'INDEX_KEY_TOO_LONG c']);
    // The shorter limit counts where an attribute is both.
    expect(outcomes([...byAll, { name: 'other', partitionKey: 'c', sortKey: 'a' }], [of(0, 1024), of(0, 1025)])).toEqual(['0', 'INDEX_KEY_TOO_LONG a']);
  });

  test('keys of the table too: a long partition key is no sort key', () => {
    const inverted: NonNullable<TableRule['indexes']> = [{ name: 'inverted', partitionKey: 'sk', sortKey: 'id' }];
    const key = (length: number): Uint8Array => new Uint8Array(length).fill(0x61);
    expect(outcomes(inverted, [[]], { key: key(1024), statics: [{ column: 0, value: text('o') }] })).toEqual(['2', '2']);
    expect(outcomes(inverted, [[]], { key: key(1025) })).toEqual(['INDEX_KEY_TOO_LONG id']);
    expect(outcomes([{ name: 'plain', partitionKey: 'id' }], [[]], { key: key(2048) })).toEqual(['3']);
    expect(outcomes([{ name: 'plain', partitionKey: 'id' }], [[]], { key: none })).toEqual(['1']);
  });

  test('static columns count where they are', () => {
    const byOwner: NonNullable<TableRule['indexes']> = [{ name: 'by_owner', partitionKey: 'owner' }];
    expect(outcomes(byOwner, [[]], { statics: [{ column: 0, value: text('me') }] })).toEqual(['1', '0']);
    expect(outcomes(byOwner, [[], []], { statics: [{ column: 0, value: text('me') }], rule: { statics: 'copy' } })).toEqual(['1', '1']);
    expect(outcomes(byOwner, [[]], { statics: [{ column: 0, value: none }] })).toEqual(['INDEX_KEY_EMPTY owner', '0']);
    expect(outcomes(byOwner, [[]], { statics: [{ column: 0, value: none }], rule: { statics: 'copy' } })).toEqual(['INDEX_KEY_EMPTY owner']);
  });
});

test('write units are those of each index that has the item, by what it has of it', () => {
  const value = fc.option(fc.integer({ min: 1, max: 900 }), { nil: undefined });
  const side = fc.constantFrom('a', 'c', 'sk', 'id');
  const projection = fc.constantFrom<NonNullable<TableRule['indexes']>[number]['projection']>('all', 'keys-only', { include: ['c', 'b'] }, { include: ['a', 'at'] }, undefined);
  const indexes = fc.array(fc.tuple(side, fc.option(side, { nil: undefined }), projection), { minLength: 1, maxLength: 4 });
  fc.assert(fc.property(indexes, value, value, fc.integer({ min: 0, max: 3000 }), (wanted, a, c, b) => {
    const rules = wanted.map(([partitionKey, sortKey, projected], i) => ({
      name: `index${i}`, partitionKey, ...(sortKey === undefined || sortKey === partitionKey ? {} : { sortKey }), ...(projected === undefined ? {} : { projection: projected }),
    }));
    const cells = [[0, a], [2, b], [3, c]].flatMap(([column, length]) => (length === undefined ? [] : [{ column: column!, value: new Uint8Array(length).fill(0x61) }]));
    // The item by hand: names and bytes.
    const item: Record<string, number> = { id: 1, sk: 'r0 #'.length, at: 2, ...(a === undefined ? {} : { a }), b, ...(c === undefined ? {} : { c }) };
    const sizeOf = (names: Iterable<string>): number => [...names].reduce((sum, name) => sum + (name in item ? name.length + item[name]! : 0), 0);
    const expected = rules.reduce((sum, { partitionKey, sortKey, projection: projected = 'all' }) => {
      if (!(partitionKey in item) || (sortKey !== undefined && !(sortKey in item))) return sum;
      const names = projected === 'all' ? Object.keys(item) : new Set(['id', 'sk', partitionKey, ...(sortKey === undefined ? [] : [sortKey]), ...(projected === 'keys-only' ? [] : projected.include)]);
      return sum + Math.ceil(sizeOf(names) / 1024);
    }, 0);
    expect(outcomes(rules, [cells])).toEqual([String(expected)]);
  }), { numRuns: 300 });
});

test('numbers and the time to live are keys as well', () => {
  const plan = planTable(table, { rules: [{ table: '*.*', indexes: [{ name: 'soon', partitionKey: 'n', sortKey: 'ttl' }] }] });
  const encoder = new ItemEncoder(plan);
  const cursor = new ItemCursor(new TestRows([{ key: hex('6b'), rows: [
    { clustering: [text('x')], liveness: 1_800_000_000, cells: [{ column: 1, value: int(-5), expiry: 1_800_000_000 }] }, { clustering: [text('y')], cells: [{ column: 1, value: int(-5) }] },
  ] }]), encoder);
  const units = [];
  for (let outcome = cursor.advance(); outcome === ITEM; outcome = cursor.advance()) units.push(encoder.indexUnits);
  expect(units).toEqual([1, 0]);
});
