import { describe, expect, test } from 'vitest';
import { END, PENDING } from '@aeneas/cassandra';
import type { CqlType, TableMetadata } from '@aeneas/cassandra';
import { TestRows, hex, int, tableOf, text } from '../test/live-rows.ts';
import type { TestCell, TestPartition } from '../test/live-rows.ts';
import { ITEM, ItemCursor } from './item-cursor.ts';
import { ItemEncoder } from './item-encoder.ts';
import type { Mapping } from './mapping.ts';
import { planTable } from './table-plan.ts';

type Item = Record<string, Record<string, unknown>>;
type Rejected = { table: string; reason: string; column?: string; detail: string; key: Record<string, unknown> };

function run(table: TableMetadata, partitions: readonly TestPartition[], rules: Mapping['rules'] = []) {
  const encoder = new ItemEncoder(planTable(table, { rules }));
  const cursor = new ItemCursor(new TestRows(partitions), encoder);
  const items: Item[] = [];
  const rejected: Rejected[] = [];
  const sizes: number[] = [];
  for (let outcome = cursor.advance(); outcome !== END; outcome = cursor.advance()) {
    expect(outcome).not.toBe(PENDING);
    if (outcome === ITEM) {
      items.push(JSON.parse(encoder.out.toString().slice(encoder.itemStart)) as Item);
      sizes.push(encoder.itemSize);
    } else rejected.push(JSON.parse(cursor.rejectedLine()) as Rejected);
  }
  return { items, rejected, sizes, encoder };
}

/** One item with a single regular column `c`. */
function one(type: CqlType, cells: readonly Omit<TestCell, 'column'>[], rules: Mapping['rules'] = []) {
  const table = tableOf({ partition: [['id', { kind: 'int' }]], regular: [['c', type]] });
  return run(table, [{ key: int(1), rows: [{ cells: cells.map((cell) => ({ column: 0, ...cell })) }] }], rules);
}
const value = (type: CqlType, bytes: Uint8Array, rules: Mapping['rules'] = []) => one(type, [{ value: bytes }], rules).items[0]?.c;
const asText: Mapping['rules'] = [{ table: 'ks.things', columns: { c: { as: 'string' } } }];
const empty = new Uint8Array(0);
const frozenSet = (element: CqlType): CqlType => ({ kind: 'set', element, frozen: true });

