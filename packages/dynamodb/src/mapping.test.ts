import { describe, expect, test } from 'vitest';
import type { CqlType } from '@aeneas/cassandra';
import { tableOf } from '../test/live-rows.ts';
import { checkMapping, mappingJsonSchema, parseMapping } from './mapping.ts';
import type { Mapping } from './mapping.ts';
import { targetTableName } from './table-name.ts';
import { planTable, planTables } from './table-plan.ts';
import { matches, rulesOf } from './table-rules.ts';

const int: CqlType = { kind: 'int' };
const table = tableOf({ partition: [['id', int]], clustering: [['at', { kind: 'timeuuid' }]], regular: [['price', { kind: 'decimal' }], ['labels', { kind: 'set', element: int, frozen: false }]] }, 'orders');
const failing = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return 'nothing was thrown';
};
const rules = (...list: Mapping['rules']): Mapping => ({ rules: list });

describe('mapping files', () => {
  test('the example of docs/MAPPING.md', () => {
    const mapping = parseMapping(`
rules:
  - table: "*.*"
    name: "prod-{keyspace}.{table}"
    ttl: expires_at
    tags: { app: shop }
  - table: shop.orders
    profile: native
    keys: encoded
    partitionKey: PK
    sortKey: SK
    statics: copy
    onUnrepresentable: string
    oversize: reject
    capacity: { mode: provisioned, read: 10, write: 100 }
    encryption: { kmsKey: alias/shop }
    columns:
      price: { as: string }
      labels: { as: list }
      note: { name: remark }
      secret: { exclude: true }
`, 'mapping.yaml');
    expect(mapping.rules).toHaveLength(2);
    expect(checkMapping(undefined, 'x')).toEqual({ rules: [] });
  });

  test.each([
    ['rules: [{ table: a.b, stattics: copy }]', 'MAPPING_INVALID: unknown key "rules.0.stattics" (did you mean "statics"?) (m.yaml)'],
    ['rule: []', 'MAPPING_INVALID: unknown key "rule" (did you mean "rules"?) (m.yaml)'],
    ['rules: [{ table: a.b, columns: { c: { excluded: true } } }]', 'MAPPING_INVALID: unknown key "rules.0.columns.c.excluded" (did you mean "exclude"?) (m.yaml)'],
    ['rules: [{ table: a.b, capacity: { mode: on-demand, speed: 1 } }]', 'MAPPING_INVALID: unknown key "rules.0.capacity.speed" (known here are mode, read, write) (m.yaml)'],
    ['rules: [{ table: ab }]', 'MAPPING_INVALID: "rules.0.table": must be keyspace.table, with * and ? as wildcards (m.yaml)'],
    ['rules: [{ table: a.b, ttl: 5 }]', 'MAPPING_INVALID: "rules.0.ttl": must be an attribute name or false (m.yaml)'],
    ['rules: [{ table: a.b, statics: both }]', 'MAPPING_INVALID: "rules.0.statics": Invalid option: expected one of "item"|"copy" (m.yaml)'],
    ['rules: [{ table: a.b, capacity: { mode: provisioned } }]', 'MAPPING_INVALID: "rules.0.capacity": provisioned capacity needs read and write (m.yaml)'],
    ['rules: [', 'MAPPING_INVALID: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 9 (m.yaml)'],
  ])('%s', (text, message) => expect(failing(() => parseMapping(text, 'm.yaml'))).toBe(message));

  test('a JSON Schema', () => {
    expect(JSON.stringify(mappingJsonSchema())).toContain('"onUnrepresentable"');
  });
});

describe('rules of a table', () => {
  test('patterns', () => {
    expect(['*.*', 'shop.*', '*.orders', 'shop.o?ders', 'sh*.ord*'].every((pattern) => matches(pattern, 'shop.orders'))).toBe(true);
    expect(['shop', 'shop.order', 'Shop.orders', 's.orders', 'shop.o?rders', '*.'].some((pattern) => matches(pattern, 'shop.orders'))).toBe(false);
    expect(matches('a+b.c(', 'a+b.c(')).toBe(true);
  });

  test('the last one that sets a property wins', () => {
    const folded = rulesOf(rules(
      { table: 'ks.*', ttl: 'a', statics: 'copy', tags: { x: '1', y: '1' }, columns: { price: { as: 'string', name: 'p' }, elsewhere: { exclude: true } } },
      { table: 'other.*', ttl: 'never' },
      { table: 'ks.orders', ttl: false, tags: { y: '2' }, columns: { price: { name: 'q' } } },
    ), table);
    expect(folded).toEqual({ ttl: false, statics: 'copy', tags: { x: '1', y: '2' }, columns: new Map([['price', { as: 'string', name: 'q' }]]) });
  });

  test('a rule for this very table may not invent columns', () => {
    expect(failing(() => rulesOf(rules({ table: 'ks.orders', columns: { prize: { exclude: true } } }), table)))
      .toBe('MAPPING_INVALID: The rule for ks.orders names the column "prize", which ks.orders does not have (did you mean "price"?)');
  });
});

