import { describe, expect, test } from 'vitest';
import type { CqlType, UdtType } from './cql-type.ts';
import { formatCqlType, parseCqlType } from './parse-cql-type.ts';

const address: UdtType = { kind: 'udt', keyspace: 'shop', name: 'Address', fields: [{ name: 'street', type: { kind: 'text' } }], frozen: false };
const point: UdtType = { kind: 'udt', keyspace: 'shop', name: 'point', fields: [{ name: 'x', type: { kind: 'int' } }], frozen: false };
const parse = (text: string): CqlType => parseCqlType(text, (name, keyspace) => (keyspace === undefined || keyspace === 'shop' ? [address, point].find((type) => type.name === name) : undefined));

describe('parseCqlType', () => {
  test.each<[string, CqlType]>([
    ['int', { kind: 'int' }], ['TEXT', { kind: 'text' }], ['varchar', { kind: 'text' }], [' timeuuid ', { kind: 'timeuuid' }], ['empty', { kind: 'empty' }],
    ['list<int>', { kind: 'list', element: { kind: 'int' }, frozen: false }],
    ['frozen<set<text>>', { kind: 'set', element: { kind: 'text' }, frozen: true }],
    ['map<text, frozen<list<int>>>', { kind: 'map', key: { kind: 'text' }, value: { kind: 'list', element: { kind: 'int' }, frozen: true }, frozen: false }],
    ['frozen<list<set<int>>>', { kind: 'list', element: { kind: 'set', element: { kind: 'int' }, frozen: true }, frozen: true }],
    ['tuple<int,list<int>>', { kind: 'tuple', elements: [{ kind: 'int' }, { kind: 'list', element: { kind: 'int' }, frozen: true }] }],
    ['point', point], ['POINT', point], ['shop.point', point], ['"Address"', address], ['frozen<"Address">', { ...address, frozen: true }],
    ['list<point>', { kind: 'list', element: { ...point, frozen: true }, frozen: false }],
    ['\'org.apache.cassandra.db.marshal.DateType\'', { kind: 'timestamp', legacyOrder: 'DateType' }],
    ['\'CompositeType(Int32Type)\'', { kind: 'composite', elements: [{ kind: 'int' }], reversed: [false], className: 'CompositeType(Int32Type)' }],
  ])('%s', (text, type) => expect(parse(text)).toEqual(type));

  test.each([
    '', 'list', 'list<', 'list<int', 'list<int>>', 'list<int,int>', 'map<int>', 'int<text>', 'nobody', '"int"', 'other.point', 'frozen<int>', 'list<counter>', 'vector<float>', 'vector<float, 0>', 'vector<3, float>', 'vector<counter, 3>', 'list<>', '<', 'a b', 'int;',
    `${'list<'.repeat(65)}int${'>'.repeat(65)}`,
  ])('%s is refused', (text) => expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' })));

  test('what cannot be read is said', () => {
    for (const text of ['\'com.example.PointType\'']) expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'SSTABLE_UNSUPPORTED' }));
  });

  test.each([
    'int', 'frozen<map<text, frozen<list<int>>>>', 'map<decimal, frozen<tuple<smallint, frozen<set<uuid>>>>>', 'frozen<tuple<int, text>>', 'vector<float, 3>', 'list<vector<vector<text, 2>, 3>>', '"Address"', 'list<frozen<point>>', '\'DynamicCompositeType(a=>Int32Type)\'',
  ])('%s is written as Cassandra writes it', (text) => expect(formatCqlType(parse(text))).toBe(text));
});
