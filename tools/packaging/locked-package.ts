// Packages of package-lock.json, for this machine's architecture or another one.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from 'tar';
import { packagingError } from './errors.ts';
import { runTool } from './run-tool.ts';

interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
}

/**
 * The folder of a package in its locked version: where `npm ci` installed it, or else, since npm leaves out what is for other
 * machines, unpacked from the registry below `cache`, after its digest was compared with the lock. Throws PACKAGE_PART_MISSING.
 */
export async function lockedPackage(root: string, name: string, cache: string): Promise<string> {
  const installed = join(root, 'node_modules', name);
  if (existsSync(join(installed, 'package.json'))) return installed;
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { readonly packages: Record<string, LockedPackage> };
  const locked = packages[`node_modules/${name}`];
  if (locked === undefined) throw packagingError('PACKAGE_PART_MISSING', `${name} is not in package-lock.json`);
  const folder = join(cache, `${name.replace('/', '-')}-${locked.version}`);
  if (!existsSync(folder)) await fetchPackage(name, locked, folder, cache);
  return join(folder, 'package');
}

async function fetchPackage(name: string, { version, integrity }: LockedPackage, folder: string, cache: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const download = mkdtempSync(join(cache, 'download-'));
  let file: string;
  try {
    const [packed] = JSON.parse(await runTool('npm', ['pack', '--json', '--prefer-offline', `${name}@${version}`], { cwd: download })) as [{ readonly filename: string }];
    file = join(download, packed.filename.replace(/^@/, '').replace('/', '-'));
  } catch (error) {
    throw packagingError('PACKAGE_PART_MISSING', `${name} ${version} could not be fetched: ${(error as Error).message}`);
  }
  const digest = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (digest !== integrity) throw packagingError('PACKAGE_PART_MISSING', `${name} ${version} from the registry is not what package-lock.json has: ${digest}`);
  await extract({ file, cwd: download });
  renameSync(download, folder);
}
