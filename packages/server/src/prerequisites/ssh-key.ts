// An RSA key pair in OpenSSH's format. The private key is handed out once, or put where it was asked for; no copy stays.

import { open } from 'node:fs/promises';
import { generateSshKey } from '@aeneas/agent';
import { serverError } from '../errors.ts';

const BITS = 4096;
const OWNER_ONLY = 0o600;

export interface KeyOrder {
  readonly comment: string;
  readonly passphrase?: string | undefined;
  readonly saveTo?: string | undefined;
}
export interface KeyPair {
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly privateKey?: string;
  readonly savedTo?: string;
}

/** Throws SSH_KEY_FILE. */
export async function generateKeyPair({ comment, passphrase, saveTo }: KeyOrder): Promise<KeyPair> {
  const { privateKey, publicKey, fingerprint } = await generateSshKey(BITS, comment, passphrase === '' ? undefined : passphrase);
  if (saveTo === undefined) return { publicKey, fingerprint, privateKey };
  try {
    // Never in the place of another file, and never readable for others, not even for a moment.
    const file = await open(saveTo, 'wx', OWNER_ONLY);
    await file.writeFile(privateKey).finally(() => file.close());
  } catch (error) {
    throw serverError('SSH_KEY_FILE', `The private key was not saved: ${(error as Error).message}`, { file: saveTo }, error);
  }
  return { publicKey, fingerprint, savedTo: saveTo };
}
