// The chapter "Install, configure, and run the data extraction agent" with real parts: the seed's own answers through a pipe, the same
// dialogue on a terminal, real sshd, sshfs and FUSE. The agent's machine has the addresses and paths of the seed's example.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { ROOT } from '../aeneas-process.ts';
import { AgentMachine, NodeMachine } from './machines.ts';

const ADDRESS = '34.220.73.140';
const MOUNTS = `/mnt/cassandra-data-extractor/${ADDRESS}_node`;
const CONFIG = '/etc/cassandra-data-extractor';
const STORE_PASSWORD = '123456';
const NODE = join(ROOT, 'node_modules/.bin/node');
const EXTRACTOR = [NODE, join(ROOT, 'packages/agent/src/extractor/main.ts')];

/** Lines 290 to 313 of the seed, what stands behind the questions. */
const SEED_ANSWERS = [
  '1', ADDRESS, '22', 'centos', '', 'Y', '/home/centos/my-ec2-private-key.pem', '', '/etc/cassandra/conf/', '/u01/cassandra/data',
  'Y', '/home/centos/Cassandra_key', STORE_PASSWORD, STORE_PASSWORD, '/home/centos/Cassandra_trust', STORE_PASSWORD, STORE_PASSWORD, '/home/centos/out_data',
];

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-lab-'));
let node: NodeMachine;
let agent: AgentMachine;

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-qt', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-f', join(scratch, 'plain')]);
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', 'locked-pass', '-f', join(scratch, 'locked')]);
  const data = await unpackedDemo();
  node = await NodeMachine.start(ADDRESS, 1, ['plain', 'locked'].map((name) => readFileSync(join(scratch, `${name}.pub`), 'utf8')).join(''), `
    mkdir -p /u01/cassandra/data /u01/cassandra/commitlog /etc/cassandra/conf /opt/cassandra/bin
    cp -r ${data}/. /u01/cassandra/data
    printf 'cluster_name: lab\\ndata_file_directories:\\n  - /u01/cassandra/data\\ncommitlog_directory: /u01/cassandra/commitlog\\n' >/etc/cassandra/conf/cassandra.yaml
    printf '#!/bin/sh\\ncase $1 in version) echo ReleaseVersion: 3.11.2;; *) cat /opt/ring;; esac\\n' >/opt/cassandra/bin/nodetool
    printf 'Datacenter: dc1_tgt\\n===\\nUN  ${ADDRESS}  1 MiB  256  100.0%%  id  r1\\nDatacenter: dc1\\nUN  10.9.9.9  1 MiB  256  100.0%%  id  r1\\n' >/opt/ring
    chmod 755 /opt/cassandra/bin/nodetool`);
  agent = await AgentMachine.start();
  writeFileSync(join(scratch, 'store-password'), STORE_PASSWORD, { mode: 0o600 });
  execFileSync(join(ROOT, 'node_modules/.bin/aeneas'), ['keystore', 'generate', join(scratch, 'stores'), '--agent', 'one=127.0.0.1', '--store-password-file', join(scratch, 'store-password'), '--authority-password-file', join(scratch, 'store-password')], { stdio: 'pipe' });
  agent.run(['sh', '-c', 'groupadd --system cassandra-data-extractor; useradd --system -g cassandra-data-extractor -d /nonexistent -s /usr/sbin/nologin cassandra-data-extractor; useradd -m centos; chmod 750 ~centos']);
  agent.write('/home/centos/my-ec2-private-key.pem', readFileSync(join(scratch, 'plain')), 0o644);
  agent.write('/home/centos/locked.pem', readFileSync(join(scratch, 'locked')));
  agent.write('/home/centos/Cassandra_key', readFileSync(join(scratch, 'stores/agent-one.p12')));
  agent.write('/home/centos/Cassandra_trust', readFileSync(join(scratch, 'stores/trust.p12')));
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

/** Runs the command with answers from a pipe; all that it printed, and how it ended. */
function extractor(words: readonly string[], answers: readonly string[] = []): { readonly output: string; readonly exitCode: number } {
  try {
    return { output: agent.run(['env', 'SUDO_USER=centos', ...EXTRACTOR, ...words], answers.map((answer) => `${answer}\n`).join('')), exitCode: 0 };
  } catch (error) {
    const { stdout, stderr, status } = error as { stdout: Buffer; stderr: Buffer; status: number };
    return { output: `${stdout.toString()}${stderr.toString()}`, exitCode: status };
  }
}

test('a host key that nobody knows is refused, and nothing is configured', () => {
  const { output, exitCode } = extractor(['--configure'], SEED_ANSWERS);
  expect(exitCode).toBe(2);
  expect(output).toMatch(/SSH_HOST_UNKNOWN: .*SHA256:/);
  expect(extractor(['status'])).toMatchObject({ exitCode: 2, output: expect.stringContaining('AGENT_NOT_CONFIGURED') });
});

