// Values as the JSON of neutral rows, which every command and test of this project shares (fixtures/README.md):
// numbers are strings of exact digits, blobs "0x...", zero bytes of a type that is no string {"empty": true}.

import { cassandraError } from '../errors.ts';
import type { Row } from '../model/row.ts';
import type { CqlType, VectorType } from './cql-type.ts';
import { asciiOf, counterTotalOf, decimalText, durationOf, floatingOf, hexOf, int32At, integerText, requireLength, textOf, uuidOf } from './decode.ts';
import { inetText } from './inet.ts';
import { floatingText } from './number-text.ts';
import { VectorElements } from './vector.ts';

/** One value as JSON text. Throws VALUE_INVALID when the bytes do not fit the type. */
export type ValueWriter = (bytes: Uint8Array, start: number, end: number) => string;

/** The elements of one multi-cell column, cells [first, end) of the row, as JSON text. Throws VALUE_INVALID. */
export type CellsWriter = (row: Row, first: number, end: number) => string;

const EMPTY = '{"empty": true}';

/** The writer for values of a type in one piece: simple cells, keys, frozen collections and everything inside those. */
export function neutralWriterOf(type: CqlType): ValueWriter {
  switch (type.kind) {
    case 'ascii': return (bytes, start, end) => JSON.stringify(asciiOf(bytes, start, end));
    case 'text': return (bytes, start, end) => JSON.stringify(textOf(bytes, start, end));
    case 'blob': case 'composite': case 'custom': return (bytes, start, end) => `"0x${hexOf(bytes, start, end)}"`;
    case 'empty': return (_bytes, start, end) => {
      requireLength('value of the empty type', start, end, 0);
      return EMPTY;
    };
    case 'tuple': return tupleWriter(type.elements.map(neutralWriterOf));
    case 'udt': return userTypeWriter(type.fields.map(({ name }) => name), type.fields.map((field) => neutralWriterOf(field.type)));
    default: {
      const write = nonEmptyWriterOf(type);
      return (bytes, start, end) => (start === end ? EMPTY : write(bytes, start, end));
    }
  }
}

/** The writer for a column of a multi-cell type. */
export function neutralCellsWriterOf(type: CqlType): CellsWriter {
  switch (type.kind) {
    case 'list': return joined(valueOfCell(neutralWriterOf(type.element)));
    case 'set': return joined(pathOfCell(neutralWriterOf(type.element)));
    case 'map': {
      const key = pathOfCell(neutralWriterOf(type.key));
      const value = valueOfCell(neutralWriterOf(type.value));
      return joined((row, cell) => `[${key(row, cell)}, ${value(row, cell)}]`);
    }
    case 'udt': return userTypeCellsWriter(type.fields.map(({ name }) => name), type.fields.map((field) => neutralWriterOf(field.type)));
    default: throw new Error(`${type.kind} is not multi-cell`);
  }
}

function nonEmptyWriterOf(type: CqlType): ValueWriter {
  switch (type.kind) {
    case 'bigint': case 'timestamp': case 'time': return integerWriter(type.kind, 8);
    case 'int': return integerWriter(type.kind, 4);
    case 'smallint': return integerWriter(type.kind, 2);
    case 'tinyint': return integerWriter(type.kind, 1);
    case 'varint': return (bytes, start, end) => `"${integerText(bytes, start, end)}"`;
    case 'counter': return (bytes, start, end) => `"${counterTotalOf(bytes, start, end)}"`;
    case 'decimal': return (bytes, start, end) => `"${decimalText(bytes, start, end)}"`;
    case 'float': return floatingWriter(type.kind, 4);
    case 'double': return floatingWriter(type.kind, 8);
    case 'boolean': return (bytes, start, end) => {
      requireLength(type.kind, start, end, 1);
      return bytes[start] !== 0 ? 'true' : 'false';
    };
    case 'date': return (bytes, start, end) => {
      requireLength(type.kind, start, end, 4);
      // Stored unsigned, with the epoch in the middle.
      return `"${int32At(bytes, start) ^ 0x8000_0000}"`;
    };
    case 'duration': return (bytes, start, end) => {
      const { months, days, nanos } = durationOf(bytes, start, end);
      return `{"months": "${months}", "days": "${days}", "nanos": "${nanos}"}`;
    };
    case 'inet': return (bytes, start, end) => `"${inetText(bytes, start, end)}"`;
    case 'uuid': case 'timeuuid': return (bytes, start, end) => {
      requireLength(type.kind, start, end, 16);
      return `"${uuidOf(bytes, start)}"`;
    };
    case 'list': case 'set': return sequenceWriter([neutralWriterOf(type.element)], (values) => values.join(', '));
    case 'vector': return vectorWriter(type);
    case 'map': return sequenceWriter([neutralWriterOf(type.key), neutralWriterOf(type.value)], pairs);
    default: throw new Error(`${type.kind} has no writer`);
  }
}

function integerWriter(kind: string, length: number): ValueWriter {
  return (bytes, start, end) => {
    requireLength(kind, start, end, length);
    return `"${integerText(bytes, start, end)}"`;
  };
}

