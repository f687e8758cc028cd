// Serialized key values to encoded key attributes: the grammar of docs/MAPPING.md, "Keys". Bytes that sort as Cassandra sorts.

import { CodedError } from '@aeneas/cassandra';
import type { VectorElements } from '@aeneas/cassandra';
import { FIRST_PLAIN_DAY, LAST_PLAIN_DAY, MILLIS_PER_DAY, writeDate, writeTime, writeTimestamp, writeUuidTime } from './calendar.ts';
import { writeAscii, writeHex, writePadded, writeUint64 } from './digits.ts';
import type { KeyComponent, KeyForm, KeyPlan } from './key-plan.ts';
import { decimalBody, varintBody } from './key-number.ts';
import { int32 } from './scalar-writer.ts';
import { writeUuid } from './value-text.ts';

/** Four times what DynamoDB takes, so that whatever does not fit (text is given twice its length) is too long for certain. */
const CAPACITY = 8192;
/** So that keys can be changed and copied by words. */
const SLACK = 4;
/** The longest body of a scalar of fixed length. */
const SCALAR_ROOM = 64;

const HASH = 0x23, SPACE = 0x20, MINUS = 0x2d, OPEN = 0x28, CLOSE = 0x29, NULL_FIELD = 0x2a, FIELD = 0x2b, ELEMENT = 0x2c;
/** Maps 20 to 7E hex onto itself, turned round. */
const COMPLEMENTS = 0x9e9e9e9e;
const FIRST_PLAIN_MILLIS = FIRST_PLAIN_DAY * MILLIS_PER_DAY;
const END_PLAIN_MILLIS = (LAST_PLAIN_DAY + 1) * MILLIS_PER_DAY;
const NANOS_PER_DAY = 86_400e9;

export class KeyWriter {
  /** The encoded key is bytes[0, length). */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(CAPACITY + SLACK);
  /** Of `bytes`. */
  readonly view = new DataView(this.bytes.buffer);
  length = 0;
  /** What is wrong with the last key: it does not fit its type, or is longer than any key may be. */
  invalid: string | undefined;
  isTooLong = false;
  #isPartitionSide = true;

  begin(plan: KeyPlan): void {
    this.length = 0;
    this.invalid = undefined;
    this.isTooLong = false;
    this.#isPartitionSide = plan.side === 'partition';
  }

  /** Appends a component; start -1 is null. */
  component(component: KeyComponent, from: Uint8Array, start: number, end: number): void {
    if (start < 0) {
      if (this.#room(3)) this.length = writeAscii(this.bytes, this.length, ' !#');
      return;
    }
    const first = this.length;
    this.#terminated(component.form, from, start, end);
    if (!component.reversed) return;
    // No byte borrows from its neighbour; what is behind the end does not matter.
    for (let i = first; i < this.length; i += 4) this.view.setInt32(i, COMPLEMENTS - this.view.getInt32(i, true), true);
  }

  #terminated(form: KeyForm, from: Uint8Array, start: number, end: number): void {
    this.#body(form, from, start, end);
    if (this.#room(1)) this.bytes[this.length++] = HASH;
  }

  #room(count: number): boolean {
    if (this.length + count <= CAPACITY) return true;
    this.isTooLong = true;
    return false;
  }

