import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparatorOf } from './compare.ts';
import type { VectorType } from './cql-type.ts';
import { neutralWriterOf } from './neutral.ts';
import { parseMarshalType } from './parse-marshal-type.ts';
import { rawJsonOf, rawPlainOf } from './raw.ts';
import { packVector } from './vector.ts';

const P = 'org.apache.cassandra.db.marshal.';
const typeOf = (text: string) => parseMarshalType(text).type as VectorType;
const floats = typeOf(`${P}VectorType(${P}FloatType , 3)`);
const texts = typeOf(`${P}VectorType(${P}UTF8Type , 2)`);
const nested = typeOf(`${P}VectorType(${P}VectorType(${P}ShortType , 2) , 2)`);
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const neutral = (type: VectorType, bytes: Uint8Array) => neutralWriterOf(type)(bytes, 0, bytes.length);

describe('vectors', () => {
  it('have the class name that Cassandra writes', () => {
    expect(floats).toEqual({ kind: 'vector', element: { kind: 'float' }, dimension: 3 });
    expect(nested.element).toMatchObject({ kind: 'vector', element: { kind: 'smallint' }, dimension: 2 });
  });

  // The bytes are those of 5.0.2's VectorType: no lengths for floats, a vint each for texts and smallints.
  it('are read by the length of their elements', () => {
    expect(neutral(floats, hex('3f800000 c0000000 00000000'))).toBe('["1.0", "-2.0", "0.0"]');
    expect(neutral(texts, hex('03 616263 00'))).toBe('["abc", ""]');
    expect(neutral(nested, hex('06 02 0001 02 ffff 06 02 7fff 02 8000'))).toBe('[["1", "-1"], ["32767", "-32768"]]');
    expect(neutral(floats, hex(''))).toBe('{"empty": true}');
    const long = Buffer.concat([hex('80c8'), Buffer.alloc(200, 'x'), hex('01 79')]);
    expect(neutral(texts, long)).toBe(`["${'x'.repeat(200)}", "y"]`);
  });

  it('are printed as 5.0 prints them', () => {
    const bytes = hex('03 616263 00');
    expect(rawJsonOf(texts)(bytes, 0, bytes.length)).toBe('["abc", ""]');
    expect(rawPlainOf(texts)(bytes, 0, bytes.length)).toBe('0361626300');
  });

  it.each([['floats', floats, '3f800000 c0000000 000000'], ['floats', floats, '3f800000 c0000000 00000000 00'], ['texts', texts, '03 6162'], ['texts', texts, '01 61'], ['texts', texts, '01 61 01 62 00'], ['texts', texts, 'ff ffffffffffffffff']])(
    'of %s with other bytes are invalid', (_name, type, text) => {
      expect(() => neutral(type, hex(text))).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
    });

  it('sort by their elements', () => {
    const compare = (type: VectorType, a: Uint8Array, b: Uint8Array) => Math.sign(comparatorOf(type)(a, 0, a.length, b, 0, b.length));
    expect(compare(floats, hex('bf800000 00000000 00000000'), hex('3f800000 00000000 00000000'))).toBe(-1);
    expect(compare(texts, hex('01 62 00'), hex('02 6161 00'))).toBe(1);
    expect(compare(texts, hex('01 61 01 62'), hex('01 61 01 62'))).toBe(0);
    expect(compare(texts, hex(''), hex('00 00'))).toBe(-1);
  });

  it('come back from their elements, of any length', () => {
    fc.assert(fc.property(fc.array(fc.string({ maxLength: 300 }), { minLength: 2, maxLength: 2 }), (words) => {
      const bytes = packVector(texts, words.map((word) => Buffer.from(word)));
      expect(JSON.parse(neutral(texts, bytes))).toEqual(words);
    }));
  });
});