describe('values', () => {
  test.each<[string, CqlType, string, unknown]>([
    ['text', { kind: 'text' }, '48c3a922', { S: 'Hé"' }], ['ascii', { kind: 'ascii' }, '0a5c', { S: '\n\\' }],
    ['tinyint', { kind: 'tinyint' }, '80', { N: '-128' }], ['smallint', { kind: 'smallint' }, 'ff00', { N: '-256' }], ['int', { kind: 'int' }, '80000000', { N: '-2147483648' }],
    ['bigint', { kind: 'bigint' }, '8000000000000000', { N: '-9223372036854775808' }], ['timestamp', { kind: 'timestamp' }, '0000018bcfe56800', { N: '1700000000000' }],
    ['varint', { kind: 'varint' }, '0de0b6b3a764000000', { N: '256000000000000000000' }], ['decimal', { kind: 'decimal' }, '00000002ff38', { N: '-2' }],
    ['double', { kind: 'double' }, '3fb999999999999a', { N: '0.1' }], ['float', { kind: 'float' }, '3dcccccd', { N: '0.1' }], ['negative zero', { kind: 'double' }, '8000000000000000', { N: '0' }],
    ['boolean', { kind: 'boolean' }, '01', { BOOL: true }], ['blob', { kind: 'blob' }, '00ff10', { B: 'AP8Q' }],
    ['uuid', { kind: 'uuid' }, '550e8400e29b41d4a716446655440000', { S: '550e8400-e29b-41d4-a716-446655440000' }],
    ['inet 4', { kind: 'inet' }, 'c0000201', { S: '192.0.2.1' }], ['inet 6', { kind: 'inet' }, '20010db8000000000000000000000001', { S: '2001:db8::1' }],
    ['date', { kind: 'date' }, '80000000', { S: '1970-01-01' }], ['time', { kind: 'time' }, '0000000000000001', { S: '00:00:00.000000001' }],
    ['duration', { kind: 'duration' }, '1a0608', { S: '1y1mo3d4ns' }], ['negative duration', { kind: 'duration' }, '010000', { S: '-1mo' }], ['no duration', { kind: 'duration' }, '000000', { S: '0s' }],
    ['list', { kind: 'list', element: { kind: 'int' }, frozen: true }, '00000002 00000004 00000001 00000000', { L: [{ N: '1' }, { NULL: true }] }],
    ['frozen set', frozenSet({ kind: 'text' }), '00000000', { L: [] }],
    ['map', { kind: 'map', key: { kind: 'ascii' }, value: { kind: 'boolean' }, frozen: true }, '00000001 00000000 00000001 00', { M: { '\u0000': { BOOL: false } } }],
    ['other map', { kind: 'map', key: { kind: 'int' }, value: { kind: 'text' }, frozen: true }, '00000001 00000004 00000007 00000001 61', { L: [{ L: [{ N: '7' }, { S: 'a' }] }] }],
    ['tuple', { kind: 'tuple', elements: [{ kind: 'int' }, { kind: 'text' }, { kind: 'int' }] }, '00000004 00000007 ffffffff', { L: [{ N: '7' }, { NULL: true }, { NULL: true }] }],
    ['udt', { kind: 'udt', keyspace: 'ks', name: 'u', frozen: true, fields: [{ name: 'a"', type: { kind: 'int' } }, { name: 'b', type: { kind: 'text' } }] }, 'ffffffff 00000001 78', { M: { b: { S: 'x' } } }],
    ['vector', { kind: 'vector', element: { kind: 'float' }, dimension: 2 }, '3f800000 c0000000', { L: [{ N: '1' }, { N: '-2' }] }],
    ['vector of texts', { kind: 'vector', element: { kind: 'text' }, dimension: 2 }, '01 61 00', { L: [{ S: 'a' }, { S: '' }] }],
    ['custom', { kind: 'custom', className: 'X' }, '01', { B: 'AQ==' }],
  ])('%s', (_name, type, bytes, expected) => expect(value(type, hex(bytes))).toEqual(expected));

  test.each<[string, CqlType, string, unknown]>([
    ['int', { kind: 'int' }, '0000002a', { S: '42' }], ['decimal', { kind: 'decimal' }, '0000000264', { S: '1.00' }], ['double', { kind: 'double' }, '7ff8000000000000', { S: 'NaN' }],
    ['negative zero', { kind: 'float' }, '80000000', { S: '-0.0' }], ['timestamp', { kind: 'timestamp' }, '0000018bcfe56800', { S: '2023-11-14T22:13:20.000Z' }],
    ['far timestamp', { kind: 'timestamp' }, '8000000000000000', { S: '-292275055-05-16T16:47:04.192Z' }], ['empty', { kind: 'int' }, '', { S: '' }],
    ['set', frozenSet({ kind: 'varint' }), '00000001 00000001 05', { L: [{ S: '5' }] }],
  ])('%s as string', (_name, type, bytes, expected) => expect(value(type, hex(bytes), asText)).toEqual(expected));

  test('empty values are not null', () => {
    expect(value({ kind: 'int' }, empty)).toEqual({ NULL: true });
    expect(value({ kind: 'boolean' }, empty)).toEqual({ NULL: true });
    expect(value({ kind: 'text' }, empty)).toEqual({ S: '' });
    expect(value({ kind: 'uuid' }, empty)).toEqual({ S: '' });
    expect(value({ kind: 'blob' }, empty)).toEqual({ B: '' });
    expect(value({ kind: 'list', element: { kind: 'int' }, frozen: true }, empty)).toEqual({ NULL: true });
  });

  test('sets by the type of their elements', () => {
    const cells = (...paths: Uint8Array[]) => paths.map((path) => ({ value: empty, path }));
    const set = (kind: 'text' | 'int' | 'blob' | 'double' | 'boolean'): CqlType => ({ kind: 'set', element: { kind }, frozen: false });
    expect(one(set('text'), cells(empty, text('b'))).items[0].c).toEqual({ SS: ['', 'b'] });
    expect(one(set('int'), cells(int(-1), int(5))).items[0].c).toEqual({ NS: ['-1', '5'] });
    expect(one(set('blob'), cells(hex('00'))).items[0].c).toEqual({ BS: ['AA=='] });
    expect(one(set('double'), cells(hex('8000000000000000'), hex('0000000000000000'))).items[0].c).toEqual({ L: [{ N: '0' }, { N: '0' }] });
    expect(one(set('boolean'), cells(hex('01'))).items[0].c).toEqual({ L: [{ BOOL: true }] });
    expect(one(set('int'), cells(int(1)), [{ table: 'ks.*', columns: { c: { as: 'list' } } }]).items[0].c).toEqual({ L: [{ N: '1' }] });
    expect(value(frozenSet({ kind: 'int' }), hex('00000001 00000004 00000009'), [{ table: 'ks.*', columns: { c: { as: 'set' } } }])).toEqual({ NS: ['9'] });
    expect(one(set('int'), cells(int(1)), asText).items[0].c).toEqual({ SS: ['1'] });
  });

  test('collections and user types of many cells', () => {
    expect(one({ kind: 'list', element: { kind: 'text' }, frozen: false }, [{ value: text('a'), path: hex('01'.repeat(16)) }, { value: empty, path: hex('02'.repeat(16)) }]).items[0].c)
      .toEqual({ L: [{ S: 'a' }, { S: '' }] });
    expect(one({ kind: 'map', key: { kind: 'text' }, value: { kind: 'int' }, frozen: false }, [{ value: int(1), path: empty }, { value: int(2), path: text('k') }]).items[0].c)
      .toEqual({ M: { '\u0000': { N: '1' }, k: { N: '2' } } });
    expect(one({ kind: 'udt', keyspace: 'ks', name: 'u', frozen: false, fields: [{ name: 'a', type: { kind: 'int' } }, { name: 'b', type: { kind: 'text' } }] }, [{ value: text('x'), path: hex('0001') }]).items[0].c)
      .toEqual({ M: { b: { S: 'x' } } });
  });
});

