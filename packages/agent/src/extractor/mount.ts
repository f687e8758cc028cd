// Mounts of a node's directories by sshfs, read-only. An sshfs that loses its connection ends at once instead of waiting for it
// (no `reconnect`): reads then fail, rather than hang, and whoever watches mounts anew. So key and passphrase are on a disk in memory,
// in the clear, only while a mount is made.

import { spawn } from 'node:child_process';
import { access, chmod, mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../local-file.ts';
import { extractorError } from './errors.ts';
import { mountedAt } from './mount-table.ts';
import { secretNames } from './nodes.ts';
import type { NodeDirectory, NodeSettings } from './nodes.ts';
import { ownFolder } from './owner.ts';
import type { ExtractorPaths } from './paths.ts';
import type { SealedSecrets } from './sealed.ts';
import { sshDestination } from './ssh.ts';

/** A connection that is silent for two of these is gone. */
const ALIVE_SECONDS = 2;
const CONNECT_SECONDS = 10;
const MOUNT_MILLIS = 25_000;
const READ_AHEAD_KB = 2_048;
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const PRIVATE_PROGRAM = 0o700;
/** Nobody but root sees an empty directory where a mount is missing: to others it is closed, not empty. */
const MOUNT_POINT = 0o500;
const PASSAGE = 0o755;

/** Whether this machine can mount at all; the reason why not. */
export async function fuseProblem(): Promise<string | undefined> {
  if (await access('/dev/fuse', constants.R_OK | constants.W_OK).then(() => false, () => true)) return 'there is no /dev/fuse that may be used';
  for (const folder of (process.env.PATH ?? '').split(':')) {
    if (await access(join(folder, 'sshfs'), constants.X_OK).then(() => true, () => false)) return undefined;
  }
  return 'sshfs is not installed';
}

/** What sshfs is started with; `identityFile` where there is a key. */
export function sshfsArguments(node: NodeSettings, { kind, remote, local }: NodeDirectory, knownHosts: string, identityFile: string | undefined): string[] {
  const options = [
    'ro', 'allow_other', 'nosuid', 'nodev',
    'StrictHostKeyChecking=yes', `UserKnownHostsFile=${knownHosts}`,
    ...(identityFile === undefined ? ['PubkeyAuthentication=no'] : [`IdentityFile=${identityFile}`, 'IdentitiesOnly=yes']),
    'NumberOfPasswordPrompts=1', `ConnectTimeout=${CONNECT_SECONDS}`, `ServerAliveInterval=${ALIVE_SECONDS}`, 'ServerAliveCountMax=2',
    'Ciphers=^aes128-gcm@openssh.com', 'Compression=no',
    // Links are followed on the node, never on this machine. New files are seen at once.
    'follow_symlinks', 'dir_cache=no',
    // What grows is read as it is now; what never changes, as SSTables, may stay in the page cache.
    ...(kind === 'commitlog' || kind === 'cdc_raw' ? ['direct_io', 'attr_timeout=0', 'entry_timeout=0'] : ['auto_cache']),
  ];
  return [`${sshDestination(node.login ?? '', node.ip)}:${remote}/`, local, '-p', String(node.port), '-o', options.join(',')];
}

/** The log of a mount, as the seed names it. */
export function mountLog({ name, node }: NodeDirectory, paths: ExtractorPaths): string {
  return join(paths.logDirectory, `${name}_${node}.log`);
}

/** Mounts one directory. `say` gets the command before it is run. Throws MOUNT_FAILED, FUSE_MISSING, FILE_UNWRITABLE, SEALED_UNREADABLE. */
export async function mount(node: NodeSettings, directory: NodeDirectory, secrets: SealedSecrets, paths: ExtractorPaths, say: (text: string) => void): Promise<void> {
  const problem = await fuseProblem();
  if (problem !== undefined) throw extractorError('FUSE_MISSING', `Cannot mount: ${problem}`);
  await makeMountPoint(directory, paths);
  await makeFolder(paths.logDirectory);
  await ownFolder(paths.runDirectory, PRIVATE_FOLDER);
  const folder = await mkdtemp(join(paths.runDirectory, 'mount-'));
  try {
    const { identityFile, environment } = await credentials(node, secrets, folder);
    const words = sshfsArguments(node, directory, paths.knownHosts, identityFile);
    const log = mountLog(directory, paths);
    say(`Will be executed command: sshfs ${words.map(quoted).join(' ')} > ${log} 2>&1`);
    await runSshfs(words, environment, log, directory);
    await readAhead(directory);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The folders on the way are for everybody whom the topmost lets in, whatever the umask of a shell or of the unit. */
async function makeMountPoint({ local }: NodeDirectory, { mountDirectory }: ExtractorPaths): Promise<void> {
  await makeFolder(local);
  for (let above = dirname(local); above.startsWith(`${mountDirectory}/`); above = dirname(above)) await chmod(above, PASSAGE);
  await chmod(local, MOUNT_POINT);
}

/** Ends a mount. A lost one is aborted first, so that whoever hangs in it goes on with an error. Does nothing where nothing is mounted. */
export async function unmount({ local }: NodeDirectory, isLost: boolean): Promise<void> {
  const mounted = mountedAt(local);
  if (mounted === undefined) return;
  if (isLost) {
    await writeFile(`/sys/fs/fuse/connections/${mounted.device.split(':')[1]}/abort`, '1').catch(() => {});
    await endSshfs(local);
  }
  const { exitCode, stderr } = await run('umount', isLost ? ['-l', local] : [local]);
  if (exitCode !== 0 && mountedAt(local) !== undefined) throw extractorError('MOUNT_FAILED', `Cannot unmount: ${stderr.trim()}`, { file: local });
}

async function runSshfs(words: readonly string[], environment: Readonly<Record<string, string>>, logFile: string, { local, node, remote }: NodeDirectory): Promise<void> {
  const log = await open(logFile, 'w', PRIVATE_FILE);
  try {
    // A session of its own: ssh has no terminal to ask on, and asks SSH_ASKPASS.
    const child = spawn('sshfs', words, { detached: true, stdio: ['ignore', log.fd, log.fd], env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: process.env.HOME ?? '/', ...environment } });
    const exitCode = await new Promise<number | null>((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), MOUNT_MILLIS);
      child.on('error', () => resolve(null));
      child.on('exit', (code) => {
        clearTimeout(timer);
        resolve(code);
      });
    });
    if (exitCode === 0 && mountedAt(local) !== undefined) return;
  } finally {
    await log.close();
  }
  const said = (await readFile(logFile, 'utf8')).trim().split('\n').at(-1);
  throw extractorError('MOUNT_FAILED', `${node}:${remote} could not be mounted: ${said === '' || said === undefined ? 'sshfs did not answer in time' : said.trim()}`, { file: logFile });
}

