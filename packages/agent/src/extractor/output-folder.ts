// The output folder: mostly in the home of whoever configures, and written by the service user.

import { execFile } from 'node:child_process';
import { chmod, lchown, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { writeError } from '../errors.ts';
import { ownFolder } from './owner.ts';
import type { Owner } from './owner.ts';
import { SERVICE_USER } from './paths.ts';

const run = promisify(execFile);
const PRIVATE_FOLDER = 0o700;
const OTHERS_ENTER = 0o001;

/** What was done and could not be done, in words. */
export interface OpenedFolder {
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Makes the folder and gives it to the service. Folders above it that others may not enter, as homes mostly are, let the service user
 * through, and nothing else, by an access control list; without those, whoever knows a name in them. Throws FILE_UNWRITABLE.
 */
export async function openOutputFolder(path: string, owner: Owner | undefined): Promise<OpenedFolder> {
  await ownFolder(path, PRIVATE_FOLDER, owner);
  if (owner === undefined) return { notes: [], problems: [] };
  for (const name of await readdir(path, { recursive: true })) {
    // The service user may have made links there: root gives away the link, never what it leads to.
    await lchown(join(path, name), owner.uid, owner.gid).catch((error: unknown) => {
      throw writeError(path, error);
    });
  }
  const notes: string[] = [];
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    if (await canEnter(above)) continue;
    const isListed = await run('setfacl', ['-m', `u:${SERVICE_USER}:--x`, above]).then(() => true, () => false);
    if (!isListed) await chmod(above, (await stat(above)).mode | OTHERS_ENTER).catch(() => {});
    notes.push(`${above} lets ${isListed ? `the user ${SERVICE_USER}` : 'other users (setfacl is not installed)'} pass through to the output folder.`);
  }
  const isOpen = await isAllowed('-w', path);
  return { notes, problems: isOpen ? [] : [`The service user ${SERVICE_USER} cannot write ${path}: check the rights of the folders above, or choose a folder elsewhere.`] };
}

function canEnter(folder: string): Promise<boolean> {
  return isAllowed('-x', folder);
}

/** Asks as the service user, who has no shell of its own. */
function isAllowed(what: '-w' | '-x', path: string): Promise<boolean> {
  return run('setpriv', ['--reuid', SERVICE_USER, '--regid', SERVICE_USER, '--init-groups', '--', 'test', what, path]).then(() => true, () => false);
}
