// Serialized values of Cassandra to DynamoDB JSON: bytes in, bytes out, nothing allocated on the common path. This is half of the cost of
// an extraction, so it is one object with the position and the size as fields, and a switch over the plan's codes.
//
// A value that cannot be written sets `rejection`; what follows is written somewhere and thrown away with the item.

import { bigIntOf, counterTotalOf, decimalPartsOf, decimalText, floatingText, inetText, integerText } from '@aeneas/cassandra';
import { MILLIS_PER_DAY, writeDate, writeTime, writeTimestamp, writeTimestampOf } from './calendar.ts';
import { Constant } from './constant.ts';
import { writeAscii, writeBase64, writeInt64, writeSafeInteger } from './digits.ts';
import { MAX_ITEM_BYTES, integerSize, numberSize } from './item-size.ts';
import { writeJsonText } from './json-text.ts';
import { MAX_UNSCALED_BYTES, decimalParts, readDouble, readFloat, writeDouble, writeFloat, writeParts } from './number-text.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { RejectReason, Rejection } from './rejected.ts';
import {
  ASCII, BASE64_TEXT, BIGINT, BLOB, BOOLEAN, COUNTER, DATE, DECIMAL, DECIMAL_TEXT, DOUBLE, DOUBLE_TEXT, DURATION, FLOAT, FLOAT_TEXT, INET, INT, JSON_TEXT, SMALLINT, TEXT, TIME,
  TIMESTAMP, TIMESTAMP_TEXT, TINYINT, UUID, VARINT, VARINT_TEXT,
} from './value-plan.ts';
import type { ValuePlan } from './value-plan.ts';
import { durationText, writeUuid } from './value-text.ts';

const TRUE = new Constant('true');
const FALSE = new Constant('false');
/** The longest content of a scalar whose length does not depend on that of its bytes: a decimal of 38 digits in plain notation, and then some. */
const SCALAR_ROOM = 128;
/** A collection of more bytes has a JSON text of more than an item: its shortest elements have five bytes (`"1", `), made of up to 12 (a bigint and its length). */
export const MAX_JSON_VALUE_BYTES = 3 * MAX_ITEM_BYTES;
const NANOS_PER_DAY = 86_400e9;

export class ScalarWriter {
  readonly #out: OutputBuffer;
  bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  pos = 0;
  /** Bytes of the item as DynamoDB counts them. */
  size = 0;
  rejection: Rejection | undefined;
  /** Details that N attributes lost, for the report. */
  negativeZeros = 0;
  decimalScales = 0;

  constructor(out: OutputBuffer) {
    this.#out = out;
    this.bytes = out.bytes;
    this.#view = out.view;
  }

  /** Starts an item at the end of the output. */
  begin(): void {
    this.bytes = this.#out.bytes;
    this.#view = this.#out.view;
    this.pos = this.#out.length;
    this.size = 0;
    this.rejection = undefined;
  }

  /** Makes what was written part of the output. */
  commit(): void {
    this.#out.length = this.pos;
  }

  /** Makes room for as many bytes from `pos` on. */
  room(count: number): void {
    if (this.pos + count <= this.bytes.length) return;
    const length = this.#out.length;
    this.#out.length = this.pos;
    this.#out.reserve(count);
    this.#out.length = length;
    this.bytes = this.#out.bytes;
    this.#view = this.#out.view;
  }

  reject(reason: RejectReason, detail: string): void {
    this.rejection ??= { reason, detail };
  }

  /** Bytes that are known to be JSON already. */
  constant({ words, length }: Constant): void {
    this.room(words.length * 4);
    const view = this.#view;
    const at = this.pos;
    for (let i = 0; i < words.length; i++) view.setInt32(at + i * 4, words[i], true);
    this.pos = at + length;
  }

  /** Bytes that were written elsewhere, by words: what is too much is overwritten by what follows, and `from` has to have it. */
  copy(from: DataView, length: number): void {
    this.room(length + 4);
    const view = this.#view;
    const at = this.pos;
    for (let i = 0; i < length; i += 4) view.setInt32(at + i, from.getInt32(i, true), true);
    this.pos = at + length;
  }

