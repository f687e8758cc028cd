// Passwords come from a file, from the environment or from a terminal that does not show them; never from arguments, which everybody on
// the machine can see.

import { readFile, stat } from 'node:fs/promises';
import { cliError } from './errors.ts';

export interface SecretSource {
  /** As in "Password of the stores". */
  readonly what: string;
  readonly file?: string | undefined;
  /** Name of the variable; taken out of the environment once read, so that no child gets it. */
  readonly variable: string;
  /** Ask twice: it is being set. */
  readonly isNew?: boolean;
}

const OTHERS = 0o077;

/** Throws SECRET_MISSING, SECRET_FILE_UNFIT. */
export async function readSecret({ what, file, variable, isNew = false }: SecretSource): Promise<string> {
  if (file !== undefined) return readSecretFile(file);
  const value = process.env[variable];
  if (value !== undefined && value !== '') {
    delete process.env[variable];
    return value;
  }
  if (!process.stdin.isTTY) throw cliError('SECRET_MISSING', `${what}: there is no terminal to ask on, and ${variable} is not set`);
  const typed = await ask(`${what}: `);
  if (isNew && typed !== (await ask(`${what}, once more: `))) throw cliError('SECRET_MISSING', `${what}: the two are not the same`);
  return typed;
}

/** The first line of a file that its owner alone can read. */
async function readSecretFile(file: string): Promise<string> {
  try {
    if (((await stat(file)).mode & OTHERS) !== 0) throw cliError('SECRET_FILE_UNFIT', 'Others than the owner may read this file', { file });
    const [line] = (await readFile(file, 'utf8')).split(/\r?\n/);
    if (line !== '') return line;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw cliError('SECRET_FILE_UNFIT', `A password file cannot be read: ${(error as Error).message}`, {}, error);
  }
  throw cliError('SECRET_FILE_UNFIT', 'The password file is empty', { file });
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACES = new Set(['\u007f', '\b']);

/** Reads a line from the terminal without showing it. */
function ask(prompt: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const { stdin, stderr } = process;
  let typed: string[] = [];
  const end = (settle: () => void): void => {
    stdin.off('data', hear).setRawMode(false).pause();
    stderr.write('\n');
    settle();
  };
  const hear = (text: string): void => {
    for (const character of text) {
      if (character === '\r' || character === '\n') return end(() => resolve(typed.join('')));
      if (character === CTRL_C || character === CTRL_D) return end(() => reject(cliError('SECRET_MISSING', 'No password was typed')));
      if (BACKSPACES.has(character)) typed = typed.slice(0, -1);
      else typed.push(character);
    }
    return undefined;
  };
  stderr.write(prompt);
  stdin.setEncoding('utf8').setRawMode(true).resume().on('data', hear);
  return promise;
}
