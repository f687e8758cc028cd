// Collections, tuples and user types to DynamoDB JSON: frozen ones from their bytes, the others from the cells of a row.
//
//   frozen list, set := int32 count, (int32 length, bytes)*
//   frozen map       := int32 count, (int32 length, key, int32 length, value)*
//   tuple, UDT       := (int32 length or -1 for null, bytes)*        fields that the type got later are missing at the end
//   vector           := elements as VectorElements finds them

import { CodedError } from '@aeneas/cassandra';
import type { Row } from '@aeneas/cassandra';
import { Constant } from './constant.ts';
import { DOCUMENT_OVERHEAD_BYTES, ELEMENT_OVERHEAD_BYTES, MAX_ITEM_BYTES } from './item-size.ts';
import { MAX_JSON_VALUE_BYTES, ScalarWriter, int32 } from './scalar-writer.ts';
import { JSON_TEXT, LIST, MAP, PAIRS, SET, TUPLE, UDT, VECTOR } from './value-plan.ts';
import type { FieldPlan, ValuePlan } from './value-plan.ts';

const NULL_VALUE = new Constant('{"NULL":true}');
const PAIR_OPEN = new Constant('{"L":[');
const PAIR_CLOSE = new Constant(']}');
const ESCAPED_ZERO = new Constant('\\u0000');
const COMMA = 0x2c, QUOTE = 0x22, COLON = 0x3a;

export class ValueWriter extends ScalarWriter {
  /** A value with its type: `{"S":"..."}`. */
  value(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    if (start === end && plan.emptyIsNull) return this.null();
    this.constant(plan.open);
    this.content(plan, from, start, end);
    this.constant(plan.close);
  }

  /** What stands between a value's delimiters. A value of zero bytes may come here only where that means empty content. */
  content(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    switch (plan.code) {
      case LIST:
        return this.#list(plan, from, start, end);
      case SET:
        return this.#set(plan, from, start, end);
      case MAP:
      case PAIRS:
        return this.#map(plan, from, start, end);
      case TUPLE:
      case UDT:
        return this.#fields(plan, from, start, end);
      case VECTOR:
        return this.#vector(plan, from, start, end);
      default:
        this.scalar(plan, from, start, end);
    }
  }

  null(): void {
    this.constant(NULL_VALUE);
    this.size += 1;
  }

