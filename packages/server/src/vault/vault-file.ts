// The vault as a file, four lines of text:
//
//   AENEAS-VAULT 1            the format and its version
//   {"id":...,"locks":[...]}  what is needed to get at the data key; no secret
//   <base64>                  nonce, tag and the secrets, encrypted with AES-256-GCM under the data key; the two lines above are authenticated with them
//   <hex>                     SHA-256 of all lines above: so that a damaged file is not taken for a wrong password
//
// Whoever changes the file and mends the checksum is noticed by the authentication. An older file put back is not: it is what it says it is.

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { serverError } from '../errors.ts';

const FORMAT = 'AENEAS-VAULT';
const VERSION = 1;
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
const MAX_SECRETS = 4_096;
const MAX_NAME_LENGTH = 256;
const MAX_SECRET_BYTES = 65_536;
/** The whole vault is in memory while it is open, and written anew with every change. */
const MAX_CONTENT_BYTES = 16 * 1_048_576;
/** Base64, and room for the locks. */
export const MAX_FILE_BYTES = MAX_CONTENT_BYTES * 1.5;
/** A file could ask for any amount of memory: 1 GB is the most that it gets. */
const scryptSchema = z.strictObject({ logCost: z.int().min(1).max(20), blockSize: z.int().min(1).max(8), parallelization: z.int().min(1).max(4) });

const lock = { id: z.string(), wrapped: z.base64() };
export const lockEntrySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('password'), ...lock, scrypt: scryptSchema, salt: z.base64() }),
  /** file: none for the credential of the service (systemd). */
  z.strictObject({ kind: z.literal('key-file'), ...lock, salt: z.base64(), file: z.string().optional() }),
  /** The keyring of the server's user has the key, under the ids of vault and lock. */
  z.strictObject({ kind: z.literal('keyring'), ...lock, salt: z.base64() }),
  z.strictObject({ kind: z.literal('aws-kms'), ...lock, keyId: z.string(), region: z.string(), profile: z.string().optional(), endpoint: z.string().optional() }),
]);
export type LockEntry = z.output<typeof lockEntrySchema>;

const headerSchema = z.strictObject({ id: z.string(), locks: z.array(lockEntrySchema).min(1).max(16) });
export type VaultHeader = z.output<typeof headerSchema>;

export interface SealedVault {
  readonly header: VaultHeader;
  /** The lines that are authenticated with the secrets, as they are. */
  readonly lines: string;
  readonly body: Buffer;
  /** Changes with every saving. */
  readonly checksum: string;
}

/** The file's text. Throws VAULT_FULL. */
export function sealVault(header: VaultHeader, secrets: ReadonlyMap<string, string>, dataKey: Uint8Array): string {
  const content = Buffer.from(JSON.stringify([...secrets]));
  checkSize(secrets, content.length);
  const lines = `${FORMAT} ${VERSION}\n${JSON.stringify(header)}\n`;
  const upToChecksum = `${lines}${encrypt(dataKey, content, lines).toString('base64')}\n`;
  return `${upToChecksum}${checksumOf(upToChecksum)}\n`;
}

/** Takes the file's text apart. Throws VAULT_DAMAGED, VAULT_NEWER. */
export function parseVault(text: string, file: string): SealedVault {
  const damaged = (why: string, cause?: unknown): Error => serverError('VAULT_DAMAGED', `The vault cannot be used: ${why}`, { file }, cause);
  const [format = '', headerLine = '', body = '', checksum = '', rest, ...more] = text.split('\n');
  const version = new RegExp(`^${FORMAT} (\\d{1,6})$`).exec(format)?.[1];
  if (version === undefined) throw damaged('it does not begin as a vault does');
  if (Number(version) > VERSION) throw serverError('VAULT_NEWER', `The vault is of version ${version}, this program knows ${VERSION}`, { file });
  if (rest !== '' || more.length > 0) throw damaged('it is cut off, or something follows it');
  const lines = `${format}\n${headerLine}\n`;
  if (checksumOf(`${lines}${body}\n`) !== checksum) throw damaged('its checksum does not fit');
  const sealed = Buffer.from(body, 'base64');
  if (sealed.toString('base64') !== body) throw damaged('its content is not base64');
  try {
    return { header: headerSchema.parse(JSON.parse(headerLine)), lines, body: sealed, checksum };
  } catch (error) {
    throw damaged('its locks are not as they should be', error);
  }
}

/** The secrets by name. Throws VAULT_DAMAGED when the key does not fit what is there. */
export function unsealVault({ body, lines }: SealedVault, dataKey: Uint8Array, file: string): Map<string, string> {
  try {
    return new Map(z.array(z.tuple([z.string(), z.string()])).parse(JSON.parse(decrypt(dataKey, body, lines).toString('utf8'))));
  } catch (error) {
    throw serverError('VAULT_DAMAGED', 'The vault cannot be used: its content was changed', { file }, error);
  }
}

/** Nonce, tag and ciphertext. A random nonce is safe for billions of savings under one key. */
export function encrypt(key: Uint8Array, plain: Uint8Array, authenticated: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(authenticated));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Throws when key, content or what is authenticated with it do not belong together. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, authenticated: string): Buffer {
  const body = NONCE_BYTES + TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(authenticated)).setAuthTag(sealed.subarray(NONCE_BYTES, body));
  return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]);
}

function checkSize(secrets: ReadonlyMap<string, string>, contentBytes: number): void {
  for (const [name, secret] of secrets) {
    const bytes = Buffer.byteLength(secret);
    if (bytes > MAX_SECRET_BYTES) throw serverError('VAULT_FULL', `The secret "${name.slice(0, MAX_NAME_LENGTH)}" has ${bytes} bytes`);
    if (name === '' || name.length > MAX_NAME_LENGTH) throw serverError('VAULT_FULL', `A secret's name has 1 to ${MAX_NAME_LENGTH} characters, this one ${name.length}`);
  }
  if (secrets.size > MAX_SECRETS || contentBytes > MAX_CONTENT_BYTES) throw serverError('VAULT_FULL', `The vault would hold ${secrets.size} secrets, ${contentBytes} bytes`);
}

function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
