// The local disk. The only module of this package that touches node:fs.

import { open, readdir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { cassandraError } from '../errors.ts';
import type { ByteSource, DirectoryEntry, FileSystem } from './byte-source.ts';

class LocalFile implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;

  constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(into, offset + done, length - done, position + done).catch((error: unknown) => {
        throw unreadable(this.path, error);
      });
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** The local disk as a FileSystem. */
export const localFiles: FileSystem = {
  async list(directory: string): Promise<DirectoryEntry[]> {
    const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(directory, error);
    });
    const listed = await Promise.all(entries.map(async (entry) => ({
      name: entry.name,
      isDirectory: entry.isDirectory() || (entry.isSymbolicLink() && (await kindOf(`${directory}/${entry.name}`)) === 'directory'),
    })));
    return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
  },
  kind: kindOf,
  async open(path: string): Promise<ByteSource> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const { size } = await handle.stat();
      return new LocalFile(path, size, handle);
    } catch (error) {
      // On a mount that is gone closing may wait: nobody waits with it.
      void handle?.close().catch(() => {});
      throw unreadable(path, error);
    }
  },
};

async function kindOf(path: string): Promise<'file' | 'directory' | undefined> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? 'directory' : 'file';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): Error {
  return cassandraError('FILE_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, error);
}
