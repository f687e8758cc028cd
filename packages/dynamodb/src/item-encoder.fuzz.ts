// Any bytes as values of any type: an item that is JSON and has the size it says, or a rejection; never an exception, never a partial line.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { END, ROW, PARTITION } from '@aeneas/cassandra';
import type { CqlType } from '@aeneas/cassandra';
import { TestRows, int, tableOf } from '../test/live-rows.ts';
import { keyTypes, valuesOf } from '../test/value-arbitraries.ts';
import { ItemEncoder } from './item-encoder.ts';
import { planTable } from './table-plan.ts';

interface Attribute {
  S?: string; N?: string; B?: string; BOOL?: boolean; NULL?: boolean; L?: Attribute[]; M?: Record<string, Attribute>; SS?: string[]; NS?: string[]; BS?: string[];
}

/** The size rules of the developer guide, on the finished JSON. */
function sizeOf(attribute: Attribute): number {
  if (attribute.S !== undefined) return Buffer.byteLength(attribute.S);
  if (attribute.N !== undefined) return numberSize(attribute.N);
  if (attribute.B !== undefined) return Buffer.from(attribute.B, 'base64').length;
  if (attribute.L !== undefined) return 3 + attribute.L.reduce((sum, element) => sum + 1 + sizeOf(element), 0);
  if (attribute.M !== undefined) return 3 + Object.entries(attribute.M).reduce((sum, [name, element]) => sum + 1 + Buffer.byteLength(name) + sizeOf(element), 0);
  if (attribute.SS) return attribute.SS.reduce((sum, member) => sum + Buffer.byteLength(member), 0);
  if (attribute.NS) return attribute.NS.reduce((sum, member) => sum + numberSize(member), 0);
  if (attribute.BS) return attribute.BS.reduce((sum, member) => sum + Buffer.from(member, 'base64').length, 0);
  return 1;
}

/** Pairs of digits around the point of the number written out. */
function numberSize(text: string): number {
  const [mantissa, exponent = '0'] = text.replace('-', '').toLowerCase().split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  let digits = `${'0'.repeat(400)}${whole}${fraction}${'0'.repeat(400)}`;
  const point = 400 + whole.length + Number(exponent);
  digits = `${point % 2 === 1 ? '0' : ''}${digits}`;
  const pairs = (digits.length % 2 === 1 ? `${digits}0` : digits).match(/../g)!;
  const used = pairs.map((pair, i) => (pair === '00' ? -1 : i)).filter((i) => i >= 0);
  if (used.length === 0) return 1;
  return Math.min(21, 1 + used.at(-1)! - used[0] + 1 + (text.startsWith('-') ? 1 : 0));
}

