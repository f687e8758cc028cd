import { describe, expect, test } from 'vitest';
import { PARTITION, ROW } from '../model/cursor.ts';
import type { ColumnKind, ColumnMetadata, TableMetadata } from '../model/table-metadata.ts';
import { parseCqlType } from '../types/parse-cql-type.ts';
import { writeNeutralRows } from './neutral-rows.ts';
import { ScriptedCursor } from './scripted-cursor.ts';
import type { Step } from './scripted-cursor.ts';

const column = (name: string, kind: ColumnKind, type: string): ColumnMetadata => ({ name, kind, position: 0, reversed: false, type: parseCqlType(type, () => undefined) });
const TABLE: TableMetadata = {
  keyspace: 'shop', name: 'Carts', partitionKey: [column('k', 'partition_key', 'text'), column('k2', 'partition_key', 'int')],
  clustering: [column('c', 'clustering', 'int'), column('d', 'clustering', 'text')],
  staticColumns: [column('s', 'static', 'int')],
  regularColumns: [column('f', 'regular', 'frozen<list<int>>'), column('v', 'regular', 'int'), column('m"', 'regular', 'map<text, int>')],
  dropped: [], isStaticCompact: false, isCompact: false, isDense: false, isCompound: true, isCounter: false, isView: false, enforcesStrictLiveness: false, defaultTtlSeconds: 0,
};
const KEY = '0001 61 00 0004 00000007 00';

async function dump(steps: Step[], table = TABLE, frozenCollectionsHaveTimes = false): Promise<unknown[]> {
  let text = '';
  const count = await writeNeutralRows(table, new ScriptedCursor(steps), { nowSeconds: 1000, frozenCollectionsHaveTimes }, async (bytes) => {
    text += Buffer.from(bytes).toString('utf8');
  });
  const rows = text.split('\n').slice(0, -1).map((line) => JSON.parse(line) as unknown);
  expect(rows).toHaveLength(count);
  return rows;
}

describe('writeNeutralRows', () => {
  const key = { k: 'a', k2: '7' };

  test('keys, statics, cells, write times and TTLs', async () => {
    expect(await dump([
      { fragment: PARTITION, key: KEY, statics: [{ column: 0, value: '00000009', ttl: 50, localDeletionTime: 1010, timestamp: -1n }] },
      { fragment: ROW, clustering: ['00000001', ''], cells: [
        { column: 0, value: '00000001 00000004 00000005', ttl: 9, localDeletionTime: 1009 }, { column: 1, value: '', ttl: 600, localDeletionTime: 1600, timestamp: 2n ** 63n - 1n },
        { column: 2, path: '61', value: '00000001', ttl: 1, localDeletionTime: 1001 }, { column: 2, path: '62', value: '00000002' },
      ] },
      { fragment: ROW, clustering: [null, '61'] },
    ])).toEqual([
      { v: { ...key, c: '1', d: '', s: '9', f: ['5'], 'm"': [['a', '1'], ['b', '2']], v: { empty: true } }, wt: { s: '-1', v: '9223372036854775807' }, ttl: { s: 10, v: 600 } },
      { v: { ...key, d: 'a', s: '9' }, wt: { s: '-1' }, ttl: { s: 10 } },
    ]);
  });

  test('a partition of statics alone is one row, one of neither is none', async () => {
    const statics = [{ column: 0, value: '00000009' }];
    const alone = { v: { ...key, s: '9' }, wt: { s: '1600000000000001' } };
    expect(await dump([{ fragment: PARTITION, key: KEY, statics }, { fragment: PARTITION, key: KEY }, { fragment: PARTITION, key: KEY, statics }])).toEqual([alone, alone]);
    expect(await dump([{ fragment: PARTITION, key: KEY, statics }, { fragment: PARTITION, key: KEY }, { fragment: ROW, clustering: ['00000001', '61'] }])).toEqual([alone, { v: { ...key, c: '1', d: 'a' } }]);
    expect(await dump([])).toEqual([]);
  });

  test('frozen collections have a write time where the server gives one', async () => {
    const steps: Step[] = [{ fragment: PARTITION, key: KEY }, { fragment: ROW, clustering: ['00000001', ''], cells: [{ column: 0, value: '00000000' }] }];
    expect(await dump(steps)).toEqual([{ v: { ...key, c: '1', d: '', f: [] } }]);
    expect(await dump(steps, TABLE, true)).toEqual([{ v: { ...key, c: '1', d: '', f: [] }, wt: { f: '1600000000000001' } }]);
  });

  test('cells of a column that CQL does not show are left out', async () => {
    const steps: Step[] = [{ fragment: PARTITION, key: KEY }, { fragment: ROW, clustering: ['00000001', ''], cells: [{ column: 0, value: '' }] }];
    expect(await dump(steps, { ...TABLE, regularColumns: [] })).toEqual([{ v: { ...key, c: '1', d: '' } }]);
  });

  test('a value that does not fit its type is an error that names its place', async () => {
    const rows: Step[] = [{ fragment: PARTITION, key: KEY }, { fragment: ROW, clustering: ['00000001', ''], cells: [{ column: 1, value: '00' }] }];
    await expect(dump(rows)).rejects.toThrow(expect.objectContaining({ code: 'VALUE_INVALID', message: expect.stringMatching(/in v of shop\."Carts", partition key 0x0001610000040000000700$/) }));
    await expect(dump([{ fragment: PARTITION, key: '0001 61 00' }])).rejects.toThrow(expect.objectContaining({ code: 'VALUE_INVALID', message: expect.stringContaining('composite of 2') }));
    await expect(dump([{ fragment: PARTITION, key: `${KEY} 00` }])).rejects.toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }));
  });

  test('many rows come in chunks', async () => {
    let count = 0;
    let largest = 0;
    const steps: Step[] = [{ fragment: PARTITION, key: KEY }, ...Array.from({ length: 5000 }, (): Step => ({ fragment: ROW, clustering: ['00000001', '61'.repeat(30)] }))];
    await writeNeutralRows(TABLE, new ScriptedCursor(steps), { nowSeconds: 0, frozenCollectionsHaveTimes: false }, (bytes) => {
      largest = Math.max(largest, bytes.length);
      count += Buffer.from(bytes).toString('utf8').split('\n').length - 1;
    });
    expect(count).toBe(5000);
    expect(largest).toBeLessThanOrEqual(131_072);
  });
});
