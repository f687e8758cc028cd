// The elements of a vector (Cassandra 5.0): back to back where all have one length, else each behind a vint with its own
// (docs/formats/data.md). Never null, as many as the type says.

import { ByteCursor } from '../bytes/byte-cursor.ts';
import { CodedError, cassandraError } from '../errors.ts';
import type { VectorType } from './cql-type.ts';
import { fixedLengthOf } from './fixed-length.ts';

/** Steps through one vector after the other; reusable. */
export class VectorElements {
  /** Where the element that `next` found lies in the bytes. */
  start = 0;
  end = 0;
  readonly #dimension: number;
  readonly #elementLength: number;
  readonly #input = new ByteCursor(new Uint8Array(0));
  #index = 0;

  constructor(type: VectorType) {
    this.#dimension = type.dimension;
    this.#elementLength = fixedLengthOf(type.element);
  }

  open(bytes: Uint8Array, start: number, end: number): void {
    this.#input.bytes = bytes;
    this.#input.position = start;
    this.#input.limit = end;
    this.#index = 0;
  }

  /** False behind the last element. Throws VALUE_INVALID when the bytes are not those of the type. */
  next(): boolean {
    const input = this.#input;
    if (this.#index === this.#dimension) {
      if (input.remaining() > 0) throw cassandraError('VALUE_INVALID', `A vector of ${this.#dimension} elements with ${input.remaining()} bytes too many`);
      return false;
    }
    try {
      const length = this.#elementLength >= 0 ? this.#elementLength : input.readUnsignedVInt();
      this.start = input.take(length);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      throw cassandraError('VALUE_INVALID', `A vector that ends within element ${this.#index} of ${this.#dimension}`, {}, error);
    }
    this.end = input.position;
    this.#index++;
    return true;
  }
}

/** The bytes of a vector, from those of its elements. */
export function packVector(type: VectorType, elements: readonly Uint8Array[]): Uint8Array {
  if (elements.length !== type.dimension) throw cassandraError('VALUE_INVALID', `${elements.length} elements for a vector of ${type.dimension}`);
  const hasLengths = fixedLengthOf(type.element) < 0;
  return Buffer.concat(elements.flatMap((element) => (hasLengths ? [unsignedVInt(element.length), element] : [element])));
}

function unsignedVInt(value: number): Uint8Array {
  const extra = Math.max(0, Math.ceil((33 - Math.clz32(value) - 8) / 7));
  const bytes = new Uint8Array(extra + 1);
  for (let i = extra, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest & 0xff;
  bytes[0] |= (0xff00 >> extra) & 0xff;
  return bytes;
}