  /** The cells [first, end) of a multi-cell column, between its delimiters. */
  cells(plan: ValuePlan, row: Row, first: number, end: number): void {
    if (plan.code === JSON_TEXT) return this.#jsonCells(plan, row, first, end);
    if (plan.code === UDT) return this.#fieldCells(plan, row, first, end);
    if (plan.code !== SET) this.size += DOCUMENT_OVERHEAD_BYTES;
    for (let i = first; i < end && this.rejection === undefined; i++) {
      if (this.size > MAX_ITEM_BYTES) return this.reject('ITEM_TOO_LARGE', `more than ${MAX_ITEM_BYTES} bytes`);
      if (i > first) this.byte(COMMA);
      const { bytes } = row;
      switch (plan.code) {
        case LIST:
          if (plan.isSetAsList) this.#element(plan.element!, bytes, row.pathStart[i], row.pathEnd[i]);
          else this.#element(plan.element!, bytes, row.valueStart[i], row.valueEnd[i]);
          break;
        case SET:
          this.#member(plan.element!, bytes, row.pathStart[i], row.pathEnd[i]);
          break;
        case MAP:
          this.#mapKey(plan.key!, bytes, row.pathStart[i], row.pathEnd[i]);
          this.#element(plan.element!, bytes, row.valueStart[i], row.valueEnd[i]);
          break;
        default:
          this.#openPair(plan.key!, bytes, row.pathStart[i], row.pathEnd[i]);
          this.#closePair(plan.element!, bytes, row.valueStart[i], row.valueEnd[i]);
      }
    }
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.pos++] = value;
  }

  #jsonCells(plan: ValuePlan, row: Row, first: number, end: number): void {
    let length = 0;
    for (let i = first; i < end; i++) length += row.valueEnd[i] - row.valueStart[i] + row.pathEnd[i] - row.pathStart[i];
    if (length > MAX_JSON_VALUE_BYTES) return this.reject('ITEM_TOO_LARGE', `a collection of ${length} bytes`);
    try {
      this.json(plan.json!.ofCells!(row, first, end));
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'VALUE_INVALID') throw error;
      this.reject('VALUE_INVALID', error.message);
    }
  }

  #fieldCells(plan: ValuePlan, row: Row, first: number, end: number): void {
    this.size += DOCUMENT_OVERHEAD_BYTES;
    for (let i = first; i < end; i++) {
      const path = row.pathStart[i];
      const field = row.pathEnd[i] - path === 2 ? plan.fields![(row.bytes[path] << 8) | row.bytes[path + 1]] : undefined;
      if (field === undefined) return this.reject('VALUE_INVALID', 'a field that the user type does not have');
      if (i > first) this.byte(COMMA);
      this.#label(field);
      this.#element(field.value, row.bytes, row.valueStart[i], row.valueEnd[i]);
    }
  }

  #list(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    this.size += DOCUMENT_OVERHEAD_BYTES;
    const count = this.#count(from, start, end, 1);
    let at = start + 4;
    for (let i = 0; i < count && this.#goesOn(from, at, end); i++) {
      const next = at + 4 + int32(from, at);
      if (i > 0) this.byte(COMMA);
      this.#element(plan.element!, from, at + 4, next);
      at = next;
    }
    this.#requireEnd(at, end);
  }

  #vector(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    this.size += DOCUMENT_OVERHEAD_BYTES;
    const elements = plan.vector!;
    elements.open(from, start, end);
    try {
      for (let isFirst = true; this.rejection === undefined && elements.next(); isFirst = false) {
        if (this.size > MAX_ITEM_BYTES) return this.reject('ITEM_TOO_LARGE', `more than ${MAX_ITEM_BYTES} bytes`);
        if (!isFirst) this.byte(COMMA);
        this.#element(plan.element!, from, elements.start, elements.end);
      }
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'VALUE_INVALID') throw error;
      this.reject('VALUE_INVALID', error.message);
    }
  }

  #set(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    const count = this.#count(from, start, end, 1);
    if (count === 0) return this.reject('EMPTY_UNREPRESENTABLE', 'an empty set');
    let at = start + 4;
    for (let i = 0; i < count && this.#goesOn(from, at, end); i++) {
      const next = at + 4 + int32(from, at);
      if (i > 0) this.byte(COMMA);
      this.#member(plan.element!, from, at + 4, next);
      at = next;
    }
    this.#requireEnd(at, end);
  }

  #map(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    this.size += DOCUMENT_OVERHEAD_BYTES;
    const count = this.#count(from, start, end, 2);
    let at = start + 4;
    for (let i = 0; i < count && this.#goesOn(from, at, end); i++) {
      const valueAt = at + 4 + int32(from, at);
      if (!this.#goesOn(from, valueAt, end)) return;
      const next = valueAt + 4 + int32(from, valueAt);
      if (i > 0) this.byte(COMMA);
      if (plan.code === MAP) {
        this.#mapKey(plan.key!, from, at + 4, valueAt);
        this.#element(plan.element!, from, valueAt + 4, next);
      } else {
        this.#openPair(plan.key!, from, at + 4, valueAt);
        this.#closePair(plan.element!, from, valueAt + 4, next);
      }
      at = next;
    }
    this.#requireEnd(at, end);
  }

  #fields(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    this.size += DOCUMENT_OVERHEAD_BYTES;
    let at = start;
    let isFirst = true;
    for (const field of plan.fields!) {
      const isNull = at === end || (end - at >= 4 && int32(from, at) < 0);
      if (!isNull && !this.#goesOn(from, at, end)) return;
      if (isNull && plan.code === UDT) {
        if (at < end) at += 4;
        continue;
      }
      if (!isFirst) this.byte(COMMA);
      isFirst = false;
      if (isNull) {
        if (at < end) at += 4;
        this.size += ELEMENT_OVERHEAD_BYTES;
        this.null();
        continue;
      }
      const next = at + 4 + int32(from, at);
      if (plan.code === UDT) this.#label(field);
      else if (next === at + 4 && field.value.emptyIsNull) return this.reject('EMPTY_UNREPRESENTABLE', 'an empty value in a tuple, where NULL is null');
      this.#element(field.value, from, at + 4, next);
      at = next;
    }
    this.#requireEnd(at, end);
  }

  #label(field: FieldPlan): void {
    this.constant(field.label);
    this.size += field.nameBytes;
  }

  #element(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    this.size += ELEMENT_OVERHEAD_BYTES;
    this.value(plan, from, start, end);
  }

  #member(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    if (start === end && plan.emptyIsNull) return this.reject('EMPTY_UNREPRESENTABLE', 'an empty value in a set');
    this.byte(QUOTE);
    this.scalar(plan, from, start, end);
    this.byte(QUOTE);
  }

  /** `"key":`, with the escape that keeps it from being empty: only zero characters get one more. */
  #mapKey(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    this.byte(QUOTE);
    this.scalar(plan, from, start, end);
    if (isAllZero(from, start, end)) {
      this.constant(ESCAPED_ZERO);
      this.size += 1;
    }
    this.byte(QUOTE);
    this.byte(COLON);
  }

  #openPair(key: ValuePlan, from: Uint8Array, start: number, end: number): void {
    this.size += ELEMENT_OVERHEAD_BYTES + DOCUMENT_OVERHEAD_BYTES;
    this.constant(PAIR_OPEN);
    this.#element(key, from, start, end);
    this.byte(COMMA);
  }

  #closePair(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    this.#element(plan, from, start, end);
    this.constant(PAIR_CLOSE);
  }

  /** The number of elements, of `parts` values each; 0 with a rejection where the bytes cannot hold as many. */
  #count(from: Uint8Array, start: number, end: number, parts: number): number {
    const count = end - start < 4 ? -1 : int32(from, start);
    if (count >= 0 && count * parts * 4 <= end - start - 4) return count;
    this.reject('VALUE_INVALID', `a collection of ${end - start} bytes that claims ${count} elements`);
    return 0;
  }

  /** True when a whole value starts here and the item can still be written. */
  #goesOn(from: Uint8Array, at: number, end: number): boolean {
    if (this.rejection !== undefined) return false;
    const length = end - at < 4 ? -1 : int32(from, at);
    if (length < 0 || length > end - at - 4) this.reject('VALUE_INVALID', 'an element that is null or runs over the end of its value');
    // Here, so that a value of any length cannot make the output grow without end.
    else if (this.size > MAX_ITEM_BYTES) this.reject('ITEM_TOO_LARGE', `more than ${MAX_ITEM_BYTES} bytes`);
    return this.rejection === undefined;
  }

  #requireEnd(at: number, end: number): void {
    if (this.rejection === undefined && at !== end) this.reject('VALUE_INVALID', `${end - at} bytes after the last element`);
  }
}

/** True for zero bytes only, and for no bytes. */
export function isAllZero(from: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (from[i] !== 0) return false;
  return true;
}
