import { describe, expect, test } from 'vitest';
import type { CqlType } from './cql-type.ts';
import { marshalClassName, parseMarshalType } from './parse-marshal-type.ts';

const P = 'org.apache.cassandra.db.marshal.';
const hex = (text: string) => Buffer.from(text).toString('hex');
const INT: CqlType = { kind: 'int' };

describe('parseMarshalType', () => {
  test.each<[string, CqlType]>([
    ['AsciiType', { kind: 'ascii' }], ['LongType', { kind: 'bigint' }], ['BytesType', { kind: 'blob' }], ['BooleanType', { kind: 'boolean' }],
    ['CounterColumnType', { kind: 'counter' }], ['SimpleDateType', { kind: 'date' }], ['DecimalType', { kind: 'decimal' }], ['DoubleType', { kind: 'double' }],
    ['DurationType', { kind: 'duration' }], ['FloatType', { kind: 'float' }], ['InetAddressType', { kind: 'inet' }], ['Int32Type', { kind: 'int' }],
    ['ShortType', { kind: 'smallint' }], ['UTF8Type', { kind: 'text' }], ['TimeType', { kind: 'time' }], ['TimestampType', { kind: 'timestamp' }],
    ['DateType', { kind: 'timestamp', legacyOrder: 'DateType' }], ['TimeUUIDType', { kind: 'timeuuid' }], ['LegacyTimeUUIDType', { kind: 'timeuuid' }],
    ['ByteType', { kind: 'tinyint' }], ['UUIDType', { kind: 'uuid' }], ['LexicalUUIDType', { kind: 'uuid', legacyOrder: 'LexicalUUIDType' }],
    ['IntegerType', { kind: 'varint' }], ['EmptyType', { kind: 'empty' }],
  ])('%s', (name, type) => {
    expect(parseMarshalType(P + name)).toEqual({ type, reversed: false });
    expect(parseMarshalType(name)).toEqual({ type, reversed: false });
    expect(parseMarshalType(`${P}ReversedType(${P}${name})`)).toEqual({ type, reversed: true });
  });

  test('collections are multi-cell unless frozen, and everything inside them is frozen', () => {
    const list = (isFrozen: boolean): CqlType => ({ kind: 'list', element: INT, frozen: isFrozen });
    expect(parseMarshalType(`${P}ListType(${P}Int32Type)`).type).toEqual(list(false));
    expect(parseMarshalType(`${P}FrozenType(${P}ListType(${P}Int32Type))`).type).toEqual(list(true));
    expect(parseMarshalType(`${P}MapType(${P}UTF8Type,${P}FrozenType(${P}ListType(${P}Int32Type)))`).type)
      .toEqual({ kind: 'map', key: { kind: 'text' }, value: list(true), frozen: false });
    expect(parseMarshalType('FrozenType(SetType(ListType(Int32Type)))').type).toEqual({ kind: 'set', element: list(true), frozen: true });
    expect(parseMarshalType('TupleType(Int32Type, ListType(Int32Type))').type).toEqual({ kind: 'tuple', elements: [INT, list(true)] });
    expect(parseMarshalType('ReversedType(FrozenType(ListType(Int32Type)))')).toEqual({ type: list(true), reversed: true });
  });

  test('user types carry keyspace, name and fields in hexadecimal', () => {
    const text = `${P}UserType(shop,${hex('Addr é')},${hex('street')}:${P}UTF8Type,${hex('tags')}:${P}SetType(${P}Int32Type))`;
    const fields = [{ name: 'street', type: { kind: 'text' } }, { name: 'tags', type: { kind: 'set', element: INT, frozen: true } }];
    expect(parseMarshalType(text).type).toEqual({ kind: 'udt', keyspace: 'shop', name: 'Addr é', fields, frozen: false });
    expect(parseMarshalType(`${P}FrozenType(${text})`).type).toMatchObject({ kind: 'udt', frozen: true });
  });

  test('composites', () => {
    const text = `${P}CompositeType(${P}UTF8Type,${P}ReversedType(${P}Int32Type))`;
    expect(parseMarshalType(text).type).toEqual({ kind: 'composite', elements: [{ kind: 'text' }, INT], reversed: [false, true], className: text });
    const dynamic = `${P}DynamicCompositeType(a=>${P}Int32Type, R => ${P}ReversedType(${P}UTF8Type))`;
    const { type } = parseMarshalType(dynamic);
    expect(type).toMatchObject({ kind: 'custom', className: dynamic });
    expect(type.kind === 'custom' && [...type.aliases!]).toEqual([[97, { type: INT, reversed: false }], [82, { type: { kind: 'text' }, reversed: true }]]);
  });

  test('classes of index and legacy tables are opaque', () => {
    for (const text of [
      `${P}PartitionerDefinedOrder(org.apache.cassandra.dht.Murmur3Partitioner)`, `${P}PartitionerDefinedOrder`,
      `${P}PartitionerDefinedOrder(org.apache.cassandra.dht.Murmur3Partitioner:${P}UTF8Type)`,
      `${P}ColumnToCollectionType(${hex('m')}:${P}MapType(${P}UTF8Type,${P}Int32Type),${hex('l')}:${P}ListType(${P}Int32Type))`,
    ]) expect(parseMarshalType(text)).toEqual({ type: { kind: 'custom', className: text }, reversed: false });
  });

  test('blanks, default parameters and no text at all, as TypeParser has them', () => {
    expect(parseMarshalType('')).toEqual({ type: { kind: 'blob' }, reversed: false });
    expect(parseMarshalType(' MapType ( Int32Type , UTF8Type )').type).toMatchObject({ kind: 'map' });
    expect(parseMarshalType('Int32Type(reversed=true)')).toEqual({ type: INT, reversed: true });
    expect(parseMarshalType('Int32Type(reversed)')).toEqual({ type: INT, reversed: true });
    expect(parseMarshalType('Int32Type(reversed=false)')).toEqual({ type: INT, reversed: false });
  });

  test.each([
    'ListType', 'ListType()', 'ListType(Int32Type,Int32Type)', 'MapType(Int32Type)', 'ListType(Int32Type', 'Int32Type)', '(', 'ListType(ReversedType(Int32Type))',
    'UserType', 'UserType(ks)', 'UserType(ks,zz)', 'UserType(ks,6161,62)', 'CompositeType', 'DynamicCompositeType(ab=>Int32Type)', 'VectorType', 'VectorType(FloatType)', 'VectorType(FloatType , 0)', 'VectorType(FloatType , 3 , 4)', `${'FrozenType('.repeat(65)}Int32Type${')'.repeat(65)}`,
  ])('%s is refused', (text) => {
    expect(() => parseMarshalType(text)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }));
  });

  test.each(['com.example.PointType', 'PointType', 'ListType(com.example.PointType)'])('%s is unknown, not opaque', (text) => {
    expect(() => parseMarshalType(text)).toThrow(expect.objectContaining({ code: 'SSTABLE_UNSUPPORTED' }));
  });

  test('class names lead back', () => {
    for (const name of ['AsciiType', 'TimeUUIDType', 'UUIDType', 'DateType', 'LexicalUUIDType', 'IntegerType']) expect(marshalClassName(parseMarshalType(name).type)).toBe(name);
    expect(marshalClassName(parseMarshalType(`${P}DynamicCompositeType(a=>${P}Int32Type)`).type)).toBe('DynamicCompositeType');
  });
});
