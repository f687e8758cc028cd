// Encoded key attributes back to serialized key values: the inverse of key-writer.ts. A sort key gives one of the values that Cassandra
// considers equal, a partition key the very bytes.

import { packVector } from '@aeneas/cassandra';
import type { VectorType } from '@aeneas/cassandra';
import { dynamodbError } from './errors.ts';
import { MILLIS_PER_DAY, parsePlainDate } from './calendar.ts';
import { decimalValue, nines, varintValue } from './key-number.ts';
import type { KeyComponent, KeyForm } from './key-plan.ts';

const HASH = 0x23, SPACE = 0x20, OPEN = 0x28, CLOSE = 0x29, NULL_FIELD = 0x2a, FIELD = 0x2b, ELEMENT = 0x2c;
const COMPLEMENT = 0x9e;
const NO_BYTES = new Uint8Array(0);

/** Reads the components of one encoded key. Undefined stands for null. Throws KEY_VALUES_INVALID. */
export function readKeyComponents(components: readonly KeyComponent[], key: Uint8Array, isPartitionSide: boolean): (Uint8Array | undefined)[] {
  const reader = new KeyReader(key, isPartitionSide);
  const values = components.map((component) => reader.component(component));
  reader.requireEnd();
  return values;
}

class KeyReader {
  readonly #bytes: Uint8Array;
  readonly #isPartitionSide: boolean;
  #at = 0;
  #isComplemented = false;

  constructor(bytes: Uint8Array, isPartitionSide: boolean) {
    this.#bytes = bytes;
    this.#isPartitionSide = isPartitionSide;
  }

  component(component: KeyComponent): Uint8Array | undefined {
    this.#isComplemented = false;
    if (this.#peek(0) === SPACE && this.#peek(1) === 0x21 && this.#peek(2) === HASH) {
      this.#at += 3;
      return undefined;
    }
    this.#isComplemented = component.reversed;
    return this.#terminated(component.form);
  }

  requireEnd(): void {
    if (this.#at !== this.#bytes.length) throw this.#invalid('more than its components');
  }

  #terminated(form: KeyForm): Uint8Array {
    const value = this.#body(form);
    if (this.#next() !== HASH) throw this.#invalid('no # where one is expected');
    return value;
  }

  #body(form: KeyForm): Uint8Array {
    if (form.kind === 'text') return this.#text();
    if (this.#peek(0) === HASH) return NO_BYTES;
    if (form.kind === 'sequence') return this.#sequence(form.parts);
    if (form.kind === 'fields') return this.#fields(form.parts);
    if (form.kind === 'vector') return this.#vector(form.parts[0], form.type);
    return this.#scalar(form, this.#plain());
  }

  #peek(ahead: number): number {
    const byte = this.#bytes[this.#at + ahead];
    return this.#isComplemented && byte !== undefined ? COMPLEMENT - byte : byte;
  }

