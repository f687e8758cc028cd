// Items of the profile dms: docs/MAPPING.md. (All types of real tables: e2e/conformance/items.test.ts.)

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { CqlType } from '@aeneas/cassandra';
import { TestRows, hex, int, tableOf, text } from '../test/live-rows.ts';
import type { TestCell, TestPartition } from '../test/live-rows.ts';
import { ITEM, ItemCursor, REJECTED } from './item-cursor.ts';
import { ItemEncoder } from './item-encoder.ts';
import { decodePartitionKey, decodeSortKey, partitionKeyOf, sortKeyOf } from './keys.ts';
import type { TableRule } from './mapping.ts';
import { planTable } from './table-plan.ts';

const string: CqlType = { kind: 'text' };
const none = new Uint8Array(0);
const orders = tableOf({
  partition: [['customer_id', { kind: 'uuid' }]], clustering: [['order_ts', { kind: 'timestamp' }]],
  regular: [['note', string], ['paid', { kind: 'boolean' }], ['qty', { kind: 'int' }], ['status', string], ['total', { kind: 'decimal' }], ['tags', { kind: 'set', element: string, frozen: false }]],
}, 'orders');

function encoded(table: typeof orders, partitions: readonly TestPartition[], rule: Partial<TableRule> = {}): string[] {
  const encoder = new ItemEncoder(planTable(table, { rules: [{ table: '*.*', profile: 'dms', ...rule }] }), undefined, { asLines: true });
  const cursor = new ItemCursor(new TestRows(partitions), encoder);
  const found: string[] = [];
  for (let outcome = cursor.advance(); outcome === ITEM || outcome === REJECTED; outcome = cursor.advance()) {
    found.push(outcome === ITEM ? encoder.out.toString().trimEnd() : `${encoder.rejection!.reason} ${encoder.rejection!.column}`);
    encoder.out.length = 0;
  }
  return found;
}

test('the example of docs/MAPPING.md', () => {
  const page = readFileSync(new URL('../../../docs/MAPPING.md', import.meta.url), 'utf8');
  const example = /## The profile dms[^]*?```json\n([^]*?)\n```/.exec(page)![1];
  const millis = Buffer.alloc(8);
  millis.writeBigInt64BE(BigInt(Date.parse('2024-05-01T10:00:00.000Z')));
  const cells: TestCell[] = [
    { column: 0, value: text('first') }, { column: 1, value: hex('01') }, { column: 2, value: int(2) }, { column: 3, value: text('PAID') }, { column: 4, value: hex('00000002 07cf') },
    { column: 5, value: none, path: text('eu') }, { column: 5, value: none, path: text('gift') },
  ];
  expect(encoded(orders, [{ key: hex('7f1c2b1e4c5d4f0a9a3f000000000001'), rows: [{ clustering: [Uint8Array.from(millis)], cells }] }])).toEqual([example]);
});

test('keys of every table are encoded, and read back', () => {
  const plan = planTable(tableOf({ partition: [['a', string]], clustering: [['n', { kind: 'int' }, 'desc']] }), { rules: [{ table: '*.*', profile: 'dms' }] });
  expect([plan.partitionKey, plan.sortKey].map((key) => [key!.attribute, key!.type, key!.isNative])).toEqual([['pk', 'S', false], ['sk', 'S', false]]);
  for (const [a, n] of [['', -1], ['x#y', 0], ['\u0000', 2_147_483_647]] as const) {
    expect(Buffer.from(decodePartitionKey(plan, partitionKeyOf(plan, { a }))).toString()).toBe(a);
    expect(decodeSortKey(plan, sortKeyOf(plan, { n }))).toEqual([int(n)]);
  }
});

test('empty values: rejected, or absent by rule; key columns always keep theirs in the key', () => {
  const table = tableOf({ partition: [['a', string]], clustering: [['b', { kind: 'blob' }]], regular: [['t', string], ['n', { kind: 'int' }], ['l', { kind: 'list', element: string, frozen: true }]] });
  const rows = [[{ column: 0, value: none }], [{ column: 1, value: none }], [{ column: 2, value: hex('00000000') }]].map((cells) => ({ clustering: [none], cells }));
  expect(encoded(table, [{ key: none, rows }])).toEqual(['EMPTY_UNREPRESENTABLE t', 'EMPTY_UNREPRESENTABLE n', '{"Item":{"pk":{"S":" #"},"sk":{"S":"#"},"l":{"S":"[]"}}}']);
  expect(encoded(table, [{ key: none, rows: rows.slice(0, 2) }], { onEmpty: 'absent' })).toEqual(Array.from({ length: 2 }, () => '{"Item":{"pk":{"S":" #"},"sk":{"S":"#"}}}'));
});

