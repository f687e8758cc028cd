// The folders outside of its own that the service may write: its unit sees the rest of the system read-only (ProtectSystem=strict), so a
// drop-in of the unit names them.

import { execFile } from 'node:child_process';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeError } from '../errors.ts';
import { makeFolder } from '../local-file.ts';
import type { ExtractorPaths } from './paths.ts';

/** Writes the drop-in, and has systemd read it where that runs. Throws FILE_UNWRITABLE. */
export async function writeUnitFolders({ unitFolders: file, root }: ExtractorPaths, folders: readonly string[]): Promise<void> {
  await makeFolder(join(file, '..'));
  await writeFile(file, unitFoldersText(folders)).catch((error: unknown) => {
    throw writeError(file, error);
  });
  if (root === '/' && await stat('/run/systemd/system').then(() => true, () => false)) await promisify(execFile)('systemctl', ['daemon-reload']).catch(() => {});
}

/** systemd.syntax(7) and systemd.unit(5): paths in quotes, specifiers escaped; "-": one that is missing is no error. */
export function unitFoldersText(folders: readonly string[]): string {
  const paths = folders.map((folder) => `ReadWritePaths="-${folder.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"\n`);
  return `# Written by "cassandra-data-extractor --configure".\n[Service]\n${paths.join('')}`;
}
