// The CQL types as one closed set of plain objects. `frozen` matters for storage: a collection or UDT that is not frozen
// is "multi-cell": its elements are cells of their own, with their own timestamps and deletions.

/** Types without parameters, under their CQL names (varchar is text; `empty` is EmptyType, the value type of dense tables without one). */
export const SCALAR_NAMES = [
  'ascii', 'bigint', 'blob', 'boolean', 'counter', 'date', 'decimal', 'double', 'duration', 'float', 'inet', 'int', 'smallint',
  'text', 'time', 'timestamp', 'timeuuid', 'tinyint', 'uuid', 'varint', 'empty',
] as const;
export type ScalarName = (typeof SCALAR_NAMES)[number];

/** Retired marshal classes of timestamps and UUIDs: the same bytes in another order (unsigned bytes; signed 64-bit halves). */
export type LegacyOrder = 'DateType' | 'LexicalUUIDType';

export interface ScalarType { readonly kind: ScalarName; readonly legacyOrder?: LegacyOrder }
export interface ListType { readonly kind: 'list'; readonly element: CqlType; readonly frozen: boolean }
export interface SetType { readonly kind: 'set'; readonly element: CqlType; readonly frozen: boolean }
export interface MapType { readonly kind: 'map'; readonly key: CqlType; readonly value: CqlType; readonly frozen: boolean }
/** A tuple is always frozen. */
export interface TupleType { readonly kind: 'tuple'; readonly elements: readonly CqlType[] }
/** Of a given number of elements; always frozen. */
export interface VectorType { readonly kind: 'vector'; readonly element: CqlType; readonly dimension: number }
export interface UdtField { readonly name: string; readonly type: CqlType }
export interface UdtType { readonly kind: 'udt'; readonly keyspace: string; readonly name: string; readonly fields: readonly UdtField[]; readonly frozen: boolean }
/** A type where it may be sorted: descending clustering columns are ReversedType(...) in marshal class strings. */
export interface OrderedType { readonly type: CqlType; readonly reversed: boolean }
/** CompositeType: a partition key of several columns, or a custom type made with Thrift. `className` is its whole marshal class string. */
export interface CompositeType { readonly kind: 'composite'; readonly elements: readonly CqlType[]; readonly reversed: readonly boolean[]; readonly className: string }
/**
 * A marshal class without a CQL name (DynamicCompositeType, PartitionerDefinedOrder, ColumnToCollectionType): its bytes are kept as
 * they are. `aliases` are a DynamicCompositeType's, by their character code.
 */
export interface CustomType { readonly kind: 'custom'; readonly className: string; readonly aliases?: ReadonlyMap<number, OrderedType> }

export type CqlType = ScalarType | ListType | SetType | MapType | TupleType | VectorType | UdtType | CompositeType | CustomType;

/** True when the elements of a column of this type are stored as cells of their own. */
export function isMultiCell(type: CqlType): boolean {
  return (type.kind === 'list' || type.kind === 'set' || type.kind === 'map' || type.kind === 'udt') && !type.frozen;
}

/**
 * The type as the inside of a frozen one has it: nothing inside a collection, tuple or user type is ever multi-cell, whether the
 * text says frozen or not.
 */
export function frozen(type: CqlType): CqlType {
  return isMultiCell(type) ? { ...(type as ListType | SetType | MapType | UdtType), frozen: true } : type;
}
