import { expect, test } from 'vitest';
import { parseSelects } from './cql-select.ts';

const one = (text: string) => {
  const [{ text: _text, ...statement }] = parseSelects(text);
  return statement;
};

test.each([
  ['SELECT * FROM shop.orders WHERE id = ? AND day >= \'2026-01-01\' AND day < :end LIMIT 10', ['id equal', 'day range', 'day range'], []],
  ['select json count(*), cast(a as text) from orders where "Id" in (1, 2, uuid()) order by day desc, seq asc limit 3 allow filtering', ['Id in'], ['day desc', 'seq']],
  ['SELECT a FROM t WHERE token(a, b) > token(1, 2)', ['a,b token'], []],
  ['SELECT a FROM t WHERE p = 1 AND (c, d) >= (1, (2)) AND (c, d) < (2, 3)', ['p equal', 'c,d tuple-range', 'c,d tuple-range'], []],
  ['SELECT a FROM t WHERE p = 1 AND (c, d) IN ((1, 2), (3, 4))', ['p equal', 'c,d tuple-in'], []],
  ['SELECT a FROM t WHERE tags CONTAINS \'x\' AND m[\'k\'] = 1 AND m CONTAINS KEY ? AND name LIKE \'%a\' AND x IS NOT NULL', ['tags contains', 'm contains', 'm contains', 'name like', 'x other'], []],
  ['SELECT a FROM t WHERE p = 1 AND c BETWEEN 1 AND 5 AND d = 2', ['p equal', 'c range', 'd equal'], []],
  ['SELECT a FROM t ORDER BY v ANN OF [1, 2] LIMIT 3', [], ['v']],
])('%s', (text, restrictions, order) => {
  const statement = one(text);
  expect(statement.restrictions.map((found) => `${'column' in found ? found.column : found.columns.join(',')} ${found.kind}`)).toEqual(restrictions);
  expect(statement.order.map(({ column, isDescending }) => (isDescending ? `${column} desc` : column))).toEqual(order);
});

test('several statements, with comments and others between them', () => {
  const found = parseSelects('-- all\nSELECT *\n  FROM a.b; INSERT INTO c (d) VALUES (1);\nSELECT x FROM "E"."f" WHERE g = \';\';');
  expect(found.map(({ text, keyspace, table }) => [text, keyspace, table])).toEqual([
    ['SELECT * FROM a.b', 'a', 'b'], ['SELECT x FROM "E"."f" WHERE g = \';\'', 'E', 'f'],
  ]);
});

test.each(['SELECT 1', 'SELECT a FROM t WHERE', 'SELECT a FROM t WHERE b', 'SELECT a FROM t WHERE b = (1'])('%s is refused with its place', (text) => {
  expect(() => parseSelects(text)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID', message: expect.stringMatching(/line 1, column \d+/) as string }) as Error);
});
