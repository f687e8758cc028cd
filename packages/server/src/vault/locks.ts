// What opens a vault. Each lock keeps the vault's data key, wrapped under a key of its own: derived from the master password, read from a
// file that the server's user alone can read (or systemd hands over), kept by the keyring of the OS, or held by AWS KMS. Any one is enough.

import { hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import type { KMSClient } from '@aws-sdk/client-kms';
import { clientSettings } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import { serverError } from '../errors.ts';
import { clearInKeyring, findInKeyring, keepInKeyring } from './keyring.ts';
import { decrypt, encrypt, KEY_BYTES } from './vault-file.ts';
import type { LockEntry } from './vault-file.ts';

/** 128 MB and about half a second for each guess: the strongest of OWASP's settings for scrypt (Password Storage Cheat Sheet). */
const SCRYPT = { logCost: 17, blockSize: 8, parallelization: 1 };
const SALT_BYTES = 16;
const MIN_PASSWORD_LENGTH = 10;
const MAX_PASSWORD_LENGTH = 1_024;
const OTHERS = 0o077;
const PRIVATE_FILE = 0o600;
/** Name of the credential in the service's unit: `LoadCredential=` or `LoadCredentialEncrypted=vault-key:...`. */
const CREDENTIAL = 'vault-key';
const MAX_KEY_FILE_BYTES = 4_096;
const KMS_MILLIS = 10_000;

const derive = promisify(scrypt) as (password: string, salt: Uint8Array, bytes: number, options: { N: number; r: number; p: number; maxmem: number }) => Promise<Buffer>;

export type LockOrder =
  | { readonly kind: 'password'; readonly password: string }
  /** Without a file: the credential that systemd gives to the service. A file that is not there is made. */
  | { readonly kind: 'key-file'; readonly file?: string | undefined }
  /** In the keyring of the server's user. */
  | { readonly kind: 'keyring' }
  /** Credentials come from the environment, the named profile of ~/.aws or the machine's role: not from the vault, which is locked then. */
  | { readonly kind: 'aws-kms'; readonly keyId: string; readonly region: string; readonly profile?: string | undefined; readonly endpoint?: string | undefined };

/** Makes a lock for a data key. Throws VAULT_PASSWORD_UNFIT, VAULT_LOCK_UNUSABLE. */
export async function makeLock(order: LockOrder, vaultId: string, dataKey: Uint8Array): Promise<LockEntry> {
  const id = randomBytes(4).toString('hex');
  if (order.kind === 'password') {
    const password = order.password.normalize('NFC');
    if (password.length < MIN_PASSWORD_LENGTH || password.length > MAX_PASSWORD_LENGTH) throw serverError('VAULT_PASSWORD_UNFIT', `A master password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`);
    const salt = randomBytes(SALT_BYTES);
    const key = await passwordKey(password, salt, SCRYPT);
    return { kind: 'password', id, scrypt: SCRYPT, salt: salt.toString('base64'), wrapped: encrypt(key, dataKey, purpose(vaultId, id)).toString('base64') };
  }
  if (order.kind === 'key-file') {
    const { file } = order;
    if (file !== undefined) await makeKeyFile(file);
    const salt = randomBytes(SALT_BYTES);
    const key = await fileKey(file, salt, vaultId);
    return { kind: 'key-file', id, ...(file === undefined ? {} : { file }), salt: salt.toString('base64'), wrapped: encrypt(key, dataKey, purpose(vaultId, id)).toString('base64') };
  }
  if (order.kind === 'keyring') {
    const content = randomBytes(KEY_BYTES).toString('base64');
    await keepInKeyring({ vault: vaultId, lock: id }, content);
    const salt = randomBytes(SALT_BYTES);
    return { kind: 'keyring', id, salt: salt.toString('base64'), wrapped: encrypt(contentKey(Buffer.from(content), salt, vaultId), dataKey, purpose(vaultId, id)).toString('base64') };
  }
  const { kind, keyId, region, profile, endpoint } = order;
  const place = { kind, id, keyId, region, ...(profile === undefined ? {} : { profile }), ...(endpoint === undefined ? {} : { endpoint }) };
  const { EncryptCommand } = await import('@aws-sdk/client-kms');
  const { CiphertextBlob } = await askKms(place, (client, abortSignal) => client.send(new EncryptCommand({ KeyId: keyId, Plaintext: dataKey, EncryptionContext: context(vaultId, id) }), { abortSignal }));
  return { ...place, wrapped: Buffer.from(CiphertextBlob!).toString('base64') };
}

/** The data key. Throws VAULT_PASSWORD_WRONG, VAULT_LOCK_UNUSABLE. */
export async function openLock(lock: LockEntry, vaultId: string, password: string | undefined): Promise<Buffer> {
  const wrapped = Buffer.from(lock.wrapped, 'base64');
  if (lock.kind === 'aws-kms') {
    const { DecryptCommand } = await import('@aws-sdk/client-kms');
    const { Plaintext } = await askKms(lock, (client, abortSignal) => client.send(new DecryptCommand({ KeyId: lock.keyId, CiphertextBlob: wrapped, EncryptionContext: context(vaultId, lock.id) }), { abortSignal }));
    return checkedKey(Buffer.from(Plaintext!), 'What AWS KMS holds is not the key of this vault');
  }
  const salt = Buffer.from(lock.salt, 'base64');
  if (lock.kind === 'password') {
    const key = await passwordKey((password ?? '').normalize('NFC'), salt, lock.scrypt);
    return unwrapped(key, wrapped, vaultId, lock.id, (cause) => serverError('VAULT_PASSWORD_WRONG', 'This is not the master password of the vault', {}, cause));
  }
  if (lock.kind === 'keyring') {
    const key = contentKey(Buffer.from(await findInKeyring({ vault: vaultId, lock: lock.id })), salt, vaultId);
    return unwrapped(key, wrapped, vaultId, lock.id, (cause) => serverError('VAULT_LOCK_UNUSABLE', 'The key in the keyring is not the one of this vault', {}, cause));
  }
  const key = await fileKey(lock.file, salt, vaultId);
  return unwrapped(key, wrapped, vaultId, lock.id, (cause) => serverError('VAULT_LOCK_UNUSABLE', 'The key file is not the one of this vault', { file: lock.file ?? `credential ${CREDENTIAL}` }, cause));
}

/** Takes away what a lock that is gone left elsewhere. That it cannot is no reason to keep the lock: what it opened has another key now. */
export async function forgetLock(lock: LockEntry, vaultId: string): Promise<void> {
  if (lock.kind === 'keyring') await clearInKeyring({ vault: vaultId, lock: lock.id }).catch(() => {});
}

/** The order by which a lock can be made again for another data key. */
export function orderOf(lock: LockEntry, password: string): LockOrder {
  return lock.kind === 'password' ? { kind: 'password', password } : lock;
}

async function passwordKey(password: string, salt: Buffer, { logCost, blockSize, parallelization }: typeof SCRYPT): Promise<Buffer> {
  const N = 2 ** logCost;
  return derive(password, salt, KEY_BYTES, { N, r: blockSize, p: parallelization, maxmem: 128 * N * blockSize * 2 });
}

async function fileKey(file: string | undefined, salt: Buffer, vaultId: string): Promise<Buffer> {
  return contentKey(await readKeyFile(file), salt, vaultId);
}

function contentKey(content: Uint8Array, salt: Buffer, vaultId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', content, salt, `aeneas vault ${vaultId}`, KEY_BYTES));
}

async function readKeyFile(file: string | undefined): Promise<Buffer> {
  const folder = process.env.CREDENTIALS_DIRECTORY;
  if (file === undefined && folder === undefined) throw serverError('VAULT_LOCK_UNUSABLE', `The server was given no credential "${CREDENTIAL}" (systemd's LoadCredential=)`);
  const path = file ?? join(folder!, CREDENTIAL);
  try {
    const { mode, size } = await stat(path);
    // systemd sets the rights of credentials itself.
    if (file !== undefined && (mode & OTHERS) !== 0) throw serverError('VAULT_LOCK_UNUSABLE', 'Others than its owner may read the key file', { file: path });
    if (size < KEY_BYTES || size > MAX_KEY_FILE_BYTES) throw serverError('VAULT_LOCK_UNUSABLE', `A key file has ${KEY_BYTES} to ${MAX_KEY_FILE_BYTES} bytes, this one ${size}`, { file: path });
    const handle = await open(path, 'r');
    return await handle.readFile().finally(() => handle.close());
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw serverError('VAULT_LOCK_UNUSABLE', `The key file cannot be read: ${(error as NodeJS.ErrnoException).code}`, { file: path }, error);
  }
}

/** One that is there is used as it is. */
async function makeKeyFile(file: string): Promise<void> {
  if (!isAbsolute(file)) throw serverError('VAULT_LOCK_UNUSABLE', 'The path of a key file begins with /', { file });
  try {
    const handle = await open(file, 'wx', PRIVATE_FILE);
    try {
      await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw serverError('VAULT_LOCK_UNUSABLE', `The key file cannot be made: ${code}`, { file }, error);
  }
}

type KmsPlace = Pick<Extract<LockEntry, { kind: 'aws-kms' }>, 'keyId' | 'region' | 'profile' | 'endpoint'>;

async function askKms<T>(place: KmsPlace, ask: (client: KMSClient, signal: AbortSignal) => Promise<T>): Promise<T> {
  const kms = await import('@aws-sdk/client-kms');
  const client = new kms.KMSClient({ ...clientSettings(place), maxAttempts: 3 });
  try {
    return await ask(client, AbortSignal.timeout(KMS_MILLIS));
  } catch (error) {
    const { name, message } = error as Error;
    throw serverError('VAULT_LOCK_UNUSABLE', `AWS KMS does not give the key ${place.keyId} in ${place.region}: ${name}: ${message}`, {}, error);
  } finally {
    client.destroy();
  }
}

function unwrapped(key: Buffer, wrapped: Buffer, vaultId: string, lockId: string, refused: (cause: unknown) => Error): Buffer {
  try {
    return checkedKey(decrypt(key, wrapped, purpose(vaultId, lockId)), 'The key has another length');
  } catch (error) {
    throw refused(error);
  } finally {
    key.fill(0);
  }
}

function checkedKey(key: Buffer, otherwise: string): Buffer {
  if (key.length !== KEY_BYTES) throw serverError('VAULT_LOCK_UNUSABLE', otherwise);
  return key;
}

function purpose(vaultId: string, lockId: string): string {
  return `aeneas vault ${vaultId}, lock ${lockId}`;
}

/** KMS gives the key back for this vault and lock alone, and CloudTrail says which. */
function context(vaultId: string, lockId: string): Record<string, string> {
  return { 'aeneas:vault': vaultId, 'aeneas:lock': lockId };
}

/** What a lock is, for people: no part of its key. */
export function lockText(lock: LockEntry): string {
  if (lock.kind === 'password') return `master password (scrypt, N = 2^${lock.scrypt.logCost}, r = ${lock.scrypt.blockSize}, p = ${lock.scrypt.parallelization})`;
  if (lock.kind === 'key-file') return lock.file === undefined ? `systemd credential ${CREDENTIAL}` : `key file ${lock.file}`;
  if (lock.kind === 'keyring') return 'keyring of the server\'s user';
  return `AWS KMS key ${lock.keyId} in ${lock.region}`;
}
