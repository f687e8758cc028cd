// The CQL types as one closed set of plain objects. `frozen` matters for storage: a collection or UDT that is not frozen
// is "multi-cell": its elements are cells of their own, with their own timestamps and deletions.

/** Types without parameters, under their CQL names (varchar is text; `empty` is EmptyType, the value type of dense tables without one). */
export const SCALAR_NAMES = [
  'ascii', 'bigint', 'blob', 'boolean', 'counter', 'date', 'decimal', 'double', 'duration', 'float', 'inet', 'int', 'smallint',
  'text', 'time', 'timestamp', 'timeuuid', 'tinyint', 'uuid', 'varint', 'empty',
] as const;
export type ScalarName = (typeof SCALAR_NAMES)[number];

export interface ScalarType { readonly kind: ScalarName }
export interface ListType { readonly kind: 'list'; readonly element: CqlType; readonly frozen: boolean }
export interface SetType { readonly kind: 'set'; readonly element: CqlType; readonly frozen: boolean }
export interface MapType { readonly kind: 'map'; readonly key: CqlType; readonly value: CqlType; readonly frozen: boolean }
/** A tuple is always frozen. */
export interface TupleType { readonly kind: 'tuple'; readonly elements: readonly CqlType[] }
export interface UdtField { readonly name: string; readonly type: CqlType }
export interface UdtType { readonly kind: 'udt'; readonly keyspace: string; readonly name: string; readonly fields: readonly UdtField[]; readonly frozen: boolean }
/** A marshal class without a CQL name (CompositeType, DynamicCompositeType, PartitionerDefinedOrder...): its bytes are kept as they are. */
export interface CustomType { readonly kind: 'custom'; readonly className: string }

export type CqlType = ScalarType | ListType | SetType | MapType | TupleType | UdtType | CustomType;

/** True when the elements of a column of this type are stored as cells of their own. */
export function isMultiCell(type: CqlType): boolean {
  return (type.kind === 'list' || type.kind === 'set' || type.kind === 'map' || type.kind === 'udt') && !type.frozen;
}
