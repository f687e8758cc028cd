import { mkdir, open } from 'node:fs/promises';
import { writeError } from './errors.ts';

/** Makes a folder and its parents. Throws FILE_UNWRITABLE, DISK_FULL. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw writeError(path, error);
  }
}

/** Flushes a file, or the entries of a folder, to the disk. */
export async function syncPath(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    throw writeError(path, error);
  }
}
