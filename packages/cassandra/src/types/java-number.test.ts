// Expected texts were printed by Java 8. Some have more digits than needed: 1.4E-45, 4.18937487E18.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { javaFloatingText } from './java-number.ts';

const write = (hex: string) => javaFloatingText(Buffer.from(`ff${hex}ff`, 'hex'), 1, 1 + hex.length / 2);

test.each([
  ['00000000', '0.0'], ['80000000', '-0.0'], ['3f800000', '1.0'], ['bf800000', '-1.0'], ['7f800000', 'Infinity'], ['ff800000', '-Infinity'], ['7fc00000', 'NaN'], ['ffc00001', 'NaN'],
  ['00000001', '1.4E-45'], ['00000002', '2.8E-45'], ['00800000', '1.17549435E-38'], ['7f7fffff', '3.4028235E38'], ['3dcccccd', '0.1'], ['3a83126f', '0.001'], ['3a83126e', '9.999999E-4'],
  ['4b18967f', '9999999.0'], ['4b189680', '1.0E7'], ['4b800000', '1.6777216E7'], ['501502f9', '1.0E10'], ['ba419d35', '-7.3857914E-4'], ['33d6bf95', '1.0E-7'], ['4f000000', '2.14748365E9'], ['4f083ce4', '2.2856919E9'], ['5e688e99', '4.18937487E18'],
])('float 0x%s is %s', (hex, text) => expect(write(hex)).toBe(text));

test.each([
  ['0000000000000000', '0.0'], ['8000000000000000', '-0.0'], ['3ff0000000000000', '1.0'], ['7ff0000000000000', 'Infinity'], ['7ff8000000000000', 'NaN'], ['0000000000000001', '4.9E-324'],
  ['7fefffffffffffff', '1.7976931348623157E308'], ['3fb999999999999a', '0.1'], ['3f50624dd2f1a9fc', '0.001'], ['3ee4f8b588e368f1', '1.0E-5'], ['416312d000000000', '1.0E7'], ['43e0000000000000', '9.223372036854776E18'],
  ['44b52d02c7e14af6', '9.999999999999999E22'], ['6fb07d457124123d', '1.0E230'], ['43b40a9c8263c320', '1.44413871435907891E18'], ['c355cd3594271178', '-2.4546418053891552E16'],
])('double 0x%s is %s', (hex, text) => expect(write(hex)).toBe(text));

test('texts lead back to the same number', () => {
  fc.assert(fc.property(fc.double({ noNaN: true }), (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    expect(Number(javaFloatingText(bytes, 0, 8))).toBe(value);
  }));
  fc.assert(fc.property(fc.float({ noNaN: true }), (value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(value);
    expect(Math.fround(Number(javaFloatingText(bytes, 0, 4)))).toBe(value);
  }));
});
