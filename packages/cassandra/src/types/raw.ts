// Values as Cassandra 3.11.2's sstabledump prints them. It has two ways: JSON (AbstractType.toJSONString) for clustering and cell
// values, and plain text (AbstractType.getString) for partition keys and cell paths.
//
// Where it fails, on empty values of types that are no strings and on classes without JSON, this prints an empty string and hexadecimal.

import { cassandraError } from '../errors.ts';
import type { CqlType, VectorType } from './cql-type.ts';
import { asciiOf, bigIntOf, decimalText, hexOf, int32At, textOf } from './decode.ts';
import { javaTextOf, plainDecimalText } from './java-values.ts';
import { javaTimestampText } from './java-time.ts';
import { VectorElements } from './vector.ts';

/** Writes one value. Throws VALUE_INVALID when the bytes do not fit the type. */
export type RawText = (bytes: Uint8Array, start: number, end: number) => string;

/** The writer of values as JSON text. NaN and infinities come out bare, as the tool prints them, so that they are not lost. */
export function rawJsonOf(type: CqlType): RawText {
  switch (type.kind) {
    case 'ascii': return (bytes, start, end) => jacksonString(asciiOf(bytes, start, end));
    case 'text': return (bytes, start, end) => jacksonString(textOf(bytes, start, end));
    case 'blob': case 'composite': case 'custom': return (bytes, start, end) => `"0x${hexOf(bytes, start, end)}"`;
    case 'list': case 'set': {
      const write = rawJsonOf(type.element);
      return notEmpty((bytes, start, end) => `[${elementsOf(bytes, start, end, 1, () => write).join(', ')}]`);
    }
    case 'map': {
      const key = rawJsonOf(type.key);
      const value = rawJsonOf(type.value);
      return notEmpty((bytes, start, end) => {
        const texts = elementsOf(bytes, start, end, 2, (i) => (i % 2 === 0 ? key : value));
        return `{${texts.map((text, i) => (i % 2 === 0 ? `${i > 0 ? ', ' : ''}${quoted(text)}: ` : text)).join('')}}`;
      });
    }
    case 'tuple': {
      const writers = type.elements.map(rawJsonOf);
      return (bytes, start, end) => `[${fieldsOf(bytes, start, end, writers).map((text) => text ?? 'null').join(', ')}]`;
    }
    case 'vector': return notEmpty(vectorJson(type));
    case 'udt': {
      const writers = type.fields.map((field) => rawJsonOf(field.type));
      const labels = type.fields.map(({ name }) => `${jacksonString(name === name.toLowerCase() ? name : `"${name}"`)}: `);
      return (bytes, start, end) => `{${fieldsOf(bytes, start, end, writers).map((text, i) => labels[i] + (text ?? 'null')).join(', ')}}`;
    }
    case 'decimal': return notEmpty(decimalText);
    case 'timestamp': return notEmpty((bytes, start, end) => `"${javaTimestampText(millisOf(bytes, start, end), 'millis')}"`);
    case 'date': case 'time': case 'duration': case 'inet': case 'uuid': case 'timeuuid': {
      const write = javaTextOf(type.kind)!;
      return notEmpty((bytes, start, end) => `"${write(bytes, start, end)}"`);
    }
    case 'empty': return () => '""';
    case 'counter': {
      // Not the count: the tool takes the first eight bytes of the context for it (and fails when there are fewer).
      const write = javaTextOf(type.kind)!;
      return notEmpty((bytes, start, end) => (end - start < 8 ? `"0x${hexOf(bytes, start, end)}"` : write(bytes, start, end)));
    }
    default: return notEmpty(javaTextOf(type.kind)!);
  }
}

