// Machines on this machine, from namespaces over an overlay of its own root: a Cassandra node with its own address, users and sshd, and an
// agent's machine, which sees the network of this one and changes nothing of its files. They need root, iproute2 and openssh-server.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A second, where nothing else runs. */
const START_MILLIS = 60_000;

/** Why this machine cannot have such machines; undefined when it can. */
export function labProblem(): string | undefined {
  if (process.geteuid?.() !== 0) return 'it needs root';
  for (const program of ['/usr/sbin/sshd', '/usr/bin/sshfs', '/usr/bin/expect', '/usr/bin/fusermount3']) if (!existsSync(program)) return `${program} is missing (apt-get install openssh-server sshfs fuse3 expect)`;
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    execFileSync('unshare', ['-m', 'true'], { stdio: 'pipe' });
    execFileSync('ip', ['netns', 'list'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `namespaces or /dev/fuse cannot be used here: ${(error as Error).message.split('\n')[0]}`;
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: 'pipe' });
}

/** What a run that was killed has left behind. */
function removeLeftOvers(): void {
  const isDead = (pid: string): boolean => !existsSync(`/proc/${pid}`);
  const networks = execFileSync('ip', ['netns', 'list']).toString();
  for (const [name, pid] of networks.matchAll(/^lab-(\d+)-\d+/gm)) {
    if (!isDead(pid!)) continue;
    for (const left of execFileSync('ip', ['netns', 'pids', name]).toString().split('\n')) {
      try {
        if (left !== '') process.kill(Number(left), 'SIGKILL');
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    ip('netns', 'del', name);
  }
  for (const name of readdirSync(tmpdir())) {
    const pid = /^lab-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && isDead(pid)) removeDisk(join(tmpdir(), name));
  }
}

/** Folders on a disk in memory, since an overlay of / cannot keep its changes within /. */
function scratchDisk(): string {
  removeLeftOvers();
  const folder = mkdtempSync(join(tmpdir(), `lab-${process.pid}-`));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(folder, name));
  return folder;
}

function removeDisk(folder: string): void {
  execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
  rmSync(folder, { recursive: true });
}

/** A node: user centos (password centos-pass, key as given), sshd on port 22, files of its own over those of this machine. */
export class NodeMachine {
  readonly address: string;
  readonly #folder: string;
  readonly #network: string;
  readonly #link: string;
  readonly #host: string;
  readonly #image: string;
  #process: ChildProcess | undefined;

  private constructor(address: string, folder: string, index: number, image: string) {
    this.address = address;
    this.#image = image;
    this.#folder = folder;
    this.#network = `lab-${process.pid}-${index}`;
    this.#link = `lab${process.pid % 100_000}v${index}`;
    const numbers = address.split('.').map(Number);
    this.#host = [...numbers.slice(0, 3), numbers[3]! ^ 1].join('.');
  }

