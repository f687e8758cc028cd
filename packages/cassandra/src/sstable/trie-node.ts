// One node of the tries of Partitions.db (docs/formats/tries.md): which bytes lead on from it, to which nodes, and where its payload lies.

import { cassandraError } from '../errors.ts';

type Kind = 'payload' | 'single' | 'sparse' | 'dense';
/** By the upper four bits of a node's first byte: how its children are listed, and bits of a distance. */
const TYPES: readonly { readonly kind: Kind; readonly bits: number }[] = [
  { kind: 'payload', bits: 0 }, { kind: 'single', bits: 4 }, { kind: 'single', bits: 8 }, { kind: 'single', bits: 12 }, { kind: 'single', bits: 16 },
  { kind: 'sparse', bits: 8 }, { kind: 'sparse', bits: 12 }, { kind: 'sparse', bits: 16 }, { kind: 'sparse', bits: 24 }, { kind: 'sparse', bits: 40 },
  { kind: 'dense', bits: 12 }, { kind: 'dense', bits: 16 }, { kind: 'dense', bits: 24 }, { kind: 'dense', bits: 32 }, { kind: 'dense', bits: 40 }, { kind: 'dense', bits: 64 },
];

/** A node at a position of the file. The bytes start with it; some may follow. Reads past their end are SSTABLE_TRUNCATED. */
export class TrieNode {
  readonly position: number;
  /** Places for children, by rising byte; in a dense node some are empty. */
  readonly slots: number;
  /** Lower four bits of the node: what its payload is; 0 when it has none. */
  readonly payloadFlags: number;
  /** Where the payload starts in the bytes. */
  readonly payloadAt: number;
  readonly #bytes: Uint8Array;
  readonly #kind: Kind;
  readonly #bits: number;
  readonly #file: string;

  constructor(bytes: Uint8Array, position: number, file: string) {
    this.#bytes = bytes;
    this.position = position;
    this.#file = file;
    const head = this.#byte(0);
    const { kind, bits } = TYPES[head >> 4];
    this.#kind = kind;
    this.#bits = bits;
    const hasPayload = kind !== 'single' || bits === 8 || bits === 16;
    this.payloadFlags = hasPayload ? head & 15 : 0;
    this.slots = kind === 'payload' ? 0 : kind === 'single' ? 1 : kind === 'sparse' ? this.#byte(1) : this.#byte(2) + 1;
    this.payloadAt = this.#distancesAt() + Math.ceil((this.slots * bits) / 8);
  }

  /** The byte that leads to a child. */
  byteOf(slot: number): number {
    switch (this.#kind) {
      case 'dense': return this.#byte(1) + slot;
      case 'sparse': return this.#byte(2 + slot);
      // The rest of a distance of 12 bits comes before it.
      default: return this.#byte(this.#bits === 12 ? 2 : 1);
    }
  }

  /** Position of a child; undefined where there is none. Always before this node: a damaged file cannot lead in circles. */
  child(slot: number): number | undefined {
    const distance = this.#distance(slot);
    if (distance === 0 && this.#kind === 'dense') return undefined;
    if (distance <= 0 || distance > this.position) {
      throw cassandraError('SSTABLE_CORRUPT', `A trie node points ${distance} bytes back`, { file: this.#file, offset: this.position });
    }
    return this.position - distance;
  }

  /** Where the list of distances starts. */
  #distancesAt(): number {
    return this.#kind === 'sparse' ? 2 + this.slots : this.#kind === 'dense' ? 3 : this.#kind === 'single' ? 2 : 1;
  }

  #distance(slot: number): number {
    const at = this.#distancesAt();
    switch (this.#bits) {
      case 4: return this.#byte(0) & 15;
      case 12: {
        if (this.#kind === 'single') return ((this.#byte(0) & 15) << 8) | this.#byte(1);
        const first = at + ((slot * 3) >> 1);
        return slot % 2 === 0 ? (this.#byte(first) << 4) | (this.#byte(first + 1) >> 4) : ((this.#byte(first) & 15) << 8) | this.#byte(first + 1);
      }
      default: {
        const length = this.#bits / 8;
        let distance = 0;
        for (let i = 0; i < length; i++) distance = distance * 256 + this.#byte(at + slot * length + i);
        return distance;
      }
    }
  }

  /** The payload as a signed number: of `payloadFlags` bytes, or behind a byte of another meaning when the flags have `withByte`. */
  payload(withByte: number): number {
    const hasByte = this.payloadFlags >= withByte;
    const at = this.payloadAt + (hasByte ? 1 : 0);
    const length = hasByte ? this.payloadFlags - withByte + 1 : this.payloadFlags;
    let value = (this.#byte(at) << 24) >> 24;
    for (let i = 1; i < length; i++) value = value * 256 + this.#byte(at + i);
    if (!Number.isSafeInteger(value)) throw cassandraError('SSTABLE_CORRUPT', `A trie node points to ${value}`, { file: this.#file, offset: this.position });
    return value;
  }

  #byte(at: number): number {
    if (at >= this.#bytes.length) throw cassandraError('SSTABLE_TRUNCATED', 'A trie node ends too early', { file: this.#file, offset: this.position });
    return this.#bytes[at];
  }
}
