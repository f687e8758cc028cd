import { expect, test } from 'vitest';
import { columnTypeText, parseCqlSchema, tableOfCql } from '@aeneas/cassandra';
import { ddlOf } from './cassandra-table.ts';
import type { ShownColumn } from './tree.ts';

const column = (kind: ShownColumn['kind'], name: string, type: string, isDescending = false): ShownColumn => ({ kind, name, type, isDescending });

test('what a cluster tells of a table becomes the schema that rules are planned with', () => {
  const columns = [
    column('partition_key', 'Site', 'text'), column('partition_key', 'day', 'date'), column('clustering', 'at', 'timestamp', true), column('clustering', 'select', 'timeuuid'),
    column('static', 'operator', 'text'), column('regular', 'where', 'frozen<address>'), column('regular', 'seen', 'map<text, frozen<list<int>>>'),
  ];
  const cql = ddlOf('shop', 'Readings', { columns, indexes: [{ name: 'by_operator', target: 'operator' }, { name: 'by_seen', target: 'keys(seen)' }], types: [{ name: 'address', fields: [{ name: 'street', detail: 'text' }, { name: 'zip', detail: 'frozen<zip>' }] }, { name: 'zip', fields: [{ name: 'code', detail: 'int' }] }] });
  const table = tableOfCql(parseCqlSchema(cql, 'shop'), 'shop', 'Readings')!;
  expect(table.partitionKey.map(({ name }) => name)).toEqual(['Site', 'day']);
  expect(table.clustering.map(({ name, reversed }) => [name, reversed])).toEqual([['at', true], ['select', false]]);
  expect(table.staticColumns.map(({ name }) => name)).toEqual(['operator']);
  expect(table.regularColumns.map(({ name, type }) => [name, columnTypeText(type)])).toEqual([['where', 'frozen<address>'], ['seen', 'map<text, frozen<list<int>>>']]);
  expect(table.indexes?.map(({ name }) => name)).toEqual(['by_operator', 'by_seen']);
});
