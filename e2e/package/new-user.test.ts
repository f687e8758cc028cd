// A new user's way through docs/AGENT.md on a fresh Debian 12: install, configure, mount, start, watch, register in a server, upgrade, remove,
// purge; typed at a terminal, against a node with an sshd of its own.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { ROOT } from '../aeneas-process.ts';
import { NodeMachine } from '../lab/machines.ts';
import { BootedRoot } from './booted-root.ts';
import { DebianRoot } from './debian-root.ts';
import { inRoot, NEW, OLD } from './packages.ts';

const ADDRESS = '34.220.73.140';
const AGENT_ADDRESS = '34.220.73.150';
const STORE_PASSWORD = '123456';
const MINUTES = 60_000;
const AENEAS = join(ROOT, 'node_modules/.bin/aeneas');
/** What "apt install" brings with the package: there is no way to the distribution's servers from the booted system. */
const RECOMMENDED = 'sshfs fuse3 openssh-client acl logrotate';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-new-user-'));
let node: NodeMachine;
let system: BootedRoot;
let server: ChildProcess | undefined;

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-qt', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-f', join(scratch, 'key')]);
  writeFileSync(join(scratch, 'password'), STORE_PASSWORD, { mode: 0o600 });
  execFileSync(AENEAS, ['keystore', 'generate', join(scratch, 'stores'), '--agent', `one=${AGENT_ADDRESS}`, '--store-password-file', join(scratch, 'password'), '--authority-password-file', join(scratch, 'password')], { stdio: 'pipe' });
  const data = await unpackedDemo();
  node = await NodeMachine.start(ADDRESS, 1, readFileSync(join(scratch, 'key.pub'), 'utf8'), `
    mkdir -p /u01/cassandra/data /etc/cassandra/conf
    cp -r ${data}/. /u01/cassandra/data
    printf 'cluster_name: lab\\ndata_file_directories:\\n  - /u01/cassandra/data\\n' >/etc/cassandra/conf/cassandra.yaml`);
  const root = new DebianRoot();
  root.sh(`apt-get -qq update && apt-get -qq purge -y ${RECOMMENDED} && apt-get -qq install -y --no-install-recommends sudo expect >/dev/null
    apt-get -qq install -y --download-only ${RECOMMENDED}
    [ -e /dev/fuse ] || mknod -m 666 /dev/fuse c 10 229
    echo "127.0.1.1 $(hostname)" >>/etc/hosts
    useradd -m -s /bin/bash centos && echo 'centos ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/centos
    cp ${inRoot('deb', OLD)} ${inRoot('deb', NEW)} /home/centos`);
  for (const [from, to] of [['key', 'my-ec2-private-key.pem'], ['stores/agent-one.p12', 'Cassandra_key'], ['stores/trust.p12', 'Cassandra_trust']] as const) {
    root.write(`/home/centos/${to}`, readFileSync(join(scratch, from)));
  }
  root.write('/home/centos/new-user.exp', readFileSync(join(import.meta.dirname, 'new-user.exp'), 'utf8'));
  root.sh('chown -R centos: /home/centos');
  system = await BootedRoot.boot(root);
  connect();
}, 5 * MINUTES);
afterAll(async () => {
  server?.kill();
  await system?.end();
  system?.root.remove();
  await node?.stop();
  rmSync(scratch, { recursive: true });
});

/** A cable between the node and the system, which is in a network of its own. */
function connect(): void {
  const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: 'pipe' });
  const network = `lab-${process.pid}-1`;
  const inSystem = (...words: string[]): void => void execFileSync('nsenter', ['-n', '-t', system.init, 'ip', ...words], { stdio: 'pipe' });
  ip('link', 'add', 'agent', 'netns', network, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', system.init);
  ip('-n', network, 'link', 'set', 'agent', 'up');
  ip('-n', network, 'route', 'add', AGENT_ADDRESS, 'dev', 'agent', 'src', ADDRESS);
  for (const words of [['link', 'set', 'lo', 'up'], ['addr', 'add', `${AGENT_ADDRESS}/32`, 'dev', 'eth0'], ['link', 'set', 'eth0', 'up'], ['route', 'add', ADDRESS, 'dev', 'eth0']]) inSystem(...words);
}

/** A command of this machine, in the network of the system. */
function beside(...words: string[]): string {
  return execFileSync('nsenter', ['-n', '-t', system.init, ...words], { stdio: 'pipe' }).toString();
}

test('the whole chapter, as a new user types it', async () => {
  server = spawn('nsenter', ['-n', '-t', system.init, AENEAS, 'serve', '--workspace', join(scratch, 'server')], { stdio: ['ignore', 'pipe', 'inherit'] });
  let served = '';
  server.stdout!.on('data', (piece: Buffer) => {
    served += piece.toString();
  });
  const enter = ['-t', system.init, '-m', '-p', '-i', '-u', '-n', '-C', '-r', '-w', 'su', '-', 'centos', '-c', `expect new-user.exp ${[OLD, NEW].map((version) => basename(inRoot('deb', version))).join(' ')}`];
  const begunAt = Date.now();
  const user = spawn('nsenter', enter, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
  let typed = '';
  for (const stream of [user.stdout, user.stderr]) {
    stream.on('data', (piece: Buffer) => {
      typed += piece.toString();
    });
  }
  const ended = new Promise((resolve) => user.once('close', resolve));
  while (!/\nREADY|FAILED|TYPED/.test(typed) && user.exitCode === null) await sleep(100);
  expect(typed).toContain('READY');
  while (!served.includes('8250')) await sleep(100);
  beside(AENEAS, 'agent', 'register', 'one', `https://${AGENT_ADDRESS}:8080`, '--key-store', join(scratch, 'stores/server.p12'), '--trust-store', join(scratch, 'stores/trust.p12'), '--password-file', join(scratch, 'password'));
  expect(beside(AENEAS, 'agent', 'list')).toMatch(/one.*34\.220\.73\.150/);
  system.sh('touch /tmp/registered');
  await ended;
  if (process.env['AENEAS_SHOW'] !== undefined) process.stdout.write(typed);
  expect(typed).toMatch(/TYPED \d+ commands, \d+ answers\s*$/);
  // Nothing that was typed to be secret is on the screen.
  expect(typed).not.toContain(STORE_PASSWORD);
  expect(Date.now() - begunAt).toBeLessThan(10 * MINUTES);
  process.stdout.write(`${/TYPED.*/.exec(typed)![0]}, ${Math.round((Date.now() - begunAt) / 1000)} s\n`);
}, 10 * MINUTES);
