// Where extracted files wait for the loader: a folder, or a prefix in S3. A name is unique to one attempt at one split, so nothing is
// ever written twice under a name; a file is real once the ledger has recorded it, whatever else lies there.

import { createReadStream } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Transform } from 'node:stream';
import type { AwsCredentials, TellRetry } from './aws-client.ts';
import { agentError, writeError } from './errors.ts';
import { makeFolder, syncPath } from './local-file.ts';

export interface FolderSettings { readonly kind: 'folder'; readonly folder: string }
export interface S3Settings {
  readonly kind: 's3';
  readonly bucket: string;
  /** Of this migration, without a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  readonly credentials?: AwsCredentials | undefined;
  /** KMS key (id, ARN or alias) to encrypt objects with; without one the bucket's own default holds. */
  readonly kmsKey?: string | undefined;
  /** S3 encrypts with KMS, also without a key of one's own; and files are encrypted here until they are uploaded. */
  readonly isEncrypted?: boolean | undefined;
  /** Local folder for a file until it is uploaded. */
  readonly spool: string;
  /** Local folder for files that were uploaded; without one they are deleted. */
  readonly keepIn?: string | undefined;
}
export type StagingSettings = FolderSettings | S3Settings;

/** A file as it is to be written. */
export interface LocalFile {
  readonly path: string;
  /** What its bytes go through on their way to the disk. */
  readonly through?: Transform;
}

export interface Staging {
  /** Where to write the file of this name before `put`; its folder exists. */
  prepare(name: string): Promise<LocalFile>;
  /** Makes a complete local file durable in the staging area. */
  put(name: string): Promise<void>;
  /** The bytes of a staged file in order. Throws STAGING_CORRUPT when it is gone. */
  read(name: string): AsyncIterable<Uint8Array>;
  /** Names under a folder name, in no order. */
  list(under: string): Promise<string[]>;
  remove(names: readonly string[]): Promise<void>;
  /** Drops uploads that a crash left unfinished. Only when nobody is writing under that name. */
  abandonUploads(under: string): Promise<void>;
  close(): void;
}

/** Opens the staging area; S3's client is loaded only where it is needed. */
export async function openStaging(settings: StagingSettings, tell: TellRetry): Promise<Staging> {
  if (settings.kind === 'folder') return new FolderStaging(settings.folder);
  const { S3Staging } = await import('./s3-staging.ts');
  return new S3Staging(settings, tell);
}

class FolderStaging implements Staging {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async prepare(name: string): Promise<LocalFile> {
    const path = join(this.#folder, name);
    await makeFolder(dirname(path));
    return { path };
  }

  async put(name: string): Promise<void> {
    const path = join(this.#folder, name);
    await syncPath(path);
    await syncPath(dirname(path));
  }

  async *read(name: string): AsyncIterable<Uint8Array> {
    const path = join(this.#folder, name);
    try {
      for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) yield piece as Uint8Array;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      throw agentError('STAGING_CORRUPT', `A committed file cannot be read: ${(error as Error).message}`, { file: path }, error);
    }
  }

  async list(under: string): Promise<string[]> {
    const entries = await readdir(join(this.#folder, under), { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw writeError(join(this.#folder, under), error);
    });
    const cut = this.#folder.length + 1;
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(cut));
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(this.#folder, name), { force: true });
    const folders = new Set(names.map((name) => join(this.#folder, dirname(name))));
    // What is left empty goes too, the migration's own folder with it.
    for (const folder of [...folders, this.#folder]) await rmdir(folder).catch(() => {});
  }

  async abandonUploads(): Promise<void> {
    // A file that was not finished is a name that no ledger knows: `list` shows it and `remove` takes it.
  }

  close(): void {
    // Nothing is held open between calls.
  }
}
