// The engine signs what it sends to our handlers, so that nobody else on the machine can call them.

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const RAW_KEY_BYTES = 32;

/** Makes the engine's private key where there is none; returns the public one as the SDK wants it. */
export function engineIdentity(path: string): string {
  if (!existsSync(path)) {
    writeFileSync(path, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  const spki = createPublicKey(createPrivateKey(readFileSync(path))).export({ type: 'spki', format: 'der' });
  return `publickeyv1_${base58(spki.subarray(-RAW_KEY_BYTES))}`;
}

function base58(bytes: Uint8Array): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (; value > 0n; value /= 58n) text = BASE58[Number(value % 58n)] + text;
  for (const byte of bytes) {
    if (byte !== 0) break;
    text = BASE58[0] + text;
  }
  return text;
}