/** The writer of values as plain text, not quoted. */
export function rawPlainOf(type: CqlType): RawText {
  switch (type.kind) {
    case 'ascii': return asciiOf;
    case 'text': return textOf;
    case 'blob': case 'list': case 'set': case 'map': case 'vector': case 'composite': case 'custom': case 'counter': return hexOf;
    case 'tuple': return fieldsText(type.elements.map(rawPlainOf));
    case 'udt': return fieldsText(type.fields.map((field) => rawPlainOf(field.type)));
    case 'decimal': return orNothing(plainDecimalText);
    case 'timestamp': return orNothing((bytes, start, end) => javaTimestampText(millisOf(bytes, start, end), 'minutes'));
    case 'empty': return () => '';
    default: return orNothing(javaTextOf(type.kind)!);
  }
}

/** As 5.0's tool prints them. */
function vectorJson(type: VectorType): RawText {
  const write = rawJsonOf(type.element);
  return (bytes, start, end) => {
    const elements = new VectorElements(type);
    elements.open(bytes, start, end);
    const texts: string[] = [];
    while (elements.next()) texts.push(write(bytes, elements.start, elements.end));
    return `[${texts.join(', ')}]`;
  };
}

function notEmpty(write: RawText): RawText {
  return (bytes, start, end) => (start === end ? '""' : write(bytes, start, end));
}

function orNothing(write: RawText): RawText {
  return (bytes, start, end) => (start === end ? '' : write(bytes, start, end));
}

/** TupleType.getString: a:b, with @ for null. */
function fieldsText(writers: readonly RawText[]): RawText {
  return (bytes, start, end) => {
    const texts = fieldsOf(bytes, start, end, writers);
    const present = texts.slice(0, texts.includes(undefined) ? texts.indexOf(undefined) : texts.length);
    return present.map((text) => (text === null ? '@' : text!.replaceAll(':', '\\:').replaceAll('@', '\\@'))).join(':');
  };
}

/** Map keys must be strings in JSON: of other values the string is their JSON text, so that every blank and digit of it counts. */
function quoted(json: string): string {
  return json.startsWith('"') ? json : jacksonString(json);
}

/** A JSON string with its control characters in upper-case hexadecimal, as Jackson writes them. */
function jacksonString(text: string): string {
  return JSON.stringify(text).replaceAll(/\\(?:u00([0-9a-f]{2})|.)/g, (escape, code?: string) => (code === undefined ? escape : `\\u00${code.toUpperCase()}`));
}

function millisOf(bytes: Uint8Array, start: number, end: number): bigint {
  if (end - start < 8) throw malformed(`only ${end - start} of 8 bytes`);
  return bigIntOf(bytes, start, start + 8);
}

/** The elements of a frozen collection, `perCount` for each that is counted. Null elements are `null`. */
function elementsOf(bytes: Uint8Array, start: number, end: number, perCount: number, writerOf: (i: number) => RawText): string[] {
  if (end - start < 4) throw malformed('a collection without a count');
  const count = int32At(bytes, start) * perCount;
  if (count * 4 > end - start) throw malformed(`a collection of ${end - start} bytes that claims ${count} elements`);
  const texts: string[] = [];
  let at = start + 4;
  for (let i = 0; i < count; i++) {
    const next = elementEnd(bytes, at, end);
    texts.push(next < 0 ? 'null' : writerOf(i)(bytes, at + 4, next));
    at = next < 0 ? at + 4 : next;
  }
  return texts;
}

/** The fields of a tuple or user type: null where they are null, undefined where the value ends before them. */
function fieldsOf(bytes: Uint8Array, start: number, end: number, writers: readonly RawText[]): (string | null | undefined)[] {
  let at = start;
  return writers.map((write) => {
    if (at === end) return undefined;
    const from = at + 4;
    const next = elementEnd(bytes, at, end);
    at = next < 0 ? from : next;
    return next < 0 ? null : write(bytes, from, next);
  });
}

/** Where the element whose int32 length stands at `at` ends; -1 when it is null. */
function elementEnd(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 4) throw malformed('a length that runs over its end');
  const length = int32At(bytes, at);
  if (length > end - at - 4) throw malformed('an element that runs over its end');
  return length < 0 ? -1 : at + 4 + length;
}

function malformed(what: string): Error {
  return cassandraError('VALUE_INVALID', `A value has ${what}`);
}