/** Key and answers for ssh, in files that live as long as the making of the mount. */
async function credentials(node: NodeSettings, secrets: SealedSecrets, folder: string): Promise<{ identityFile: string | undefined; environment: Record<string, string> }> {
  const names = secretNames(node.ip);
  const write = async (name: string, mode: number): Promise<string | undefined> => {
    const secret = await secrets.get(names[name as keyof typeof names]);
    if (secret === undefined) return undefined;
    await writeFile(join(folder, name), secret, { mode });
    return join(folder, name);
  };
  const identityFile = await write('key', PRIVATE_FILE);
  await write('passphrase', PRIVATE_FILE);
  await write('password', PRIVATE_FILE);
  const askpass = join(folder, 'askpass');
  await writeFile(askpass, `#!/bin/sh\ncase $1 in *assphrase*) exec cat '${folder}/passphrase';; *) exec cat '${folder}/password';; esac\n`, { mode: PRIVATE_PROGRAM });
  // Before OpenSSH 8.4 it is DISPLAY that makes ssh use it.
  return { identityFile, environment: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':none' } };
}

/** The kernel asks a mount of FUSE for 128 KB in advance: too little where each answer takes its way through ssh. Without sysfs it stays so. */
async function readAhead({ local }: NodeDirectory): Promise<void> {
  const device = mountedAt(local)?.device;
  if (device !== undefined) await writeFile(`/sys/class/bdi/${device}/read_ahead_kb`, String(READ_AHEAD_KB)).catch(() => {});
}

/** Ends the sshfs that serves a mount point. */
async function endSshfs(local: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [program, , mountPoint] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (program?.endsWith('sshfs') && mountPoint === local) process.kill(Number(pid), 'SIGKILL');
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./^-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`;
}

function run(program: string, words: readonly string[]): Promise<{ exitCode: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (piece: Buffer) => {
      stderr += piece.toString();
    });
    child.on('error', (error) => resolve({ exitCode: null, stderr: error.message }));
    child.on('close', (exitCode) => resolve({ exitCode, stderr }));
  });
}
