// Whether values that were written with one type can be read as another: what ALTER TABLE ... TYPE and ALTER TYPE allowed.
// Source: AbstractType.isValueCompatibleWith and its overrides, Cassandra 3.0 to 5.0.

import type { CqlType } from '../types/cql-type.ts';

/** Type read -> types that it can have been written with. */
const READABLE: Partial<Record<CqlType['kind'], readonly CqlType['kind'][]>> = {
  text: ['ascii'],
  varint: ['int', 'bigint', 'timestamp'],
  bigint: ['timestamp'],
  timestamp: ['bigint'],
  date: ['int'],
  time: ['bigint'],
  uuid: ['timeuuid'],
};

/** True when bytes of type `written` are valid bytes of type `read`. User types may have grown fields since, names do not matter. */
export function canRead(written: CqlType, read: CqlType): boolean {
  if (read.kind === 'blob') return true;
  if (written.kind !== read.kind) return READABLE[read.kind]?.includes(written.kind) ?? false;
  switch (read.kind) {
    case 'list': case 'set': return canRead((written as typeof read).element, read.element);
    case 'map': return canRead((written as typeof read).key, read.key) && canRead((written as typeof read).value, read.value);
    case 'vector': return (written as typeof read).dimension === read.dimension && canRead((written as typeof read).element, read.element);
    case 'tuple': return allReadable((written as typeof read).elements, read.elements);
    case 'udt': return allReadable((written as typeof read).fields.map((field) => field.type), read.fields.map((field) => field.type));
    case 'custom': return (written as typeof read).className === read.className;
    default: return true;
  }
}

function allReadable(written: readonly CqlType[], read: readonly CqlType[]): boolean {
  return written.length <= read.length && written.every((type, i) => canRead(type, read[i]));
}
