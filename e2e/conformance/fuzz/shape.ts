// Tables for random writes: few keys and few values, so that writes meet.

import type { ColumnKind, ColumnMetadata, CqlType, TableMetadata } from '@aeneas/cassandra';
import fc from 'fast-check';

/** A CQL type with its class name in SSTables, and the few values that are written. */
export interface Kind {
  readonly type: CqlType;
  readonly marshal: string;
  /** In the type's order. For a column of many cells: of its values. */
  readonly values: readonly Uint8Array[];
  /** Of a column of many cells: the names of its cells, in their order. */
  readonly paths?: readonly Uint8Array[];
}

export interface Column {
  readonly name: string;
  readonly kind: Kind;
  /** Clustering columns only. */
  readonly isDescending: boolean;
}

export interface Shape {
  readonly clustering: readonly Column[];
  /** Simple columns before those of many cells, by name. */
  readonly statics: readonly Column[];
  readonly regulars: readonly Column[];
  readonly isCounter: boolean;
}

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const texts = ['', 'a', 'ab', 'é'].map((text) => Uint8Array.from(Buffer.from(text)));
const ints = ['ffffffff', '00000000', '00000001', '0000ff80'].map(bytes);
/** Version 1, rising in time. */
const timeuuids = [1, 2, 3].map((n) => bytes(`0000000${n}000011e88000000000000001`));

const INT: Kind = { type: { kind: 'int' }, marshal: 'Int32Type', values: ints };
const BIGINT: Kind = { type: { kind: 'bigint' }, marshal: 'LongType', values: ['8000000000000000', 'ffffffffffffffff', '0000000000000000', '0000000100000000'].map(bytes) };
const TEXT: Kind = { type: { kind: 'text' }, marshal: 'UTF8Type', values: texts };
const TEXT_NOT_EMPTY: Kind = { ...TEXT, values: texts.slice(1) };
const BOOLEAN: Kind = { type: { kind: 'boolean' }, marshal: 'BooleanType', values: ['00', '01'].map(bytes) };
const MAP: Kind = { type: { kind: 'map', key: INT.type, value: TEXT.type, frozen: false }, marshal: 'MapType(Int32Type,UTF8Type)', values: texts, paths: ints };
const SET: Kind = { type: { kind: 'set', element: TEXT.type, frozen: false }, marshal: 'SetType(UTF8Type)', values: [bytes('')], paths: texts };
const LIST: Kind = { type: { kind: 'list', element: INT.type, frozen: false }, marshal: 'ListType(Int32Type)', values: ints, paths: timeuuids };
const COUNTER: Kind = { type: { kind: 'counter' }, marshal: 'CounterColumnType', values: [] };

const clusteringKind = fc.constantFrom(INT, TEXT, BIGINT);
const simpleKind = fc.constantFrom(INT, TEXT, BIGINT, BOOLEAN);
const complexKind = fc.constantFrom(MAP, SET, LIST);

const named = (prefix: string, kinds: readonly Kind[]): Column[] => kinds.map((kind, i) => ({ name: `${prefix}${i}`, kind, isDescending: false }));

export const shapes: fc.Arbitrary<Shape> = fc.record({
  clustering: fc.array(fc.tuple(clusteringKind, fc.boolean()), { maxLength: 3 }),
  statics: fc.tuple(fc.array(simpleKind, { maxLength: 2 }), fc.array(complexKind, { maxLength: 1 })),
  regulars: fc.tuple(fc.array(simpleKind, { minLength: 1, maxLength: 3 }), fc.array(complexKind, { maxLength: 2 })),
  isCounter: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
}).map(({ clustering, statics, regulars, isCounter }) => {
  const columns = (prefix: string, [simple, complex]: readonly [readonly Kind[], readonly Kind[]]): Column[] =>
    (isCounter ? named(prefix, simple.map(() => COUNTER)) : [...named(`${prefix}a`, simple), ...named(`${prefix}b`, complex)]);
  return {
    // Versions differ in where an empty value of a DESC column goes, and are refused together.
    clustering: clustering.map(([kind, isDescending], i) => ({ name: `c${i}`, kind: kind === TEXT && isDescending ? TEXT_NOT_EMPTY : kind, isDescending })),
    // Without clustering a table has no static columns.
    statics: clustering.length === 0 ? [] : columns('s', statics),
    regulars: columns('v', regulars),
    isCounter,
  };
});

export function tableOf(shape: Shape): TableMetadata {
  const column = ({ name, kind, isDescending }: Column, of: ColumnKind, position = -1): ColumnMetadata => ({ name, kind: of, type: kind.type, position, reversed: isDescending });
  return {
    keyspace: 'fuzz', name: 't',
    partitionKey: [column({ name: 'k', kind: INT, isDescending: false }, 'partition_key', 0)],
    clustering: shape.clustering.map((one, i) => column(one, 'clustering', i)),
    staticColumns: shape.statics.map((one) => column(one, 'static')),
    regularColumns: shape.regulars.map((one) => column(one, 'regular')),
    dropped: [], isStaticCompact: false, isCompact: false, isDense: false, isCompound: true, isCounter: shape.isCounter, isView: false,
    enforcesStrictLiveness: false, defaultTtlSeconds: 0,
  };
}

/** Compares clusterings, or prefixes of equal length, given as indexes of values. */
export function compareClusterings(shape: Shape, a: readonly number[], b: readonly number[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return (a[i]! - b[i]!) * (shape.clustering[i]!.isDescending ? -1 : 1);
  return 0;
}
