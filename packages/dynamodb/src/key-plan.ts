// How the key sides of a table become key attributes: native or encoded (docs/MAPPING.md, "Keys").

import { VectorElements } from '@aeneas/cassandra';
import type { ColumnMetadata, CqlType, ScalarName, TableMetadata, VectorType } from '@aeneas/cassandra';

export type KeyAttributeType = 'S' | 'N' | 'B';

/** One key attribute of the target table. */
export interface KeyPlan {
  readonly attribute: string;
  readonly type: KeyAttributeType;
  /** The column's own attribute, or one that is synthesized from all columns of the side. */
  readonly isNative: boolean;
  readonly side: 'partition' | 'sort';
  readonly components: readonly KeyComponent[];
}

/** A column in a key. */
export interface KeyComponent {
  readonly column: ColumnMetadata;
  readonly form: KeyForm;
  readonly reversed: boolean;
}

/** The shape of a component's body; every distinction that its type or side makes. */
export type KeyForm =
  | { readonly kind: 'text'; readonly ascii: boolean }
  | { readonly kind: 'hex' | 'varint' | 'decimal' | 'boolean' | 'timestamp' | 'date' | 'time' | 'inet' | 'uuid' | 'timeuuid' | 'uuid-text' | 'legacy-uuid' }
  | { readonly kind: 'float'; readonly bytes: 4 | 8 }
  | { readonly kind: 'integer'; readonly bytes: 1 | 2 | 4 | 8; readonly digits: number }
  | { readonly kind: 'sequence'; readonly parts: readonly KeyForm[] }
  | { readonly kind: 'fields'; readonly parts: readonly KeyForm[] }
  | { readonly kind: 'vector'; readonly parts: readonly [KeyForm]; readonly type: VectorType; readonly elements: VectorElements };

/** Reserved, lower than every encoded sort key. */
export const STATIC_SORT_KEY = ' !';

const NATIVE_TYPES: Partial<Record<CqlType['kind'], KeyAttributeType>> = {
  text: 'S', ascii: 'S', blob: 'B', tinyint: 'N', smallint: 'N', int: 'N', bigint: 'N', timestamp: 'N',
};

/** The attribute type that a side has in native form; undefined where it must be encoded. */
export function nativeTypeOf(columns: readonly ColumnMetadata[], side: KeyPlan['side'], table: TableMetadata): KeyAttributeType | undefined {
  if (columns.length !== 1 || (side === 'sort' && table.staticColumns.length > 0)) return undefined;
  const { type } = columns[0];
  // A clustering in the order of the retired DateType: negative timestamps come last, which N does not have.
  if (side === 'sort' && 'legacyOrder' in type && type.legacyOrder !== undefined) return undefined;
  return NATIVE_TYPES[type.kind];
}

/** The key plan of a side whose attribute name and form are decided. */
export function keyPlanOf(side: KeyPlan['side'], columns: readonly ColumnMetadata[], attribute: string, nativeType: KeyAttributeType | undefined): KeyPlan {
  const components = columns.map((column): KeyComponent => {
    const reversed = side === 'sort' && column.reversed;
    return { column, reversed, form: keyFormOf(column.type, side, reversed) };
  });
  return { attribute, type: nativeType ?? 'S', isNative: nativeType !== undefined, side, components };
}

const INTEGERS: Partial<Record<ScalarName, KeyForm>> = {
  tinyint: { kind: 'integer', bytes: 1, digits: 3 }, smallint: { kind: 'integer', bytes: 2, digits: 5 },
  int: { kind: 'integer', bytes: 4, digits: 10 }, bigint: { kind: 'integer', bytes: 8, digits: 19 },
};

/** `hexText`: the component is complemented, so it has to be ASCII throughout. */
export function keyFormOf(type: CqlType, side: KeyPlan['side'], hexText: boolean): KeyForm {
  const inner = (element: CqlType) => keyFormOf(element, side, hexText);
  switch (type.kind) {
    case 'text': case 'ascii':
      return hexText ? { kind: 'hex' } : { kind: 'text', ascii: type.kind === 'ascii' };
    case 'tinyint': case 'smallint': case 'int': case 'bigint':
      return INTEGERS[type.kind]!;
    case 'float': return { kind: 'float', bytes: 4 };
    case 'double': return { kind: 'float', bytes: 8 };
    case 'uuid':
      if (side === 'partition') return { kind: 'uuid-text' };
      return { kind: type.legacyOrder === undefined ? 'uuid' : 'legacy-uuid' };
    case 'timeuuid': return { kind: side === 'partition' ? 'uuid-text' : 'timeuuid' };
    case 'timestamp': return { kind: type.legacyOrder === undefined || side === 'partition' ? 'timestamp' : 'hex' };
    case 'varint': case 'decimal': case 'boolean': case 'date': case 'time': case 'inet':
      return { kind: type.kind };
    case 'list': case 'set': return { kind: 'sequence', parts: [inner(type.element)] };
    case 'map': return { kind: 'sequence', parts: [inner(type.key), inner(type.value)] };
    case 'tuple': return { kind: 'fields', parts: type.elements.map(inner) };
    case 'vector': return { kind: 'vector', parts: [inner(type.element)], type, elements: new VectorElements(type) };
    case 'udt': return { kind: 'fields', parts: type.fields.map((field) => inner(field.type)) };
    case 'blob': case 'duration': case 'empty': case 'counter': case 'composite': case 'custom':
      return { kind: 'hex' };
  }
}

/** True when keys of this form never need an escape in JSON: all but texts are digits, letters and a few marks, complemented ones too. */
export function isPlainForm(form: KeyForm): boolean {
  return 'parts' in form ? form.parts.every(isPlainForm) : form.kind !== 'text';
}
