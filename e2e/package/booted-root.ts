// A Debian root with its own systemd running: what a service manager does with the units is seen, not guessed.

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DebianRoot, MOUNT_ROOT } from './debian-root.ts';
import type { Ran } from './debian-root.ts';

const BOOT_MILLIS = 30_000;
const STEP_MILLIS = 200;

/** A container manager's work. Mounts are shared below the root, as systemd has them on a host. */
const BOOT = `${MOUNT_ROOT}
mount -t sysfs -o ro sysfs "$ROOT/sys"
mount -t tmpfs tmpfs "$ROOT/tmp"
# Settings of the kernel are this machine's, not the root's.
mount --bind "$ROOT/proc/sys" "$ROOT/proc/sys"
mount -o remount,bind,ro "$ROOT/proc/sys"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup"
else
  mount -t tmpfs -o mode=755 tmpfs "$ROOT/sys/fs/cgroup"
  mkdir "$ROOT/sys/fs/cgroup/systemd" "$ROOT/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd cgroup "$ROOT/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$ROOT/sys/fs/cgroup/unified"
fi
[ -e "$ROOT/dev/fuse" ] || mknod -m 666 "$ROOT/dev/fuse" c 10 229 || :
mount --make-rshared "$ROOT"
exec env -i container=test PATH=/usr/sbin:/usr/bin chroot "$ROOT" /lib/systemd/systemd --unit=multi-user.target
`;

export class BootedRoot {
  readonly root: DebianRoot;
  readonly #outer: ChildProcess;
  readonly #init: string;

  private constructor(root: DebianRoot, outer: ChildProcess, init: string) {
    this.root = root;
    this.#outer = outer;
    this.#init = init;
  }

  /** Its first process, as this machine counts them. */
  get init(): string {
    return this.#init;
  }

  /** In a network of its own, where all ports are free, or in that of this machine. Throws when systemd is not up in time. */
  static async boot(root: DebianRoot, { network = 'own' }: { readonly network?: 'own' | 'shared' } = {}): Promise<BootedRoot> {
    const outer = spawn('unshare', ['--mount', '--pid', '--ipc', '--uts', '--cgroup', ...(network === 'own' ? ['--net'] : []), '--fork', '--kill-child', 'sh', '-c', BOOT], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...root.variables } });
    let complaint = '';
    outer.stderr.on('data', (piece: Buffer) => {
      complaint += piece.toString();
    });
    for (const end = Date.now() + BOOT_MILLIS; Date.now() < end && outer.exitCode === null;) {
      await sleep(STEP_MILLIS);
      const init = childOf(outer.pid!);
      if (init === undefined) continue;
      const booted = new BootedRoot(root, outer, init);
      if (/^(?:running|degraded)/.test(booted.run('systemctl is-system-running').output)) return booted;
    }
    outer.kill('SIGKILL');
    throw new Error(`systemd did not come up: ${complaint.trim()}`);
  }

  run(line: string, input = '', timeoutMillis = BOOT_MILLIS): Ran {
    const enter = ['-t', this.#init, '-m', '-p', '-i', '-u', '-n', '-C', '-r', '-w', 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive', 'sh', '-c', line];
    const { status, stdout, stderr } = spawnSync('nsenter', enter, { encoding: 'utf8', input, timeout: timeoutMillis });
    return { exitCode: status, output: stdout + stderr };
  }

  /** The output of a command line that must succeed. */
  sh(line: string): string {
    const { exitCode, output } = this.run(line);
    if (exitCode !== 0) throw new Error(`${line}: ${exitCode} ${output}`);
    return output.trimEnd();
  }

  /** Ends the system as a power cut does. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#outer.once('exit', resolve));
    this.#outer.kill('SIGKILL');
    await ended;
  }
}

/** Why systemd cannot be started in a root here; undefined if it can. */
export async function bootProblem(): Promise<string | undefined> {
  const root = new DebianRoot();
  try {
    await (await BootedRoot.boot(root)).end();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    root.remove();
  }
}

function childOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] || undefined;
  } catch {
    return undefined;
  }
}
