// A small Debian of its own, in a folder: packages are really installed there, by the distribution's own tools. Each call runs in namespaces
// of its own, so that nothing stays mounted or running.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../../tools/packaging/run-tool.ts';

const SUITE = 'bookworm';
/** What is there besides the essential: rpm to install the other format, systemd to run the service, sshfs for its mounts (e2e/lab). */
const PACKAGES = ['rpm', 'logrotate', 'systemd-sysv', 'sshfs'];

/** What a root is before something runs in it: ROOT is where, OVERLAY what makes it of the Debian and what was changed. */
export const MOUNT_ROOT = `set -e
mount -t overlay -o "$OVERLAY" overlay "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$ROOT/dev/pts"
mount -t tmpfs tmpfs "$ROOT/run"
mkdir -p "$ROOT/packages"
mount --bind "$AENEAS_PACKAGES" "$ROOT/packages"
`;
const NAMESPACES = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];
/** Nothing of the tests' environment gets in. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };

export interface Ran {
  readonly exitCode: number | null;
  /** stdout and stderr. */
  readonly output: string;
}

/** The folder of a fresh Debian that is only copied, never used; made once for each user of this machine, in a minute or two. Throws PACKAGE_TOOL_MISSING, PACKAGE_BUILD_FAILED. */
export async function provideDebian(suite = SUITE, packages: readonly string[] = PACKAGES): Promise<string> {
  const folder = join(cacheFolder(), `debian-${suite}-${packages.join('-')}`);
  if (existsSync(folder)) return folder;
  process.stderr.write(`Making a Debian ${suite} with ${packages.join(', ')} (once; a minute or two) ...\n`);
  const unfinished = mkdtempSync(join(cacheFolder(), 'debian-'));
  try {
    await runTool('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, unfinished]);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** What takes long to make is kept here. */
export function cacheFolder(): string {
  const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'aeneas');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Only what is changed is written: below the Debian that AENEAS_DEBIAN names (run.ts). The packages are in /packages. */
export class DebianRoot {
  readonly #folder = mkdtempSync(join(tmpdir(), 'aeneas-root-'));

  constructor() {
    for (const part of ['changes', 'work', 'root']) mkdirSync(join(this.#folder, part));
  }

  /** For MOUNT_ROOT. */
  get variables(): Readonly<Record<string, string>> {
    return {
      ROOT: join(this.#folder, 'root'),
      OVERLAY: `lowerdir=${process.env['AENEAS_DEBIAN']!},upperdir=${join(this.#folder, 'changes')},workdir=${join(this.#folder, 'work')}`,
      AENEAS_PACKAGES: process.env['AENEAS_PACKAGES']!,
    };
  }

  run(words: readonly string[], { env = {}, input = '' }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string | Uint8Array } = {}): Ran {
    const inside = Object.entries({ ...ENVIRONMENT, ...env }).map(([name, value]) => `${name}=${value}`);
    const enter = `${MOUNT_ROOT}exec chroot "$ROOT" env -i "$@"`;
    const { status, stdout, stderr } = spawnSync('unshare', [...NAMESPACES, 'sh', '-c', enter, 'sh', ...inside, ...words], { encoding: 'utf8', input, env: { ...process.env, ...this.variables } });
    return { exitCode: status, output: stdout + stderr };
  }

  write(path: string, content: string | Uint8Array): void {
    const { exitCode, output } = this.run(['sh', '-c', `cat >'${path}'`], { input: content });
    if (exitCode !== 0) throw new Error(output);
  }

  /** The output of a command line that must succeed. */
  sh(line: string, env: Readonly<Record<string, string>> = {}): string {
    const { exitCode, output } = this.run(['sh', '-c', line], { env });
    if (exitCode !== 0) throw new Error(`${line}: ${exitCode} ${output}`);
    return output.trimEnd();
  }

  /** Whatever is named after the agent, outside of what package managers remember of packages that are gone. */
  leftovers(): string[] {
    const found = this.sh('find / -xdev \\( -path /proc -o -path /sys -o -path /tmp \\) -prune -o -name "*cassandra*extractor*" -print');
    const accounts = this.sh('grep -h extractor /etc/passwd /etc/group /etc/shadow /etc/gshadow /var/lib/dpkg/status /var/cache/debconf/config.dat || true');
    return [...found.split('\n'), ...accounts.split('\n')].filter((line) => line !== '');
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