  #body(form: KeyForm, from: Uint8Array, start: number, end: number): void {
    if (form.kind === 'text') return this.#text(from, start, end);
    if (start === end) return;
    if (!this.#room(SCALAR_ROOM)) return;
    switch (form.kind) {
      case 'integer':
        if (this.#has(form.bytes, start, end)) this.#integer(form.bytes, form.digits, from, start);
        break;
      case 'timestamp':
        if (this.#has(8, start, end)) this.#timestamp(int32(from, start), int32(from, start + 4) >>> 0);
        break;
      case 'timeuuid':
        if (this.#has(16, start, end)) this.#timeuuid(from, start);
        break;
      case 'uuid':
        if (this.#has(16, start, end)) this.#uuid(from, start);
        break;
      case 'uuid-text':
        if (this.#has(16, start, end)) this.length = writeUuid(this.bytes, this.length, from, start);
        break;
      case 'legacy-uuid':
        if (this.#has(16, start, end)) this.#legacyUuid(from, start);
        break;
      case 'date':
        if (this.#has(4, start, end)) this.#date(int32(from, start) ^ 0x80000000);
        break;
      case 'time':
        if (this.#has(8, start, end)) this.#time(int32(from, start) >>> 0, int32(from, start + 4) >>> 0);
        break;
      case 'float':
        if (this.#has(form.bytes, start, end)) this.#float(form.bytes, from, start);
        break;
      case 'boolean':
        if (this.#has(1, start, end)) this.#boolean(from, start);
        break;
      case 'varint':
        this.#string(varintBody(from, start, end, this.#isPartitionSide));
        break;
      case 'decimal':
        if (end - start < 5) this.invalid = `a decimal of ${end - start} bytes`;
        else this.#string(decimalBody(from, start, end, this.#isPartitionSide));
        break;
      case 'inet':
        if (end - start !== 4 && end - start !== 16) this.invalid = `an address of ${end - start} bytes`;
        else this.#hex(from, start, end);
        break;
      case 'hex':
        this.#hex(from, start, end);
        break;
      case 'sequence':
        this.#sequence(form.parts, from, start, end);
        break;
      case 'fields':
        this.#fields(form.parts, from, start, end);
        break;
      case 'vector':
        this.#vector(form.parts[0], form.elements, from, start, end);
        break;
    }
  }

  #has(expected: number, start: number, end: number): boolean {
    if (end - start === expected) return true;
    this.invalid = `${end - start} bytes instead of ${expected}`;
    return false;
  }

  /** Readable text whose end, control characters and lone spaces sort below everything else. */
  #text(from: Uint8Array, start: number, end: number): void {
    if (!this.#room((end - start) * 2 + 1)) return;
    const { bytes } = this;
    let pos = this.length;
    for (let i = start; i < end; i++) {
      const byte = from[i];
      if (byte > SPACE) bytes[pos++] = byte;
      else {
        bytes[pos++] = SPACE;
        if (byte < SPACE) {
          bytes[pos++] = 0x24;
          bytes[pos++] = byte + 0x40;
        } else if (i + 1 === end || from[i + 1] <= 0x25) bytes[pos++] = 0x25;
      }
    }
    bytes[pos++] = SPACE;
    this.length = pos;
  }

  #hex(from: Uint8Array, start: number, end: number): void {
    if (this.#room((end - start) * 2)) this.length = writeHex(this.bytes, this.length, from, start, end);
  }

  #string(text: string | undefined): void {
    if (text === undefined) this.isTooLong = true;
    else if (this.#room(text.length)) this.length = writeAscii(this.bytes, this.length, text);
  }

  #integer(bytes: number, digits: number, from: Uint8Array, start: number): void {
    if (bytes === 8) return this.#signed(int32(from, start), int32(from, start + 4) >>> 0, digits);
    const value = bytes === 4 ? int32(from, start) : bytes === 2 ? (from[start] << 24 >> 16) | from[start + 1] : from[start] << 24 >> 24;
    if (value >= 0) this.length = writePadded(this.bytes, this.length, value, digits);
    else {
      this.bytes[this.length++] = MINUS;
      this.#nines(writePadded(this.bytes, this.length, -value, digits));
    }
  }

  /** 64 bits with leading zeros; negative ones as `-` and the nines' complement. */
  #signed(hi: number, lo: number, digits: number): void {
    if (hi >= 0) this.length = writeUint64(this.bytes, this.length, hi, lo, digits);
    else {
      this.bytes[this.length++] = MINUS;
      this.#nines(writeUint64(this.bytes, this.length, (lo === 0 ? -hi : ~hi) >>> 0, -lo >>> 0, digits));
    }
  }

  /** Takes the digits up to `end` for their nines' complement. */
  #nines(end: number): void {
    for (let i = this.length; i < end; i++) this.bytes[i] = 0x69 - this.bytes[i];
    this.length = end;
  }

  #timestamp(hi: number, lo: number): void {
    const millis = hi * 0x100000000 + lo;
    if (millis >= FIRST_PLAIN_MILLIS && millis < END_PLAIN_MILLIS) this.length = writeTimestamp(this.bytes, this.length, millis);
    else {
      if (hi >= 0) this.bytes[this.length++] = 0x7a;
      this.#signed(hi, lo, 19);
    }
  }

  #date(days: number): void {
    if (days >= FIRST_PLAIN_DAY && days <= LAST_PLAIN_DAY) this.length = writeDate(this.bytes, this.length, days);
    else if (days > 0) {
      this.bytes[this.length++] = 0x7a;
      this.length = writePadded(this.bytes, this.length, days, 10);
    } else {
      this.bytes[this.length++] = MINUS;
      this.#nines(writePadded(this.bytes, this.length, -days, 10));
    }
  }

  #time(hi: number, lo: number): void {
    const nanos = hi * 0x100000000 + lo;
    if (nanos < NANOS_PER_DAY) this.length = writeTime(this.bytes, this.length, nanos);
    else {
      this.bytes[this.length++] = 0x7a;
      this.length = writeUint64(this.bytes, this.length, hi, lo, 20);
    }
  }

  /** By time, then by the last eight bytes as signed ones. */
  #timeuuid(from: Uint8Array, start: number): void {
    const top = (from[start + 6] << 8) | from[start + 7];
    if (top >>> 12 !== 1) {
      this.invalid = 'a timeuuid that is not of version 1';
      return;
    }
    const upper = (top & 0xfff) * 0x10000 + ((from[start + 4] << 8) | from[start + 5]);
    let pos = writeUuidTime(this.bytes, this.length, upper, int32(from, start) >>> 0);
    this.bytes[pos++] = MINUS;
    for (let i = start + 8; i < start + 16; i++) pos = writeByte(this.bytes, pos, from[i] ^ 0x80);
    this.length = pos;
  }

  /** By version; version 1 by time; then by unsigned bytes. */
  #uuid(from: Uint8Array, start: number): void {
    const version = from[start + 6] >>> 4;
    this.bytes[this.length++] = version < 10 ? 0x30 + version : 0x57 + version;
    this.bytes[this.length++] = MINUS;
    if (version !== 1) {
      this.length = writeUuid(this.bytes, this.length, from, start);
      return;
    }
    let pos = writeHex(this.bytes, this.length, from, start + 6, start + 8);
    this.bytes[pos++] = MINUS;
    pos = writeHex(this.bytes, pos, from, start + 4, start + 6);
    this.bytes[pos++] = MINUS;
    pos = writeHex(this.bytes, pos, from, start, start + 4);
    this.bytes[pos++] = MINUS;
    pos = writeHex(this.bytes, pos, from, start + 8, start + 10);
    this.bytes[pos++] = MINUS;
    this.length = writeHex(this.bytes, pos, from, start + 10, start + 16);
  }

  /** LexicalUUIDType: two signed halves. */
  #legacyUuid(from: Uint8Array, start: number): void {
    for (let i = 0; i < 16; i++) this.length = writeByte(this.bytes, this.length, i % 8 === 0 ? from[start + i] ^ 0x80 : from[start + i]);
  }

