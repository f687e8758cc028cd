// The order of CompositeType and DynamicCompositeType values, which Thrift tables have:
//
//   composite  := [0xffff] component*                   the mark: a static name
//   component  := uint16 length, value, end             end: signed byte, 0 or -1/1 in bounds
//   dynamic    := (type component)*
//   type       := 0x80 alias | uint16 length, class string

import { cassandraError } from '../errors.ts';
import type { Comparator } from './compare.ts';
import type { CqlType, OrderedType } from './cql-type.ts';
import { marshalClassName, parseMarshalType } from './parse-marshal-type.ts';

const STATIC_MARK = 0xffff;

export function compareComposites(comparators: readonly Comparator[]): Comparator {
  return (a, aStart, aEnd, b, bStart, bEnd) => {
    if (aStart === aEnd || bStart === bEnd) return (aEnd - aStart > 0 ? 1 : 0) - (bEnd - bStart > 0 ? 1 : 0);
    const aIsStatic = isStatic(a, aStart, aEnd);
    const bIsStatic = isStatic(b, bStart, bEnd);
    if (aIsStatic !== bIsStatic) return aIsStatic ? -1 : 1;
    let i = aIsStatic ? aStart + 2 : aStart;
    let j = bIsStatic ? bStart + 2 : bStart;
    for (let component = 0; i < aEnd && j < bEnd; component++) {
      if (component === comparators.length) throw malformed('more components than its type has');
      const iEnd = componentEnd(a, i, aEnd);
      const jEnd = componentEnd(b, j, bEnd);
      const order = compareComponents(comparators[component], a, i, iEnd, b, j, jEnd);
      if (order !== 0) return order;
      i = iEnd;
      j = jEnd;
    }
    return (i < aEnd ? 1 : 0) - (j < bEnd ? 1 : 0);
  };
}

/** Components name their types: two of different types are in the order of their classes' simple names. */
export function compareDynamicComposites(aliases: ReadonlyMap<number, OrderedType>, comparatorOf: (type: CqlType, reversed: boolean) => Comparator): Comparator {
  interface Component { readonly name: string; readonly compare: Comparator }
  const component = ({ type, reversed }: OrderedType): Component => ({ name: marshalClassName(type), compare: comparatorOf(type, reversed) });
  const byAlias = new Map([...aliases].map(([alias, type]) => [alias, { ...component(type), reversed: type.reversed }]));
  const byClass = new Map<string, Component & { readonly reversed: boolean }>();

  const typeAt = (bytes: Uint8Array, at: number, end: number): Component & { readonly reversed: boolean } => {
    const header = uint16(bytes, at, end);
    if (header & 0x8000) {
      const found = byAlias.get(header & 0xff);
      if (!found) throw malformed(`an alias that its type lacks (${header & 0xff})`);
      return found;
    }
    if (header > end - at - 2) throw malformed('a class name that runs over its end');
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + at + 2, header).toString('utf8');
    let found = byClass.get(name);
    if (!found) {
      const type = parseMarshalType(name);
      byClass.set(name, found = { ...component(type), reversed: type.reversed });
    }
    return found;
  };
  const typeEnd = (bytes: Uint8Array, at: number, end: number): number => {
    const header = uint16(bytes, at, end);
    return header & 0x8000 ? at + 2 : at + 2 + header;
  };

  return (a, aStart, aEnd, b, bStart, bEnd) => {
    let i = aStart;
    let j = bStart;
    while (i < aEnd && j < bEnd) {
      const aType = typeAt(a, i, aEnd);
      const bType = typeAt(b, j, bEnd);
      // Two reversed types are told apart by what they reverse, any other pair by its own class.
      const unwrap = aType.reversed && bType.reversed;
      const aName = aType.reversed && !unwrap ? 'ReversedType' : aType.name;
      const bName = bType.reversed && !unwrap ? 'ReversedType' : bType.name;
      if (aName !== bName) return aName < bName ? -1 : 1;
      i = typeEnd(a, i, aEnd);
      j = typeEnd(b, j, bEnd);
      const iEnd = componentEnd(a, i, aEnd);
      const jEnd = componentEnd(b, j, bEnd);
      const order = compareComponents(aType.compare, a, i, iEnd, b, j, jEnd);
      if (order !== 0) return order;
      i = iEnd;
      j = jEnd;
    }
    return (i < aEnd ? 1 : 0) - (j < bEnd ? 1 : 0);
  };
}

/** Both slices are a whole component: length, value and the end byte, which is signed. */
function compareComponents(compare: Comparator, a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const order = compare(a, aStart + 2, aEnd - 1, b, bStart + 2, bEnd - 1);
  return order !== 0 ? order : (a[aEnd - 1] << 24 >> 24) - (b[bEnd - 1] << 24 >> 24);
}

function isStatic(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 2 && uint16(bytes, start, end) === STATIC_MARK;
}

function componentEnd(bytes: Uint8Array, at: number, end: number): number {
  const next = at + 2 + uint16(bytes, at, end) + 1;
  if (next > end) throw malformed('a component that runs over its end');
  return next;
}

function uint16(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 2) throw malformed('a length that runs over its end');
  return (bytes[at] << 8) | bytes[at + 1];
}

function malformed(what: string): Error {
  return cassandraError('VALUE_INVALID', `A composite value has ${what}`);
}
