import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellPathComparatorOf, comparatorOf } from './compare.ts';
import type { CqlType } from './cql-type.ts';
import { parseMarshalType } from './parse-marshal-type.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const orderOf = (type: string, reversed = false) => {
  const compare = comparatorOf(parseMarshalType(type).type, reversed);
  return (a: Uint8Array, b: Uint8Array) => Math.sign(compare(a, 0, a.length, b, 0, b.length));
};
const double = (value: number) => {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(value);
  return buffer;
};
const float = (value: number) => {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatBE(value);
  return buffer;
};
const varint = (value: bigint, padding = 0) => {
  let length = 1;
  while (BigInt.asIntN(8 * length, value) !== value) length++;
  length += padding;
  return Buffer.from(BigInt.asUintN(8 * length, value).toString(16).padStart(2 * length, '0'), 'hex');
};
const decimal = (unscaled: bigint, scale: number) => {
  const head = Buffer.alloc(4);
  head.writeInt32BE(scale);
  return Buffer.concat([head, varint(unscaled)]);
};

/** Ascending values, in hexadecimal, of a marshal class: every pair must compare so. */
const ASCENDING: [string, string[]][] = [
  ['Int32Type', ['', '80000000', 'ffffffff', '00000000', '00000001', '7fffffff']],
  ['LongType', ['', '8000000000000000', 'ffffffffffffffff', '0000000000000000', '7fffffffffffffff']],
  ['ShortType', ['', '8000', 'ffff', '0000', '7fff']],
  ['ByteType', ['', '80', 'ff', '00', '7f']],
  ['TimestampType', ['', 'ffffffffffffffff', '0000000000000000']],
  ['DateType', ['', '0000000000000000', 'ffffffffffffffff']],
  ['SimpleDateType', ['', '00000000', '7fffffff', '80000000', 'ffffffff']],
  ['TimeType', ['', '0000000000000000', '0000000000000001']],
  ['BytesType', ['', '00', '0000', '7f', '80', 'ff']],
  ['UTF8Type', ['', '61', '6161', '62', 'c3a9', 'f09f9880']],
  ['InetAddressType', ['', '00000000', '20010db8000000000000000000000001', '7f000001']],
  ['BooleanType', ['', '00', '01']],
  ['DurationType', ['', '000000', '000200', '020000']],
  ['FloatType', ['', 'ff800000', 'bf800000', '80000000', '00000000', '00000001', '3f800000', '7f800000', '7fc00000']],
  ['DoubleType', ['', 'fff0000000000000', 'bff0000000000001', 'bff0000000000000', '8000000000000000', '0000000000000000', '0000000000000001', '7ff0000000000000', '7ff8000000000000']],
  // Time first, whatever the layout; then signed bytes, so that 80 is below 7f.
  ['TimeUUIDType', [
    '', 'ffffffff000010008080808080808080', '00000000000110008080808080808080', '000000000001100080808080808080ff', '00000000000110008080808080808000',
    '00000000000110007f7f7f7f7f7f7f7f', '00000000000010018080808080808080',
  ]],
  // Version first; version 1 by time; then unsigned bytes.
  ['UUIDType', [
    '', '00000000000000000000000000000000', 'ffffffff000010008000000000000000', 'ffffffff000010008000000000000080', '00000000000110008000000000000000',
    '00000000000040008000000000000000', 'f0000000000040007f00000000000000', 'f0000000000040008000000000000000',
  ]],
  ['LexicalUUIDType', ['', '80000000000000000000000000000000', '00000000000000008000000000000000', '00000000000000000000000000000000']],
  ['IntegerType', ['', 'ff00', 'ff7f', '80', 'ff', '00', '01', '7f', '0080', '0100']],
  ['ListType(Int32Type)', ['', '00000000', '00000001 00000004 ffffffff', '00000001 00000004 00000001', '00000002 00000004 00000001 00000000', '00000002 00000004 00000001 00000004 00000000']],
  ['MapType(Int32Type,Int32Type)', [
    '', '00000000', '00000001 00000004 00000001 00000004 00000002', '00000002 00000004 00000001 00000004 00000002 00000004 00000002 00000004 00000000', '00000001 00000004 00000001 00000004 00000003',
  ]],
  ['TupleType(Int32Type,UTF8Type)', ['', 'ffffffff', 'ffffffff 00000001 61', '00000004 00000001 ffffffff', '00000004 00000001 00000001 61', '00000004 00000002']],
  ['CompositeType(Int32Type,ReversedType(UTF8Type))', [
    '', 'ffff 0004 00000009 00', '0004 00000001 ff', '0004 00000001 00', '0004 00000001 00 0001 62 00', '0004 00000001 00 0001 61 00', '0004 00000001 01', '0004 00000002 00',
  ]],
  ['DynamicCompositeType(i=>Int32Type,r=>ReversedType(Int32Type),t=>UTF8Type)', [
    '', '8069 0004 00000001 00', '8069 0004 00000001 00 8069 0004 00000000 00', '8069 0004 00000001 01', '0009 496e74333254797065 0004 00000002 00',
    '8072 0004 00000002 00', '8072 0004 00000001 00', '8074 0001 61 00',
  ]],
];