test('numbers are those of NUMERIC(38,10) and NUMERIC(38,0), or text by rule', () => {
  const table = tableOf({ partition: [['a', string]], regular: [['d', { kind: 'decimal' }], ['v', { kind: 'varint' }]] });
  const decimal = (unscaled: bigint, scale: number): Uint8Array => {
    const digits = unscaled.toString(16);
    return hex(`${(scale >>> 0).toString(16).padStart(8, '0')}00${digits.padStart(digits.length + (digits.length % 2), '0')}`);
  };
  const rows = [[0, decimal(10n ** 28n - 1n, 0)], [0, decimal(10n ** 28n, 0)], [0, decimal(1n, 10)], [0, decimal(1n, 11)], [0, decimal(10n, 11)], [1, decimal(10n ** 38n - 1n, 0).slice(4)], [1, decimal(10n ** 38n, 0).slice(4)]] as const;
  const partitions = [{ key: text('k'), rows: rows.map(([column, value]) => ({ cells: [{ column, value }] })) }];
  const values = (lines: readonly string[]): unknown[] => lines.map((line) => (line.startsWith('{') ? Object.values((JSON.parse(line) as { Item: object }).Item).at(-1) : line));
  expect(values(encoded(table, partitions))).toEqual([
    { N: '9'.repeat(28) }, 'NUMBER_UNREPRESENTABLE d', { N: '1E-10' }, 'NUMBER_UNREPRESENTABLE d', { N: '1E-10' }, { N: '9'.repeat(38) }, 'NUMBER_UNREPRESENTABLE v',
  ]);
  expect(values(encoded(table, partitions, { onUnrepresentable: 'string' })).slice(1, 4)).toEqual([{ S: `1${'0'.repeat(28)}` }, { S: '1E-10' }, { S: '1E-11' }]);
});

test('sizes are those of the texts', () => {
  const table = tableOf({ partition: [['a', string]], regular: [['b', { kind: 'blob' }], ['m', { kind: 'map', key: string, value: { kind: 'bigint' }, frozen: false }]] });
  const encoder = new ItemEncoder(planTable(table, { rules: [{ table: '*.*', profile: 'dms' }] }));
  const cells = [{ column: 0, value: hex('00ff00ff') }, { column: 1, path: text('ä"'), value: hex('0000000000000007') }, { column: 1, path: text('b'), value: hex('ffffffffffffffff') }];
  new ItemCursor(new TestRows([{ key: text('k'), rows: [{ cells }] }]), encoder).advance();
  expect(JSON.parse(encoder.out.toString())).toEqual({ pk: { S: 'k #' }, a: { S: 'k' }, b: { S: 'AP8A/w==' }, m: { S: '[["ä\\"", "7"], ["b", "-1"]]' } });
  const parsed = JSON.parse(encoder.out.toString()) as Record<string, { S: string }>;
  expect(encoder.itemSize).toBe(Object.entries(parsed).reduce((sum, [name, { S }]) => sum + name.length + Buffer.byteLength(S), 0));
});

test('collections too large for an item are rejected before their text is made', () => {
  const table = tableOf({ partition: [['a', string]], regular: [['l', { kind: 'list', element: string, frozen: true }], ['s', { kind: 'set', element: string, frozen: false }]] });
  const long = new Uint8Array(1_300_000).fill(0x61);
  const frozen = new Uint8Array(8 + long.length);
  new DataView(frozen.buffer).setInt32(0, 1);
  new DataView(frozen.buffer).setInt32(4, long.length);
  frozen.set(long, 8);
  expect(encoded(table, [{ key: text('k'), rows: [{ cells: [{ column: 0, value: frozen }] }, { cells: [{ column: 1, value: none, path: long }] }, { cells: [{ column: 0, value: frozen.slice(0, 500_008) }] }] }]))
    .toEqual(['ITEM_TOO_LARGE l', 'ITEM_TOO_LARGE s', 'VALUE_INVALID l']);
});
