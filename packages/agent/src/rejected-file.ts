import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EncryptedWriter } from './encrypted-file.ts';
import { writeError } from './errors.ts';
import { makeFolder, syncPath } from './local-file.ts';

const BUFFER_CHARACTERS = 64 * 1024;

/** The rejected rows of one attempt, a line each. Made at the first of them; what `sync` has confirmed is on the disk. */
export class RejectedFile {
  readonly path: string;
  readonly #cipher: EncryptedWriter | undefined;
  #handle: FileHandle | undefined;
  #lines = '';
  #sizeBytes = 0;
  #isSynced = true;

  /** With a key, the file is encrypted by it (encrypted-file.ts). */
  constructor(path: string, key?: Uint8Array) {
    this.path = path;
    this.#cipher = key === undefined ? undefined : new EncryptedWriter(key);
  }

  add(line: string): void {
    this.#lines += `${line}\n`;
  }

  /** True when `flush` should be awaited before more is added. */
  get isFull(): boolean {
    return this.#lines.length >= BUFFER_CHARACTERS;
  }

  async flush(): Promise<void> {
    if (this.#lines === '') return;
    const bytes = Buffer.from(this.#lines);
    this.#lines = '';
    try {
      if (this.#handle === undefined) {
        await makeFolder(dirname(this.path));
        this.#handle = await open(this.path, 'w');
        await syncPath(dirname(this.path));
      }
      await this.#handle.appendFile(this.#cipher?.add(bytes) ?? bytes);
    } catch (error) {
      throw writeError(this.path, error);
    }
    this.#sizeBytes += bytes.length;
    this.#isSynced = false;
  }

  /** Makes all lines durable and resolves to their length; 0 when there is none. */
  async sync(): Promise<number> {
    await this.flush();
    if (!this.#isSynced) {
      await this.#handle!.sync().catch((error: unknown) => {
        throw writeError(this.path, error);
      });
      this.#isSynced = true;
    }
    return this.#sizeBytes;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}