describe('comparatorOf', () => {
  test.each(ASCENDING)('%s', (type, values) => {
    const compare = orderOf(type);
    const backwards = orderOf(type, true);
    values.forEach((a, i) => values.forEach((b, j) => {
      expect([a, b, compare(bytes(a), bytes(b))]).toEqual([a, b, Math.sign(i - j)]);
      expect([a, b, backwards(bytes(a), bytes(b))]).toEqual([a, b, Math.sign(j - i)]);
    }));
  });

  test('values that differ in bytes only are equal', () => {
    expect(orderOf('DecimalType')(decimal(10n, 1), decimal(100n, 2))).toBe(0);
    expect(orderOf('DecimalType')(decimal(0n, 5), decimal(0n, -7))).toBe(0);
    expect(orderOf('IntegerType')(varint(-5n, 3), varint(-5n))).toBe(0);
    expect(orderOf('BooleanType')(bytes('01'), bytes('ff'))).toBe(0);
    expect(orderOf('FloatType')(bytes('7fc00001'), bytes('ffc00000'))).toBe(0);
    expect(orderOf('DoubleType')(bytes('7ff8000000000001'), bytes('fff8000000000000'))).toBe(0);
    expect(orderOf('TupleType(Int32Type,Int32Type)')(bytes('00000004 00000001'), bytes('00000004 00000001 ffffffff'))).toBe(0);
    expect(orderOf('EmptyType')(bytes(''), bytes(''))).toBe(0);
  });

  test('huge exponents are compared without being written out', () => {
    const compare = orderOf('DecimalType');
    expect(compare(decimal(1n, -0x8000_0000), decimal(9n, 0x7fff_ffff))).toBe(1);
    expect(compare(decimal(-1n, -0x8000_0000), decimal(9n, 0x7fff_ffff))).toBe(-1);
    expect(compare(decimal(12n, -0x8000_0000), decimal(119n, -0x7fff_ffff))).toBe(1);
  });

  test('an empty value can stay first in descending order', () => {
    const compare = comparatorOf({ kind: 'text' }, true, true);
    expect(compare(bytes(''), 0, 0, bytes('61'), 0, 1)).toBeLessThan(0);
    expect(compare(bytes('62'), 0, 1, bytes('61'), 0, 1)).toBeLessThan(0);
  });

  test.each(['CounterColumnType', 'ListType(CounterColumnType)'])('nothing is sorted by %s', (type) => {
    expect(() => orderOf(type)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }));
  });
  test('opaque classes have no order', () => {
    expect(() => orderOf('PartitionerDefinedOrder')).toThrow(expect.objectContaining({ code: 'SSTABLE_UNSUPPORTED' }));
  });

  test.each<[string, string, string]>([
    ['UUIDType', '00', '00000000000000000000000000000000'], ['TimeUUIDType', '00', '01'], ['DoubleType', '00', '00'], ['FloatType', '0000000000', '00000000'], ['DecimalType', '00000000', '0000000001'],
    ['ListType(Int32Type)', '000000', '00000000'], ['ListType(Int32Type)', '0000000100000005', '0000000100000004 00000000'], ['ListType(Int32Type)', '00000001ffffffff', '00000001ffffffff'],
    ['TupleType(Int32Type)', '00000009', '00000004 00000001'], ['TupleType(Int32Type)', '00000004 00000001 00000004 00000001', '00000004 00000001 00000004 00000001'],
    ['CompositeType(Int32Type)', '0009', '0004 00000001 00'], ['DynamicCompositeType', '8061 0001 00 00', '8061 0001 00 00'],
  ])('malformed %s is an error, not an order', (type, a, b) => {
    expect(() => orderOf(type)(bytes(a), bytes(b))).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  test('numbers are in numeric order', () => {
    const integers = fc.oneof(fc.bigInt(), fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }));
    fc.assert(fc.property(integers, integers, fc.nat(3), fc.nat(3), (a, b, i, j) => {
      expect(orderOf('IntegerType')(varint(a, i), varint(b, j))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }));
    fc.assert(fc.property(integers, integers, fc.integer({ min: -30, max: 30 }), fc.integer({ min: -30, max: 30 }), (a, b, i, j) => {
      const [left, right] = [a * 10n ** BigInt(30 - i), b * 10n ** BigInt(30 - j)];
      expect(orderOf('DecimalType')(decimal(a, i), decimal(b, j))).toBe(left < right ? -1 : left > right ? 1 : 0);
    }));
    const javaOrder = (a: number, b: number) => (Object.is(a, b) ? 0 : Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a !== b ? Math.sign(a - b) || (a < b ? -1 : 1) : Object.is(a, -0) ? -1 : 1);
    fc.assert(fc.property(fc.double(), fc.double(), (a, b) => {
      expect(orderOf('DoubleType')(double(a), double(b))).toBe(javaOrder(a, b));
    }));
    fc.assert(fc.property(fc.float(), fc.float(), (a, b) => {
      expect(orderOf('FloatType')(float(a), float(b))).toBe(javaOrder(a, b));
    }));
  });
});

describe('cellPathComparatorOf', () => {
  const INT: CqlType = { kind: 'int' };
  test.each<[CqlType, string, string]>([
    [{ kind: 'map', key: INT, value: { kind: 'text' }, frozen: false }, 'ffffffff', '00000001'],
    [{ kind: 'set', element: INT, frozen: false }, 'ffffffff', '00000001'],
    [{ kind: 'list', element: INT, frozen: false }, 'ffffffff000010008080808080808080', '00000000000110008080808080808080'],
    [{ kind: 'udt', keyspace: 'k', name: 't', fields: [], frozen: false }, '0001', '0100'],
  ])('%j', (type, a, b) => {
    const compare = cellPathComparatorOf(type);
    expect(compare(bytes(a), 0, a.length / 2, bytes(b), 0, b.length / 2)).toBeLessThan(0);
    expect(compare(bytes(b), 0, b.length / 2, bytes(a), 0, a.length / 2)).toBeGreaterThan(0);
  });
});
