// The packages under test: two versions of each format, built from this checkout.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thisArchitecture } from '../../tools/packaging/architecture.ts';
import { provideNfpm } from '../../tools/packaging/nfpm.ts';
import { makePackage, packageName } from '../../tools/packaging/package-files.ts';
import type { Format } from '../../tools/packaging/package-files.ts';
import { layOutTree } from '../../tools/packaging/tree.ts';

/** Older and newer, and not so for who compares them as text. */
export const OLD = '0.9.0';
export const NEW = '0.10.0';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EPOCH_SECONDS = 1_700_000_000;

/** Where `buildPackages` lays out the files of a version. */
export function treeOf(folder: string, version: string): string {
  return join(folder, `work-${version}`, 'tree');
}

/** Builds one version into a folder; the paths, .deb first. */
export async function buildPackages(version: string, folder: string): Promise<string[]> {
  const tree = treeOf(folder, version);
  await layOutTree({ root: ROOT, version, architecture: thisArchitecture(), tree, cache: join(folder, 'parts') });
  return packTree(version, tree, folder);
}

/** Makes both packages of files that are laid out; the paths, .deb first. */
export async function packTree(version: string, tree: string, folder: string): Promise<string[]> {
  const made: string[] = [];
  for (const format of ['deb', 'rpm'] as const) {
    made.push(await makePackage({
      nfpm: await provideNfpm(), version, architecture: thisArchitecture(), format, tree, workFolder: join(folder, `work-${version}/nfpm`), outputFolder: folder, epochSeconds: EPOCH_SECONDS,
    }));
  }
  return made;
}

/** A package in the folder that AENEAS_PACKAGES names (run.ts). */
export function builtPackage(format: Format, version: string): string {
  return join(process.env['AENEAS_PACKAGES']!, packageName(format, version, thisArchitecture()));
}

/** Where it lies for programs in a DebianRoot. */
export function inRoot(format: Format, version: string): string {
  return `/packages/${packageName(format, version, thisArchitecture())}`;
}