test('the seed\'s answers, piped in order, configure and mount', () => {
  agent.write('/home/centos/.ssh/known_hosts', `${ADDRESS} ${node.hostKey}\n`);
  const { output, exitCode } = extractor(['--configure'], SEED_ANSWERS);
  expect(output).toContain(`Enter the number of data providers nodes [1]: 1
Enter IP for Cassandra node 1: ${ADDRESS}
Enter SSH port for Cassandra node <${ADDRESS}> [22]: 22
Enter SSH login for Cassandra node <${ADDRESS}> : centos
Enter SSH password for Cassandra node <${ADDRESS}> (optional): 
Is the connection to the node using a SSH private key? Y/N [N] : Y
Enter the path to the private SSH key for Cassandra node <${ADDRESS}>: /home/centos/my-ec2-private-key.pem
Enter passphrase for SSH private key for Cassandra node <${ADDRESS}> (optional): 
Enter the path to the cassandra.yaml file location on the node <${ADDRESS}>: /etc/cassandra/conf/
Enter the path to the Cassandra data directories on the node <${ADDRESS}> [/u01/cassandra/data]: /u01/cassandra/data
`);
  expect(output).toMatch(new RegExp(`===== Mounting process started =====
Node \\[${ADDRESS}\\] mounting started\\.
Will be executed command: sshfs centos@${ADDRESS}:/etc/cassandra/conf/ ${MOUNTS}/conf -p 22 -o ro,allow_other,.* > /var/log/cassandra-data-extractor/conf_${ADDRESS}\\.log 2>&1
Will be executed command: sshfs centos@${ADDRESS}:/u01/cassandra/data/ ${MOUNTS}/data/data -p 22 -o .* > /var/log/cassandra-data-extractor/data_${ADDRESS}\\.log 2>&1
Will be executed command: sshfs .*/commitlog .*
===== Mounting process was over =====
Enable SSL communication Y/N \\[N\\] : Y
Path to key store: /home/centos/Cassandra_key
Key store password:
Re-enter the key store password:
Path to trust store: /home/centos/Cassandra_trust
Trust store password:
Re-enter the trust store password:
Enter the path to the output local folder \\[/home/centos/out_data\\]: /home/centos/out_data
/home/centos lets .* pass through to the output folder\\.
=== Configuration agent-settings\\.yaml successful completed ===
If you want to add new nodes or change it parameters, you should edit the configuration file ${CONFIG}/agent-settings\\.yaml
Change the SSH private keys permission to 600 to secure them\\. You can also set permissions to 400\\.
`));
  expect(output).toContain('The ring and the configured nodes agree');
  expect(output).not.toContain(STORE_PASSWORD);
  expect(exitCode).toBe(0);
  expect(agent.run(['ls', `${MOUNTS}/conf`, `${MOUNTS}/data/data`])).toMatch(/cassandra\.yaml[^]*shop[^]*system_schema/);
});

test('the service user sees the mounts and writes the output folder, and nobody else sees a secret', () => {
  const asService = (command: string): string => agent.run(['setpriv', '--reuid', 'cassandra-data-extractor', '--regid', 'cassandra-data-extractor', '--clear-groups', 'sh', '-c', command]);
  expect(asService(`ls ${MOUNTS}/data/data && touch /home/centos/out_data/x && rm /home/centos/out_data/x && head -c 1 ${CONFIG}/agent-settings.yaml`)).toContain('shop');
  expect(agent.run(['stat', '-c', '%a %U', `${CONFIG}/agent-settings.yaml`])).toBe('600 cassandra-data-extractor\n');
  const everything = agent.run(['sh', '-c', `cat ${CONFIG}/agent-settings.yaml ${CONFIG}/sealed/* ${CONFIG}/known_hosts /var/log/cassandra-data-extractor/*; ls -R /run/cassandra-data-extractor`]);
  expect(everything).not.toContain(STORE_PASSWORD);
  expect(everything).not.toContain('PRIVATE KEY');
  expect(agent.run(['cat', '/etc/systemd/system/cassandra-data-extractor.service.d/folders.conf'])).toContain('ReadWritePaths="-/home/centos/out_data"');
  expect(agent.run(['cat', `${CONFIG}/default-version`])).toBe('3\n');
});