  /** IEEE bits in Java's order. */
  #float(bytes: number, from: Uint8Array, start: number): void {
    let hi = int32(from, start);
    let lo = bytes === 8 ? int32(from, start + 4) : 0;
    if (!this.#isPartitionSide && isNaNBits(bytes, hi, lo)) {
      hi = bytes === 8 ? 0x7ff80000 : 0x7fc00000;
      lo = 0;
    }
    const flip = hi < 0 ? -1 : 0;
    hi = hi < 0 ? ~hi : hi ^ 0x80000000;
    lo ^= flip;
    for (let shift = 24; shift >= 0; shift -= 8) this.length = writeByte(this.bytes, this.length, (hi >>> shift) & 0xff);
    if (bytes === 4) return;
    for (let shift = 24; shift >= 0; shift -= 8) this.length = writeByte(this.bytes, this.length, (lo >>> shift) & 0xff);
  }

  #boolean(from: Uint8Array, start: number): void {
    this.length = writeAscii(this.bytes, this.length, from[start] === 0 ? 'false' : 'true');
    if (from[start] > 1 && this.#isPartitionSide) {
      this.bytes[this.length++] = 0x78;
      this.length = writeByte(this.bytes, this.length, from[start]);
    }
  }

  #sequence(parts: readonly KeyForm[], from: Uint8Array, start: number, end: number): void {
    this.bytes[this.length++] = OPEN;
    const count = end - start < 4 ? -1 : int32(from, start);
    let at = start + 4;
    for (let i = 0; i < count && this.#isWritable(); i++) {
      if (this.#room(1)) this.bytes[this.length++] = ELEMENT;
      for (const part of parts) {
        const next = this.#valueEnd(from, at, end);
        if (next < 0) return;
        this.#terminated(part, from, at + 4, next);
        at = next;
      }
    }
    if (count < 0 || (at !== end && this.#isWritable())) this.invalid = `a collection of ${end - start} bytes that claims ${count} elements`;
    if (this.#room(1)) this.bytes[this.length++] = CLOSE;
  }

  #fields(parts: readonly KeyForm[], from: Uint8Array, start: number, end: number): void {
    this.bytes[this.length++] = OPEN;
    // Where the last field that is not null ended: on the sort side null fields at the end are as good as missing ones.
    let significant = this.length;
    let at = start;
    for (let i = 0; at < end && this.#isWritable(); i++) {
      if (i === parts.length) {
        this.invalid = 'more fields than the type has';
        return;
      }
      if (end - at >= 4 && int32(from, at) < 0) {
        at += 4;
        if (this.#room(1)) this.bytes[this.length++] = NULL_FIELD;
        continue;
      }
      const next = this.#valueEnd(from, at, end);
      if (next < 0) return;
      if (this.#room(1)) this.bytes[this.length++] = FIELD;
      this.#terminated(parts[i], from, at + 4, next);
      at = next;
      significant = this.length;
    }
    if (!this.#isPartitionSide) this.length = significant;
    if (this.#room(1)) this.bytes[this.length++] = CLOSE;
  }

  /** As fields, of which none is null and none is missing. */
  #vector(part: KeyForm, elements: VectorElements, from: Uint8Array, start: number, end: number): void {
    this.bytes[this.length++] = OPEN;
    elements.open(from, start, end);
    try {
      while (this.#isWritable() && elements.next()) {
        if (this.#room(1)) this.bytes[this.length++] = FIELD;
        this.#terminated(part, from, elements.start, elements.end);
      }
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'VALUE_INVALID') throw error;
      this.invalid = error.message;
    }
    if (this.#room(1)) this.bytes[this.length++] = CLOSE;
  }

  #isWritable(): boolean {
    return !this.isTooLong && this.invalid === undefined;
  }

  /** The end of the length-prefixed value at `at`; -1 where it does not fit. */
  #valueEnd(from: Uint8Array, at: number, end: number): number {
    const length = end - at < 4 ? -1 : int32(from, at);
    if (length >= 0 && length <= end - at - 4) return at + 4 + length;
    this.invalid = 'an element that is null or runs over the end of its value';
    return -1;
  }
}

const HEX = new TextEncoder().encode('0123456789abcdef');

function writeByte(out: Uint8Array, pos: number, byte: number): number {
  out[pos] = HEX[byte >>> 4];
  out[pos + 1] = HEX[byte & 15];
  return pos + 2;
}

function isNaNBits(bytes: number, hi: number, lo: number): boolean {
  const magnitude = hi & 0x7fffffff;
  return bytes === 4 ? magnitude > 0x7f800000 : magnitude > 0x7ff00000 || (magnitude === 0x7ff00000 && lo !== 0);
}
