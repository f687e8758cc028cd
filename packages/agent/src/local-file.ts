import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeError } from './errors.ts';

/**
 * Makes a folder and its parents; one that is there is fine. Throws FILE_UNWRITABLE, DISK_FULL.
 * Not with mkdir's own `recursive`: Node 24 tries for ever where a file system has no folders to make, as in /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  const made = await tryToMake(path);
  if (made === undefined) return;
  const parent = dirname(path);
  if (made.code !== 'ENOENT' || parent === path || (await isFolder(parent))) throw writeError(path, made);
  await makeFolder(parent);
  const error = await tryToMake(path);
  if (error !== undefined) throw writeError(path, error);
}

async function tryToMake(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path);
    return undefined;
  } catch (error) {
    return (await isFolder(path)) ? undefined : (error as NodeJS.ErrnoException);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false);
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
