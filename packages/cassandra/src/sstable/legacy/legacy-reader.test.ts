// Atoms as 2.1 and 2.2 write them, against a model that asks of every cell what deletes it; then the cases that random ones do not meet.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atomPartition, cellAtom, compositeOf, counterAtom, deletedCellAtom, expiringCellAtom, int32, tombstoneAtom } from '../../../../../fixtures/sstable-writer/atoms.ts';
import type { AtomDeletion } from '../../../../../fixtures/sstable-writer/atoms.ts';
import { checksumOf } from '../../bytes/checksum.ts';
import { LiveRows } from '../../merge/live-rows.ts';
import { END, MARKER, PARTITION, PENDING, ROW } from '../../model/cursor.ts';
import { timestampToBigInt } from '../../model/row.ts';
import type { Row } from '../../model/row.ts';
import type { TableMetadata } from '../../model/table-metadata.ts';
import { parseCqlSchema } from '../../schema/cql-parser.ts';
import { tableOfCql } from '../../schema/cql-schema.ts';
import { DataWindow } from '../data-window.ts';
import { versionOf } from '../version.ts';
import { LegacyReader } from './legacy-reader.ts';
import { legacyLayoutOf } from './layout.ts';

const NOW = 1000;
const KEY = int32(7);
const NAME = (text: string): Uint8Array => Buffer.from(text);
const at = (timestamp: number | bigint): AtomDeletion => ({ timestamp: BigInt(timestamp), localDeletionTime: 500 });

function table(columns: string): TableMetadata {
  return tableOfCql(parseCqlSchema(`CREATE TABLE t (${columns}`, 'ks'), 'ks', 't')!;
}

/** Chunks of a few bytes: every row is met at the edge of the window. */
function readerOf(schema: TableMetadata, data: Uint8Array, chunkLength = 32): LegacyReader {
  const crcs = Uint32Array.from({ length: Math.ceil(data.length / chunkLength) }, (_, i) => checksumOf('adler32')(data.subarray(i * chunkLength, (i + 1) * chunkLength)));
  const source = {
    path: 'Data.db', size: data.length,
    read: async (into: Uint8Array, offset: number, length: number, position: number) => {
      const part = data.subarray(position, position + length);
      into.set(part, offset);
      return part.length;
    },
    close: async () => {},
  };
  const window = new DataWindow({ source, compression: undefined, checksums: { chunkLength, crcs }, checksum: 'adler32', digest: checksumOf('adler32')(data) }, 0, data.length, chunkLength);
  return new LegacyReader(window, legacyLayoutOf(schema, 'murmur3', false), { version: versionOf('ka', 'big', 'Data.db'), end: data.length, firstKey: KEY, endKey: undefined, upTo: undefined, onClose: async () => {} });
}

function cellText(schema: TableMetadata, row: Row, i: number): string {
  const bytes = Buffer.from(row.bytes.buffer, row.bytes.byteOffset);
  const hex = (start: number, end: number) => bytes.subarray(start, end).toString('hex');
  const { name } = (row.isStatic ? schema.staticColumns : schema.regularColumns)[row.cellColumn[i]];
  const path = row.pathStart[i] < 0 ? '' : `[${hex(row.pathStart[i], row.pathEnd[i])}]`;
  return `${name}${path}=${row.cellFlags[i] === 1 ? 'x' : hex(row.valueStart[i], row.valueEnd[i])}@${timestampToBigInt(row.cellHi[i], row.cellLo[i])}${row.cellTtl[i] > 0 ? `+${row.cellTtl[i]}` : ''}`;
}

