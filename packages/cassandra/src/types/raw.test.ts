// Expected texts follow Cassandra 3.11.2's type classes; whole files are compared with sstabledump itself in e2e.

import { describe, expect, test } from 'vitest';
import { parseMarshalType } from './parse-marshal-type.ts';
import { rawJsonOf, rawPlainOf } from './raw.ts';

const hexName = (name: string) => Buffer.from(name).toString('hex');
const POINT = `FrozenType(UserType(ks,${hexName('point')},${hexName('x')}:Int32Type,${hexName('Y"')}:UTF8Type))`;
const write = (writerOf: typeof rawJsonOf, type: string, hex: string) => {
  const bytes = Buffer.from(`ff${hex.replaceAll(' ', '')}ff`, 'hex');
  return writerOf(parseMarshalType(type).type)(bytes, 1, bytes.length - 1);
};
const UUID = '00112233445566778899aabbccddeeff';

/** Class, bytes, JSON text, plain text. */
const VALUES: [string, string, string, string][] = [
  ['UTF8Type', '61 22 01 7f', '"a\\"\\u0001\x7f"', 'a"\x01\x7f'], ['UTF8Type', '1f 5c 75 30 30 31 66', '"\\u001F\\\\u001f"', '\x1f\\u001f'], ['UTF8Type', '', '""', ''], ['AsciiType', '61', '"a"', 'a'],
  ['BytesType', '00ff', '"0x00ff"', '00ff'], ['BooleanType', '01', 'true', 'true'], ['BooleanType', '00', 'false', 'false'],
  ['ByteType', '80', '-128', '-128'], ['ShortType', 'ffff', '-1', '-1'], ['Int32Type', '80000000', '-2147483648', '-2147483648'], ['Int32Type', '00000001 02', '1', '1'], ['LongType', '7fffffffffffffff', '9223372036854775807', '9223372036854775807'],
  ['IntegerType', '0100000000000000000000', '1208925819614629174706176', '1208925819614629174706176'], ['CounterColumnType', '0001 8000 11223344 5566', '422212752520004', '00018000112233445566'],
  ['CounterColumnType', '0000', '"0x0000"', '0000'],
  ['DecimalType', '00000002 64', '1.00', '1.00'], ['DecimalType', 'ffffffd8 01', '1E+40', `1${'0'.repeat(40)}`], ['DecimalType', '00000028 ff', '-1E-40', `-0.${'0'.repeat(39)}1`], ['DecimalType', '00000002 00', '0.00', '0.00'],
  ['DecimalType', 'fffffffe 00', '0E+2', '0'], ['DecimalType', '80000000 01', '1E+2147483648', '1E2147483648'],
  ['FloatType', '3a83126e', '9.999999E-4', '9.999999E-4'], ['DoubleType', '7ff8000000000000', 'NaN', 'NaN'], ['DoubleType', 'fff0000000000000', '-Infinity', '-Infinity'],
  ['SimpleDateType', '80000000', '"1970-01-01"', '1970-01-01'], ['TimeType', '0000000000000001', '"00:00:00.000000001"', '00:00:00.000000001'],
  ['TimestampType', 'ffffffffffffffff', '"1969-12-31 23:59:59.999Z"', '1969-12-31 23:59Z'], ['DateType', '0000000000000000', '"1970-01-01 00:00:00.000Z"', '1970-01-01 00:00Z'],
  ['DurationType', '020406', '"1mo2d3ns"', '1mo2d3ns'], ['InetAddressType', '7f000001', '"127.0.0.1"', '127.0.0.1'], ['InetAddressType', '20010db8000000000000000000000001', '"2001:db8:0:0:0:0:0:1"', '2001:db8:0:0:0:0:0:1'],
  ['InetAddressType', '00000000000000000000ffff01020304', '"1.2.3.4"', '1.2.3.4'],
  ['UUIDType', UUID, '"00112233-4455-6677-8899-aabbccddeeff"', '00112233-4455-6677-8899-aabbccddeeff'], ['EmptyType', '', '""', ''],
  ['ListType(Int32Type)', '00000002 00000004 00000001 00000004 00000002', '[1, 2]', '0000000200000004000000010000000400000002'], ['SetType(UTF8Type)', '00000000', '[]', '00000000'],
  ['MapType(Int32Type,UTF8Type)', '00000001 00000004 00000001 00000001 61', '{"1": "a"}', '0000000100000004000000010000000161'],
  ['MapType(ListType(UTF8Type),Int32Type)', '00000001 00000009 00000001 00000001 22 00000004 00000001', '{"[\\"\\\\\\"\\"]": 1}', '00000001000000090000000100000001220000000400000001'],
  ['TupleType(Int32Type,UTF8Type)', '00000004 00000001 00000003 613a40', '[1, "a:@"]', '1:a\\:\\@'], ['TupleType(Int32Type,UTF8Type)', 'ffffffff 00000000', '[null, ""]', '@:'], ['TupleType(Int32Type,UTF8Type)', '00000004 00000001', '[1, null]', '1'],
  [POINT, '00000004 00000001', '{"x": 1, "\\"Y\\"\\"": null}', '1'], [POINT, '', '{"x": null, "\\"Y\\"\\"": null}', ''],
  ['CompositeType(Int32Type)', '0004 00000001 00', '"0x00040000000100"', '00040000000100'],
];

describe('values as sstabledump prints them', () => {
  test.each(VALUES)('%s 0x%s', (type, hex, json, plain) => {
    expect(write(rawJsonOf, type, hex)).toBe(json);
    expect(write(rawPlainOf, type, hex)).toBe(plain);
  });

  test.each(['Int32Type', 'IntegerType', 'DecimalType', 'DoubleType', 'BooleanType', 'TimestampType', 'UUIDType', 'ListType(Int32Type)', 'DurationType', 'CounterColumnType'])('zero bytes of %s, where the tool fails', (type) => {
    expect(write(rawJsonOf, type, '')).toBe('""');
    expect(write(rawPlainOf, type, '')).toBe('');
  });

  test.each([['Int32Type', '000000'], ['UTF8Type', 'ff'], ['AsciiType', '80'], ['TimestampType', '00'], ['UUIDType', '00'], ['InetAddressType', '00'], ['DecimalType', '00000000'],
    ['ListType(Int32Type)', '0000'], ['ListType(Int32Type)', '7fffffff'], ['ListType(Int32Type)', '00000001 00000009'], ['TupleType(Int32Type)', '0000'], [POINT, '00000009 00']])('malformed %s 0x%s is refused', (type, hex) => {
    expect(() => write(rawJsonOf, type, hex)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });
});
