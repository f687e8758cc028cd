// Random writes and deletions to a table, and which SSTable each goes to.

import fc from 'fast-check';
import type { Column, Shape } from './shape.ts';

/** The moment at which tables are read: seconds since the epoch. */
export const NOW = 1_700_000_000;
const DELETED_AT = NOW - 5_000;
export const TTL = 1_000;

/** Values by their index in the shape. */
export type Clustering = readonly number[];

interface Place {
  /** Which SSTable. */
  readonly source: number;
  readonly key: number;
  readonly timestamp: number;
}
/** How a written thing stands at NOW, and when it goes. */
export interface Lasting {
  readonly state: 'live' | 'expiring' | 'expired' | 'deleted';
  /** Of expiring, expired and deleted ones: seconds since the epoch. */
  readonly goesAt: number;
}
export interface CellWrite extends Place, Lasting {
  readonly what: 'cell';
  readonly isStatic: boolean;
  /** Undefined for static cells. */
  readonly clustering: Clustering | undefined;
  readonly column: number;
  readonly path?: number;
  readonly value: number;
  /** Of a counter: which node's count, and how often that had counted. */
  readonly shard: { readonly node: number; readonly clock: number; readonly count: number };
}
export interface RowWrite extends Place, Lasting {
  readonly what: 'row';
  readonly clustering: Clustering;
}
export interface PartitionDelete extends Place { readonly what: 'delete partition' }
export interface RowDelete extends Place { readonly what: 'delete row'; readonly clustering: Clustering }
export interface RangeDelete extends Place {
  readonly what: 'delete range';
  /** Prefixes of clusterings; an empty one is open. */
  readonly from: Clustering;
  readonly to: Clustering;
  readonly fromInclusive: boolean;
  readonly toInclusive: boolean;
}
export interface ColumnDelete extends Place { readonly what: 'delete column'; readonly isStatic: boolean; readonly clustering: Clustering | undefined; readonly column: number }
export type Mutation = CellWrite | RowWrite | PartitionDelete | RowDelete | RangeDelete | ColumnDelete;

export function deletedAt(mutation: Place): number {
  return DELETED_AT + mutation.timestamp;
}

const lasting: fc.Arbitrary<Lasting> = fc.constantFrom('live' as const, 'live' as const, 'expiring' as const, 'expired' as const, 'deleted' as const)
  .chain((state) => fc.integer({ min: 0, max: 2 }).map((after) => ({
    state, goesAt: state === 'expired' ? NOW - after : state === 'deleted' ? DELETED_AT + after : NOW + 1 + after,
  })));

const place = { source: fc.integer({ min: 0, max: 3 }), key: fc.nat({ max: 1 }), timestamp: fc.integer({ min: 1, max: 4 }) };

const indexIn = (values: readonly unknown[]) => fc.integer({ min: 0, max: Math.max(0, values.length - 1) });

export function mutationsOf(shape: Shape): fc.Arbitrary<Mutation[]> {
  // A few rows, so that each is written several times.
  return fc.array(fc.tuple(...shape.clustering.map(({ kind }) => indexIn(kind.values))), { minLength: 1, maxLength: 3 })
    .chain((clusterings) => mutationsOfRows(shape, fc.constantFrom<Clustering>(...clusterings)));
}

function mutationsOfRows(shape: Shape, clustering: fc.Arbitrary<Clustering>): fc.Arbitrary<Mutation[]> {
  const prefix = fc.tuple(clustering, fc.nat({ max: shape.clustering.length })).map(([values, length]) => values.slice(0, length));
  const at = (isStatic: boolean): { clustering: fc.Arbitrary<Clustering | undefined> } => ({ clustering: isStatic ? fc.constant(undefined) : clustering });
  const cellOf = ({ kind }: Column, column: number, isStatic: boolean): fc.Arbitrary<CellWrite> => fc.record({
    what: fc.constant('cell' as const), isStatic: fc.constant(isStatic), ...place, ...at(isStatic), column: fc.constant(column), value: indexIn(kind.values),
    ...(kind.paths ? { path: indexIn(kind.paths) } : {}),
    shard: fc.record({ node: fc.nat({ max: 2 }), clock: fc.integer({ min: 1, max: 4 }), count: fc.integer({ min: -3, max: 3 }) }),
    lasting,
    // Counters do not expire.
  }).map(({ lasting: { state, goesAt }, ...cell }) => ({ ...cell, goesAt: state === 'deleted' || !shape.isCounter ? goesAt : 0, state: shape.isCounter && state !== 'deleted' ? 'live' as const : state }));
  const cells = [...shape.regulars.map((column, i) => cellOf(column, i, false)), ...shape.statics.map((column, i) => cellOf(column, i, true))];
  const complex = (columns: readonly Column[], isStatic: boolean): fc.Arbitrary<ColumnDelete>[] => columns.flatMap(({ kind }, column) =>
    (kind.paths ? [fc.record({ what: fc.constant('delete column' as const), isStatic: fc.constant(isStatic), ...place, ...at(isStatic), column: fc.constant(column) })] : []));
  const deletions: fc.Arbitrary<Mutation>[] = [
    fc.record({ what: fc.constant('delete partition' as const), ...place }),
    ...complex(shape.regulars, false), ...complex(shape.statics, true),
  ];
  if (shape.clustering.length > 0) {
    deletions.push(fc.record({ what: fc.constant('delete row' as const), ...place, clustering }));
    const range = fc.record({ what: fc.constant('delete range' as const), ...place, from: prefix, to: prefix, fromInclusive: fc.boolean(), toInclusive: fc.boolean() });
    deletions.push(range, range, range);
  }
  const rows: fc.Arbitrary<RowWrite> = fc.record({ what: fc.constant('row' as const), ...place, clustering, lasting })
    .map(({ lasting: { state, goesAt }, ...row }) => ({ ...row, goesAt, state: state === 'deleted' ? 'live' as const : state }));
  const writes = fc.oneof(...cells, ...cells, ...(shape.isCounter ? [] : [rows, rows]));
  return fc.array(fc.oneof({ weight: 4, arbitrary: writes }, { weight: 1, arbitrary: fc.oneof(...deletions) }), { minLength: 1, maxLength: 80, size: 'max' }).map(distinct);
}

/** A memtable holds one version of each thing: of two in the same SSTable the first stays. Ranges are free to overlap. */
function distinct(mutations: readonly Mutation[]): Mutation[] {
  const seen = new Set<string>();
  return mutations.filter((one) => {
    if (one.what === 'delete range') return true;
    const { what, source, key } = one;
    const name = JSON.stringify([what, source, key, 'clustering' in one ? one.clustering : '', 'column' in one ? [one.isStatic, one.column] : '', one.what === 'cell' ? one.path : '']);
    return !seen.has(name) && seen.add(name);
  });
}
