// Where dumped text goes: UTF-8 in chunks, each awaited before its memory is used again.

/** Takes bytes, which are valid until the promise that it may answer with resolves. Chunks end between characters. */
export type ByteSink = (bytes: Uint8Array) => void | Promise<void>;

/** Large enough that writing costs little, small enough to stay in a processor's cache. */
const CHUNK_BYTES = 128 * 1024;
/** UTF-8 bytes of one UTF-16 unit, at most. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * Collects text into chunks. Between two rows its user asks `isFull` and awaits `flush`: memory holds the text of one row beyond a
 * chunk, and no promise is made per row.
 */
export class ChunkedOutput {
  readonly #sink: ByteSink;
  readonly #full: Uint8Array[] = [];
  /** The chunk that is being filled; one flushed buffer is kept for the next. */
  #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #spare: Buffer<ArrayBuffer> | undefined;
  #used = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  add(text: string): void {
    const mostBytes = text.length * MAX_BYTES_PER_UNIT;
    if (mostBytes > CHUNK_BYTES - this.#used) {
      this.#seal();
      if (mostBytes > CHUNK_BYTES) {
        this.#full.push(Buffer.from(text));
        return;
      }
    }
    this.#used += this.#chunk.write(text, this.#used);
  }

  get isFull(): boolean {
    return this.#full.length > 0;
  }

  /** Hands over the full chunks. */
  async flush(): Promise<void> {
    for (const bytes of this.#full) {
      await this.#sink(bytes);
      if (bytes.buffer.byteLength === CHUNK_BYTES) this.#spare = Buffer.from(bytes.buffer as ArrayBuffer);
    }
    this.#full.length = 0;
  }

  /** Hands over everything. */
  async end(): Promise<void> {
    this.#seal();
    await this.flush();
  }

  #seal(): void {
    if (this.#used === 0) return;
    this.#full.push(this.#chunk.subarray(0, this.#used));
    this.#chunk = this.#spare ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#spare = undefined;
    this.#used = 0;
  }
}
