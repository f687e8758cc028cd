import { expect, test } from 'vitest';
import { parseTableName } from './table-name.ts';

test.each([
  ['shop.orders', { keyspace: 'shop', name: 'orders' }],
  ['CamelSpace.MixedCase7', { keyspace: 'CamelSpace', name: 'MixedCase7' }],
  ['"CamelSpace"."MixedCase7"', { keyspace: 'CamelSpace', name: 'MixedCase7' }],
  ['shop."a ""b"""', { keyspace: 'shop', name: 'a "b"' }],
])('%s', (text, expected) => {
  expect(parseTableName(text)).toEqual(expected);
});

test.each(['orders', 'shop.', '.orders', 'a.b.c', '"shop.orders', ''])('"%s" is no table', (text) => {
  expect(parseTableName(text)).toBeUndefined();
});
