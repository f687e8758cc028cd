// SSH keys as OpenSSH writes them.

import ssh2 from 'ssh2';
import { hostKeyFingerprint } from './known-hosts.ts';

/** Rounds of bcrypt over a passphrase: about a second for each guess. */
const ROUNDS = 64;

/** An RSA pair: the private key as PEM of OpenSSH, encrypted if there is a passphrase; the public one as a line of authorized_keys. */
export async function generateSshKey(bits: number, comment: string, passphrase: string | undefined): Promise<{ readonly privateKey: string; readonly publicKey: string; readonly fingerprint: string }> {
  const encryption = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: ROUNDS };
  const pair = await new Promise<{ readonly private: string; readonly public: string }>((resolve, reject) => {
    ssh2.utils.generateKeyPair('rsa', { bits, comment, ...encryption }, (error, keys) => (error === null ? resolve(keys) : reject(error)));
  });
  const publicKey = pair.public.trim();
  return { privateKey: pair.private, publicKey, fingerprint: hostKeyFingerprint(Buffer.from(publicKey.split(' ')[1]!, 'base64')) };
}
