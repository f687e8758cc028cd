// The one growing array that items are encoded into, so that a batch of items costs no allocation.

const INITIAL_BYTES = 1 << 16;

/** Bytes being written: `bytes[0, length)` is the content. Whoever consumed it sets `length` back to 0. */
export class OutputBuffer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(INITIAL_BYTES);
  length = 0;
  /** Of `bytes`, to write words. */
  view = new DataView(this.bytes.buffer);

  /** Makes room for `extra` more bytes; `bytes` may be another array afterwards. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** The content as text, for tests and messages. */
  toString(): string {
    return new TextDecoder().decode(this.bytes.subarray(0, this.length));
  }
}
