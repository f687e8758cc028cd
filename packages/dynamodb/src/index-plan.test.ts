import { describe, expect, test } from 'vitest';
import type { CqlType, IndexMetadata, TableMetadata, ViewMetadata } from '@aeneas/cassandra';
import { tableOf } from '../test/live-rows.ts';
import type { IndexPlan } from './index-plan.ts';
import { checkMapping, parseMapping } from './mapping.ts';
import type { TableRule } from './mapping.ts';
import { tableDescription } from './table-description.ts';
import { planTable } from './table-plan.ts';
import type { TablePlan } from './table-plan.ts';

const text: CqlType = { kind: 'text' };
const int: CqlType = { kind: 'int' };
const many = Array.from({ length: 30 }, (_, i) => [`c${String(i).padStart(2, '0')}`, text] as const);
const orders = tableOf({
  partition: [['shop', text], ['year', int]], clustering: [['day', { kind: 'date' }], ['number', int, 'desc']], statics: [['owner', text]],
  regular: [['customer', text], ['paid', { kind: 'boolean' }], ['total', { kind: 'decimal' }], ['photo', { kind: 'blob' }], ['tags', { kind: 'set', element: text, frozen: false }], ...many],
}, 'orders');

const view = (name: string, partitionKey: string[], clustering: (string | [string])[], rest: Partial<ViewMetadata> = {}): ViewMetadata => ({
  name, partitionKey, clustering: clustering.map((one) => (typeof one === 'string' ? { name: one, reversed: false } : { name: one[0], reversed: true })), columns: undefined, filter: undefined, ...rest,
});
const index = (name: string, columns: string[], isCustom = false): IndexMetadata => ({ name, columns, isCustom });

