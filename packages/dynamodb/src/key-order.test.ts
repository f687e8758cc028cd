// The order of encoded keys against Cassandra's comparators, and that no two keys collide, over random types and values.
// (Against the order in which real servers returned rows: see the conformance tests.)

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparatorOf } from '@aeneas/cassandra';
import type { ColumnMetadata, CqlType } from '@aeneas/cassandra';
import { KEY_SCALARS, keyTypes, valuesOf } from '../test/value-arbitraries.ts';
import { isPlainForm, keyPlanOf } from './key-plan.ts';
import type { KeyPlan } from './key-plan.ts';
import { readKeyComponents } from './key-reader.ts';
import { KeyWriter } from './key-writer.ts';

const writer = new KeyWriter();

function planOf(side: KeyPlan['side'], types: readonly { type: CqlType; reversed: boolean }[]): KeyPlan {
  const columns = types.map(({ type, reversed }, i): ColumnMetadata => ({ name: `c${i}`, kind: side === 'sort' ? 'clustering' : 'partition_key', type, position: i, reversed }));
  return keyPlanOf(side, columns, 'k', undefined);
}

function encode(plan: KeyPlan, values: readonly (Uint8Array | undefined)[]): Buffer {
  writer.begin(plan);
  values.forEach((value, i) => writer.component(plan.components[i], value ?? new Uint8Array(0), value ? 0 : -1, value?.length ?? -1));
  expect(writer.invalid).toBeUndefined();
  expect(writer.isTooLong).toBe(false);
  const key = Buffer.from(writer.bytes.subarray(0, writer.length));
  if (plan.components.every((component) => isPlainForm(component.form))) expect(JSON.stringify(key.toString())).toBe(`"${key.toString()}"`);
  return key;
}

const compare = (type: CqlType, a: Uint8Array, b: Uint8Array) => Math.sign(comparatorOf(type)(a, 0, a.length, b, 0, b.length)) + 0;

function checkOrder(type: CqlType, reversed: boolean, values: readonly Uint8Array[]): void {
  const plan = planOf('sort', [{ type, reversed }]);
  const keys = values.map((value) => encode(plan, [value]));
  for (let i = 0; i < values.length; i++) {
    for (let j = 0; j < i; j++) {
      const expected = compare(type, values[i], values[j]);
      const order = Buffer.compare(keys[i], keys[j]);
      if (order !== (reversed ? -expected : expected) + 0) {
        throw new Error(`${JSON.stringify(type)} ${Buffer.from(values[i]).toString('hex')} ${Buffer.from(values[j]).toString('hex')}: ${keys[i]} ${keys[j]}, expected ${expected}`);
      }
    }
  }
}

describe('sort keys', () => {
  for (const kind of KEY_SCALARS) {
    test(`${kind} sorts as Cassandra does, ascending and descending`, () => {
      fc.assert(fc.property(fc.array(valuesOf({ kind }), { minLength: 2, maxLength: 12 }), fc.boolean(), (values, reversed) => checkOrder({ kind }, reversed, values)), { numRuns: 300 });
    });
  }

  test('frozen collections, tuples and user types sort as Cassandra does', () => {
    const cases = keyTypes.chain((type) => fc.record({ type: fc.constant(type), values: fc.array(valuesOf(type, false), { minLength: 2, maxLength: 6 }), reversed: fc.boolean() }));
    fc.assert(fc.property(cases, ({ type, values, reversed }) => checkOrder(type, reversed, values)), { numRuns: 1500 });
  });

  test('several columns sort one after the other, nulls first', () => {
    const columns = fc.array(fc.record({ type: keyTypes, reversed: fc.boolean() }), { minLength: 2, maxLength: 3 });
    const cases = columns.chain((types) => {
      const row = fc.tuple(...types.map(({ type }, i) => (i > 0 ? fc.option(valuesOf(type, false), { nil: undefined, freq: 8 }) : valuesOf(type, false))));
      return fc.record({ types: fc.constant(types), rows: fc.array(row, { minLength: 2, maxLength: 6 }), prefix: fc.nat({ max: 2 }) });
    });
    fc.assert(fc.property(cases, ({ types, rows, prefix }) => {
      const plan = planOf('sort', types);
      // Rows that share leading values, so that later columns decide.
      const shared = rows.map((row) => row.map((value, i) => (i < prefix ? rows[0][i] : value)));
      const keys = shared.map((row) => encode(plan, row));
      for (let i = 1; i < shared.length; i++) {
        let expected = 0;
        for (let c = 0; c < types.length && expected === 0; c++) {
          const [a, b] = [shared[i][c], shared[i - 1][c]];
          if (a === undefined || b === undefined) expected = Number(b === undefined) * Number(a !== undefined) - Number(a === undefined) * Number(b !== undefined);
          else expected = compare(types[c].type, a, b) * (types[c].reversed ? -1 : 1);
        }
        expect(Buffer.compare(keys[i], keys[i - 1])).toBe(expected + 0);
        expect(Buffer.compare(Buffer.from(' !'), keys[i])).toBe(-1);
      }
    }), { numRuns: 800 });
  });

  test('come back as values that Cassandra takes for the same', () => {
    const cases = fc.record({ type: keyTypes, reversed: fc.boolean() }).chain((column) => fc.record({ column: fc.constant(column), value: valuesOf(column.type, false) }));
    fc.assert(fc.property(cases, ({ column, value }) => {
      const plan = planOf('sort', [column]);
      const [back] = readKeyComponents(plan.components, encode(plan, [value]), false);
      expect(compare(column.type, back!, value)).toBe(0);
      expect(encode(plan, [back])).toEqual(encode(plan, [value]));
    }), { numRuns: 1500 });
  });
});