describe('plans', () => {
  test('names of target tables', () => {
    const named = (keyspace: string, name: string, template?: string) => targetTableName({ keyspace, name }, template);
    expect(named('shop', 'Orders')).toBe('shop.Orders');
    expect(named('shop', 'orders', 'prod-{keyspace}_{table}')).toBe('prod-shop_orders');
    expect(named('a b', 'é')).toBe('a-x20b.-xC3-xA9');
    expect(failing(() => named('shop', 'o', '{table}'))).toContain('MAPPING_NAME_INVALID: The target table name "o" of shop.o has 1 characters');
    expect(failing(() => named('shop', 'o', '{ks}.{table}'))).toContain('has {ks}; known are {keyspace} and {table}');
    expect(failing(() => named('shop', 'o'.repeat(251)))).toContain('256 characters');
  });

  test('two tables with one name are an error', () => {
    const tables = [table, tableOf({ partition: [['id', int]] }, 'things')];
    expect(planTables(tables, rules()).map((plan) => plan.targetName)).toEqual(['ks.orders', 'ks.things']);
    expect(failing(() => planTables(tables, rules({ table: '*.*', name: 'all-{keyspace}' })))).toBe('MAPPING_COLLISION: ks.orders and ks.things would both become the table "all-ks"');
  });

  test.each<[string, Mapping['rules'][number], string]>([
    ['two columns with one attribute', { table: 'ks.orders', columns: { price: { name: 'labels' } } }, 'MAPPING_COLLISION: In ks.orders, column price and column labels would both be the attribute "labels"'],
    ['a key with a column\'s name', { table: 'ks.orders', sortKey: 'price' }, 'MAPPING_COLLISION: In ks.orders, column price and sortKey "price" would both be the attribute "price"'],
    ['a key attribute that is excluded', { table: 'ks.orders', columns: { id: { exclude: true } } }, 'MAPPING_INVALID: Column "id" of ks.orders is a key attribute and cannot be excluded (keys: encoded makes it a plain one)'],
    ['a key attribute as string', { table: 'ks.orders', columns: { id: { as: 'string' } } }, 'MAPPING_INVALID: Column "id" of ks.orders is a key attribute and keeps its form (keys: encoded makes it a plain one)'],
    ['a decimal as set', { table: 'ks.orders', columns: { price: { as: 'set' } } }, 'MAPPING_INVALID: Column "price" cannot be mapped as set: it is not a set'],
    ['native keys in the profile dms', { table: 'ks.orders', profile: 'dms', keys: 'native' }, 'MAPPING_INVALID: ks.orders cannot have native keys in the profile dms, which has encoded ones: leave out "keys"'],
    ['a set as list in the profile dms', { table: 'ks.orders', profile: 'dms', columns: { labels: { as: 'list' } } }, 'MAPPING_INVALID: Column "labels" cannot be mapped as list in the profile dms: it is no number there'],
    ['a rule for empty values in the profile native', { table: 'ks.orders', onEmpty: 'absent' }, 'MAPPING_INVALID: "onEmpty" is for the profile dms, and ks.orders has the profile native, which keeps empty values'],
    ['a long key name', { table: 'ks.orders', sortKey: 'x'.repeat(256) }, `MAPPING_NAME_INVALID: The key attribute "${'x'.repeat(40)}…" of ks.orders has 256 bytes, not up to 255`],
  ])('%s', (_name, rule, message) => expect(failing(() => planTable(table, rules(rule)))).toBe(message));

  test('keys: encoded frees the columns', () => {
    const plan = planTable(table, rules({ table: 'ks.orders', keys: 'encoded', columns: { id: { exclude: true }, at: { exclude: true } } }));
    expect(plan.partitionKey).toMatchObject({ attribute: 'pk', type: 'S', isNative: false });
    expect(plan.sortKey).toMatchObject({ attribute: 'sk', type: 'S', isNative: false });
    expect([...plan.partitionColumns, ...plan.clusteringColumns]).toEqual([undefined, undefined]);
  });

  test('types too deep for DynamoDB are found before the start', () => {
    let deep: CqlType = int;
    for (let i = 0; i < 33; i++) deep = { kind: 'list', element: deep, frozen: true };
    const deepTable = tableOf({ partition: [['id', int]], regular: [['d', deep]] });
    expect(failing(() => planTable(deepTable, rules()))).toContain('nests 33 levels deep');
    expect(planTable(deepTable, rules({ table: '*.*', columns: { d: { exclude: true } } })).regularColumns).toEqual([undefined]);
  });

  test('say what to know before the start', () => {
    const descending = tableOf({ partition: [['id', int]], clustering: [['n', int, 'desc']] });
    expect(planTable(descending, rules()).warnings).toEqual(['The sort key n is in ascending order: read with ScanIndexForward false for the CLUSTERING ORDER DESC']);
    expect(planTable(descending, rules({ table: '*.*', keys: 'encoded' })).warnings).toEqual([]);
  });
});