describe('rejected rows', () => {
  test.each<[string, string, CqlType, string]>([
    ['NaN', 'NUMBER_UNREPRESENTABLE', { kind: 'double' }, '7ff8000000000000'], ['1e300', 'NUMBER_UNREPRESENTABLE', { kind: 'double' }, '7e37e43c8800759c'],
    ['39 digits', 'NUMBER_UNREPRESENTABLE', { kind: 'varint' }, '7fffffffffffffffffffffffffffffffff'], ['1E+200', 'NUMBER_UNREPRESENTABLE', { kind: 'decimal' }, 'ffffff3801'],
    ['infinity in a list', 'NUMBER_UNREPRESENTABLE', { kind: 'list', element: { kind: 'float' }, frozen: true }, '00000001 00000004 7f800000'],
    ['bad UTF-8', 'TEXT_INVALID', { kind: 'text' }, 'c080'], ['bad ASCII', 'TEXT_INVALID', { kind: 'ascii' }, 'c3a9'], ['a short int', 'VALUE_INVALID', { kind: 'int' }, '000001'],
    ['a long uuid', 'VALUE_INVALID', { kind: 'uuid' }, '00'.repeat(17)], ['a time of tomorrow', 'VALUE_INVALID', { kind: 'time' }, '00004e94914f0000'],
    ['an address of five bytes', 'VALUE_INVALID', { kind: 'inet' }, '0102030405'], ['a list that claims too much', 'VALUE_INVALID', { kind: 'list', element: { kind: 'int' }, frozen: true }, '7fffffff 00000000'],
    ['a list that ends early', 'VALUE_INVALID', { kind: 'list', element: { kind: 'int' }, frozen: true }, '00000001 00000005 00000000'],
    ['a list with a rest', 'VALUE_INVALID', { kind: 'list', element: { kind: 'int' }, frozen: true }, '00000000 00'],
    ['a tuple with an empty number', 'EMPTY_UNREPRESENTABLE', { kind: 'tuple', elements: [{ kind: 'int' }] }, '00000000'],
    ['a vector that ends early', 'VALUE_INVALID', { kind: 'vector', element: { kind: 'float' }, dimension: 2 }, '3f800000 c00000'],
    ['a vector with a rest', 'VALUE_INVALID', { kind: 'vector', element: { kind: 'text' }, dimension: 1 }, '01 61 00'],
    ['a duration of two signs', 'VALUE_INVALID', { kind: 'duration' }, '010200'], ['a decimal without digits', 'VALUE_INVALID', { kind: 'decimal' }, '00000001'],
  ])('%s: %s', (_name, reason, type, bytes) => {
    const { items, rejected, encoder } = one(type, [{ value: hex(bytes) }]);
    expect(items).toEqual([]);
    expect(rejected).toEqual([{ table: 'ks.things', reason, column: 'c', detail: expect.any(String) as string, key: { id: '1' } }]);
    expect(encoder.counts).toMatchObject({ items: 0, rejected: 1 });
    expect(encoder.out.length).toBe(0);
  });

  test('empty members of number sets', () => {
    expect(one({ kind: 'set', element: { kind: 'int' }, frozen: false }, [{ value: empty, path: empty }]).rejected[0]).toMatchObject({ reason: 'EMPTY_UNREPRESENTABLE', column: 'c' });
  });

  test('items and keys that are too large', () => {
    const table = tableOf({ partition: [['id', { kind: 'text' }]], clustering: [['a', { kind: 'text' }], ['b', { kind: 'text' }]], regular: [['c', { kind: 'text' }]] });
    const partition = (id: string, a: string, c: string): TestPartition => ({ key: text(id), rows: [{ clustering: [text(a), text('b')], cells: [{ column: 0, value: text(c) }] }] });
    // "id" 2 + 1, "sk" 2 + 7 ("a #b #" is 6), a 2, b 2, c 1 + length
    const fits = 409_600 - 3 - 8 - 2 - 2 - 1;
    const result = run(table, [partition('i', 'a', 'x'.repeat(fits)), partition('i', 'a', 'x'.repeat(fits + 1)), partition('i'.repeat(2049), 'a', 'c'), partition('i'.repeat(2048), 'a', 'c'),
      partition('i', 'a'.repeat(1019), 'c'), partition('i', 'a'.repeat(1020), 'c'), partition('i', 'a', 'x'.repeat(500_000)), partition('i', 'a'.repeat(100_000), 'c')]);
    expect(result.sizes).toEqual([409_600, 2048 + 2 + 8 + 4 + 2, 3 + 2 + 1024 + 1020 + 2 + 2]);
    expect(result.rejected.map(({ reason, column }) => [reason, column])).toEqual([['ITEM_TOO_LARGE', undefined], ['KEY_TOO_LONG', 'id'], ['KEY_TOO_LONG', undefined], ['ITEM_TOO_LARGE', 'c'], ['KEY_TOO_LONG', undefined]]);
  });

  test('native number keys that are empty', () => {
    const table = tableOf({ partition: [['id', { kind: 'text' }]], clustering: [['n', { kind: 'int' }]] });
    const { rejected, items } = run(table, [{ key: text('k'), rows: [{ clustering: [empty], cells: [] }, { clustering: [int(3)], cells: [] }] }]);
    expect(rejected).toEqual([{ table: 'ks.things', reason: 'KEY_EMPTY', column: 'n', detail: 'an empty value', key: { id: 'k', n: { empty: true } } }]);
    expect(items).toEqual([{ id: { S: 'k' }, n: { N: '3' } }]);
  });

  test('do not disturb the items around them', () => {
    const table = tableOf({ partition: [['id', { kind: 'int' }]], clustering: [['n', { kind: 'int' }]], statics: [['s', { kind: 'double' }]], regular: [['c', { kind: 'double' }]] });
    const [nan, fine] = [hex('7ff8000000000000'), hex('3ff0000000000000')];
    const row = (n: number, c: Uint8Array) => ({ clustering: [int(n)], cells: [{ column: 0, value: c }] });
    const { items, rejected, encoder } = run(table, [
      { key: int(1), statics: [{ column: 0, value: nan }], rows: [row(1, fine), row(2, nan), row(3, fine)] },
      { key: int(2), statics: [{ column: 0, value: fine }], rows: [row(1, fine)] },
    ]);
    expect(items.map((item) => [item.id.N, item.sk.S])).toEqual([['1', '0000000001#'], ['1', '0000000003#'], ['2', ' !'], ['2', '0000000001#']]);
    expect(rejected.map(({ column, key }) => [column, key])).toEqual([['s', { id: '1' }], ['c', { id: '1', n: '2' }]]);
    expect(encoder.counts).toEqual({ items: 4, staticItems: 1, rejected: 2, mixedExpiry: 0 });
  });
});

