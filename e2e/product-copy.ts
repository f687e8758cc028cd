// Another build of the product: its sources in a folder of their own, of another version, with what is installed beside them.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT } from './aeneas-process.ts';

/** A piece of a source file that is different in that build. */
export interface Change {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** Makes the tree; the command is its `node_modules/.bin/aeneas`. */
export function copyProduct(folder: string, version: string, changes: readonly Change[] = []): void {
  cpSync(join(ROOT, 'packages'), join(folder, 'packages'), { recursive: true, filter: (path) => basename(path) !== 'node_modules' });
  linkModules(folder);
  for (const name of readdirSync(join(folder, 'packages'))) {
    const file = join(folder, 'packages', name, 'package.json');
    if (existsSync(file)) writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')) as object, version }));
  }
  for (const { file, before, after } of changes) {
    const path = join(folder, file);
    const source = readFileSync(path, 'utf8');
    if (!source.includes(before)) throw new Error(`${file} has no "${before}"`);
    writeFileSync(path, source.replaceAll(before, after));
  }
}

/** Our packages and commands are links into the tree that they lie in; the rest is shared. */
function linkModules(folder: string): void {
  const modules = join(ROOT, 'node_modules');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(modules)) {
    const isOurs = name === '@aeneas' || name === '.bin';
    if (isOurs) cpSync(join(modules, name), join(folder, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
    else symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  }
}