test('-mnt leaves what is mounted, and mounts what is not', () => {
  expect(extractor(['-mnt'])).toMatchObject({ exitCode: 0, output: expect.stringContaining('is mounted already') });
  expect(extractor(['--unmount']).exitCode).toBe(0);
  expect(agent.run(['ls', `${MOUNTS}/data/data`])).toBe('');
  expect(extractor(['-mnt'])).toMatchObject({ exitCode: 0, output: expect.stringContaining('Will be executed command: sshfs') });
  expect(agent.run(['ls', `${MOUNTS}/data/data`])).toContain('shop');
  const device = agent.run(['sh', '-c', `grep ' ${MOUNTS}/data/data ' /proc/self/mountinfo | cut -d' ' -f3`]).trim();
  expect(agent.run(['cat', `/sys/class/bdi/${device}/read_ahead_kb`])).toBe('2048\n');
});

interface Status {
  readonly mounts: readonly { readonly kind: string; readonly access: string; readonly state: string }[];
  readonly source: { readonly tables: readonly { readonly table: string; readonly sizeBytes: number }[] };
}

/** The service does not run here: so it ends with 1. */
function statusNow(): Status {
  const { output, exitCode } = extractor(['status', '--json']);
  expect(exitCode).toBe(1);
  return JSON.parse(output) as Status;
}

test('the source looks the same by mount, over SFTP and on the node itself', () => {
  const mounted = statusNow();
  expect(mounted.mounts.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['conf mounted', 'data mounted', 'commitlog mounted']);
  expect(mounted.source.tables.map(({ table }) => table)).toContain('shop.orders');

  const overSftp = extractor(['--configure', '--sftp'], SEED_ANSWERS);
  expect(overSftp).toMatchObject({ exitCode: 0, output: expect.not.stringContaining('Mounting process') });
  extractor(['--unmount']);
  expect(statusNow().mounts.every(({ access }) => access === 'sftp')).toBe(true);
  expect(statusNow().source.tables).toEqual(mounted.source.tables);

  agent.run(['mkdir', '-p', '/mnt/node']);
  agent.run(['mount', '--bind', node.path('u01'), '/mnt/node']);
  agent.write('/etc/cassandra.yaml', 'data_file_directories: [/mnt/node/cassandra/data]\n', 0o644);
  const local = extractor(['--configure', '--local'], ['1', 'localhost', '/etc/cassandra.yaml', '', ...SEED_ANSWERS.slice(10)]);
  expect(local).toMatchObject({ exitCode: 0, output: expect.not.stringContaining('Enter SSH') });
  expect(statusNow().source.tables).toEqual(mounted.source.tables);

  agent.run(['rm', `${CONFIG}/agent-settings.yaml`]);
  expect(extractor(['--configure'], SEED_ANSWERS).exitCode).toBe(0);
});

test('run again, empty answers keep what was answered', () => {
  const before = agent.run(['cat', `${CONFIG}/agent-settings.yaml`]);
  const { output, exitCode } = extractor(['--configure'], SEED_ANSWERS.map(() => ''));
  expect(output).toContain(`Enter IP for Cassandra node 1 [${ADDRESS}]: `);
  expect(output).toContain('Enter the path to the private SSH key for Cassandra node <34.220.73.140> [unchanged]: ');
  expect(exitCode).toBe(0);
  expect(agent.run(['cat', `${CONFIG}/agent-settings.yaml`])).toBe(before);
  expect(agent.run(['ls', `${MOUNTS}/data/data`])).toContain('shop');
});