/** Partition, rows and markers as short text. */
async function fragments(schema: TableMetadata, data: Uint8Array): Promise<string[]> {
  const cursor = readerOf(schema, data);
  const found: string[] = [];
  const place = (of: { bytes: Uint8Array; clusteringCount: number; clusteringStart: Int32Array; clusteringEnd: Int32Array }) => Array.from({ length: of.clusteringCount }, (_, i) =>
    of.clusteringStart[i] < 0 ? 'null' : Buffer.from(of.bytes.subarray(of.clusteringStart[i], of.clusteringEnd[i])).toString('hex')).join(' ');
  const cells = (row: Row) => Array.from({ length: row.cellCount }, (_, i) => cellText(schema, row, i));
  const complex = (row: Row) => Array.from({ length: row.complexCount }, (_, i) => `${(row.isStatic ? schema.staticColumns : schema.regularColumns)[row.complexColumn[i]].name}!${timestampToBigInt(row.complexHi[i], row.complexLo[i])}`);
  for (;;) {
    const fragment = cursor.advance();
    if (fragment === END) return found;
    if (fragment === PENDING) await cursor.fill();
    else if (fragment === PARTITION) found.push(['partition', ...(cursor.partition.hasStaticRow ? [...complex(cursor.partition.staticRow), ...cells(cursor.partition.staticRow)] : [])].join(' '));
    else if (fragment === MARKER) found.push(`marker ${cursor.marker.kind} ${place(cursor.marker)}`.trim());
    else {
      const { row } = cursor;
      found.push([place(row), ...(row.hasLiveness() ? [`live@${timestampToBigInt(row.livenessHi, row.livenessLo)}`] : []),
        ...(row.deletion.isLive() ? [] : [`deleted@${timestampToBigInt(row.deletion.hi, row.deletion.lo)}`]), ...complex(row), ...cells(row)].join(' ').trim());
    }
  }
}

const CQL = table('k int, a int, b int, m map<int, int>, v int, PRIMARY KEY (k, a, b))');