describe('static columns', () => {
  const table = tableOf({ partition: [['id', { kind: 'int' }]], clustering: [['n', { kind: 'int' }]], statics: [['s', { kind: 'text' }]], regular: [['c', { kind: 'text' }]] });
  const partitions: TestPartition[] = [
    { key: int(1), statics: [{ column: 0, value: text('one') }], rows: [{ clustering: [int(1)], cells: [{ column: 0, value: text('x') }] }] },
    { key: int(2), statics: [{ column: 0, value: text('two'), expiry: 500 }], rows: [] },
    { key: int(3), rows: [{ clustering: [int(1)], cells: [] }] },
  ];

  test('as an item', () => {
    expect(run(table, partitions).items).toEqual([
      { id: { N: '1' }, sk: { S: ' !' }, s: { S: 'one' } }, { id: { N: '1' }, sk: { S: '0000000001#' }, n: { N: '1' }, c: { S: 'x' } },
      { id: { N: '2' }, sk: { S: ' !' }, s: { S: 'two' }, ttl: { N: '500' } }, { id: { N: '3' }, sk: { S: '0000000001#' }, n: { N: '1' } },
    ]);
  });

  test('copied to rows', () => {
    expect(run(table, partitions, [{ table: '*.*', statics: 'copy' }]).items).toEqual([
      { id: { N: '1' }, sk: { S: '0000000001#' }, n: { N: '1' }, s: { S: 'one' }, c: { S: 'x' } },
      { id: { N: '2' }, sk: { S: ' !' }, s: { S: 'two' }, ttl: { N: '500' } }, { id: { N: '3' }, sk: { S: '0000000001#' }, n: { N: '1' } },
    ]);
  });

  test('are not shown again when a partition is resumed', () => {
    const plan = planTable(table, { rules: [] });
    for (const [resumed, expected] of [[int(1), 3], [int(9), 4]] as const) {
      const encoder = new ItemEncoder(plan);
      const cursor = new ItemCursor(new TestRows(partitions), encoder, { resumeAfter: { partitionKey: resumed } });
      while (cursor.advance() !== END);
      expect(encoder.counts.items).toBe(expected);
    }
  });

  test('positions tell where an item came from', () => {
    const cursor = new ItemCursor(new TestRows(partitions), new ItemEncoder(planTable(table, { rules: [] })));
    const positions = [];
    while (cursor.advance() !== END) positions.push(cursor.position());
    expect(positions).toEqual([{ partitionKey: int(1) }, { partitionKey: int(1), clustering: [int(1)] }, { partitionKey: int(2) }, { partitionKey: int(3), clustering: [int(1)] }]);
  });
});