/** Fewer after parsing where a map's bytes repeat a key, as no server writes them: then sizes cannot be compared. */
const valuesIn = (json: string) => json.match(/\{"(?:S|N|B|BOOL|NULL|L|M|SS|NS|BS)":/g)!.length;

/** As a column has them: collections and user types also of many cells. */
const columnTypes = fc.tuple(keyTypes, fc.boolean()).map(([type, frozen]): CqlType => (frozen || !('frozen' in type) ? type : { ...type, frozen: false }));

const rotten = (value: fc.Arbitrary<Uint8Array>) => fc.oneof(value, fc.uint8Array({ maxLength: 40 }),
  fc.tuple(value, fc.nat(), fc.nat({ max: 255 })).map(([bytes, at, byte]) => bytes.map((old, i) => (i === at % Math.max(1, bytes.length) ? byte : old))),
  fc.tuple(value, fc.nat()).map(([bytes, length]) => bytes.slice(0, length % (bytes.length + 1))));

const cases = columnTypes.chain((type) => fc.record({
  type: fc.constant(type),
  asString: fc.boolean(),
  profile: fc.constantFrom('native' as const, 'dms' as const),
  values: fc.array(fc.record({ value: rotten(valuesOf(type)), path: rotten(fc.oneof(fc.constant(Uint8Array.of(0, 0)), valuesOf(type.kind === 'map' ? type.key : type.kind === 'set' ? type.element : { kind: 'timeuuid' }))) }), { maxLength: 3 }),
}));

test('any bytes in any type', () => {
  let items = 0, rejected = 0;
  fc.assert(fc.property(cases, ({ type, asString, profile, values }) => {
    const isMultiCell = 'frozen' in type && !type.frozen;
    const table = tableOf({ partition: [['id', { kind: 'int' }]], regular: [['c', type]] });
    const encoder = new ItemEncoder(planTable(table, { rules: [{ table: '*.*', profile, ...(asString ? { onUnrepresentable: 'string' } : {}) }] }));
    const cells = isMultiCell ? values.map(({ value, path }) => ({ column: 0, value, path })) : values.slice(0, 1).map(({ value }) => ({ column: 0, value }));
    const rows = new TestRows([{ key: int(1), rows: [{ cells }] }]);
    expect(rows.advance()).toBe(PARTITION);
    encoder.startPartition(rows.partition);
    expect(rows.advance()).toBe(ROW);
    if (encoder.encodeRow(rows.row)) {
      items++;
      const item = JSON.parse(encoder.out.toString()) as Record<string, Attribute>;
      expect(Object.keys(item)).toEqual([...(profile === 'dms' ? ['pk'] : []), 'id', ...(cells.length > 0 ? ['c'] : [])]);
      if (profile === 'dms') expect(Object.keys(item['c'] ?? { S: '' }).filter((kind) => !['S', 'N', 'BOOL'].includes(kind))).toEqual([]);
      if (valuesIn(JSON.stringify(item)) === valuesIn(encoder.out.toString())) {
        expect([item, encoder.itemSize]).toEqual([item, Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0)]);
      }
    } else {
      rejected++;
      expect(encoder.out.length).toBe(0);
      expect(JSON.parse(encoder.rejectedLine(rows.row))).toMatchObject({ table: 'ks.things', column: 'c', key: { id: '1' } });
    }
    expect(rows.advance()).toBe(END);
  }), { numRuns: 4000 });
  expect(items).toBeGreaterThan(500);
  expect(rejected).toBeGreaterThan(500);
});

const keyColumns = fc.array(keyTypes.chain((type) => fc.record({ type: fc.constant(type), value: fc.oneof({ weight: 3, arbitrary: valuesOf(type) }, { weight: 1, arbitrary: rotten(valuesOf(type)) }) })), { minLength: 1, maxLength: 2 });

test('any bytes in any key', () => {
  let items = 0, rejected = 0;
  fc.assert(fc.property(keyColumns, keyColumns, fc.boolean(), ([first, ...more], clustering, isDesc) => {
    const table = tableOf({
      partition: [first, ...more].map(({ type }, i) => [`p${i}`, type]),
      clustering: clustering.map(({ type }, i) => (isDesc ? [`c${i}`, type, 'desc'] : [`c${i}`, type])),
    });
    const key = more.length === 0 ? first.value : Buffer.concat([first, ...more].flatMap(({ value }) => [Uint8Array.of(value.length >> 8, value.length & 255), value, Uint8Array.of(0)]));
    const encoder = new ItemEncoder(planTable(table, { rules: [] }));
    const rows = new TestRows([{ key, rows: [{ clustering: clustering.map(({ value }) => value), cells: [] }] }]);
    rows.advance();
    encoder.startPartition(rows.partition);
    rows.advance();
    if (encoder.encodeRow(rows.row)) {
      items++;
      const { bytes } = encoder.out;
      const item = JSON.parse(encoder.out.toString()) as Record<string, Attribute>;
      const keys = JSON.parse(`${Buffer.from(bytes.subarray(0, encoder.keyEnd)).toString()}}`) as Record<string, Attribute>;
      const names = [encoder.plan.partitionKey.attribute, encoder.plan.sortKey!.attribute];
      expect(Object.keys(keys)).toEqual(names);
      expect(keys).toEqual(Object.fromEntries(names.map((name) => [name, item[name]])));
    } else {
      rejected++;
      expect(JSON.parse(encoder.rejectedLine(rows.row))).toMatchObject({ table: 'ks.things', reason: expect.any(String) as string });
    }
  }), { numRuns: 3000 });
  expect(items).toBeGreaterThan(500);
  expect(rejected).toBeGreaterThan(200);
});