describe('random partitions', () => {
  interface Cell { readonly a: number; readonly b: number; readonly column: '' | 'm' | 'v'; readonly element: number; readonly timestamp: number }
  interface Range { readonly from: readonly number[]; readonly to: readonly number[]; readonly fromInclusive: boolean; readonly toInclusive: boolean; readonly timestamp: number; readonly isCollection: boolean }

  const small = fc.integer({ min: 0, max: 3 });
  const timestamp = fc.integer({ min: 1, max: 8 });
  const cell = fc.record({ a: small, b: small, column: fc.constantFrom('' as const, 'm' as const, 'v' as const), element: small, timestamp });
  const range = fc.record({ bounds: fc.constantFrom('row', 'prefix', 'slice', 'slices', 'collection', 'to the end'), a: small, b: small, a2: small, b2: small, fromInclusive: fc.boolean(), toInclusive: fc.boolean(), timestamp })
    .map(({ bounds, a, b, a2, b2, fromInclusive, toInclusive, timestamp: time }): Range => {
      const whole = { fromInclusive: true, toInclusive: true, timestamp: time, isCollection: false };
      const some = { fromInclusive, toInclusive, timestamp: time, isCollection: false };
      switch (bounds) {
        case 'row': return { ...whole, from: [a, b], to: [a, b] };
        case 'collection': return { ...whole, from: [a, b], to: [a, b], isCollection: true };
        case 'prefix': return { ...whole, from: [a], to: [a] };
        case 'slice': return { ...some, from: [Math.min(a, a2)], to: [Math.max(a, a2)] };
        case 'slices': return { ...some, from: [a, Math.min(b, b2)], to: [a, Math.max(b, b2)] };
        default: return { ...some, from: [a], to: [] };
      }
    });
  const isEmptyRange = ({ from, to, fromInclusive, toInclusive }: Range): boolean => from.join() === to.join() && !(fromInclusive && toInclusive);

  const nameOf = ({ a, b, column, element }: Cell): Uint8Array => compositeOf([int32(a), int32(b), NAME(column), ...(column === 'm' ? [int32(element)] : [])]);
  /** Where things stand: components, then the mark of the end of a bound. */
  const placeOf = (cellAt: Cell): (number | string)[] => [cellAt.a, cellAt.b, cellAt.column, cellAt.column === 'm' ? cellAt.element : -1];
  const startOf = ({ from, isCollection }: Range): (number | string)[] => [...from, ...(isCollection ? ['m'] : [])];

  /** A shorter place is before or after all that it is a prefix of. */
  function compare(x: readonly (number | string)[], y: readonly (number | string)[], xMark: number, yMark: number): number {
    for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] < y[i] ? -1 : 1;
    return x.length === y.length ? xMark - yMark : x.length < y.length ? (xMark <= 0 ? -1 : 1) : yMark <= 0 ? 1 : -1;
  }

  const isWithin = ({ from, to, fromInclusive, toInclusive }: Range, { a, b }: Cell): boolean =>
    compare(from, [a, b], fromInclusive ? -1 : 1, 0) < 0 && (to.length === 0 || compare(to, [a, b], toInclusive ? 1 : -1, 0) > 0);

  function atomOf(of: Range): Uint8Array {
    const extra = of.isCollection ? [NAME('m')] : [];
    const bound = (values: readonly number[], mark: number) => (values.length === 0 ? new Uint8Array(0) : compositeOf([...values.map(int32), ...extra], mark));
    return tombstoneAtom(bound(of.from, of.fromInclusive ? -1 : 1), bound(of.to, of.toInclusive ? 1 : -1), at(of.timestamp));
  }

  /** `repeats`: before which atoms the ranges that are open there are written again, as at a block of the index. */
  function dataOf(cells: readonly Cell[], ranges: readonly Range[], repeats: readonly boolean[]): Uint8Array {
    const items = [...cells.map((one) => ({ place: placeOf(one), mark: 0, atom: cellAtom(nameOf(one), BigInt(one.timestamp), one.column === '' ? new Uint8Array(0) : int32(one.timestamp)), range: undefined })),
      ...ranges.map((one) => ({ place: startOf(one), mark: one.fromInclusive ? -1 : 1, atom: atomOf(one), range: one }))].sort((x, y) => compare(x.place, y.place, x.mark, y.mark));
    const atoms: Uint8Array[] = [];
    items.forEach(({ atom, place, mark }, i) => {
      const isOpen = ({ to, toInclusive, isCollection }: Range) => to.length === 0 || compare([...to, ...(isCollection ? ['m'] : [])], place, toInclusive ? 1 : -1, mark) >= 0;
      if (repeats[i] === true) for (const before of items.slice(0, i)) if (before.range && isOpen(before.range)) atoms.push(before.atom);
      atoms.push(atom);
    });
    return atomPartition(KEY, atoms);
  }

  it('give what no deletion of theirs covers', async () => {
    await fc.assert(fc.asyncProperty(
      fc.uniqueArray(cell, { maxLength: 12, selector: (one) => placeOf(one).join() }), fc.array(range, { maxLength: 6 }), fc.array(fc.boolean(), { maxLength: 18 }),
      async (cells, drawn, repeats) => {
        const ranges = drawn.filter((one) => !isEmptyRange(one));
        const rows = new LiveRows([readerOf(CQL, dataOf(cells, ranges, repeats))], CQL, { nowSeconds: NOW, partitioner: 'murmur3' });
        const found: string[] = [];
        for (let fragment = rows.advance(); fragment !== END; fragment = rows.advance()) {
          if (fragment === PENDING) await rows.fill();
          if (fragment !== ROW) continue;
          const { row } = rows;
          const [a, b] = [0, 1].map((i) => row.bytes[row.clusteringEnd[i] - 1]);
          if (row.hasLiveness()) found.push(`${a} ${b} live@${timestampToBigInt(row.livenessHi, row.livenessLo)}`);
          for (let i = 0; i < row.cellCount; i++) found.push(`${a} ${b} ${cellText(CQL, row, i)}`);
        }
        const isDeleted = (one: Cell) => ranges.some((by) => by.timestamp >= one.timestamp && isWithin(by, one) && (!by.isCollection || one.column === 'm'));
        const expected = cells.filter((one) => !isDeleted(one)).map((one) => {
          const value = Buffer.from(int32(one.timestamp)).toString('hex');
          const shown = { '': 'live', v: `v=${value}`, m: `m[${Buffer.from(int32(one.element)).toString('hex')}]=${value}` }[one.column];
          return `${one.a} ${one.b} ${shown}@${one.timestamp}`;
        });
        expect(found.sort()).toEqual(expected.sort());
      },
    ), { numRuns: 400 });
  });
});

