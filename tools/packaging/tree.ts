// The files of the installed agent, laid out below a folder as they will lie below /.

import { chmodSync, copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Architecture } from './architecture.ts';
import { bundleAgent, codecPackages, describePackage } from './bundle.ts';
import type { BundledPackage } from './bundle.ts';
import { packagingError } from './errors.ts';
import { lockedPackage } from './locked-package.ts';

const NAME = 'cassandra-data-extractor';
const OLD_NAME = 'aws-cassandra-extractor';
const HERE = import.meta.dirname;

export interface TreeOrder {
  readonly root: string;
  readonly version: string;
  readonly architecture: Architecture;
  /** Emptied first. */
  readonly tree: string;
  /** For parts of other architectures. */
  readonly cache: string;
}

/** Throws PACKAGE_PART_MISSING. */
export async function layOutTree({ root, version, architecture, tree, cache }: TreeOrder): Promise<void> {
  rmSync(tree, { recursive: true, force: true });
  const program = join(tree, 'usr/share', NAME);
  const runtime = await lockedPackage(root, `node-linux-${architecture.node}`, cache);
  place(join(runtime, 'bin/node'), join(program, 'bin/node'), 0o755);
  place(join(HERE, 'files', NAME), join(program, 'bin', NAME), 0o755);
  const packages = await bundleAgent(root, version, join(program, 'lib'));
  for (const { name, codec } of codecPackages(architecture.node)) {
    const folder = await lockedPackage(root, name, cache);
    const file = readdirSync(folder).find((entry) => entry.endsWith('.node'));
    if (file === undefined) throw packagingError('PACKAGE_PART_MISSING', `${name} has no codec`);
    place(join(folder, file), join(program, 'lib', codec), 0o644);
    packages.push(describePackage(folder));
  }
  write(join(program, 'package.json'), `${JSON.stringify({ name: NAME, version, type: 'module' })}\n`);
  for (const file of ['LICENSE', 'NOTICE']) place(join(root, file), join(program, file), 0o644);
  place(join(runtime, 'LICENSE'), join(program, 'LICENSE.node'), 0o644);
  write(join(program, 'LICENSE.packages'), licences(packages));
  write(join(tree, 'usr/share/doc', NAME, 'copyright'), copyright(packages));

  link(tree, `usr/bin/${NAME}`, `../share/${NAME}/bin/${NAME}`);
  link(tree, `usr/bin/${OLD_NAME}`, NAME);
  for (const unit of [`${NAME}.service`, `${NAME}-mounts.service`]) place(join(HERE, 'files', unit), join(tree, 'usr/lib/systemd/system', unit), 0o644);
  link(tree, `usr/lib/systemd/system/${OLD_NAME}.service`, `${NAME}.service`);
  write(join(tree, `usr/share/man/man8/${NAME}.8.gz`), gzipSync(readFileSync(join(HERE, 'files', `${NAME}.8`)), { level: 9 }));
  link(tree, `usr/share/man/man8/${OLD_NAME}.8.gz`, `${NAME}.8.gz`);
  place(join(HERE, 'files/logrotate'), join(tree, 'etc/logrotate.d', NAME), 0o644);
}

/** As Debian wants to know it: debian.org/doc/packaging-manuals/copyright-format/1.0. Whole licences are beside the program. */
function copyright(packages: readonly BundledPackage[]): string {
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Aeneas

Files: *
Copyright: 2026 the Aeneas authors
License: Apache-2.0
 See /usr/share/common-licenses/Apache-2.0, and /usr/share/${NAME}/NOTICE.
Comment:
 The runtime, usr/share/${NAME}/bin/node, is Node.js: its licence and those of
 its parts are in LICENSE.node beside the program. The licences of the packages
 in the program are in LICENSE.packages there:
${packages.map(({ name, version, license }) => ` ${name} ${version}: ${license}`).join('\n')}
`;
}

function licences(packages: readonly BundledPackage[]): string {
  return packages.map(({ name, version, license, licenseText }) => `${name} ${version}: ${license}\n\n${licenseText.trim()}\n`).join(`\n${'-'.repeat(80)}\n\n`);
}

function place(from: string, to: string, mode: number): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
  chmodSync(to, mode);
}

function write(to: string, content: string | Uint8Array): void {
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, content, { mode: 0o644 });
}

function link(tree: string, at: string, target: string): void {
  mkdirSync(dirname(join(tree, at)), { recursive: true });
  symlinkSync(target, join(tree, at));
}