describe('partition keys', () => {
  test('come back byte for byte, so no two of them collide', () => {
    const cases = fc.array(keyTypes, { minLength: 1, maxLength: 3 }).chain((types) => fc.record({ types: fc.constant(types), values: fc.tuple(...types.map((type) => valuesOf(type))) }));
    fc.assert(fc.property(cases, ({ types, values }) => {
      const plan = planOf('partition', types.map((type) => ({ type, reversed: false })));
      const back = readKeyComponents(plan.components, encode(plan, values), true);
      expect(back.map((value) => Buffer.from(value!).toString('hex'))).toEqual(values.map((value) => Buffer.from(value).toString('hex')));
    }), { numRuns: 3000 });
  });
});

test('examples of docs/MAPPING.md', () => {
  const one = (side: KeyPlan['side'], type: CqlType, value: Uint8Array | string, reversed = false) =>
    encode(planOf(side, [{ type, reversed }]), [typeof value === 'string' ? Uint8Array.from(Buffer.from(value, 'hex')) : value]).toString();
  expect(one('sort', { kind: 'text' }, new TextEncoder().encode('New York'))).toBe('New York #');
  expect(one('sort', { kind: 'text' }, '')).toBe(' #');
  expect(one('sort', { kind: 'blob' }, 'cafe')).toBe('cafe#');
  expect(one('sort', { kind: 'int' }, '0000002a')).toBe('0000000042#');
  expect(one('sort', { kind: 'int' }, 'ffffffd6')).toBe('-9999999957#');
  expect(one('sort', { kind: 'varint' }, '3039')).toBe('0005:12345#');
  expect(one('sort', { kind: 'varint' }, 'cfc7')).toBe('-9994:87654#');
  expect(one('sort', { kind: 'decimal' }, '000000023039')).toBe('10000000003:12345#');
  expect(one('sort', { kind: 'decimal' }, '00000001f4')).toBe('--9999999998:87z#');
  expect(one('partition', { kind: 'decimal' }, '0000000264')).toBe('10000000001:1s2#');
  expect(one('sort', { kind: 'double' }, '3ff0000000000000')).toBe('bff0000000000000#');
  expect(one('sort', { kind: 'inet' }, 'c0000201')).toBe('c0000201#');
  expect(one('sort', { kind: 'uuid' }, '550e8400e29b41d4a716446655440000')).toBe('4-550e8400-e29b-41d4-a716-446655440000#');
  expect(one('sort', { kind: 'uuid' }, '0242ac128c9911ee80000242ac120002')).toBe('1-11ee-8c99-0242ac12-8000-0242ac120002#');
  expect(one('partition', { kind: 'uuid' }, '550e8400e29b41d4a716446655440000')).toBe('550e8400-e29b-41d4-a716-446655440000#');
  expect(one('sort', { kind: 'list', frozen: true, element: { kind: 'int' } }, '00000002000000040000000100000004000000 02'.replace(' ', ''))).toBe('(,0000000001#,0000000002#)#');
  expect(one('sort', { kind: 'tuple', elements: [{ kind: 'text' }, { kind: 'int' }] }, '000000024e4c0000000400000001')).toBe('(+NL #+0000000001#)#');
});
