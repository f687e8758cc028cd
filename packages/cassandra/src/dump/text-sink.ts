// Where dumped text goes: pieces of bounded size, awaited when the receiver asks for it.

/** Takes text; may answer with a promise to be awaited before more is given. */
export type TextSink = (text: string) => void | Promise<void>;

/** UTF-16 units of a piece: large enough that writing costs little, small enough that a partition of any size streams. */
const PIECE_LENGTH = 64 * 1024;

/**
 * Collects text into pieces. Between two rows its user asks `isFull` and awaits `flush`, so memory holds one row's text at most, and no promise
 * is made per row.
 */
export class TextBatch {
  readonly #sink: TextSink;
  readonly #pieces: string[] = [];
  #text = '';

  constructor(sink: TextSink) {
    this.#sink = sink;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length < PIECE_LENGTH) return;
    this.#pieces.push(this.#text);
    this.#text = '';
  }

  get isFull(): boolean {
    return this.#pieces.length > 0;
  }

  /** Hands over the full pieces. */
  async flush(): Promise<void> {
    for (const piece of this.#pieces) await this.#sink(piece);
    this.#pieces.length = 0;
  }

  /** Hands over everything. */
  async end(): Promise<void> {
    await this.flush();
    if (this.#text !== '') await this.#sink(this.#text);
    this.#text = '';
  }
}
