// How questions reach who answers: a person at a terminal, or a pipe with one answer a line.

import { createInterface } from 'node:readline';
import { extractorError } from './errors.ts';

export interface Console {
  /** False for a pipe: wrong answers are errors, and nothing beyond the known list of questions is asked. */
  readonly isTerminal: boolean;
  /** The answer as it was typed, without the line's end. Throws ANSWER_MISSING, CONFIGURE_ABORTED. */
  ask(prompt: string, isSecret?: boolean): Promise<string>;
  say(text: string): void;
  close(): void;
}

/** For the standard streams of this process. */
export function openConsole(): Console {
  return process.stdin.isTTY ? new TerminalConsole() : new PipedConsole(process.stdin, process.stdout);
}

/** One answer a line. The transcript shows answers as a terminal would, secrets excepted. */
export class PipedConsole implements Console {
  readonly isTerminal = false;
  readonly #lines: AsyncIterator<string>;
  readonly #out: NodeJS.WritableStream;

  constructor(input: NodeJS.ReadableStream, out: NodeJS.WritableStream) {
    this.#lines = createInterface({ input, crlfDelay: Infinity })[Symbol.asyncIterator]();
    this.#out = out;
  }

  async ask(prompt: string, isSecret = false): Promise<string> {
    this.#out.write(prompt);
    const { done, value } = await this.#lines.next() as IteratorResult<string, undefined>;
    this.#out.write(done !== true && !isSecret ? `${value}\n` : '\n');
    if (done === true) throw extractorError('ANSWER_MISSING', `There is no answer to "${prompt.trim().replace(/:$/, '')}"`);
    return value;
  }

  say(text: string): void {
    this.#out.write(`${text}\n`);
  }

  close(): void {
    void this.#lines.return?.();
  }
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const ESCAPE = '\u001b';
const BACKSPACES = new Set(['\u007f', '\b']);

/** A line editor of the least kind. The terminal stays in raw mode from the first question on, so that nothing typed ahead is shown or lost. */
export class TerminalConsole implements Console {
  readonly isTerminal = true;
  /** Typed, but not yet asked for. */
  #ahead = '';
  #wake: (() => void) | undefined;
  #isOpen = false;
  #hasEnded = false;

  async ask(prompt: string, isSecret = false): Promise<string> {
    this.#open();
    process.stdout.write(prompt);
    let typed: string[] = [];
    for (;;) {
      const character = await this.#next();
      if (character === '\r' || character === '\n') break;
      if (character === CTRL_C) throw this.#ended(extractorError('CONFIGURE_ABORTED', 'Ended with Ctrl-C'));
      if (character === CTRL_D) throw this.#ended(extractorError('ANSWER_MISSING', 'The terminal was closed'));
      const before = typed.length;
      if (character === CTRL_U) typed = [];
      else if (BACKSPACES.has(character)) typed.pop();
      else if (character >= ' ') typed.push(character);
      if (isSecret) continue;
      if (typed.length > before) process.stdout.write(character);
      else process.stdout.write('\b \b'.repeat(before - typed.length));
    }
    process.stdout.write('\r\n');
    return typed.join('');
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.stdin.setRawMode(false).off('data', this.#hear).off('end', this.#end).pause();
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    process.stdin.setEncoding('utf8').setRawMode(true).on('data', this.#hear).on('end', this.#end).resume();
  }

  readonly #hear = (text: Buffer | string): void => {
    this.#ahead += text.toString();
    this.#wake?.();
  };

  readonly #end = (): void => {
    this.#hasEnded = true;
    this.#wake?.();
  };

  /** The next key. Keys that send a sequence (arrows and the like) have no meaning here and are passed over. */
  async #next(): Promise<string> {
    for (;;) {
      while (this.#ahead === '') {
        if (this.#hasEnded) return CTRL_D;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      const key = keyAtStart(this.#ahead);
      this.#ahead = this.#ahead.slice(key.length);
      if (!key.startsWith(ESCAPE)) return key;
    }
  }

  #ended<E extends Error>(error: E): E {
    process.stdout.write('\r\n');
    return error;
  }
}

/** A character, or a whole escape sequence. */
function keyAtStart(text: string): string {
  const [character] = /^./su.exec(text)!;
  return character === ESCAPE ? ESCAPE + (/^(?:\[[\d;]*[ -/]*[@-~]|O.)/.exec(text.slice(1))?.[0] ?? '') : character;
}
