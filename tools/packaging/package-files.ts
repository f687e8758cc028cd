// One .deb or .rpm: its description for nfpm, its scripts, and the call.

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Architecture } from './architecture.ts';
import { runTool } from './run-tool.ts';

export type Format = 'deb' | 'rpm';

export interface PackageOrder {
  readonly nfpm: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly format: Format;
  /** As `layOutTree` made it. */
  readonly tree: string;
  /** For what nfpm reads besides. */
  readonly workFolder: string;
  readonly outputFolder: string;
  /** What every file gets, so that the same sources make the same bytes. */
  readonly epochSeconds: number;
  /** File with an OpenPGP private key, RSA where old RPMs shall understand it; its passphrase is in NFPM_PASSPHRASE. Without it nothing is signed. */
  readonly signingKey?: string | undefined;
}

const NAME = 'cassandra-data-extractor';
const SCRIPTS = join(import.meta.dirname, 'scripts');

const MAINTAINER = 'The Aeneas authors <aeneas@localhost>';

const DESCRIPTION = `Extracts the data of Apache Cassandra for Amazon DynamoDB
The agent of Aeneas: it mounts the directories of Cassandra nodes, or runs
on one, reads their SSTables, and gives the rows on. Its runtime is in the
package.`;

/** Named as each distribution does. */
export function packageName(format: Format, version: string, { deb, rpm }: Architecture): string {
  return format === 'deb' ? `${NAME}_${version}_${deb}.deb` : `${NAME}-${version}.${rpm}.rpm`;
}

/** The path of the package. Throws PACKAGE_BUILD_FAILED. */
export async function makePackage(order: PackageOrder): Promise<string> {
  const { nfpm, format, version, architecture, workFolder, outputFolder, epochSeconds } = order;
  mkdirSync(workFolder, { recursive: true });
  mkdirSync(outputFolder, { recursive: true });
  const target = join(outputFolder, packageName(format, version, architecture));
  const config = join(workFolder, `nfpm-${format}.yaml`);
  // JSON is YAML.
  writeFileSync(config, JSON.stringify(description(order), null, 2));
  await runTool(nfpm, ['package', '--config', config, '--packager', format, '--target', target], { env: { SOURCE_DATE_EPOCH: String(epochSeconds) } });
  return target;
}

function description({ version, architecture, format, tree, workFolder, epochSeconds, signingKey }: PackageOrder): object {
  const signature = signingKey === undefined ? {} : { signature: { key_file: signingKey } };
  const script = (name: string): string => writeScript(format, name, workFolder);
  return {
    name: NAME, version, arch: architecture.deb, platform: 'linux', section: 'database', priority: 'optional',
    maintainer: MAINTAINER, description: DESCRIPTION, mtime: new Date(epochSeconds * 1000).toISOString(),
    contents: [
      { src: join(tree, 'usr'), dst: '/usr', type: 'tree' },
      { src: join(tree, 'etc/logrotate.d', NAME), dst: `/etc/logrotate.d/${NAME}`, type: 'config|noreplace' },
      ...(format === 'deb' ? [
        { src: writeChangelog(version, workFolder, epochSeconds), dst: `/usr/share/doc/${NAME}/changelog.gz`, file_info: { mode: 0o644 } },
        { src: join(SCRIPTS, 'deb/lintian-overrides'), dst: `/usr/share/lintian/overrides/${NAME}`, file_info: { mode: 0o644 } },
      ] : []),
    ],
    // gzip: the package tools of the oldest systems know nothing younger, and even those too old shall get as far as to say so.
    ...(format === 'deb' ? {
      depends: ['libc6 (>= 2.28)', 'libstdc++6 (>= 5.2)', 'debconf (>= 0.5) | debconf-2.0', 'passwd'],
      recommends: ['sshfs', 'fuse3 | fuse', 'logrotate', 'openssh-client', 'acl'],
      scripts: { preinstall: script('preinst'), postinstall: script('postinst'), preremove: script('prerm'), postremove: script('postrm') },
      deb: { compression: 'gzip', scripts: { config: script('config'), templates: join(SCRIPTS, 'deb/templates') }, ...signature },
    } : {
      license: 'Apache-2.0',
      // glibc is checked by the script alone: the resolver's own refusal would come first, and say nothing that helps.
      depends: ['libstdc++', 'shadow-utils'],
      recommends: ['fuse-sshfs', 'fuse3', 'logrotate', 'openssh-clients', 'acl'],
      scripts: { preinstall: script('pre'), postinstall: script('post'), preremove: script('preun'), postremove: script('postun') },
      rpm: { compression: 'gzip', group: 'Applications/Databases', buildhost: 'localhost', ...signature },
    }),
  };
}

/** What Debian's tools show of this version; what is new in it is in the project's own CHANGELOG.md. */
function writeChangelog(version: string, workFolder: string, epochSeconds: number): string {
  const path = join(workFolder, 'changelog.gz');
  const date = new Date(epochSeconds * 1000).toUTCString().replace('GMT', '+0000');
  writeFileSync(path, gzipSync(`${NAME} (${version}) unstable; urgency=medium\n\n  * Version ${version} of Aeneas: see CHANGELOG.md of the release.\n\n -- ${MAINTAINER}  ${date}\n`, { level: 9 }));
  return path;
}

/** The steps of all scripts, then those of this one. */
function writeScript(format: Format, name: string, workFolder: string): string {
  const path = join(workFolder, `${format}-${name}`);
  const text = ['#!/bin/sh', 'set -e', '', readFileSync(join(SCRIPTS, 'steps.sh'), 'utf8'), readFileSync(join(SCRIPTS, format, name), 'utf8')].join('\n');
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
