import { describe, expect, it } from 'vitest';
import type { ColumnMetadata } from '../model/table-metadata.ts';
import type { CqlType, SetType } from '../types/cql-type.ts';
import { buildTable, cqlView } from './table-builder.ts';
import type { StorageFlags, TableParts } from './table-builder.ts';

const CQL: StorageFlags = { isDense: false, isCompound: true, isCounter: false, isSuper: false };
const TEXT: CqlType = { kind: 'text' };
const SET: SetType = { kind: 'set', element: TEXT, frozen: false };

const column = (name: string, kind: ColumnMetadata['kind'], position = -1, type: CqlType = TEXT): ColumnMetadata => ({ name, kind, type, position, reversed: false });
const parts = (columns: readonly ColumnMetadata[], flags = CQL): TableParts =>
  ({ keyspace: 'k', name: 't', columns, dropped: [], flags, baseKey: undefined, defaultTtlSeconds: 0 });
const names = (columns: readonly ColumnMetadata[]): string[] => columns.map(({ name }) => name);

describe('buildTable', () => {
  it('puts columns into storage order', () => {
    const table = buildTable(parts([
      column('r', 'regular'), column('Z', 'regular', -1, SET), column('A', 'regular', -1, SET), column('a', 'regular', -1, { ...SET, frozen: true }), column('é', 'regular'), column('B', 'regular'),
      column('c2', 'clustering', 1), column('c1', 'clustering', 0), column('p2', 'partition_key', 1), column('p1', 'partition_key', 0), column('s', 'static'),
    ]));
    expect(names(table.partitionKey)).toEqual(['p1', 'p2']);
    expect(names(table.clustering)).toEqual(['c1', 'c2']);
    expect(names(table.staticColumns)).toEqual(['s']);
    // Multi-cell ones last; a name that begins outside ASCII first: see compareColumnNames.
    expect(names(table.regularColumns)).toEqual(['é', 'B', 'a', 'r', 'A', 'Z']);
  });

  it('refuses what cannot be a table', () => {
    const key = column('p', 'partition_key', 0);
    for (const [columns, flags, what] of [
      [[], CQL, 'Table k.t has no partition key column'],
      [[key, column('q', 'partition_key', 2)], CQL, 'has key columns at positions 0, 2'],
      [[key, column('p', 'regular')], CQL, 'has two columns "p"'],
      [[key], { ...CQL, isCompound: false }, 'is compact but has no clustering column'],
    ] as const) expect(() => buildTable(parts(columns, flags))).toThrow(what);
  });
});

describe('cqlView', () => {
  it('shows a static compact table\'s stored static columns as its regular ones, with their ordinals', () => {
    const stored = buildTable(parts([
      column('p', 'partition_key', 0), column('column1', 'clustering', 0), column('value', 'regular', -1, { kind: 'blob' }), column('b', 'static'), column('a', 'static'),
    ], { ...CQL, isCompound: false }));
    const view = cqlView(stored);
    expect(view).toMatchObject({ clustering: [], staticColumns: [], isStaticCompact: false, isCompact: true });
    expect(names(view.regularColumns)).toEqual(names(stored.staticColumns));
    expect(view.regularColumns.every(({ kind }) => kind === 'regular')).toBe(true);
    expect(cqlView(view)).toEqual(view);
  });

  it('hides the value that a dense table has to have', () => {
    const dense = (type: CqlType) => buildTable(parts([column('p', 'partition_key', 0), column('c', 'clustering', 0), column('value', 'regular', -1, type)], { ...CQL, isDense: true, isCompound: false }));
    expect(cqlView(dense({ kind: 'empty' })).regularColumns).toEqual([]);
    expect(names(cqlView(dense({ kind: 'text' })).regularColumns)).toEqual(['value']);
  });

  it('leaves other tables as they are', () => {
    const table = buildTable(parts([column('p', 'partition_key', 0), column('a', 'regular')]));
    expect(cqlView(table)).toBe(table);
  });
});
