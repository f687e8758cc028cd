import { expect, test } from 'vitest';
import { parseSelects } from '@aeneas/cassandra';
import { tableOf } from '../test/live-rows.ts';
import { accessPathOf } from './access-path.ts';
import { planTable } from './table-plan.ts';

const text = { kind: 'text' } as const;
const int = { kind: 'int' } as const;
const readings = planTable(tableOf({ partition: [['sensor', text]], clustering: [['at', { kind: 'timestamp' }]], regular: [['value', { kind: 'double' }], ['place', text]] }), { rules: [] });
const orders = planTable(tableOf({
  partition: [['shop', text], ['year', int]], clustering: [['day', { kind: 'date' }], ['number', int]], statics: [['owner', text]],
  regular: [['customer', text], ['state', { kind: 'boolean' }], ['tags', { kind: 'set', element: text, frozen: false }]],
}), { rules: [] });

const indexed = planTable(tableOf({
  partition: [['id', text]], clustering: [['at', { kind: 'timestamp' }]], regular: [['customer', text], ['total', int], ['place', text], ['state', text]],
}), { rules: [{ table: '*.*', indexes: [
  { name: 'by_place', partitionKey: 'place' }, { name: 'by_customer', partitionKey: 'customer' }, { name: 'dear', partitionKey: 'customer', sortKey: 'total', projection: { include: ['state'] } },
] }] });

const path = (plan: typeof orders, query: string) => {
  const { by, answer, index, notes } = accessPathOf(plan, parseSelects(query)[0]);
  return [by, index === undefined ? answer : `${index.partitionKey.join(',')} | ${index.sortKey.join(',')}`, notes.join('; ')];
};

test.each([
  [readings, 'SELECT * FROM t WHERE sensor = ? AND at = ?', 'keys', 'GetItem with sensor of sensor, at of at', /^$/],
  [readings, 'SELECT * FROM t WHERE sensor = ? AND at > ? ORDER BY at DESC', 'keys', 'Query with sensor of sensor, at by >, <, or BETWEEN', /ScanIndexForward: false/],
  [readings, 'SELECT * FROM t WHERE sensor = ? AND value > 3 ALLOW FILTERING', 'keys', 'Query with sensor of sensor', /value: by a FilterExpression/],
  [readings, 'SELECT * FROM t', 'scan', 'Scan, in parallel segments', /^$/],
  [readings, 'SELECT * FROM t WHERE token(sensor) > ?', 'scan', 'Scan, in parallel segments: they take the place of token ranges', /^$/],
  [readings, 'SELECT * FROM t WHERE place = ? ORDER BY at', 'index', 'place | at', /eventually consistent/],
  [readings, 'SELECT * FROM t WHERE value > 3 ALLOW FILTERING', 'scan', 'Scan with a FilterExpression', /costs, the whole table/],
  [orders, 'SELECT * FROM t WHERE shop = ? AND year = ? AND day = ? AND number = 3', 'keys', 'GetItem with pk of shop, year, sk of day, number', /^$/],
  [orders, 'SELECT * FROM t WHERE shop = ? AND year IN (1, 2) AND day = ? AND number = 3', 'keys', 'BatchGetItem with pk of shop, year, sk of day, number', /^$/],
  [orders, 'SELECT * FROM t WHERE shop = ? AND year = ? AND day = ?', 'keys', 'Query with pk of shop, year, begins_with(sk, prefix of day)', /^$/],
  [orders, 'SELECT * FROM t WHERE shop = ? AND year = ? AND (day, number) > (?, ?)', 'keys', 'Query with pk of shop, year, sk BETWEEN bounds of day (sortKeyPrefixOf)', /^$/],
  [orders, 'SELECT * FROM t WHERE shop = ? AND year = ? AND number = 3 ALLOW FILTERING', 'keys', 'Query with pk of shop, year', /number: by a FilterExpression/],
  [orders, 'SELECT * FROM t WHERE customer = ? AND day > ?', 'index', 'customer | day', /eventually/],
  [orders, 'SELECT * FROM t WHERE state = true', 'index', 'state | shop,year,day,number', /state: an attribute has to be made of it/],
  [orders, 'SELECT * FROM t WHERE tags CONTAINS ?', 'scan', 'Scan with a FilterExpression', /cannot look into collections/],
  [orders, 'SELECT * FROM t WHERE owner = ?', 'scan', 'Scan with a FilterExpression', /static columns are in items of their own/],
  [indexed, 'SELECT * FROM t WHERE place = ?', 'index', 'place | ', /^Reads of an index are eventually consistent$/],
  [indexed, 'SELECT * FROM t WHERE place IN (?, ?) AND total > 3', 'index', 'place | ', /One Query for each.*; total: by a FilterExpression/],
  [indexed, 'SELECT * FROM t WHERE customer = ?', 'index', 'customer | ', /^Reads/],
  [indexed, 'SELECT * FROM t WHERE customer = ? AND total > 5', 'index', 'customer | total', /has state and keys: other attributes take a GetItem/],
  [indexed, 'SELECT * FROM t WHERE customer = ? ORDER BY total DESC', 'index', 'customer | total', /^ScanIndexForward: false/],
  [indexed, 'SELECT * FROM t WHERE customer = ? ORDER BY at', 'index', 'customer | ', /The application has to sort by at/],
  [indexed, 'SELECT * FROM t WHERE id = ? AND customer = ?', 'keys', 'Query with id of id', /customer: by a FilterExpression/],
  [indexed, 'SELECT * FROM t WHERE state = ?', 'index', 'state | id,at', /each write of its attributes costs/],
])('%#: %s', (plan, query, by, answer, notes) => {
  const found = path(plan as typeof orders, query as string);
  expect(found.slice(0, 2)).toEqual([by, answer]);
  expect(found[2]).toMatch(notes as RegExp);
});