function floatingWriter(kind: string, length: number): ValueWriter {
  return (bytes, start, end) => {
    requireLength(kind, start, end, length);
    return `"${floatingText(floatingOf(bytes, start, end), length === 4)}"`;
  };
}

function pairs(values: readonly string[]): string {
  const texts = [];
  for (let i = 0; i < values.length; i += 2) texts.push(`[${values[i]}, ${values[i + 1]}]`);
  return texts.join(', ');
}

/** Frozen list, set (one writer) or map (two): int32 count, then per element int32 length and bytes; negative lengths are null. */
function sequenceWriter(writers: readonly ValueWriter[], join: (values: readonly string[]) => string): ValueWriter {
  return (bytes, start, end) => {
    const elements = new ElementReader(bytes, start, end);
    const count = elements.length() * writers.length;
    // Each element has at least its length: a count beyond that is damage, not a reason to allocate.
    if (count < 0 || count * 4 > end - start) throw invalid(`a collection of ${end - start} bytes that claims ${count} elements`);
    const values: string[] = [];
    for (let i = 0; i < count; i++) values.push(elements.next(writers[i % writers.length]));
    elements.requireEnd();
    return `[${join(values)}]`;
  };
}

function vectorWriter(type: VectorType): ValueWriter {
  const write = neutralWriterOf(type.element);
  return (bytes, start, end) => {
    const elements = new VectorElements(type);
    elements.open(bytes, start, end);
    const values: string[] = [];
    while (elements.next()) values.push(write(bytes, elements.start, elements.end));
    return `[${values.join(', ')}]`;
  };
}

function tupleWriter(writers: readonly ValueWriter[]): ValueWriter {
  return (bytes, start, end) => `[${fieldValues(bytes, start, end, writers).join(', ')}]`;
}

function userTypeWriter(names: readonly string[], writers: readonly ValueWriter[]): ValueWriter {
  const keys = names.map((name) => `${JSON.stringify(name)}: `);
  return (bytes, start, end) => `{${fieldValues(bytes, start, end, writers).map((value, i) => keys[i] + value).join(', ')}}`;
}

/** Fields may be missing at the end: the type was altered after the value was written. */
function fieldValues(bytes: Uint8Array, start: number, end: number, writers: readonly ValueWriter[]): string[] {
  const elements = new ElementReader(bytes, start, end);
  const values = writers.map((write) => (elements.atEnd() ? 'null' : elements.next(write)));
  elements.requireEnd();
  return values;
}

class ElementReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  atEnd(): boolean {
    return this.#at === this.#end;
  }

  length(): number {
    if (this.#end - this.#at < 4) throw invalid('a length that runs over its end');
    this.#at += 4;
    return int32At(this.#bytes, this.#at - 4);
  }

  next(write: ValueWriter): string {
    const length = this.length();
    if (length < 0) return 'null';
    if (length > this.#end - this.#at) throw invalid('an element that runs over its end');
    this.#at += length;
    return write(this.#bytes, this.#at - length, this.#at);
  }

  requireEnd(): void {
    if (!this.atEnd()) throw invalid(`${this.#end - this.#at} bytes after its last element`);
  }
}

type CellWriter = (row: Row, cell: number) => string;

function valueOfCell(write: ValueWriter): CellWriter {
  return (row, cell) => write(row.bytes, row.valueStart[cell], row.valueEnd[cell]);
}

function pathOfCell(write: ValueWriter): CellWriter {
  return (row, cell) => write(row.bytes, row.pathStart[cell], row.pathEnd[cell]);
}

function joined(write: CellWriter): CellsWriter {
  return (row, first, end) => {
    const values = [];
    for (let cell = first; cell < end; cell++) values.push(write(row, cell));
    return `[${values.join(', ')}]`;
  };
}

/** Each field is a cell whose path is its number as an int16. */
function userTypeCellsWriter(names: readonly string[], writers: readonly ValueWriter[]): CellsWriter {
  const keys = names.map((name) => JSON.stringify(name));
  return (row, first, end) => {
    const values = keys.map(() => 'null');
    for (let cell = first; cell < end; cell++) {
      const field = fieldOfPath(row.bytes, row.pathStart[cell], row.pathEnd[cell], writers.length);
      values[field] = writers[field](row.bytes, row.valueStart[cell], row.valueEnd[cell]);
    }
    return `{${keys.map((key, i) => `${key}: ${values[i]}`).join(', ')}}`;
  };
}

/** The field number in the path of a user type's cell. Throws VALUE_INVALID when there is no such field. */
export function fieldOfPath(bytes: Uint8Array, start: number, end: number, fieldCount: number): number {
  const field = end - start === 2 ? (bytes[start] << 8) | bytes[start + 1] : -1;
  if (field < 0 || field >= fieldCount) throw invalid(`a field that its user type lacks (0x${hexOf(bytes, start, end)})`);
  return field;
}

function invalid(what: string): Error {
  return cassandraError('VALUE_INVALID', `A value has ${what}`);
}