test('answers that end too early, and wrong ones, are errors that name the question', () => {
  expect(extractor(['--configure'], ['1'])).toMatchObject({ exitCode: 2, output: expect.stringMatching(/ANSWER_MISSING: There is no answer to "Enter IP for Cassandra node 1/) });
  expect(extractor(['--configure'], ['none'])).toMatchObject({ exitCode: 2, output: expect.stringContaining('ANSWER_INVALID') });
  expect(extractor(['--configure'], [...SEED_ANSWERS.slice(0, 8), '/nowhere'])).toMatchObject({ exitCode: 2, output: expect.stringContaining('NODE_PATH_UNUSABLE') });
});

test('a login by password alone, and a key with a passphrase, mount as well', () => {
  for (const [name, login] of [['password', ['centos-pass', 'N']], ['passphrase', ['', 'Y', '/home/centos/locked.pem', 'locked-pass']]] as const) {
    agent.run(['rm', '-rf', `${CONFIG}/agent-settings.yaml`]);
    extractor(['--unmount']);
    const { output, exitCode } = extractor(['--configure'], [...SEED_ANSWERS.slice(0, 4), ...login, ...SEED_ANSWERS.slice(8)]);
    expect([name, exitCode, output]).toEqual([name, 0, expect.stringContaining('successful completed')]);
    expect(agent.run(['ls', `${MOUNTS}/data/data`])).toContain('shop');
    expect(output).not.toMatch(/centos-pass|locked-pass/);
  }
});

test('nodes of the datacenter that were not named are told, and those of another do not matter', () => {
  node.run(`printf 'Datacenter: dc1_tgt\\nUN  ${ADDRESS}  1 MiB  1  50%%  id  r1\\nDN  10.1.1.7  1 MiB  1  50%%  id  r1\\nDatacenter: dc1\\nUN  10.9.9.9  1 MiB  1  1%%  id  r1\\n' >/opt/ring`);
  const { output, exitCode } = extractor(['--configure'], SEED_ANSWERS);
  expect(exitCode).toBe(0);
  expect(output).toContain('The ring has nodes that are not configured: 10.1.1.7 (dc1_tgt). Rows that only they hold would be missing.');
  expect(output).not.toContain('10.9.9.9');
});

test('directories that cassandra.yaml lists and nobody named are told', () => {
  node.run('mkdir -p /u02/cassandra/data; sed -i "s,^  - /u01.*,&\\n  - /u02/cassandra/data," /etc/cassandra/conf/cassandra.yaml');
  expect(extractor(['--configure'], SEED_ANSWERS).output).toContain('cassandra.yaml also lists /u02/cassandra/data. Rows that are stored there would be missing.');
  const { output, exitCode } = extractor(['--configure'], [...SEED_ANSWERS.slice(0, 9), '/u01/cassandra/data, /u02/cassandra/data', ...SEED_ANSWERS.slice(10)]);
  expect(exitCode).toBe(0);
  expect(output).not.toContain('also lists');
  expect(agent.run(['sh', '-c', `ls -d ${MOUNTS}/data/* && grep -c sshfs /proc/mounts`])).toBe(`${MOUNTS}/data/data\n${MOUNTS}/data/data-2\n4\n`);
});

test('on a terminal: the host key is confirmed, wrong answers are asked again, one can go back, the key is mended, no password shows', () => {
  agent.run(['sh', '-c', `rm -rf ${CONFIG}/agent-settings.yaml ${CONFIG}/known_hosts ${CONFIG}/sealed /home/centos/.ssh; umount -l ${MOUNTS}/conf ${MOUNTS}/commitlog ${MOUNTS}/data/*`]);
  agent.run(['chmod', '644', '/home/centos/my-ec2-private-key.pem']);
  const output = agent.run(['env', 'SUDO_USER=centos', 'expect', join(ROOT, 'e2e/lab/terminal.exp'), ...EXTRACTOR, '--configure']);
  expect(output).toMatch(/certificate that this agent made for itself.*\r?\n(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/);
  expect(output).not.toMatch(/typed-service-password|Change the SSH private keys permission[^?]*$/);
  expect(agent.run(['stat', '-c', '%a', '/home/centos/my-ec2-private-key.pem'])).toBe('600\n');
  expect(agent.run(['grep', '-c', '^user_allow_other', '/etc/fuse.conf'])).toBe('1\n');
  expect(agent.run(['ls', `${MOUNTS}/data/data`])).toContain('shop');
});

test('a second time on a terminal: earlier answers stand, Ctrl-C changes nothing, slips are asked again, a version that no node tells is asked', () => {
  node.run('mv /opt/cassandra/bin/nodetool /opt/nodetool');
  agent.run(['rm', `${CONFIG}/default-version`]);
  const output = agent.run(['env', 'SUDO_USER=centos', 'expect', join(ROOT, 'e2e/lab/terminal-again.exp'), ...EXTRACTOR, '--configure']);
  expect(output).not.toMatch(/typed-wrong|123456|locked-pass|not-its-passphrase/);
  expect(agent.run(['cat', `${CONFIG}/default-version`])).toBe('2\n');
  expect(agent.run(['grep', '-A1', '^security', `${CONFIG}/agent-settings.yaml`])).toContain('mutual-tls');
  expect(agent.run(['ls', `${MOUNTS}/data/data`])).toContain('shop');
  node.run('mv /opt/nodetool /opt/cassandra/bin/nodetool');
});

test('a version that is not the node\'s is told, and the node believed', () => {
  const { output, exitCode } = extractor(['--configure', '--cassandra-version', '2'], SEED_ANSWERS);
  expect([exitCode, output]).toEqual([0, expect.stringContaining('--cassandra-version says Cassandra 2, but the node runs 3.11.2. The node is believed.')]);
  expect(agent.run(['cat', `${CONFIG}/default-version`])).toBe('3\n');
});

test('status without the rights to read the settings says what to do', () => {
  try {
    agent.run(['setpriv', '--reuid', 'centos', '--regid', 'centos', '--clear-groups', ...EXTRACTOR, 'status']);
    expect.unreachable();
  } catch (error) {
    expect((error as { readonly stderr: Buffer }).stderr.toString()).toMatch(/EXTRACTOR_NOT_ROOT: The settings .*"sudo"/);
  }
});