function planOf(indexes: NonNullable<TableRule['indexes']>, table: TableMetadata = orders, rule: Partial<TableRule> = {}): TablePlan {
  return planTable(table, { rules: [{ table: '*.*', indexes, ...rule }] });
}
const shown = ({ name, partitionKey, sortKey, projection }: IndexPlan): string => `${name}: ${partitionKey.attribute} ${partitionKey.type}${sortKey === undefined ? '' : `, ${sortKey.attribute} ${sortKey.type}`}; ${String(projection)}`;
function failing(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

describe('the rule', () => {
  test.each([
    ['indexes: [{ partitionKey: a }]', '"rules.0.indexes.0": an index needs name and partitionKey, or from'],
    ['indexes: [{ name: abc }]', '"rules.0.indexes.0": an index needs name and partitionKey, or from'],
    ['indexes: [{ from: "*", name: abc }]', '"rules.0.indexes.0": from with wildcards goes with neither name, partitionKey nor sortKey'],
    ['indexes: [{ name: ab, partitionKey: c }]', '"rules.0.indexes.0.name": must be 3 to 255 characters of A-Z a-z 0-9 _ . -'],
    ['indexes: [{ name: abc, partitionKey: c, sortkey: d }]', 'unknown key "rules.0.indexes.0.sortkey" (did you mean "sortKey"?)'],
    ['indexes: [{ from: a, projection: some }]', '"rules.0.indexes.0.projection": must be all, keys-only or { include: [up to 20 columns or attributes] }'],
    ['indexes: [{ from: a, capacity: { mode: provisioned } }]', 'unknown key "rules.0.indexes.0.capacity.mode" (known here are read, write)'],
  ])('%s', (rule, message) => expect(failing(() => parseMapping(`rules: [{ table: a.b, ${rule} }]`, 'm.yaml'))).toBe(`${message} (m.yaml)`));

  test('a later list takes the place of an earlier one', () => {
    const mapping = checkMapping({ rules: [{ table: '*.*', indexes: [{ name: 'one', partitionKey: 'customer' }] }, { table: 'ks.orders', indexes: [{ name: 'two', partitionKey: 'total' }] }] }, 'm');
    expect(planTable(orders, mapping).indexes.map(shown)).toEqual(['two: total N; all']);
  });
});

describe('indexes by rule', () => {
  test('on columns and attributes, native and encoded, with what they project', () => {
    expect(planOf([
      { name: 'by_customer', partitionKey: 'customer', sortKey: 'sk' },
      { name: 'by_day', partitionKey: 'day', sortKey: 'total', projection: 'keys-only' },
      { name: 'by_remark', partitionKey: 'remark', sortKey: 'ttl', projection: { include: ['c01', 'customer', 'pk', 'c01', 'remark', 'tags'] } },
      { name: 'by_photo', partitionKey: 'photo', projection: { include: ['sk'] } },
    ], orders, { columns: { c00: { name: 'remark' } } }).indexes.map(shown)).toEqual([
      'by_customer: customer S, sk S; all', 'by_day: day S, total N; keys-only', 'by_remark: remark S, ttl N; c01,customer,tags', 'by_photo: photo B; keys-only',
    ]);
  });

  test('the form of a column by rule is that of the key', () => {
    expect(planOf([{ name: 'abc', partitionKey: 'total' }], orders, { onUnrepresentable: 'string' }).indexes.map(shown)).toEqual(['abc: total S; all']);
  });

  test('in CreateTable, with capacity in the mode of the table', () => {
    const indexes: NonNullable<TableRule['indexes']> = [{ name: 'by_customer', partitionKey: 'customer', sortKey: 'sk', capacity: { write: 7 } }, { name: 'by_total', partitionKey: 'total', projection: { include: ['c03'] } }];
    expect(tableDescription(planOf(indexes, orders, { capacity: { mode: 'provisioned', read: 3, write: 4 } }))).toMatchObject({
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' }, { AttributeName: 'customer', AttributeType: 'S' }, { AttributeName: 'total', AttributeType: 'N' }],
      GlobalSecondaryIndexes: [
        { IndexName: 'by_customer', KeySchema: [{ AttributeName: 'customer', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }], Projection: { ProjectionType: 'ALL' }, ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 7 } },
        { IndexName: 'by_total', KeySchema: [{ AttributeName: 'total', KeyType: 'HASH' }], Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['c03'] }, ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 } },
      ],
    });
    expect(tableDescription(planOf(indexes)).GlobalSecondaryIndexes).toEqual([
      expect.objectContaining({ OnDemandThroughput: { MaxWriteRequestUnits: 7 } }),
      { IndexName: 'by_total', KeySchema: [{ AttributeName: 'total', KeyType: 'HASH' }], Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['c03'] } },
    ]);
  });

  test.each<[string, NonNullable<TableRule['indexes']>, string]>([
    ['a boolean', [{ name: 'abc', partitionKey: 'paid' }], 'Index abc of ks.orders cannot have paid as a key: its attribute is of type BOOL, keys are S, N or B. Choose another column'],
    ['a collection', [{ name: 'abc', partitionKey: 'customer', sortKey: 'tags' }], 'Index abc of ks.orders cannot have tags as a key: its attribute is of type SS'],
    ['an unknown column', [{ name: 'abc', partitionKey: 'custmer' }], 'Index abc of ks.orders names "custmer", which no item has (did you mean "customer"?)'],
    ['an unknown projection', [{ name: 'abc', partitionKey: 'customer', projection: { include: ['nothing'] } }], 'names "nothing", which no item has'],
    ['one attribute twice', [{ name: 'abc', partitionKey: 'customer', sortKey: 'customer' }], 'has "customer" as both keys'],
    ['one name twice', [{ name: 'abc', partitionKey: 'customer' }, { name: 'abc', partitionKey: 'total' }], 'ks.orders would have two indexes "abc"'],
    ['too much included', Array.from({ length: 6 }, (_, i) => ({ name: `abc${i}`, partitionKey: 'customer', projection: { include: many.slice(0, 20).map(([name]) => name) } })),
      'The indexes of ks.orders would include 120 attributes together, DynamoDB takes 100'],
  ])('%s is an error', (_, indexes, message) => expect(failing(() => planOf(indexes))).toContain(message));

  test('an excluded column is no key', () => {
    expect(failing(() => planOf([{ name: 'abc', partitionKey: 'customer' }], orders, { columns: { customer: { exclude: true } } }))).toContain('names "customer", which no item has');
  });

  test('static columns are in static items', () => {
    expect(planOf([{ name: 'abc', partitionKey: 'owner' }]).warnings.join()).toContain('Index abc of ks.orders has static items and no rows: owner is in those');
    expect(planOf([{ name: 'abc', partitionKey: 'owner' }], orders, { statics: 'copy' }).warnings).toEqual([]);
  });
});