  /** A scalar without its delimiters. */
  scalar(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    this.room(SCALAR_ROOM);
    switch (plan.code) {
      case TEXT:
        this.text(from, start, end, false);
        break;
      case ASCII:
        this.text(from, start, end, true);
        break;
      case INT:
        if (this.#has(4, start, end)) this.#integer(plan, writeSafeInteger(this.bytes, this.pos, int32(from, start)));
        break;
      case BIGINT:
      case TIMESTAMP:
        if (this.#has(8, start, end)) this.#integer(plan, writeInt64(this.bytes, this.pos, int32(from, start), int32(from, start + 4) >>> 0));
        break;
      case SMALLINT:
        if (this.#has(2, start, end)) this.#integer(plan, writeSafeInteger(this.bytes, this.pos, (from[start] << 24 >> 16) | from[start + 1]));
        break;
      case TINYINT:
        if (this.#has(1, start, end)) this.#integer(plan, writeSafeInteger(this.bytes, this.pos, from[start] << 24 >> 24));
        break;
      case DOUBLE:
        if (this.#has(8, start, end)) this.#floating(readDouble(from, start), writeDouble);
        break;
      case FLOAT:
        if (this.#has(4, start, end)) this.#floating(readFloat(from, start), writeFloat);
        break;
      case BOOLEAN:
        if (this.#has(1, start, end)) this.constant(from[start] === 0 ? FALSE : TRUE);
        this.size += 1;
        break;
      case BLOB:
        this.blob(from, start, end);
        break;
      case UUID:
        if (this.#has(16, start, end)) this.pos = writeUuid(this.bytes, this.pos, from, start);
        this.size += 36;
        break;
      default:
        try {
          this.#rareScalar(plan, from, start, end);
        } catch (error) {
          this.reject('VALUE_INVALID', (error as Error).message);
        }
    }
  }

  /** The content of a JSON string. */
  text(from: Uint8Array, start: number, end: number, ascii: boolean): void {
    const length = end - start;
    if (length > MAX_ITEM_BYTES) {
      this.reject('ITEM_TOO_LARGE', `a text of ${length} bytes`);
      return;
    }
    this.room(length * 6 + 4);
    const next = writeJsonText(this.bytes, this.#view, this.pos, from, start, end, ascii);
    if (next < 0) this.reject('TEXT_INVALID', ascii ? 'text that is not ASCII' : 'text that is not UTF-8');
    else this.pos = next;
    this.size += length;
  }

  blob(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > MAX_ITEM_BYTES) {
      this.reject('ITEM_TOO_LARGE', `a blob of ${length} bytes`);
      return;
    }
    this.room(Math.ceil(length / 3) * 4);
    this.pos = writeBase64(this.bytes, this.pos, from, start, end);
    this.size += length;
  }

  /** Types that are made as a string first, or are rarely met. May throw VALUE_INVALID of the type's reader. */
  #rareScalar(plan: ValuePlan, from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    switch (plan.code) {
      case COUNTER:
        return this.#integer(plan, writeAscii(this.bytes, this.pos, String(counterTotalOf(from, start, end))));
      case VARINT:
        if (length > MAX_UNSCALED_BYTES) return this.reject('NUMBER_UNREPRESENTABLE', `an integer of ${length} bytes`);
        return this.#parts(plan, integerText(from, start, end), 0);
      case DECIMAL:
        if (length > MAX_UNSCALED_BYTES) return this.reject('NUMBER_UNREPRESENTABLE', `a decimal of ${length} bytes`);
        return this.#parts(plan, String(bigIntOf(from, start + 4, end)), decimalPartsOf(from, start, end).scale);
      case DATE:
        if (this.#has(4, start, end)) this.#string(writeDate(this.bytes, this.pos, int32(from, start) ^ 0x80000000));
        return;
      case TIME:
        if (this.#has(8, start, end)) this.#time(int32(from, start), int32(from, start + 4) >>> 0);
        return;
      case INET:
        return this.#ascii(inetText(from, start, end));
      case DURATION:
        return this.#ascii(durationText(from, start, end));
      case VARINT_TEXT:
        if (length > MAX_ITEM_BYTES) return this.reject('ITEM_TOO_LARGE', `an integer of ${length} bytes`);
        return this.#ascii(integerText(from, start, end));
      case DECIMAL_TEXT:
        return this.#decimalText(from, start, end);
      case DOUBLE_TEXT:
        if (this.#has(8, start, end)) this.#ascii(floatingText(readDouble(from, start), false));
        return;
      case FLOAT_TEXT:
        if (this.#has(4, start, end)) this.#ascii(floatingText(readFloat(from, start), true));
        return;
      case TIMESTAMP_TEXT:
        if (this.#has(8, start, end)) this.#timestampText(int32(from, start), int32(from, start + 4) >>> 0);
        return;
      case BASE64_TEXT: {
        const before = this.size;
        const first = this.pos;
        this.blob(from, start, end);
        this.size = before + this.pos - first;
        return;
      }
      case JSON_TEXT:
        if (length > MAX_JSON_VALUE_BYTES) return this.reject('ITEM_TOO_LARGE', `a collection of ${length} bytes`);
        return this.json(plan.json!.ofValue(from, start, end));
      default:
        this.reject('VALUE_INVALID', `${length} bytes of a type that has no values`);
    }
  }

  /** JSON text as the content of a string. */
  json(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.text(bytes, 0, bytes.length, false);
  }

  #has(expected: number, start: number, end: number): boolean {
    if (end - start === expected) return true;
    this.reject('VALUE_INVALID', `${end - start} bytes instead of ${expected}`);
    return false;
  }

  #integer(plan: ValuePlan, end: number): void {
    this.size += plan.isNumber ? integerSize(this.bytes, this.pos, end) : end - this.pos;
    this.pos = end;
  }

  #number(end: number, whatElse: string): void {
    if (end < 0) {
      this.reject('NUMBER_UNREPRESENTABLE', whatElse);
      return;
    }
    this.size += numberSize(this.bytes, this.pos, end);
    this.pos = end;
  }

  #floating(value: number, write: typeof writeDouble): void {
    const end = write(this.bytes, this.pos, value);
    if (end < 0) this.reject('NUMBER_UNREPRESENTABLE', `${value}`);
    else this.#number(end, '');
    if (value === 0 && Object.is(value, -0)) this.negativeZeros++;
  }

  #parts(plan: ValuePlan, unscaled: string, scale: number): void {
    const parts = decimalParts(unscaled, scale);
    const fits = parts.exponent <= plan.maxWholeDigits && parts.digits.length - parts.exponent <= plan.maxFractionDigits;
    this.#number(fits ? writeParts(this.bytes, this.pos, parts) : -1, `a number of ${parts.digits.length} digits, 0.${parts.digits.slice(0, 8)}… x 10^${parts.exponent}`);
    // The scale that BigDecimal would choose for the digits alone.
    const plainScale = parts.digits === '' ? 0 : Math.max(0, parts.digits.length - parts.exponent);
    if (scale !== plainScale) this.decimalScales++;
  }

  #string(end: number): void {
    this.size += end - this.pos;
    this.pos = end;
  }

  #ascii(text: string | undefined): void {
    if (text === undefined) return this.reject('VALUE_INVALID', 'a duration of parts with different signs');
    this.room(text.length);
    this.#string(writeAscii(this.bytes, this.pos, text));
  }

  #time(hi: number, lo: number): void {
    const nanos = hi * 0x100000000 + lo;
    if (nanos < 0 || nanos >= NANOS_PER_DAY) return this.reject('VALUE_INVALID', 'a time outside of the day');
    this.#string(writeTime(this.bytes, this.pos, nanos));
  }

  #decimalText(from: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > MAX_ITEM_BYTES) return this.reject('ITEM_TOO_LARGE', `a decimal of ${length} bytes`);
    this.#ascii(decimalText(from, start, end));
  }

  #timestampText(hi: number, lo: number): void {
    const millis = hi * 0x100000000 + lo;
    if (Number.isSafeInteger(millis)) return this.#string(writeTimestamp(this.bytes, this.pos, millis));
    const exact = (BigInt(hi) << 32n) | BigInt(lo);
    const perDay = BigInt(MILLIS_PER_DAY);
    const rest = ((exact % perDay) + perDay) % perDay;
    this.#string(writeTimestampOf(this.bytes, this.pos, Number((exact - rest) / perDay), Number(rest)));
  }
}

export function int32(from: Uint8Array, at: number): number {
  return (from[at] << 24) | (from[at + 1] << 16) | (from[at + 2] << 8) | from[at + 3];
}
