import { expect, test, vi } from 'vitest';
import { choicesText, NEW_RULE, ruleOf, valuesOf } from './rule-values.ts';

const FULL = {
  source: 'live', datacenter: 'dc1', table: 'shop.*', target: 'ddb', name: 'prod-{table}', profile: 'native', keys: 'encoded', partitionKey: 'PK', sortKey: 'SK', ttl: 'expires_at', statics: 'copy',
  onUnrepresentable: 'string', onEmpty: 'absent', oversize: 'reject', capacity: { mode: 'provisioned', read: 5, write: 10 }, encryption: { kmsKey: 'alias/shop' }, tags: { app: 'shop', team: 'a=b' },
  indexes: [{ name: 'by_price', partitionKey: 'price', sortKey: 'at', projection: { include: ['a', 'b'] }, capacity: { read: 1 } }, { from: '*', projection: 'keys-only' }],
  columns: { price: { as: 'string', name: 'cost' }, secret: { exclude: true } },
};

test('a form loses nothing of a rule, whatever the schema knows', async () => {
  // What the page is built with knows no files.
  const { readFileSync } = await vi.importActual<{ readFileSync: (path: URL, encoding: 'utf8') => string }>('node:fs');
  const schema = JSON.parse(readFileSync(new URL('../../../../../docs/schema/mapping.schema.json', import.meta.url), 'utf8')) as { properties: { rules: { items: { properties: object } } } };
  expect(Object.keys(FULL).toSorted()).toEqual(Object.keys(schema.properties.rules.items.properties).toSorted());
  expect(ruleOf(valuesOf(FULL), FULL)).toEqual(FULL);
  for (const rule of [{ table: '*.*' }, { table: 'a.b', ttl: false }, { table: 'a.b', encryption: 'aws-managed', capacity: { mode: 'on-demand' } }]) expect(ruleOf(valuesOf(rule), rule)).toEqual(rule);
});

test('what is left empty is not said; what is no number is for the server to refuse', () => {
  expect(ruleOf({ ...NEW_RULE, keyspace: ' shop ', table: '*' })).toEqual({ table: 'shop.*' });
  expect(ruleOf({ ...NEW_RULE, keyspace: 'shop', table: '*', capacity: 'provisioned', read: 'many', write: '5' })).toEqual({ table: 'shop.*', capacity: { mode: 'provisioned', read: 'many', write: 5 } });
});

test('a rule in few words', () => {
  expect(choicesText({ table: '*.*' })).toBe('the defaults');
  expect(choicesText({ table: '*.*', ttl: false, columns: { a: { exclude: true } } })).toBe('no TTL, 1 column');
});