describe('from Cassandra', () => {
  const indexed: TableMetadata = {
    ...orders,
    indexes: [index('by_customer', ['customer']), index('by_tag', ['tags']), index('fuzzy', ['c00'], true), index('i', ['total'])],
    views: [
      view('by_day', ['day'], ['shop', 'year', ['number']], { columns: ['customer'] }),
      view('by_paid', ['paid'], ['shop', 'year', 'day', 'number']),
      view('by_two', ['customer', 'shop'], ['year', 'day', 'number']),
      view('dear', ['customer'], [['total'], 'shop', 'year', 'day', 'number'], { filter: 'total > 1000', columns: many.slice(0, 21).map(([name]) => name) }),
      view('same_partition', ['shop', 'year'], ['customer', 'day', 'number']),
    ],
  };

  test('one by one, with what DynamoDB does otherwise', () => {
    const plan = planOf([{ from: 'by_customer' }, { from: 'fuzzy', name: 'other' }, { from: 'i', sortKey: 'day' }, { from: 'by_day' }, { from: 'by_two', partitionKey: 'customer', projection: 'keys-only' }, { from: 'dear' }, { from: 'same_partition' }], indexed);
    expect(plan.indexes.map(shown)).toEqual([
      'by_customer: customer S; all', 'other: c00 S; all', 'i_index: total N, day S; all',
      'by_day: day S, shop S; year,number,customer', 'by_two: customer S, year N; keys-only', 'dear: customer S, total N; all', 'same_partition: pk S, customer S; all',
    ]);
    expect(plan.indexes.map(({ from }) => from)).toEqual(['by_customer', 'fuzzy', 'i', 'by_day', 'by_two', 'dear', 'same_partition']);
    expect(plan.warnings).toEqual([
      'Index other of ks.orders finds equal values; what the class of fuzzy does beyond that (ranges, words, LIKE) it does not',
      'Index by_day of ks.orders is in the order of shop alone: items with an equal one are in no order of year, number',
      'Index by_two of ks.orders is in the order of year alone: items with an equal one are in no order of day, number',
      'Index dear of ks.orders is in the order of total alone: items with an equal one are in no order of shop, year, day, number',
      'Index dear of ks.orders has all attributes: DynamoDB includes up to 20 by name',
      'Index dear of ks.orders has every item with its keys: apply the view\'s WHERE total > 1000 as a FilterExpression',
      'Index dear of ks.orders is in ascending order of total: read with ScanIndexForward false for the view\'s DESC',
      'Index same_partition of ks.orders is in the order of customer alone: items with an equal one are in no order of day, number',
    ]);
  });

  test('the same from what a ledger keeps of a table', () => {
    const kept = JSON.parse(JSON.stringify(indexed)) as TableMetadata;
    expect(planOf([{ from: '*' }], kept).indexes).toEqual(planOf([{ from: '*' }], indexed).indexes);
  });

  test('a view in the order of its table has the table\'s sort key', () => {
    const table = { ...orders, views: [view('one', ['customer'], ['day', ['number']]), view('two', ['customer'], ['day', 'number'])] };
    expect(planOf([{ from: '*' }], table).indexes.map(shown)).toEqual(['one: customer S, sk S; all', 'two: customer S, day S; all']);
  });

  test('all that can be, and the others are told', () => {
    const plan = planOf([{ from: '*', projection: 'keys-only' }], indexed);
    expect(plan.indexes.map(({ name }) => name)).toEqual(['by_customer', 'fuzzy', 'i_index', 'by_day', 'dear', 'same_partition']);
    expect(plan.warnings.filter((warning) => warning.includes('by_tag') || warning.includes('by_paid') || warning.includes('by_two'))).toEqual([
      'Not made: Index by_tag of ks.orders cannot have tags as a key: its attribute is of type SS, keys are S, N or B. Choose another column',
      'Not made: Index by_paid of ks.orders cannot have paid as a key: its attribute is of type BOOL, keys are S, N or B. Choose another column',
      'Not made: View by_two of ks.orders has the partition key columns customer, shop, and an index has one attribute: name it as partitionKey',
    ]);
    expect(planOf([{ from: 'by_d*' }], indexed).indexes.map(({ name }) => name)).toEqual(['by_day']);
    expect(planOf([{ from: '*' }]).indexes).toEqual([]);
  });

  test('a name that is not there, or cannot be an index, is an error', () => {
    expect(failing(() => planOf([{ from: 'by_custmer' }], indexed))).toBe('ks.orders has no secondary index or materialized view "by_custmer" (did you mean "by_customer"?)');
    expect(failing(() => planOf([{ from: 'any' }]))).toBe('ks.orders has no secondary index or materialized view "any" (the schema has none)');
    expect(failing(() => planOf([{ from: 'by_two' }], indexed))).toContain('name it as partitionKey');
    expect(failing(() => planOf([{ from: '*' }], { ...orders, indexes: Array.from({ length: 21 }, (_, i) => index(`index${i}`, ['customer'])) }))).toContain('would have 21 indexes, DynamoDB takes 20');
  });
});
