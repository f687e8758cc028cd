// What docs/AGENT.md advises for the login on the nodes: a key that may do nothing but SFTP, and an account that is shut in a folder. And the
// answers from a pipe whose extra questions are answered by flags.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { ROOT } from '../aeneas-process.ts';
import { AgentMachine, NodeMachine } from './machines.ts';

const ADDRESS = '34.220.73.160';
const MOUNTS = `/mnt/cassandra-data-extractor/${ADDRESS}_node`;
const CONFIG = '/etc/cassandra-data-extractor';
const EXTRACTOR = [join(ROOT, 'node_modules/.bin/node'), join(ROOT, 'packages/agent/src/extractor/main.ts')];
const PASSWORD = 'a service password';
/** Longer than it takes, and much shorter than waiting for a nodetool that cannot come. */
const PROMPT_MILLIS = 30_000;

const answers = (login: string): string[] => ['1', ADDRESS, '22', login, '', 'Y', '/home/centos/key', '', '/etc/cassandra/conf', '', 'N', PASSWORD, PASSWORD, ''];

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-lab-'));
let node: NodeMachine;
let agent: AgentMachine;

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', '', '-f', join(scratch, 'key')]);
  const key = readFileSync(join(scratch, 'key.pub'), 'utf8');
  const data = await unpackedDemo();
  node = await NodeMachine.start(ADDRESS, 3, `restrict,command="internal-sftp" ${key}`, `
    mkdir -p /u01/cassandra/data /etc/cassandra/conf
    cp -r ${data}/. /u01/cassandra/data
    printf 'cluster_name: lab\\ndata_file_directories: [/u01/cassandra/data]\\n' >/etc/cassandra/conf/cassandra.yaml
    # An account that sees nothing but these two directories, read-only, under their usual paths.
    mkdir -p /srv/extractor/etc/cassandra/conf /srv/extractor/u01/cassandra/data
    mount --bind -o ro /etc/cassandra/conf /srv/extractor/etc/cassandra/conf
    mount --bind -o ro /u01/cassandra/data /srv/extractor/u01/cassandra/data
    useradd -M -d / -s /usr/sbin/nologin shut-in && usermod -p '*' shut-in
    mkdir -p /etc/ssh/keys && echo '${key.trim()}' >/etc/ssh/keys/shut-in
    printf 'Match User shut-in\\n  AuthorizedKeysFile /etc/ssh/keys/%%u\\n  ChrootDirectory /srv/extractor\\n  ForceCommand internal-sftp\\n  AllowTcpForwarding no\\n  X11Forwarding no\\n' >>/etc/ssh/sshd_config`);
  agent = await AgentMachine.start();
  agent.run(['sh', '-c', 'groupadd --system cassandra-data-extractor; useradd --system -g cassandra-data-extractor -d /nonexistent -s /usr/sbin/nologin cassandra-data-extractor; useradd -m centos; chmod 750 ~centos']);
  agent.write('/home/centos/key', readFileSync(join(scratch, 'key')), 0o644);
});
afterAll(async () => {
  try {
    agent?.run([...EXTRACTOR, '--unmount']);
  } finally {
    await agent?.stop();
    await node?.stop();
    rmSync(scratch, { recursive: true });
  }
});

function configure(login: string, ...flags: string[]): string {
  return agent.run(['env', 'SUDO_USER=centos', ...EXTRACTOR, '--configure', ...flags], answers(login).map((answer) => `${answer}\n`).join(''));
}

test('a key that may do nothing but SFTP configures and mounts, without waiting for a nodetool; flags answer what a terminal asks', () => {
  const fingerprint = execFileSync('ssh-keygen', ['-lf', '-'], { input: node.hostKey }).toString().split(' ')[1]!;
  const begunAt = Date.now();
  const output = configure('centos', '--host-key', `${ADDRESS}=${fingerprint}`, '--fix-key-permissions', '--allow-other', '--port', '8099', '--cassandra-version', '3');
  expect(Date.now() - begunAt).toBeLessThan(PROMPT_MILLIS);
  expect(output).toContain('successful completed');
  expect(output).toMatch(/The ring could not be compared with the configured nodes \(the login of 34\.220\.73\.160 may do nothing but SFTP\)/);
  expect(agent.run(['ls', `${MOUNTS}/conf`, `${MOUNTS}/data/data`])).toMatch(/cassandra\.yaml[^]*shop/);
  expect(agent.run(['stat', '-c', '%a', '/home/centos/key'])).toBe('600\n');
  expect(agent.run(['grep', '-c', '^user_allow_other', '/etc/fuse.conf'])).toBe('1\n');
  expect(agent.run(['grep', '^port', `${CONFIG}/agent-settings.yaml`])).toMatch(/^port: 8099 /);
  expect(agent.run(['cat', `${CONFIG}/default-version`])).toBe('3\n');
});

test('whoever configured sees the mounts, and so does the service; others do not', () => {
  const listedBy = (user: string): string => agent.run(['setpriv', '--reuid', user, '--init-groups', 'sh', '-c', `ls ${MOUNTS}/data/data 2>&1 || true`]);
  expect(listedBy('centos')).toContain('shop');
  expect(listedBy('cassandra-data-extractor')).toContain('shop');
  expect(listedBy('nobody')).toContain('Permission denied');
});

test('mount points are open on the way whatever the umask, as the unit of the mounts has one', () => {
  agent.run([...EXTRACTOR, '--unmount']);
  agent.run(['rm', '-r', MOUNTS]);
  agent.run(['sh', '-c', `umask 077; ${EXTRACTOR.join(' ')} -mnt`]);
  expect(agent.run(['setpriv', '--reuid', 'cassandra-data-extractor', '--regid', 'cassandra-data-extractor', '--clear-groups', 'ls', `${MOUNTS}/data/data`])).toContain('shop');
});

test('an account that is shut in a folder does as well', () => {
  agent.run([...EXTRACTOR, '--unmount']);
  expect(configure('shut-in')).toContain('successful completed');
  expect(agent.run(['ls', `${MOUNTS}/conf`, `${MOUNTS}/data/data`])).toMatch(/cassandra\.yaml[^]*shop/);
});

test('without sshfs the agent reads over SFTP, and says so', () => {
  agent.run([...EXTRACTOR, '--unmount']);
  agent.run(['sh', '-ec', 'mkdir /home/centos/few; for name in getent setpriv setfacl test; do ln -s "$(command -v $name || echo /usr/bin/$name)" /home/centos/few; done']);
  const words = ['env', 'PATH=/home/centos/few', 'SUDO_USER=centos', ...EXTRACTOR, '--configure'];
  const output = agent.run(words, answers('shut-in').map((answer) => `${answer}\n`).join(''));
  expect(output).toContain('Mounting is not possible here: sshfs is not installed. The agent will read over SFTP');
  expect(output).not.toContain('Mounting process');
  expect(agent.run(['grep', '-c', 'access: sftp', `${CONFIG}/agent-settings.yaml`])).toBe('1\n');
});
