// Standard output for a million lines: big buffers, back-pressure respected, and a reader that goes away (`| head`) ends us quietly.

import { cliError } from './errors.ts';

const BUFFER_BYTES = 256 * 1024;

/** Thrown when the reader of our output has closed it: not an error, the command just ends. */
export class OutputClosed extends Error {}

/** Collects bytes and text, and writes them to standard output in big pieces. One per command. */
export class Output {
  readonly #stream: NodeJS.WritableStream;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  #length = 0;
  #failure: Error | undefined;

  constructor(stream: NodeJS.WritableStream = process.stdout) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure ??= error.code === 'EPIPE' ? new OutputClosed() : cliError('OUTPUT_FAILED', `Cannot write the output: ${error.message}`, {}, error);
    });
  }

  /** True when the caller should `await flush()` before it adds more. */
  get isFull(): boolean {
    return this.#length >= BUFFER_BYTES;
  }

  addText(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length);
  }

  addBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Writes what was added, and waits until the reader can take more. Throws OutputClosed or OUTPUT_FAILED. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#length === 0) return;
    const piece = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    this.#length = 0;
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(piece, (error) => {
        if (error === null || error === undefined) resolve();
        else setImmediate(() => reject(this.#failure ?? error));
      });
    });
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + bytes));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
