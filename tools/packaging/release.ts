// The release: the app as a zip with the agents' packages in it, and checksums of everything.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runTool } from './run-tool.ts';

/** Writes SHA256SUMS of the files into the folder, as `sha256sum -c` reads it there; its path. */
export function writeChecksums(folder: string, files: readonly string[]): string {
  const path = join(folder, 'SHA256SUMS');
  const lines = files.map((file) => `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${basename(file)}\n`);
  writeFileSync(path, lines.sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1)).join(''));
  return path;
}

/**
 * The app as the last commit has it, ready for `npm ci`, and in agents/ the files given. The path of the zip.
 */
export async function zipRelease(root: string, version: string, agents: readonly string[], folder: string): Promise<string> {
  const path = join(folder, `aeneas-${version}.zip`);
  const prefix = `aeneas-${version}/`;
  // What is given with --add-file goes below the --prefix before it; the last one is that of the commit's own files.
  const added = agents.map((file) => `--add-file=${file}`);
  await runTool('git', ['archive', '--format=zip', `--output=${path}`, `--prefix=${prefix}agents/`, ...added, `--prefix=${prefix}`, 'HEAD'], { cwd: root });
  return path;
}
