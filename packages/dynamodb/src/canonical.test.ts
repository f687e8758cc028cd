import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ItemDigest, canonicalItem, canonicalNumber } from './canonical.ts';
import type { CanonicalItem } from './canonical.ts';

const bytes = fc.uint8Array({ maxLength: 5 });
const number = fc.integer().map(String);
const values = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 },
    fc.record({ S: fc.string() }), fc.record({ N: number }), fc.record({ BOOL: fc.boolean() }), fc.constant({ NULL: true }), fc.record({ B: bytes }),
    fc.record({ SS: fc.uniqueArray(fc.string(), { minLength: 1 }) }), fc.record({ NS: fc.uniqueArray(number, { minLength: 1 }) }),
    fc.record({ L: fc.array(tie('value'), { maxLength: 3 }) }), fc.record({ M: fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }) })),
})).value;
const items = fc.dictionary(fc.string(), values, { maxKeys: 4 }) as fc.Arbitrary<CanonicalItem>;

describe('canonical items', () => {
  test('numbers have one form', () => {
    for (const [text, expected] of [['0', '0'], ['-0.00', '0'], ['100', '1E2'], ['1.50', '15E-1'], ['-0.012', '-12E-3'], ['1E+2', '1E2'], ['1.5e-7', '15E-8'], ['+7', '7E0'], ['.5', '5E-1'], ['10.', '1E1']]) {
      expect([text, canonicalNumber(text)]).toEqual([text, expected]);
    }
    fc.assert(fc.property(fc.bigInt(), fc.integer({ min: 0, max: 30 }), (n, zeros) => canonicalNumber(`${n}${n === 0n ? '' : '0'.repeat(zeros)}`) === canonicalNumber(`${n}E${zeros}`)));
  });

  test('sets, maps and binaries have one form', () => {
    expect(canonicalItem({ b: { SS: ['y', 'x'] }, a: { M: { d: { N: '1.0' }, c: { B: Uint8Array.of(1, 2) } } } }))
      .toBe(canonicalItem({ a: { M: { c: { B: 'AQI=' }, d: { N: '1' } } }, b: { SS: ['x', 'y'] } }));
    expect(canonicalItem({ a: { L: [{ N: '1' }, { N: '2' }] } })).not.toBe(canonicalItem({ a: { L: [{ N: '2' }, { N: '1' }] } }));
  });

  test('the same as DynamoDB JSON and as the SDK has it', () => {
    fc.assert(fc.property(items, (item) => {
      const json = JSON.stringify(item, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value));
      return canonicalItem(JSON.parse(json) as CanonicalItem) === canonicalItem(item);
    }));
  });

  test('sums do not depend on order or grouping, and tell items apart', () => {
    fc.assert(fc.property(fc.array(items, { maxLength: 6 }), fc.nat(), items, (list, cut, extra) => {
      const whole = new ItemDigest();
      for (const item of list) whole.add(item);
      const [left, right] = [new ItemDigest(), new ItemDigest()];
      [...list].reverse().forEach((item, i) => (i < cut % 4 ? left : right).add(item));
      left.merge(right);
      expect(left.equals(whole)).toBe(true);
      expect(ItemDigest.of(whole.items, whole.toString()).equals(whole)).toBe(true);
      left.addJson(Buffer.from('{"a":{"S":"x"}}'));
      expect(left.equals(whole)).toBe(false);
      whole.add(extra);
      expect(left.equals(whole)).toBe(canonicalItem(extra) === '{"a":{"S":"x"}}');
    }));
  });
});
