// `npm run package`: the agent as .deb and .rpm, and the release zip with checksums, in dist/. With --this-machine for this machine's
// architecture only, which needs no registry. AENEAS_SIGNING_KEY names a file with the OpenPGP key that signs the packages, NFPM_PASSPHRASE
// is its passphrase.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '@aeneas/cassandra';
import manifest from '../../package.json' with { type: 'json' };
import { ARCHITECTURES, thisArchitecture } from './architecture.ts';
import { provideNfpm } from './nfpm.ts';
import { makePackage } from './package-files.ts';
import { writeChecksums, zipRelease } from './release.ts';
import { runTool } from './run-tool.ts';
import { layOutTree } from './tree.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const UNUSABLE = 2;

async function buildAll(isThisMachineOnly: boolean): Promise<string[]> {
  const { version } = manifest;
  const dist = join(ROOT, 'dist');
  mkdirSync(dist, { recursive: true });
  const nfpm = await provideNfpm();
  const epochSeconds = Number(process.env['SOURCE_DATE_EPOCH'] ?? await runTool('git', ['log', '-1', '--format=%ct'], { cwd: ROOT }));
  if ((await runTool('git', ['status', '--porcelain'], { cwd: ROOT })) !== '') {
    process.stderr.write('There are changes that are not committed: they are in the packages, not in the zip.\n');
  }
  const signingKey = process.env['AENEAS_SIGNING_KEY'];
  const packages: string[] = [];
  for (const architecture of isThisMachineOnly ? [thisArchitecture()] : ARCHITECTURES) {
    const tree = join(dist, 'work', architecture.node);
    await layOutTree({ root: ROOT, version, architecture, tree, cache: join(dist, 'parts') });
    for (const format of ['deb', 'rpm'] as const) {
      packages.push(await makePackage({ nfpm, version, architecture, format, tree, workFolder: join(dist, 'work/nfpm'), outputFolder: join(dist, 'agents'), epochSeconds, signingKey }));
    }
  }
  const agents = [...packages, writeChecksums(join(dist, 'agents'), packages)];
  const zip = await zipRelease(ROOT, version, agents, dist);
  return [...agents, zip, writeChecksums(dist, [zip])];
}

try {
  for (const file of await buildAll(process.argv.includes('--this-machine'))) process.stdout.write(`${file}\n`);
} catch (error) {
  if (!(error instanceof CodedError)) throw error;
  process.stderr.write(`${error.line()}\n`);
  process.exitCode = UNUSABLE;
}