test('TTL', () => {
  const table = tableOf({ partition: [['id', { kind: 'int' }]], regular: [['a', { kind: 'int' }], ['b', { kind: 'int' }]] });
  const cells = (a?: number, b?: number) => [{ column: 0, value: int(1), ...(a ? { expiry: a } : {}) }, { column: 1, value: int(2), ...(b ? { expiry: b } : {}) }];
  const rows: TestPartition[] = [
    { key: int(1), rows: [{ liveness: 900, cells: cells(900, 900) }] }, { key: int(2), rows: [{ liveness: 900, cells: cells(1000, 900) }] }, { key: int(3), rows: [{ liveness: 'none', cells: cells(700, 800) }] },
    { key: int(4), rows: [{ liveness: 'permanent', cells: cells(700, 700) }] }, { key: int(5), rows: [{ liveness: 900, cells: cells(900) }] }, { key: int(6), rows: [{ liveness: 600, cells: [] }] }, { key: int(7), rows: [{ cells: cells() }] },
  ];
  const { items, encoder } = run(table, rows);
  expect(items.map((item) => item.ttl?.N)).toEqual(['900', '1000', '800', undefined, undefined, '600', undefined]);
  expect(encoder.counts.mixedExpiry).toBe(4);
  expect(run(table, rows, [{ table: 'ks.*', ttl: false }]).items.every((item) => item.ttl === undefined)).toBe(true);
  expect(run(table, rows, [{ table: 'ks.*', ttl: 'gone_at' }]).items[0].gone_at).toEqual({ N: '900' });
});