describe('CQL tables', () => {
  const row = (a: number, b: number, ...rest: Uint8Array[]) => compositeOf([int32(a), int32(b), ...rest]);

  it('has simple columns before multi-cell ones, whatever their names', async () => {
    const data = atomPartition(KEY, [
      cellAtom(row(1, 2, NAME('')), 5n, new Uint8Array(0)),
      tombstoneAtom(compositeOf([int32(1), int32(2), NAME('m')], -1), compositeOf([int32(1), int32(2), NAME('m')], 1), at(4)),
      cellAtom(row(1, 2, NAME('m'), int32(8)), 5n, int32(9)),
      expiringCellAtom(row(1, 2, NAME('v')), 5n, 60, 2000, int32(3)),
    ]);
    expect(await fragments(CQL, data)).toEqual(['partition', '00000001 00000002 live@5 m!4 v=00000003@5+60 m[00000008]=00000009@5']);
  });

  it('passes over cells of dropped columns, and is not tripped by a collection among them', async () => {
    const dropped = { ...CQL, dropped: [{ name: 'gone', kind: 'regular' as const, type: { kind: 'blob' as const }, droppedTimeMicros: 100n }, { name: 'v', kind: 'regular' as const, type: { kind: 'blob' as const }, droppedTimeMicros: 3n }] };
    const data = atomPartition(KEY, [
      tombstoneAtom(compositeOf([int32(1), int32(2), NAME('gone')], -1), compositeOf([int32(1), int32(2), NAME('gone')], 1), at(4)),
      cellAtom(row(1, 2, NAME('gone'), int32(8)), 5n, int32(9)),
      cellAtom(row(1, 2, NAME('v')), 4n, int32(3)),
      cellAtom(row(1, 3, NAME('v')), 3n, int32(3)),
    ]);
    expect(await fragments(dropped, data)).toEqual(['partition', '00000001 00000002 v=00000003@4']);
    await expect(fragments(CQL, data)).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
  });

  it('takes a marker that expired and was compacted for a liveness that is over', async () => {
    const data = atomPartition(KEY, [deletedCellAtom(row(1, 2, NAME('')), at(6)), deletedCellAtom(row(1, 2, NAME('v')), at(6))]);
    expect(await fragments(CQL, data)).toEqual(['partition', '00000001 00000002 live@6 v=x@6']);
  });

  it('takes the pieces of a range that was cut at a collection for all of the row', async () => {
    const bound = (mark: number, ...values: Uint8Array[]) => compositeOf(values, mark);
    const data = atomPartition(KEY, [
      tombstoneAtom(bound(-1, int32(1)), bound(-1, int32(1), int32(2), NAME('m')), at(5)),
      cellAtom(row(1, 2, NAME('')), 7n, new Uint8Array(0)),
      tombstoneAtom(bound(-1, int32(1), int32(2), NAME('m')), bound(1, int32(1), int32(2), NAME('m')), at(6)),
      cellAtom(row(1, 2, NAME('m'), int32(8)), 7n, int32(9)),
      tombstoneAtom(bound(1, int32(1), int32(2), NAME('m')), bound(1, int32(1)), at(5)),
      cellAtom(row(1, 2, NAME('v')), 4n, int32(3)),
      cellAtom(row(1, 3, NAME('v')), 5n, int32(3)),
      cellAtom(row(1, 4, NAME('v')), 6n, int32(3)),
    ]);
    const rows = (await fragments(CQL, data)).filter((line) => !line.startsWith('marker'));
    expect(rows).toEqual(['partition', '00000001 00000002 live@7 deleted@5 m!6 m[00000008]=00000009@7', '00000001 00000004 v=00000003@6']);
  });

  it('reads range tombstones that come before rows that they should follow', async () => {
    const data = atomPartition(KEY, [
      tombstoneAtom(compositeOf([int32(2)], -1), compositeOf([int32(2)], 1), at(9)),
      cellAtom(row(1, 2, NAME('v')), 4n, int32(3)),
      cellAtom(row(2, 2, NAME('v')), 4n, int32(3)),
      cellAtom(row(2, 3, NAME('v')), 10n, int32(3)),
    ]);
    expect(await fragments(CQL, data)).toEqual(['partition', '00000001 00000002 v=00000003@4', 'marker 1 00000002', '00000002 00000003 v=00000003@10', 'marker 6 00000002']);
  });

  it('knows a row by its clustering, not by the bytes of it', async () => {
    const loose = table('k int, d decimal, v int, w int, PRIMARY KEY (k, d))');
    const name = (decimal: number[], column: string) => compositeOf([Uint8Array.from(decimal), NAME(column)]);
    const data = atomPartition(KEY, [cellAtom(name([0, 0, 0, 1, 10], ''), 1n, new Uint8Array(0)), cellAtom(name([0, 0, 0, 0, 1], 'v'), 2n, int32(3)), cellAtom(name([0, 0, 0, 0, 2], 'v'), 2n, int32(3))]);
    expect(await fragments(loose, data)).toEqual(['partition', '000000010a live@1 v=00000003@2', '0000000002 v=00000003@2']);
  });

  it('reads static cells first, and counters as they are', async () => {
    const counters = table('k int, c int, s counter static, n counter, PRIMARY KEY (k, c))');
    const data = atomPartition(KEY, [counterAtom(compositeOf([new Uint8Array(0), NAME('s')], 0, true), 3n, Uint8Array.of(0, 0)), counterAtom(compositeOf([int32(1), NAME('n')]), 4n, Uint8Array.of(0, 0))]);
    expect(await fragments(counters, data)).toEqual(['partition s=0000@3', '00000001 n=0000@4']);
  });
});

