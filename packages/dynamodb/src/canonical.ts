// Items as the validation compares them: a text that is equal for equal items, however DynamoDB writes their numbers and orders their
// sets and maps; a 128-bit digest of it; and sums of digests that do not depend on the order of the items.

import { hash } from 'node:crypto';

/** An attribute as DynamoDB JSON or the AWS SDK has it: binaries are base64 text there and bytes here. */
export type CanonicalValue = {
  readonly S?: string; readonly N?: string; readonly B?: string | Uint8Array; readonly BOOL?: boolean; readonly NULL?: boolean;
  readonly SS?: readonly string[]; readonly NS?: readonly string[]; readonly BS?: readonly (string | Uint8Array)[];
  readonly L?: readonly CanonicalValue[]; readonly M?: Readonly<Record<string, CanonicalValue>>;
};
export type CanonicalItem = Readonly<Record<string, CanonicalValue>>;

/** JSON of the item with sorted names and members and one form of each number. Equal items have equal texts, and others never. */
export function canonicalItem(item: CanonicalItem): string {
  const names = Object.keys(item);
  if (names.length > 1) names.sort();
  let text = '{';
  for (let i = 0; i < names.length; i++) text += `${i > 0 ? ',' : ''}${JSON.stringify(names[i])}:${canonicalValue(item[names[i]])}`;
  return `${text}}`;
}

/** One attribute in the form of `canonicalItem`. */
export function canonicalValue(value: CanonicalValue): string {
  if (value.S !== undefined) return `{"S":${JSON.stringify(value.S)}}`;
  if (value.N !== undefined) return `{"N":"${canonicalNumber(value.N)}"}`;
  if (value.M !== undefined) return `{"M":${canonicalItem(value.M)}}`;
  if (value.L !== undefined) return `{"L":[${value.L.map(canonicalValue).join()}]}`;
  if (value.BOOL !== undefined) return `{"BOOL":${value.BOOL}}`;
  if (value.B !== undefined) return `{"B":"${base64(value.B)}"}`;
  if (value.SS !== undefined) return `{"SS":${JSON.stringify([...value.SS].sort())}}`;
  if (value.NS !== undefined) return `{"NS":${JSON.stringify(value.NS.map(canonicalNumber).sort())}}`;
  if (value.BS !== undefined) return `{"BS":${JSON.stringify(value.BS.map(base64).sort())}}`;
  return '{"NULL":true}';
}

/** Digits without zeros at either end, and the exponent of the last one: `-123E-2` for -1.230. */
export function canonicalNumber(text: string): string {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign, whole, fraction, exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  const significant = /^0*(.*?)0*$/.exec(digits)![1];
  if (significant === '') return '0';
  const trailing = digits.length - digits.replace(/0+$/, '').length;
  return `${sign === '-' ? '-' : ''}${significant}E${Number(exponent) - fraction.length + trailing}`;
}

function base64(value: string | Uint8Array): string {
  return typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
}

/** The sum of the digests of any number of items, modulo 2^128: equal for equal sets of items, in whatever order they come. */
export class ItemDigest {
  items = 0;
  readonly #words = new Uint32Array(4);

  add(item: CanonicalItem): void {
    const digest = hash('sha256', canonicalItem(item), 'buffer');
    this.items++;
    this.#sum([digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)]);
  }

  /** Adds the item that ItemEncoder wrote, `{...}`. */
  addJson(item: Uint8Array): void {
    this.add(parseItem(item));
  }

  /** Adds what another digest has summed up. */
  merge(other: ItemDigest): void {
    this.items += other.items;
    this.#sum(other.#words);
  }

  equals(other: ItemDigest): boolean {
    return this.items === other.items && this.toString() === other.toString();
  }

  /** 32 hex digits. */
  toString(): string {
    return Array.from(this.#words, (word) => word.toString(16).padStart(8, '0')).reverse().join('');
  }

  /** The digest whose `items` and `toString()` were kept. */
  static of(items: number, hex: string): ItemDigest {
    const digest = new ItemDigest();
    digest.items = items;
    for (let i = 0; i < 4; i++) digest.#words[i] = Number.parseInt(hex.slice(24 - 8 * i, 32 - 8 * i), 16);
    return digest;
  }

  #sum(words: ArrayLike<number>): void {
    let carry = 0;
    for (let i = 0; i < 4; i++) {
      const sum = this.#words[i] + words[i] + carry;
      this.#words[i] = sum;
      carry = sum > 0xffffffff ? 1 : 0;
    }
  }
}

/** The item that ItemEncoder wrote, as DynamoDB JSON. */
export function parseItem(item: Uint8Array): CanonicalItem {
  return JSON.parse(Buffer.from(item.buffer, item.byteOffset, item.length).toString()) as CanonicalItem;
}