test('names: synthesized attributes step aside, columns are renamed and left out', () => {
  const table = tableOf({ partition: [['pk', { kind: 'uuid' }]], clustering: [['sk', { kind: 'uuid' }]], regular: [['_pk', { kind: 'int' }], ['ttl', { kind: 'int' }], ['x', { kind: 'int' }]] });
  const uuid = hex('550e8400e29b41d4a716446655440000');
  const partitions: TestPartition[] = [{ key: uuid, rows: [{ clustering: [uuid], liveness: 77, cells: [0, 1, 2].map((column) => ({ column, value: int(column), expiry: 77 })) }] }];
  const id = '550e8400-e29b-41d4-a716-446655440000';
  expect(run(table, partitions).items).toEqual([{ __pk: { S: `${id}#` }, _sk: { S: `4-${id}#` }, pk: { S: id }, sk: { S: id }, _pk: { N: '0' }, ttl: { N: '1' }, x: { N: '2' }, _ttl: { N: '77' } }]);
  expect(run(table, partitions, [{ table: 'ks.things', partitionKey: 'PK', sortKey: 'SK', ttl: false, columns: { pk: { exclude: true }, sk: { name: 'é"' }, x: { exclude: true } } }]).items)
    .toEqual([{ PK: { S: `${id}#` }, SK: { S: `4-${id}#` }, 'é"': { S: id }, _pk: { N: '0' }, ttl: { N: '1' } }]);
});

test('sizes as DynamoDB counts them', () => {
  const table = tableOf({ partition: [['id', { kind: 'int' }]], regular: [['é', { kind: 'text' }], ['b', { kind: 'boolean' }], ['l', { kind: 'list', element: { kind: 'int' }, frozen: true }], ['m', { kind: 'map', key: { kind: 'text' }, value: { kind: 'blob' }, frozen: true }]] });
  const { sizes } = run(table, [{ key: int(-100), rows: [{ cells: [
    { column: 0, value: text('dé"') }, { column: 1, value: hex('01') }, { column: 2, value: hex('00000002 00000004 00000001 00000000') }, { column: 3, value: hex('00000001 00000002 6161 00000003 010203') },
  ] }] }]);
  // id: 2 + (1 + 1 pair + sign); é: 2 + 4; b: 1 + 1; l: 1 + 3 + (1 + 2) + (1 + 1); m: 1 + 3 + 1 + 2 + 3
  expect(sizes).toEqual([5 + 6 + 2 + 9 + 10]);
});

test('lines of import files', () => {
  const encoder = new ItemEncoder(planTable(tableOf({ partition: [['id', { kind: 'int' }]] }), { rules: [] }), undefined, { asLines: true });
  const cursor = new ItemCursor(new TestRows([{ key: int(1), rows: [{ cells: [] }] }, { key: int(2), rows: [{ cells: [] }] }]), encoder);
  while (cursor.advance() !== END);
  expect(encoder.out.toString()).toBe('{"Item":{"id":{"N":"1"}}}\n{"Item":{"id":{"N":"2"}}}\n');
});

test('details that N attributes lose are counted', () => {
  const { encoder } = one({ kind: 'list', element: { kind: 'decimal' }, frozen: true }, [{ value: hex('00000003 00000005 00000001 0a 00000005 00000001 05 00000005 ffffffff 01') }]);
  expect(encoder.lost).toEqual({ negativeZeros: 0, decimalScales: 2 });
  expect(one({ kind: 'double' }, [{ value: hex('8000000000000000') }]).encoder.lost).toEqual({ negativeZeros: 1, decimalScales: 0 });
});