describe('COMPACT STORAGE', () => {
  it('has a clustering for a name when it is dense, trailing values left out', async () => {
    const dense = table('k int, a int, b int, v int, PRIMARY KEY (k, a, b)) WITH COMPACT STORAGE');
    const data = atomPartition(KEY, [cellAtom(compositeOf([int32(1)]), 3n, int32(4)), cellAtom(compositeOf([int32(1), int32(2)]), 3n, int32(5))]);
    expect(await fragments(dense, data)).toEqual(['partition', '00000001 null v=00000004@3', '00000001 00000002 v=00000005@3']);
    const simple = table('k int, a int, v int, PRIMARY KEY (k, a)) WITH COMPACT STORAGE');
    expect(await fragments(simple, atomPartition(KEY, [cellAtom(int32(1), 3n, int32(4)), deletedCellAtom(int32(2), at(3))]))).toEqual(['partition', '00000001 v=00000004@3', '00000002 v=x@3']);
  });

  it('finds declared columns among others when it has no clustering', async () => {
    const sparse = table('k int PRIMARY KEY, b int, d int) WITH COMPACT STORAGE');
    const data = atomPartition(KEY, ['a', 'b', 'c', 'd'].map((name, i) => cellAtom(NAME(name), BigInt(i), int32(i))));
    expect(await fragments(sparse, data)).toEqual(['partition b=00000001@1 d=00000003@3', '61 value=00000000@0', '63 value=00000002@2']);
  });
});

describe('what is not understood', () => {
  const good = compositeOf([int32(1), int32(2), NAME('v')]);
  const bodyOf = (name: Uint8Array, flags: number) => {
    const atom = Uint8Array.from(cellAtom(name, 1n, int32(1)));
    atom[2 + name.length] = flags;
    return atom;
  };
  const withByte = (bytes: Uint8Array, index: number, value: number) => Uint8Array.from(bytes, (byte, i) => (i === index ? value : byte));

  it.each([
    ['flags', bodyOf(good, 0x20)],
    ['two flags at once', bodyOf(good, 0x03)],
    ['an increment of a counter', bodyOf(good, 0x08)],
    ['an end mark within a name', cellAtom(withByte(good, 6, 1), 1n, int32(1))],
    ['an end mark that is none', cellAtom(withByte(good, good.length - 1, 2), 1n, int32(1))],
    ['a component that is too long', cellAtom(withByte(good, 1, 200), 1n, int32(1))],
    ['a name without a column', cellAtom(compositeOf([int32(1), int32(2)]), 1n, int32(1))],
    ['a name with too few clustering values', cellAtom(compositeOf([int32(1)]), 1n, int32(1))],
    ['a clustering value of another length', cellAtom(compositeOf([int32(1), NAME('12345'), NAME('v')]), 1n, int32(1))],
    ['a value of another length', cellAtom(good, 1n, NAME('12345'))],
    ['an element of a single value', cellAtom(compositeOf([int32(1), int32(2), NAME('v'), int32(3)]), 1n, int32(1))],
    ['a collection without an element', cellAtom(compositeOf([int32(1), int32(2), NAME('m')]), 1n, int32(1))],
    ['a static cell of another column', cellAtom(compositeOf([new Uint8Array(0), new Uint8Array(0), NAME('v')], 0, true), 1n, int32(1))],
    ['a marker with a value', cellAtom(compositeOf([int32(1), int32(2), NAME('')]), 1n, int32(1))],
    ['a column twice', Buffer.concat([cellAtom(good, 1n, int32(1)), cellAtom(good, 2n, int32(1))])],
  ])('is an error: %s', async (_what, atom) => {
    await expect(fragments(CQL, atomPartition(KEY, [atom]))).rejects.toMatchObject({ code: 'SSTABLE_CORRUPT' });
  });
});
