// Secrets that the service needs without anybody there to type them: SSH keys, passphrases and passwords of the nodes, passwords of the
// stores. Each is a file of its own, encrypted with AES-256-GCM under the sealing key of this machine; its name is authenticated with it,
// so that one cannot be put in the place of another.
//
// The sealing key is a systemd credential where the unit has one (`sealing-key`; systemd can bind it to the TPM), else a file outside of
// the configuration, for the service user alone. The file is the default, because credentials that are encrypted need systemd 250, which
// half of the systems that we install on do not have, and because `--configure` runs outside of the unit.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeError } from '../errors.ts';
import { extractorError } from './errors.ts';
import { ownFolder, writePrivately } from './owner.ts';
import type { Owner } from './owner.ts';
import type { ExtractorPaths } from './paths.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAGIC = Buffer.from('AESL1\n');
const PRIVATE_FOLDER = 0o700;

export class SealedSecrets {
  readonly #folder: string;
  readonly #key: Buffer;
  readonly #owner: Owner | undefined;

  private constructor(folder: string, key: Buffer, owner: Owner | undefined) {
    this.#folder = folder;
    this.#key = key;
    this.#owner = owner;
  }

  /** Opens what is there; throws SEALED_UNREADABLE without a sealing key. */
  static async open(paths: ExtractorPaths): Promise<SealedSecrets> {
    return new SealedSecrets(paths.sealedDirectory, await readKey(paths), undefined);
  }

  /** Opens, and makes folder and sealing key where they are missing. Throws SEALED_UNREADABLE, FILE_UNWRITABLE. */
  static async create(paths: ExtractorPaths, owner: Owner | undefined): Promise<SealedSecrets> {
    await ownFolder(paths.sealedDirectory, PRIVATE_FOLDER, owner);
    if (await readFile(paths.sealingKey).then(() => false, (error: NodeJS.ErrnoException) => error.code === 'ENOENT')) {
      await ownFolder(dirname(paths.sealingKey), PRIVATE_FOLDER, owner);
      await writePrivately(paths.sealingKey, `${randomBytes(KEY_BYTES).toString('base64')}\n`, owner);
    }
    return new SealedSecrets(paths.sealedDirectory, await readKey(paths), owner);
  }

  /** Replaces a secret. Throws FILE_UNWRITABLE, DISK_FULL. */
  async put(name: string, secret: string | Uint8Array): Promise<void> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(secret as Uint8Array), cipher.final()]);
    await writePrivately(this.#file(name), Buffer.concat([MAGIC, nonce, cipher.getAuthTag(), sealed]), this.#owner);
  }

  /** Undefined when there is none of this name. Throws SEALED_UNREADABLE. */
  async get(name: string): Promise<Buffer | undefined> {
    const file = this.#file(name);
    const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw extractorError('SEALED_UNREADABLE', `A sealed secret cannot be read: ${error.message}`, { file }, error);
    });
    if (content === undefined) return undefined;
    try {
      if (!content.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('of another form');
      const [nonce, tag, sealed] = parts(content.subarray(MAGIC.length));
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(name)).setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed), decipher.final()]);
    } catch (error) {
      throw extractorError('SEALED_UNREADABLE', 'A sealed secret does not fit the sealing key', { file }, error);
    }
  }

  async text(name: string): Promise<string | undefined> {
    return (await this.get(name))?.toString();
  }

  async remove(name: string): Promise<void> {
    const file = this.#file(name);
    await rm(file, { force: true }).catch((error: unknown) => {
      throw writeError(file, error);
    });
  }

  #file(name: string): string {
    return join(this.#folder, encodeURIComponent(name));
  }
}

function parts(content: Buffer): [nonce: Buffer, tag: Buffer, sealed: Buffer] {
  const body = NONCE_BYTES + TAG_BYTES;
  return [content.subarray(0, NONCE_BYTES), content.subarray(NONCE_BYTES, body), content.subarray(body)];
}

async function readKey(paths: ExtractorPaths): Promise<Buffer> {
  const credentials = process.env.CREDENTIALS_DIRECTORY;
  const credential = credentials === undefined ? undefined : await readFile(join(credentials, 'sealing-key'), 'utf8').catch(() => undefined);
  const text = credential ?? await readFile(paths.sealingKey, 'utf8').catch((error: Error) => {
    throw extractorError('SEALED_UNREADABLE', `The sealing key cannot be read: ${error.message}`, {}, error);
  });
  const key = Buffer.from(text, 'base64');
  if (key.length !== KEY_BYTES) throw extractorError('SEALED_UNREADABLE', 'The sealing key is damaged', { file: paths.sealingKey });
  return key;
}
