// The libraries of a Debian for arm64, which an emulator (qemu-user-static) runs the packages' own programs with.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../../tools/packaging/run-tool.ts';

const SUITE = 'bookworm';

/** The folder, made once for each user of this machine, in half a minute. Throws PACKAGE_TOOL_MISSING, PACKAGE_BUILD_FAILED. */
export async function provideArm64Libraries(): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'aeneas');
  const folder = join(cache, `debian-${SUITE}-arm64-libraries`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, 'debian-'));
  try {
    // Unpacked only: nothing in it is run here.
    await runTool('debootstrap', ['--arch=arm64', '--foreign', '--variant=minbase', SUITE, unfinished]);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
  return folder;
}
