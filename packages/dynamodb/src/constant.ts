// JSON that every item repeats: names, types, delimiters. Half of an item's bytes are such, so they are written four at a time.

/** Text that is written as it is. The writer needs room for `words.length * 4` bytes: what is too much is overwritten by what follows. */
export class Constant {
  readonly text: string;
  /** Bytes in UTF-8. */
  readonly length: number;
  /** The bytes in little-endian words, the last one filled up with zeros. */
  readonly words: Int32Array;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.text = text;
    this.length = bytes.length;
    this.words = Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => (
      bytes[i * 4] | ((bytes[i * 4 + 1] ?? 0) << 8) | ((bytes[i * 4 + 2] ?? 0) << 16) | ((bytes[i * 4 + 3] ?? 0) << 24)));
  }
}
