// Who sits there: whoever called sudo is meant, not root.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export function homeOfCaller(): string {
  const { SUDO_USER, HOME } = process.env;
  if (SUDO_USER === undefined) return HOME ?? homedir();
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((user) => user.startsWith(`${SUDO_USER}:`));
  return line?.split(':')[5] ?? join('/home', SUDO_USER);
}

/** A path as people type it. */
export function typedPath(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homeOfCaller(), path.slice(1)) : resolve(path);
}

/**
 * Lets whoever configures list the mounts without sudo, which allowed that before; the name when that could be done. Not without
 * access control lists: with the mode alone everybody could.
 */
export async function letCallerSee(mountDirectory: string): Promise<string | undefined> {
  const { SUDO_USER } = process.env;
  if (SUDO_USER === undefined || SUDO_USER === 'root') return undefined;
  return promisify(execFile)('setfacl', ['-m', `u:${SUDO_USER}:r-x`, mountDirectory]).then(() => SUDO_USER, () => undefined);
}
