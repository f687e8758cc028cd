// Standard output for a million lines: given in big pieces, as fast as the reader takes them; a reader that goes away (`| head`)
// ends the command quietly.

import { cliError } from './errors.ts';

/** Thrown when the reader of our output has closed it: not an error, the command just ends. */
export class OutputClosed extends Error {}

export class Output {
  readonly #stream: NodeJS.WritableStream;

  constructor(stream: NodeJS.WritableStream = process.stdout) {
    this.#stream = stream;
  }

  /** Resolves when the bytes are written and may be reused. Throws OutputClosed, OUTPUT_FAILED. */
  write(piece: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(piece, (error) => {
        if (error === null || error === undefined) resolve();
        else if ((error as NodeJS.ErrnoException).code === 'EPIPE') reject(new OutputClosed());
        else reject(cliError('OUTPUT_FAILED', `Cannot write the output: ${error.message}`, {}, error));
      });
    });
  }
}