  #next(): number {
    const byte = this.#peek(0);
    this.#at++;
    return byte;
  }

  /** The characters up to the `#`. */
  #plain(): string {
    let text = '';
    while (this.#peek(0) !== HASH) {
      if (this.#at >= this.#bytes.length) throw this.#invalid('no # at its end');
      text += String.fromCharCode(this.#next());
    }
    return text;
  }

  #text(): Uint8Array {
    const value: number[] = [];
    for (;;) {
      if (this.#at >= this.#bytes.length) throw this.#invalid('text without an end');
      const byte = this.#next();
      if (byte !== SPACE) {
        value.push(byte);
        continue;
      }
      const after = this.#peek(0);
      if (after === HASH) return Uint8Array.from(value);
      if (after === 0x24) {
        this.#at++;
        value.push(this.#next() - 0x40);
      } else {
        value.push(SPACE);
        if (after === 0x25) this.#at++;
      }
    }
  }

  #sequence(parts: readonly KeyForm[]): Uint8Array {
    this.#expect(OPEN);
    const chunks: Uint8Array[] = [];
    let count = 0;
    while (this.#peek(0) === ELEMENT) {
      this.#at++;
      count++;
      for (const part of parts) chunks.push(...prefixed(this.#terminated(part)));
    }
    this.#expect(CLOSE);
    return Buffer.concat([int32Bytes(count), ...chunks]);
  }

  #fields(parts: readonly KeyForm[]): Uint8Array {
    this.#expect(OPEN);
    const chunks: Uint8Array[] = [];
    let i = 0;
    for (; this.#peek(0) !== CLOSE; i++) {
      const mark = this.#next();
      if (mark === NULL_FIELD) chunks.push(int32Bytes(-1));
      else if (mark === FIELD && i < parts.length) chunks.push(...prefixed(this.#terminated(parts[i])));
      else throw this.#invalid('a field that is not one');
    }
    this.#at++;
    // The sort side leaves null fields out at the end.
    if (!this.#isPartitionSide) for (; i < parts.length; i++) chunks.push(int32Bytes(-1));
    return Buffer.concat(chunks);
  }

  #vector(part: KeyForm, type: VectorType): Uint8Array {
    this.#expect(OPEN);
    const elements: Uint8Array[] = [];
    while (this.#peek(0) === FIELD && elements.length < type.dimension) {
      this.#at++;
      elements.push(this.#terminated(part));
    }
    this.#expect(CLOSE);
    if (elements.length < type.dimension) throw this.#invalid(`only ${elements.length} of ${type.dimension} elements`);
    return packVector(type, elements);
  }

  #expect(byte: number): void {
    if (this.#next() !== byte) throw this.#invalid(`no ${String.fromCharCode(byte)} where one is expected`);
  }

  #scalar(form: KeyForm, text: string): Uint8Array {
    switch (form.kind) {
      case 'integer': return integerBytes(signed(text), form.bytes);
      case 'timestamp': return integerBytes(/^\d/.test(text) ? isoMillis(text) : signed(text.replace(/^z/, '')), 8);
      case 'date': {
        const days = /^\d/.test(text) ? BigInt(parsePlainDate(text)) : signed(text.replace(/^z/, ''));
        return integerBytes(days + 0x80000000n, 4);
      }
      case 'time': return integerBytes(text.startsWith('z') ? BigInt(text.slice(1)) : clockNanos(text), 8);
      case 'uuid': return uuidBytes(text);
      case 'uuid-text': return hexBytes(text.replaceAll('-', ''));
      case 'legacy-uuid': {
        const bytes = hexBytes(text);
        bytes[0] ^= 0x80;
        bytes[8] ^= 0x80;
        return bytes;
      }
      case 'timeuuid': return timeuuidBytes(text);
      case 'float': {
        const bytes = hexBytes(text);
        return bytes[0] < 0x80 ? bytes.map((byte) => byte ^ 0xff) : bytes.map((byte, i) => (i === 0 ? byte ^ 0x80 : byte));
      }
      case 'boolean': {
        const raw = text.indexOf('x');
        return raw >= 0 ? hexBytes(text.slice(raw + 1)) : Uint8Array.of(text === 'true' ? 1 : 0);
      }
      case 'varint': return varintValue(text);
      case 'decimal': return decimalValue(text, this.#isPartitionSide);
      case 'hex': case 'inet': return hexBytes(text);
      default: throw new Error(`${form.kind} is not a scalar`);
    }
  }

  #invalid(what: string): Error {
    return dynamodbError('KEY_VALUES_INVALID', `The key "${Buffer.from(this.#bytes).toString()}" has ${what} (at byte ${this.#at})`);
  }
}

/** Digits, or `-` and their nines' complement. */
function signed(text: string): bigint {
  return text.startsWith('-') ? -BigInt(nines(text.slice(1))) : BigInt(text);
}

function isoMillis(text: string): bigint {
  return BigInt(parsePlainDate(text)) * BigInt(MILLIS_PER_DAY) + clockNanos(text.slice(11, -1)) / 1_000_000n;
}

/** Nanoseconds of `13:45:00.123...`. */
function clockNanos(text: string): bigint {
  const seconds = Number(text.slice(0, 2)) * 3600 + Number(text.slice(3, 5)) * 60 + Number(text.slice(6, 8));
  return BigInt(seconds) * 1_000_000_000n + BigInt(text.slice(9).padEnd(9, '0'));
}

function uuidBytes(text: string): Uint8Array {
  const fields = text.slice(2).split('-');
  return hexBytes((text.startsWith('1') ? [fields[2], fields[1], fields[0], fields[3], fields[4]] : fields).join(''));
}

function timeuuidBytes(text: string): Uint8Array {
  const [date, clock] = [text.slice(0, 10), text.slice(11, 27)];
  const ticks = (BigInt(parsePlainDate(date)) + 141_427n) * 864_000_000_000n + clockNanos(clock) / 100n; // days from 1582-10-15
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(Number(ticks & 0xffffffffn), 0);
  bytes.writeUInt16BE(Number((ticks >> 32n) & 0xffffn), 4);
  bytes.writeUInt16BE(Number(ticks >> 48n) | 0x1000, 6);
  hexBytes(text.slice(29)).forEach((byte, i) => bytes[8 + i] = byte ^ 0x80);
  return bytes;
}

function integerBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function int32Bytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function prefixed(value: Uint8Array): [Uint8Array, Uint8Array] {
  return [int32Bytes(value.length), value];
}
