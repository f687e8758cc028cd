import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Row } from '../model/row.ts';
import type { CqlType } from './cql-type.ts';
import { neutralCellsWriterOf, neutralWriterOf } from './neutral.ts';
import { floatingText } from './number-text.ts';
import { parseMarshalType } from './parse-marshal-type.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const write = (type: string, bytes: string) => {
  const padded = Buffer.concat([Buffer.from('<'), hex(bytes), Buffer.from('>')]);
  return JSON.parse(neutralWriterOf(parseMarshalType(type).type)(padded, 1, padded.length - 1)) as unknown;
};
const ADDRESS = `UserType(shop,${Buffer.from('address').toString('hex')},61:Int32Type,62:UTF8Type,63:FrozenType(ListType(Int32Type)))`;

describe('neutralWriterOf', () => {
  test.each<[string, string, unknown]>([
    ['UTF8Type', '', ''], ['UTF8Type', 'efbbbf 61', '\ufeffa'], ['UTF8Type', 'f09f9880 00', '😀\0'], ['UTF8Type', '61'.repeat(40), 'a'.repeat(40)], ['AsciiType', '7f', '\x7f'],
    ['LongType', '8000000000000000', '-9223372036854775808'], ['LongType', '001fffffffffffff', '9007199254740991'], ['LongType', '0020000000000001', '9007199254740993'],
    ['LongType', 'ffe0000000000000', '-9007199254740992'], ['Int32Type', '80000000', '-2147483648'], ['ShortType', 'ff80', '-128'], ['ByteType', '80', '-128'],
    ['IntegerType', 'ff', '-1'], ['IntegerType', '00ff', '255'], ['IntegerType', '80000000000000', '-36028797018963968'], ['IntegerType', `01${'00'.repeat(16)}`, '340282366920938463463374607431768211456'],
    ['TimestampType', '7fffffffffffffff', '9223372036854775807'], ['DateType', 'ffffffffffffffff', '-1'], ['TimeType', '00004e94914effff', '86399999999999'],
    ['SimpleDateType', '80000000', '0'], ['SimpleDateType', '00000000', '-2147483648'], ['SimpleDateType', 'ffffffff', '2147483647'],
    ['DecimalType', '00000002 64', '1.00'], ['DecimalType', 'ffffffd8 01', '1E+40'], ['DecimalType', '00000028 ff', '-1E-40'], ['DecimalType', '00000000 00', '0'],
    ['DecimalType', '00000007 01', '1E-7'], ['DecimalType', '00000006 01', '0.000001'], ['DecimalType', '0000000a 00', '0E-10'], ['DecimalType', 'fffffffd 00', '0E+3'],
    ['DecimalType', 'ffffffff 7b', '1.23E+3'], ['DecimalType', '80000000 01', '1E+2147483648'], ['DecimalType', '0000000a 7b', '1.23E-8'], ['DecimalType', '00000002 85', '-1.23'],
    ['DoubleType', '8000000000000000', '-0.0'], ['DoubleType', '7ff8000000000000', 'NaN'], ['DoubleType', 'fff0000000000000', '-Infinity'], ['DoubleType', '3ff0000000000000', '1.0'],
    ['DoubleType', '0000000000000001', '5e-324'], ['DoubleType', '7fefffffffffffff', '1.7976931348623157e+308'], ['DoubleType', '4341c37937e08000', '1e+16'], ['DoubleType', '3ee4f8b588e368f1', '1e-05'],
    ['FloatType', '00000001', '1e-45'], ['FloatType', '7f7fffff', '3.4028235e+38'], ['FloatType', '3dcccccd', '0.1'], ['FloatType', '4b800000', '16777216.0'], ['FloatType', '00800000', '1.1754944e-38'],
    ['BooleanType', '02', true], ['BooleanType', '00', false], ['BytesType', '', '0x'], ['BytesType', '00ff', '0x00ff'],
    ['UUIDType', '00112233445566778899aabbccddeeff', '00112233-4455-6677-8899-aabbccddeeff'],
    ['InetAddressType', '7f000001', '127.0.0.1'], ['InetAddressType', '00'.repeat(16), '::'], ['InetAddressType', `${'00'.repeat(15)}01`, '::1'],
    ['InetAddressType', '20010db800000000000000000000ff00', '2001:db8::ff00'], ['InetAddressType', '2001 0000 0000 0001 0000 0000 0000 0001', '2001:0:0:1::1'],
    ['InetAddressType', '2001 0000 0001 0001 0001 0000 0001 0001', '2001:0:1:1:1:0:1:1'], ['InetAddressType', 'fe80 0000 0000 0001 0001 0000 0000 0001', 'fe80::1:1:0:0:1'],
    ['InetAddressType', '00000000000000000000ffff01020304', '::ffff:1.2.3.4'],
    ['DurationType', '020406', { months: '1', days: '2', nanos: '3' }], ['DurationType', '01 01 fffffffffffffffffe', { months: '-1', days: '-1', nanos: '9223372036854775807' }],
    ['CounterColumnType', `0001 8000 ${'11'.repeat(16)} 0000000000000001 ffffffffffffffff ${'22'.repeat(16)} 0000000000000001 0000000000000006`, '5'],
    ['CompositeType(Int32Type)', '0004 00000001 00', '0x00040000000100'], ['EmptyType', '', { empty: true }],
    ['ListType(Int32Type)', '00000002 00000004 00000001 00000000', ['1', { empty: true }]], ['SetType(UTF8Type)', '00000001 00000000', ['']], ['ListType(Int32Type)', '00000000', []],
    ['MapType(Int32Type,ListType(UTF8Type))', '00000001 00000004 00000001 00000009 00000001 00000001 61', [['1', ['a']]]],
    ['TupleType(Int32Type,UTF8Type)', 'ffffffff 00000001 61', [null, 'a']], ['TupleType(Int32Type,UTF8Type)', '00000004 00000001', ['1', null]], ['TupleType(Int32Type,UTF8Type)', '', [null, null]],
    [ADDRESS, '00000004 00000001 ffffffff', { a: '1', b: null, c: null }], [ADDRESS, '', { a: null, b: null, c: null }],
  ])('%s 0x%s', (type, bytes, expected) => expect(write(type, bytes)).toEqual(expected));

  test.each(['LongType', 'Int32Type', 'IntegerType', 'DecimalType', 'DoubleType', 'BooleanType', 'InetAddressType', 'UUIDType', 'TimestampType', 'SimpleDateType', 'TimeType', 'ShortType', 'DurationType', 'ListType(Int32Type)'])(
    'zero bytes of %s', (type) => expect(write(type, '')).toEqual({ empty: true }));

  test.each([
    ['UTF8Type', 'ff'], ['UTF8Type', 'c080'], ['UTF8Type', 'eda080'], ['UTF8Type', `${'61'.repeat(40)}80`], ['AsciiType', '80'], ['Int32Type', '0000'], ['LongType', '000000000000000000'], ['DoubleType', '00'], ['UUIDType', '00'],
    ['InetAddressType', '0000000000'], ['DecimalType', '00000000'], ['DurationType', '0000'], ['DurationType', '00000000'], ['DurationType', '0000 ff'], ['CounterColumnType', '0000 00'], ['CounterColumnType', '00'], ['EmptyType', '00'],
    ['ListType(Int32Type)', '00'], ['ListType(Int32Type)', '7fffffff'], ['ListType(Int32Type)', '80000000'], ['ListType(Int32Type)', '00000001 00000004 0000'], ['ListType(Int32Type)', '00000000 00'],
    ['TupleType(Int32Type)', '00000004 00000001 00000004 00000001'], ['TupleType(Int32Type)', '000000'], [ADDRESS, '00000003 000000'],
  ])('malformed %s 0x%s is refused', (type, bytes) => {
    expect(() => write(type, bytes)).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  test('floating point texts are the shortest that lead back', () => {
    fc.assert(fc.property(fc.double({ noNaN: true }), (value) => {
      expect(Number(floatingText(value, false))).toBe(value);
      expect(floatingText(value, false)).toMatch(/^-?(Infinity|\d+\.\d+|\d(\.\d+)?e[+-]\d\d+)$/);
    }));
    fc.assert(fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = floatingText(value, true);
      expect(Math.fround(Number(text))).toBe(value);
      const digits = text.replace(/e.*/, '').replaceAll(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
      expect(digits <= 1 || Math.fround(Number(value.toPrecision(digits - 1))) !== value).toBe(true);
    }), { numRuns: 2000 });
  });
});

describe('neutralCellsWriterOf', () => {
  const cells = (type: string, content: [path: string, value: string][]) => {
    const parts: Buffer[] = [Buffer.alloc(3)];
    const row = new Row();
    row.reset(Buffer.alloc(0), false);
    const add = (bytes: string): [number, number] => {
      const start = Buffer.concat(parts).length;
      parts.push(hex(bytes));
      return [start, start + hex(bytes).length];
    };
    // A cell of another column comes first.
    for (const [path, value] of [['ff', 'ff'], ...content]) {
      const cell = row.addCell();
      [row.pathStart[cell], row.pathEnd[cell]] = add(path);
      [row.valueStart[cell], row.valueEnd[cell]] = add(value);
    }
    row.bytes = Buffer.concat(parts);
    return JSON.parse(neutralCellsWriterOf(parseMarshalType(type).type)(row, 1, row.cellCount)) as unknown;
  };

  test.each<[string, [string, string][], unknown]>([
    ['ListType(Int32Type)', [['00'.repeat(16), '00000002'], ['01'.repeat(16), '00000001']], ['2', '1']],
    ['SetType(UTF8Type)', [['', ''], ['61', '']], ['', 'a']],
    ['MapType(UTF8Type,Int32Type)', [['61', '00000001'], ['62', '']], [['a', '1'], ['b', { empty: true }]]],
    [ADDRESS, [['0000', '00000007'], ['0002', '00000001 00000004 00000001']], { a: '7', b: null, c: ['1'] }],
  ])('%s', (type, content, expected) => expect(cells(type, content)).toEqual(expected));

  test.each(['0003', 'ffff', '00', ''])('field 0x%s of a user type of three is refused', (path) => {
    expect(() => cells(ADDRESS, [[path, '00000001']])).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  test('types in one piece have no cells', () => {
    const text: CqlType = { kind: 'text' };
    expect(() => neutralCellsWriterOf(text)).toThrow('not multi-cell');
  });
});
