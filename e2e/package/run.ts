// `npm run test:package`: installs the packages really, in a Debian of their own; as root, since a package manager is. With
// --where-possible a machine that cannot do that is no failure: the reason is the summary.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CodedError } from '@aeneas/cassandra';
import { provideNfpm } from '../../tools/packaging/nfpm.ts';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { labProblem } from '../lab/machines.ts';
import { provideArm64Libraries } from './arm64-root.ts';
import { bootProblem } from './booted-root.ts';
import { DebianRoot, provideDebian } from './debian-root.ts';
import { buildPackages, NEW, OLD } from './packages.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const UNUSABLE = 2;

/** Why this machine cannot install packages in a root of their own; undefined if it can. */
function machineProblem(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root';
  const { status, stderr, error } = spawnSync('unshare', ['--mount', '--pid', '--fork', '--mount-proc', 'true'], { encoding: 'utf8' });
  if (status !== 0) return `it needs namespaces: ${error?.message ?? stderr.trim()}`;
  if (!hasProgram('debootstrap')) return 'it needs debootstrap';
  return undefined;
}

async function testPackages(packages: string): Promise<number> {
  const problem = machineProblem() ?? await partsProblem(packages);
  if (problem !== undefined) {
    process.stdout.write(`Package tests: not run, ${problem}\n`);
    return process.argv.includes('--where-possible') ? 0 : UNUSABLE;
  }
  for (const version of [OLD, NEW]) await buildPackages(version, packages);
  cpSync(await unpackedDemo(), join(packages, 'demo'), { recursive: true });
  const left = await leftOut();
  const { status } = spawnSync('vitest', ['run', '--config', join(HERE, 'vitest.config.ts'), ...left.flatMap(({ file }) => ['--exclude', `e2e/package/${file}`])], { stdio: ['ignore', 'inherit', 'inherit'] });
  for (const { file, reason } of left) process.stdout.write(`Package tests: ${file} not run, ${reason}\n`);
  if (process.env['AENEAS_ARM64'] === undefined) process.stdout.write('Package tests: the programs for arm64 were looked at, not run: there is no qemu-aarch64-static (qemu-user-static)\n');
  return status ?? 1;
}

/** Tests for which something is missing here. */
async function leftOut(): Promise<{ readonly file: string; readonly reason: string }[]> {
  const withoutSystemd = await bootProblem();
  const lacks = (program: string): string | undefined => (hasProgram(program) ? undefined : `there is no ${program}`);
  if (hasProgram('qemu-aarch64-static')) process.env['AENEAS_ARM64'] = await provideArm64Libraries();
  const problems: readonly (readonly [file: string, reason: string | undefined])[] = [
    ['service.test.ts', withoutSystemd === undefined ? undefined : `systemd cannot be started here: ${withoutSystemd}`],
    ['new-user.test.ts', withoutSystemd ?? labProblem() ?? aptProblem()],
    ['lintian.test.ts', lacks('lintian') ?? lacks('man')],
    ['signing.test.ts', lacks('gpg') ?? lacks('ar')],
  ];
  return problems.flatMap(([file, reason]) => (reason === undefined ? [] : [{ file, reason }]));
}

/** Why a root cannot install what the distribution has. */
function aptProblem(): string | undefined {
  const root = new DebianRoot();
  const { exitCode, output } = root.run(['apt-get', '-qq', 'update', '-o', 'APT::Update::Error-Mode=any']);
  root.remove();
  return exitCode === 0 ? undefined : `the distribution's packages are out of reach: ${output.trim().split('\n')[0]}`;
}

function hasProgram(name: string): boolean {
  return spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin" command -v ${name}`], { encoding: 'utf8' }).status === 0;
}

/** Why what the tests work with cannot be had. */
async function partsProblem(packages: string): Promise<string | undefined> {
  try {
    [process.env['AENEAS_DEBIAN']] = await Promise.all([provideDebian(), provideNfpm()]);
  } catch (error) {
    if (error instanceof CodedError) return error.line();
    throw error;
  }
  process.env['AENEAS_PACKAGES'] = packages;
  const root = new DebianRoot();
  const { exitCode, output } = root.run(['true']);
  root.remove();
  return exitCode === 0 ? undefined : `a root cannot be entered: ${output.trim()}`;
}

const packages = mkdtempSync(join(tmpdir(), 'aeneas-packages-'));
try {
  process.exitCode = await testPackages(packages);
} finally {
  rmSync(packages, { recursive: true, force: true });
}
