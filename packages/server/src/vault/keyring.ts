// The keyring of the desktop (Secret Service over D-Bus: GNOME Keyring, KWallet), by libsecret's own command. What is secret goes through its
// standard input and output, never through arguments.

import { spawn } from 'node:child_process';
import { serverError } from '../errors.ts';

const PROGRAM = 'secret-tool';
/** A keyring that is locked asks its user, who may not be there. */
const ANSWER_MILLIS = 15_000;

/** An entry of the keyring. */
export interface KeyringPlace {
  readonly vault: string;
  readonly lock: string;
}

/** Throws VAULT_LOCK_UNUSABLE. */
export async function keepInKeyring(place: KeyringPlace, secret: string): Promise<void> {
  await ask(['store', '--label', `Aeneas vault ${place.vault}`, ...attributes(place)], secret);
}

/** Throws VAULT_LOCK_UNUSABLE, also when it has no such entry. */
export async function findInKeyring(place: KeyringPlace): Promise<string> {
  const found = await ask(['lookup', ...attributes(place)]);
  if (found === '') throw serverError('VAULT_LOCK_UNUSABLE', 'The keyring of the server\'s user has no key of this vault');
  return found;
}

/** Throws VAULT_LOCK_UNUSABLE. */
export async function clearInKeyring(place: KeyringPlace): Promise<void> {
  await ask(['clear', ...attributes(place)]);
}

function attributes({ vault, lock }: KeyringPlace): string[] {
  return ['application', 'aeneas', 'vault', vault, 'lock', lock];
}

async function ask(words: readonly string[], input = ''): Promise<string> {
  const child = spawn(PROGRAM, words, { stdio: 'pipe', timeout: ANSWER_MILLIS });
  let answer = '';
  let complaint = '';
  child.stdout.on('data', (piece: Buffer) => (answer += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (complaint += piece.toString()));
  // It may have ended before it read anything.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const ended = Promise.withResolvers<string | undefined>();
  child.once('error', (error: NodeJS.ErrnoException) => ended.resolve(error.code === 'ENOENT' ? `there is no program ${PROGRAM} here (package libsecret-tools)` : error.message));
  child.once('close', (status, signal) => {
    // Nothing found, and nothing said: that is an answer.
    const isAnswer = status === 0 || (status === 1 && complaint.trim() === '');
    ended.resolve(isAnswer ? undefined : signal === null ? complaint.trim().split('\n')[0]!.slice(0, 300) : 'it does not answer; it may be locked, and ask its user');
  });
  const problem = await ended.promise;
  if (problem !== undefined) throw serverError('VAULT_LOCK_UNUSABLE', `The keyring of the server's user cannot be used: ${problem}`);
  return answer;
}
