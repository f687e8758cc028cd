// The shape of single fragments; whole files are compared with sstabledump itself in e2e/conformance.

import { describe, expect, test } from 'vitest';
import { BOUND_EXCL_END, BOUND_EXCL_END_INCL_START, BOUND_EXCL_START, BOUND_INCL_END, BOUND_INCL_END_EXCL_START, BOUND_INCL_START, MARKER, PARTITION, ROW } from '../model/cursor.ts';
import type { ColumnKind, ColumnMetadata, TableMetadata } from '../model/table-metadata.ts';
import { parseMarshalType } from '../types/parse-marshal-type.ts';
import { writeRawPartitions } from './raw.ts';
import { MICROS, ScriptedCursor } from './scripted-cursor.ts';
import type { Step } from './scripted-cursor.ts';

const column = (name: string, kind: ColumnKind, type: string): ColumnMetadata => ({ name, kind, position: 0, reversed: false, type: parseMarshalType(type).type });
const TABLE: TableMetadata = {
  keyspace: '', name: '', partitionKey: [column('key0', 'partition_key', 'DoubleType'), column('key1', 'partition_key', 'UTF8Type')],
  clustering: [column('c', 'clustering', 'Int32Type'), column('d', 'clustering', 'UTF8Type')],
  staticColumns: [column('s', 'static', 'Int32Type')],
  regularColumns: [
    column('select', 'regular', 'Int32Type'), column('v', 'regular', 'Int32Type'), column('l', 'regular', 'ListType(UTF8Type)'), column('m', 'regular', 'MapType(DecimalType,Int32Type)'),
    column('set', 'regular', 'SetType(UTF8Type)'), column('u', 'regular', `UserType(k,75,${Buffer.from('F').toString('hex')}:Int32Type,62:UTF8Type)`),
  ],
  dropped: [], isStaticCompact: false, isCompact: false, isDense: false, isCompound: true, isCounter: false, isView: false, enforcesStrictLiveness: false, defaultTtlSeconds: 0,
};
const KEY = '0008 3ff0000000000000 00 0001 61 00';
const TSTAMP = '2020-09-13T12:26:40.000001Z';
const DELETED = { timestamp: MICROS, seconds: 1_600_000_000 };
const DELETION = { marked_deleted: TSTAMP, local_delete_time: '2020-09-13T12:26:40Z' };

async function dump(steps: Step[]): Promise<unknown[]> {
  let text = '';
  await writeRawPartitions(TABLE, new ScriptedCursor(steps), { nowSeconds: 1000, dataLength: 999 }, (bytes) => {
    text += Buffer.from(bytes).toString('utf8');
  });
  return text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown);
}
const rowsOf = async (steps: Step[]) => ((await dump([{ fragment: PARTITION, key: KEY }, ...steps]))[0] as { rows: unknown[] }).rows;
const partition = (position: number, rows: unknown[], more = {}) => ({ partition: { key: ['1.0', 'a'], position, ...more }, rows });
const VALUE = { column: 1, value: '00000001' };
const CELL = { name: 'v', value: 1, tstamp: TSTAMP };