  /** `script` is run as root on the machine before its sshd starts; `image` are the folders of which its disk is made, the uppermost first, as overlayfs takes them. */
  static async start(address: string, index: number, publicKey: string, script = '', image = '/'): Promise<NodeMachine> {
    const machine = new NodeMachine(address, scratchDisk(), index, image);
    ip('netns', 'add', machine.#network);
    ip('link', 'add', machine.#link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', machine.#network);
    machine.#inNetwork('addr', 'add', `${address}/31`, 'dev', 'eth0');
    machine.#inNetwork('link', 'set', 'eth0', 'up');
    machine.#inNetwork('link', 'set', 'lo', 'up');
    ip('addr', 'add', `${machine.#host}/31`, 'dev', machine.#link);
    ip('link', 'set', machine.#link, 'up');
    writeFileSync(join(machine.#folder, 'setup.sh'), `set -e
      id centos 2>/dev/null || useradd -ms /bin/bash centos
      echo centos:centos-pass | chpasswd
      install -d -m 700 -o centos -g centos ~centos/.ssh
      echo '${publicKey.trim()}' >~centos/.ssh/authorized_keys
      chown centos: ~centos/.ssh/authorized_keys
      mkdir -p /run/sshd
      rm -f /etc/ssh/ssh_host_* && ssh-keygen -A >/dev/null
      printf 'PasswordAuthentication yes\\nKbdInteractiveAuthentication no\\nUsePAM no\\nSubsystem sftp internal-sftp\\n' >/etc/ssh/sshd_config
      ${script}\n`);
    try {
      await machine.boot(true);
    } catch (error) {
      await machine.stop();
      throw error;
    }
    return machine;
  }

  /** The host key as known_hosts has it: type and key. */
  get hostKey(): string {
    return readFileSync(join(this.#folder, 'upper/etc/ssh/ssh_host_ed25519_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  }

  /** Where a directory of the node's own disk is on this machine, for reading. */
  path(path: string): string {
    return join(this.#folder, 'upper', path);
  }

  /** A command of root on the node. */
  run(command: string): string {
    return execFileSync('nsenter', ['-m', '-n', '-p', '-u', '-t', String(this.processId), '--', 'chroot', join(this.#folder, 'root'), 'sh', '-ec', command]).toString();
  }

  /** A cable between this machine and another one: hosts that have only their link to this machine do not see each other. */
  connect(other: NodeMachine): void {
    ip('link', 'add', 'ring', 'netns', this.#network, 'type', 'veth', 'peer', 'name', 'ring', 'netns', other.#network);
    for (const [one, another] of [[this, other], [other, this]] as const) {
      one.#inNetwork('link', 'set', 'ring', 'up');
      one.#inNetwork('route', 'add', another.address, 'dev', 'ring', 'src', one.address);
    }
  }

  async boot(isFirst = false): Promise<void> {
    const root = join(this.#folder, 'root');
    const run = (command: string): string => `chroot ${root} sh -c '${command}'`;
    const setup = join(this.#folder, 'setup.sh');
    this.#process = spawn('ip', ['netns', 'exec', this.#network, 'unshare', '-fmpu', '--kill-child', 'sh', '-ec', `
      mount -t overlay overlay -o lowerdir=${this.#image},upperdir=${this.#folder}/upper,workdir=${this.#folder}/work ${root}
      mount -t proc proc ${root}/proc; mount --bind /dev ${root}/dev
      ${isFirst ? `cp ${setup} ${root}/setup.sh; ${run('sh /setup.sh')}` : ''}
      exec ${run('exec /usr/sbin/sshd -D -E /var/log/sshd.log')}`], { stdio: ['ignore', 'inherit', 'inherit'] });
    await this.#answers();
  }

  /** As if somebody had pulled the plug. */
  async powerOff(): Promise<void> {
    const ended = new Promise((resolve) => this.#process!.once('exit', resolve));
    this.#process!.kill('SIGKILL');
    await ended;
  }

  cutNetwork(): void {
    ip('link', 'set', this.#link, 'down');
  }

  joinNetwork(): void {
    ip('link', 'set', this.#link, 'up');
  }

  async stop(): Promise<void> {
    await this.powerOff();
    ip('link', 'del', this.#link);
    ip('netns', 'del', this.#network);
    removeDisk(this.#folder);
  }

  async #answers(): Promise<void> {
    const deadline = Date.now() + START_MILLIS;
    while (Date.now() < deadline) {
      try {
        if (execFileSync('ssh-keyscan', ['-T', '2', '-t', 'ed25519', this.address], { stdio: ['ignore', 'pipe', 'ignore'] }).length > 0) return;
      } catch {
        // Not yet.
      }
      await sleep(100);
    }
    throw new Error(`The sshd of ${this.address} does not answer`);
  }

  /** The first process of the machine, as this one counts: the one child that unshare has. */
  get processId(): number {
    const { pid } = this.#process!;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
  }

  #inNetwork(...words: string[]): void {
    ip('-n', this.#network, ...words);
  }
}

/** An agent's machine: changes of /etc, /var, /mnt, /home, /run and /root stay there. */
export class AgentMachine {
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, process: ChildProcess) {
    this.#folder = folder;
    this.#process = process;
  }

  static async start(): Promise<AgentMachine> {
    const folder = scratchDisk();
    const overlays = ['etc', 'var', 'mnt', 'home', 'root', 'run'].map((name) => {
      mkdirSync(join(folder, `upper/${name}`));
      mkdirSync(join(folder, 'work', name));
      return `mount -t overlay overlay -o lowerdir=/${name},upperdir=${folder}/upper/${name},workdir=${join(folder, 'work', name)} /${name}`;
    });
    const child = spawn('unshare', ['-m', '--propagation', 'private', 'sh', '-ec', `${overlays.join('\n')}\necho ready; exec sleep infinity`], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`The agent's machine ended with ${code}`)));
    });
    return new AgentMachine(folder, child);
  }

  /** A command as somebody on that machine would give it. */
  command(words: readonly string[]): [program: string, words: string[]] {
    return ['nsenter', ['-m', '-t', String(this.#process.pid), '--', ...words]];
  }

  run(words: readonly string[], input: string | Uint8Array = ''): string {
    const [program, rest] = this.command(words);
    return execFileSync(program, rest, { input, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
  }

  write(path: string, content: string | Uint8Array, mode = 0o600): void {
    this.run(['sh', '-c', 'mkdir -p "$(dirname "$0")" && cat >"$0" && chmod "$1" "$0"', path, mode.toString(8)], content);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await ended;
    removeDisk(this.#folder);
  }
}
