// Files that the service user must be able to read or write, made by root.

import { execFile } from 'node:child_process';
import { chmod, chown, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { writeError } from '../errors.ts';
import { makeFolder, syncPath } from '../local-file.ts';
import { SERVICE_USER } from './paths.ts';

const run = promisify(execFile);
const PRIVATE_FILE = 0o600;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** The service's user; undefined where it does not exist (a checkout) or we may not give files away. */
export async function serviceOwner(): Promise<Owner | undefined> {
  if (!isRoot()) return undefined;
  const found = await run('getent', ['passwd', SERVICE_USER]).catch(() => undefined);
  const [, , uid, gid] = found?.stdout.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** Puts a file in place as a whole, for its owner alone (0600). Throws FILE_UNWRITABLE, DISK_FULL. */
export async function writePrivately(file: string, content: string | Uint8Array, owner?: Owner): Promise<void> {
  const unfinished = `${file}.${process.pid}.new`;
  try {
    // Made anew, so that no link that lies there is followed.
    await rm(unfinished, { force: true });
    const handle = await open(unfinished, 'wx', PRIVATE_FILE);
    try {
      await handle.chmod(PRIVATE_FILE);
      if (owner !== undefined) await handle.chown(owner.uid, owner.gid);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
    await syncPath(dirname(file));
  } catch (error) {
    throw writeError(file, error);
  }
}

/** A folder with its owner and mode, whether it was there or not. Throws FILE_UNWRITABLE. */
export async function ownFolder(path: string, mode: number, owner?: Owner): Promise<void> {
  await makeFolder(path);
  try {
    await chmod(path, mode);
    if (owner !== undefined) await chown(path, owner.uid, owner.gid);
  } catch (error) {
    throw writeError(path, error);
  }
}