describe('writeRawPartitions', () => {
  test('the first row and the static row get the place where the first row ends', async () => {
    const statics = [{ column: 0, value: '00000009' }];
    const staticBlock = (position: number) => ({ type: 'static_block', position, cells: [{ name: 's', value: 9, tstamp: TSTAMP }] });
    const row = (position: number, endPosition: number): Step => ({ fragment: ROW, clustering: ['00000001', ''], position, endPosition, cells: [VALUE] });
    const shown = (position: number) => ({ type: 'row', position, clustering: [1, ''], cells: [CELL] });
    const marker: Step = { fragment: MARKER, kind: BOUND_INCL_START, clustering: [], opens: DELETED, endPosition: 150 };
    const bound = { type: 'range_tombstone_bound', start: { type: 'inclusive', deletion_info: DELETION } };
    expect(await dump([
      { fragment: PARTITION, key: KEY, position: 0, statics }, row(50, 60), row(60, 70), row(70, 80),
      { fragment: PARTITION, key: KEY, position: 81 }, row(90, 99),
      { fragment: PARTITION, key: KEY, position: 100, statics }, marker, row(150, 160),
      { fragment: PARTITION, key: KEY, position: 200, deletion: DELETED },
      { fragment: PARTITION, key: KEY, position: 300, statics },
      { fragment: PARTITION, key: KEY, position: 400, statics },
    ])).toEqual([
      partition(0, [staticBlock(60), shown(60), shown(60), shown(70)]),
      partition(81, [shown(99)]),
      partition(100, [staticBlock(150), bound, shown(150)]),
      partition(200, [], { deletion_info: DELETION }),
      partition(300, [staticBlock(400)]),
      partition(400, [staticBlock(999)]),
    ]);
  });

  test('liveness, and what cells have in common with it', async () => {
    const base = { fragment: ROW, clustering: ['00000001', null], endPosition: 7 } as const;
    const rows = await rowsOf([
      { ...base, liveness: { timestamp: MICROS }, cells: [VALUE] },
      { ...base, liveness: { timestamp: MICROS, ttl: 60, expiry: 1000 }, cells: [{ ...VALUE, ttl: 60, localDeletionTime: 1000 }] },
      { ...base, liveness: { timestamp: MICROS, ttl: 60, expiry: 999 }, cells: [{ ...VALUE, ttl: 61, localDeletionTime: 1000, timestamp: MICROS + 1n }] },
      { ...base, deletion: DELETED, cells: [{ ...VALUE, isDeleted: true, localDeletionTime: 5 }] },
      { ...base, deletion: DELETED },
    ]) as object[];
    expect(rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !['type', 'position'].includes(name))))).toEqual([
      { clustering: [1, null], liveness_info: { tstamp: TSTAMP }, cells: [{ name: 'v', value: 1 }] },
      { clustering: [1, null], liveness_info: { tstamp: TSTAMP, ttl: 60, expires_at: '1970-01-01T00:16:40Z', expired: false }, cells: [{ name: 'v', value: 1 }] },
      {
        clustering: [1, null], liveness_info: { tstamp: TSTAMP, ttl: 60, expires_at: '1970-01-01T00:16:39Z', expired: true },
        cells: [{ name: 'v', value: 1, tstamp: '2020-09-13T12:26:40.000002Z', ttl: 61, expires_at: '1970-01-01T00:16:40Z', expired: true }],
      },
      { clustering: [1, null], deletion_info: DELETION, cells: [{ name: 'v', deletion_info: { local_delete_time: '1970-01-01T00:00:05Z' }, tstamp: TSTAMP }] },
      { clustering: [1, null], deletion_info: DELETION, cells: [] },
    ]);
  });

  test('multi-cell columns: deletions first, paths as text, sets without values, fields by name', async () => {
    const uuid = '00112233445510778899aabbccddeeff';
    const [row] = await rowsOf([{
      fragment: ROW, clustering: ['00000001', '61'],
      complex: [{ column: 2, ...DELETED }, { column: 4, ...DELETED }, { column: 5, ...DELETED }],
      cells: [
        { column: 0, value: '00000001' }, { column: 2, path: uuid, value: '61' }, { column: 3, path: '00000002 64', value: '00000001' }, { column: 4, path: '61', value: '' }, { column: 4, path: '', value: '' },
        { column: 5, path: '0001', value: '62' }, { column: 5, path: '0000', value: '', isDeleted: true, localDeletionTime: 5 },
      ],
    }]) as { cells: { tstamp?: string }[] }[];
    expect(row.cells.map(({ tstamp: _tstamp, ...cell }) => cell)).toEqual([
      { name: '"select"', value: 1 },
      { name: 'l', deletion_info: DELETION }, { name: 'l', path: ['00112233-4455-1077-8899-aabbccddeeff'], value: 'a' },
      { name: 'm', path: ['1.00'], value: 1 },
      { name: '"set"', deletion_info: DELETION }, { name: '"set"', path: ['a'], value: '' }, { name: '"set"', path: [''], value: '' },
      { name: 'u', deletion_info: DELETION }, { name: 'u', path: ['b'], value: 'b' }, { name: 'u', path: ['F'], deletion_info: { local_delete_time: '1970-01-01T00:00:05Z' } },
    ]);
    const [alone] = await rowsOf([{ fragment: ROW, clustering: ['00000001', '61'], complex: [{ column: 2, ...DELETED }] }]) as { cells: unknown[] }[];
    expect(alone.cells).toEqual([{ name: 'l', deletion_info: DELETION }]);
  });

  test('bounds and boundaries', async () => {
    const other = { timestamp: MICROS - 1n, seconds: 5 };
    const OTHER = { marked_deleted: '2020-09-13T12:26:40Z', local_delete_time: '1970-01-01T00:00:05Z' };
    const mark = (kind: number): Step => ({ fragment: MARKER, kind, clustering: ['00000001'], opens: DELETED, closes: other, endPosition: 1 });
    const start = (type: string) => ({ start: { type, clustering: [1, '*'], deletion_info: DELETION } });
    const end = (type: string) => ({ end: { type, clustering: [1, '*'], deletion_info: OTHER } });
    expect(await rowsOf([BOUND_INCL_START, BOUND_EXCL_START, BOUND_INCL_END, BOUND_EXCL_END, BOUND_EXCL_END_INCL_START, BOUND_INCL_END_EXCL_START].map(mark))).toEqual([
      { type: 'range_tombstone_bound', ...start('inclusive') }, { type: 'range_tombstone_bound', ...start('exclusive') },
      { type: 'range_tombstone_bound', ...end('inclusive') }, { type: 'range_tombstone_bound', ...end('exclusive') },
      { type: 'range_tombstone_boundary', ...start('inclusive'), ...end('exclusive') }, { type: 'range_tombstone_boundary', ...start('exclusive'), ...end('inclusive') },
    ]);
  });

  test('a value that does not fit its type is an error that names its place', async () => {
    await expect(rowsOf([{ fragment: ROW, clustering: ['00000001', 'ff'], cells: [] }])).rejects.toThrow(expect.objectContaining({
      code: 'VALUE_INVALID', message: expect.stringContaining('partition key 0x00083ff00000000000000000016100'),
    }));
  });

  test('a cell larger than a chunk comes in one piece, and memory is used again for small ones', async () => {
    const long = '61'.repeat(200_000);
    const rows = await rowsOf([
      ...Array.from({ length: 3000 }, (): Step => ({ fragment: ROW, clustering: ['00000001', '61'.repeat(50)], cells: [VALUE] })),
      { fragment: ROW, clustering: ['00000001', long] },
    ]) as { clustering: unknown[] }[];
    expect(rows).toHaveLength(3001);
    expect(rows[3000].clustering[1]).toBe('a'.repeat(200_000));
    expect(new Set(rows.slice(0, 3000).map((row) => JSON.stringify({ ...row, position: 0 }))).size).toBe(1);
  });
});
