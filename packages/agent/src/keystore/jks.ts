// Java's own store format, JKS (JDK, sun.security.provider.JavaKeyStore and KeyProtector), read only. Big-endian throughout:
//
//   FEEDFEED, version (1 or 2), number of entries; then for each entry: what it is (1 key, 2 certificate), alias, milliseconds, and
//     of a key:          length and DER of a PKCS#8 EncryptedPrivateKeyInfo, number of certificates, these
//     of a certificate:  itself
//   a certificate: its type ("X.509"; version 2 only), length, DER
//   SHA-1 of password, "Mighty Aphrodite", and all that stands before
//
// A key is guarded weakly, by one SHA-1 for each guess. That is why we write PKCS#12, and read this one only because others have it.

import { createHash, timingSafeEqual } from 'node:crypto';
import forge from 'node-forge';
import { agentError } from '../errors.ts';
import type { StoreContent } from './store-content.ts';

const MAGIC = 0xfeed_feed;
/** The same with stronger encryption; only Java itself speaks it. */
const JCEKS_MAGIC = 0xcece_cece;
const KEY_ENTRY = 1;
const CERTIFICATE_ENTRY = 2;
const SHA1_BYTES = 20;
const WHITENER = 'Mighty Aphrodite';
/** Sun's key protector, the only one that JKS has. */
const KEY_PROTECTOR = '1.3.6.1.4.1.42.2.17.1.1';
/** In bounds for any store of people's making; what is damaged is not allocated by. */
const MAX_ENTRIES = 10_000;

export function isJks(bytes: Uint8Array): boolean {
  return magicOf(bytes) === MAGIC;
}

export function isJceks(bytes: Uint8Array): boolean {
  return magicOf(bytes) === JCEKS_MAGIC;
}

/** Keys and certificates of a store whose keys have the store's own password. Throws KEYSTORE_UNUSABLE, KEYSTORE_KEY_PASSWORD. */
export function openJks(bytes: Uint8Array, password: string, file: string): StoreContent {
  const store = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const content = store.subarray(0, Math.max(0, store.length - SHA1_BYTES));
  const secret = Buffer.from(password, 'utf16le').swap16();
  if (!sha1(secret, Buffer.from(WHITENER), content).equals(store.subarray(content.length))) {
    throw agentError('KEYSTORE_UNUSABLE', 'The password of the store is wrong, or the store is damaged', { file });
  }
  const entries = new EntryReader(content, file);
  const keys: Buffer[] = [];
  const certificates: Buffer[] = [];
  for (const { protectedKey, chain } of entries.all()) {
    if (protectedKey !== undefined) keys.push(unprotected(protectedKey, secret, file));
    certificates.push(...chain);
  }
  return { keys, certificates };
}

interface Entry {
  /** DER of the EncryptedPrivateKeyInfo; none of a trusted certificate. */
  readonly protectedKey: Buffer | undefined;
  readonly chain: readonly Buffer[];
}

/** The digest has been right, yet lengths are checked: whoever knows the password may have written anything. */
class EntryReader {
  readonly #bytes: Buffer;
  readonly #file: string;
  #at = 4;

  constructor(bytes: Buffer, file: string) {
    this.#bytes = bytes;
    this.#file = file;
  }

  all(): Entry[] {
    const version = this.#integer();
    if (version !== 1 && version !== 2) throw this.#damaged(`its version is ${version}`);
    const entries = Array.from({ length: this.#count() }, () => this.#entry(version));
    if (this.#at !== this.#bytes.length) throw this.#damaged('something follows its entries');
    return entries;
  }

  #entry(version: number): Entry {
    const kind = this.#integer();
    if (kind !== KEY_ENTRY && kind !== CERTIFICATE_ENTRY) throw this.#damaged(`an entry is of kind ${kind}`);
    this.#text();
    this.#take(8);
    if (kind === CERTIFICATE_ENTRY) return { protectedKey: undefined, chain: [this.#certificate(version)] };
    const protectedKey = this.#take(this.#integer());
    return { protectedKey, chain: Array.from({ length: this.#count() }, () => this.#certificate(version)) };
  }

  #certificate(version: number): Buffer {
    if (version === 2) this.#text();
    return this.#take(this.#integer());
  }

  /** Alias or type: of no interest here. */
  #text(): void {
    this.#take(this.#take(2).readUInt16BE());
  }

  #count(): number {
    const count = this.#integer();
    if (count > MAX_ENTRIES) throw this.#damaged(`it speaks of ${count} entries`);
    return count;
  }

  #integer(): number {
    return this.#take(4).readUInt32BE();
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.#damaged('it ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #damaged(why: string): Error {
    return agentError('KEYSTORE_UNUSABLE', `The JKS store is damaged: ${why}`, { file: this.#file });
  }
}

/**
 * PKCS#8 of a key. What is protected is salt, cipher text, and SHA-1 of password and plain text. The cipher text is the plain text under a
 * stream of hashes: the first of password and salt, each other of password and the hash before it.
 */
function unprotected(der: Buffer, secret: Buffer, file: string): Buffer {
  const { algorithm, data } = encryptedKeyInfo(der, file);
  if (algorithm !== KEY_PROTECTOR) throw agentError('KEYSTORE_UNUSABLE', `The key of the JKS store is protected by the unknown algorithm ${algorithm}`, { file });
  const cipherText = data.subarray(SHA1_BYTES, -SHA1_BYTES);
  const plain = Buffer.alloc(cipherText.length);
  let block = data.subarray(0, SHA1_BYTES);
  for (let at = 0; at < plain.length; at += SHA1_BYTES) {
    block = sha1(secret, block);
    for (let i = at; i < Math.min(at + SHA1_BYTES, plain.length); i++) plain[i] = cipherText[i] ^ block[i - at];
  }
  const check = data.subarray(data.length - SHA1_BYTES);
  if (check.length !== SHA1_BYTES || !timingSafeEqual(sha1(secret, plain), check)) {
    throw agentError('KEYSTORE_KEY_PASSWORD', 'The password opens the store, but not the key in it', { file });
  }
  return plain;
}

function encryptedKeyInfo(der: Buffer, file: string): { readonly algorithm: string; readonly data: Buffer } {
  try {
    const [{ value: [algorithm] }, data] = forge.asn1.fromDer(der.toString('latin1')).value as [{ value: forge.asn1.Asn1[] }, forge.asn1.Asn1];
    return { algorithm: forge.asn1.derToOid(algorithm.value as string), data: Buffer.from(data.value as string, 'latin1') };
  } catch (error) {
    throw agentError('KEYSTORE_UNUSABLE', 'The JKS store is damaged: a key in it is of another form', { file }, error);
  }
}

function magicOf(bytes: Uint8Array): number | undefined {
  return bytes.length < 4 ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

function sha1(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
