// The chapter "Configure your source OS user" with real parts: the printed scripts run on a machine with real users, sudo and sshd, and are then
// checked by SSH, by the command and through the server.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aeneas } from '../aeneas-process.ts';
import { Serving } from '../serving.ts';
import { NodeMachine } from './machines.ts';

const ADDRESS = '10.98.44.2';
const DATA = '/var/lib/cassandra/data';
const TARBALL_DATA = '/opt/cassandra/data';

interface Finding { readonly name: string; readonly state: string; readonly text: string }

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-os-user-'));
const key = join(scratch, 'key');
let node: NodeMachine;
let fingerprint: string;

beforeAll(async () => {
  for (const name of ['key', 'other']) execFileSync('ssh-keygen', ['-qt', 'rsa', '-b', '2048', '-N', name === 'other' ? 'locked' : '', '-f', join(scratch, name)]);
  node = await NodeMachine.start(ADDRESS, 7, readFileSync(`${key}.pub`, 'utf8'), `
    for user in cassandra ubuntu ec2-user; do id $user 2>/dev/null || useradd -m $user; done
    for folder in ${DATA} ${TARBALL_DATA}; do
      mkdir -p $folder/shop/orders-1 && echo x >$folder/shop/orders-1/mc-1-big-Data.db
      chmod -R u=rwX,g=rX,o= $(dirname $folder)
    done
    chown -R cassandra:cassandra $(dirname ${DATA}) && chown -R ubuntu:ubuntu /opt/cassandra && chmod 755 /opt/cassandra && chmod -R go-rwx ${TARBALL_DATA}
    mkdir -p /etc/cassandra /opt/cassandra/conf
    for folder in /etc/cassandra /opt/cassandra/conf; do echo 'cluster_name: lab' >$folder/cassandra.yaml; echo dc=dc1 >$folder/cassandra-rackdc.properties; done
    chmod 755 /opt/cassandra/conf && chown -R ubuntu:ubuntu /opt/cassandra/conf`);
  fingerprint = execFileSync('ssh-keygen', ['-lf', '-'], { input: node.hostKey }).toString().split(' ')[1]!;
});
afterAll(async () => {
  await node?.stop();
  rmSync(scratch, { recursive: true });
});

async function make(user: string, words: readonly string[], change: (script: string) => string = (script) => script): Promise<void> {
  const { stdout, stderr, exitCode } = await aeneas(['prerequisites', 'os-user', '--user', user, '--public-key', `${key}.pub`, ...words]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const script = change(stdout);
  // Twice: what is there stays as it is.
  for (let i = 0; i < 2; i++) node.run(script);
}

async function check(user: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<{ readonly exitCode: number | null; readonly stderr: string; readonly findings: Readonly<Record<string, string>> }> {
  const login = words.includes('--key') || env['AENEAS_SSH_PASSWORD'] !== undefined ? [] : ['--key', key];
  const { exitCode, stdout, stderr } = await aeneas(['prerequisites', 'check-os-user', ADDRESS, '--user', user, '--fingerprint', fingerprint, '--json', ...login, ...words], { env });
  const findings = stdout === '' ? [] : JSON.parse(stdout) as readonly Finding[];
  return { exitCode, stderr, findings: Object.fromEntries(findings.map(({ name, state, text }) => [name, `${state}: ${text}`])) };
}

const sudoers = (): string => node.run('visudo -cf /etc/sudoers.d/cassandra-users; stat -c %a:%U /etc/sudoers.d/cassandra-users; cat /etc/sudoers.d/cassandra-users');

test('reading from a package installation takes no rights of root at all', async () => {
  await make('reader', ['--login', 'ubuntu']);
  const { exitCode, findings } = await check('reader');
  expect(findings).toEqual({
    'Host key': `ok: ${fingerprint} (ssh-ed25519), as confirmed`, Login: 'ok: reader gets in with its key', Groups: 'ok: reader, cassandra', 'Rights by sudo': 'ok: none, and none are needed for reading',
    'Authorized keys': 'ok: .ssh has mode 700, authorized_keys 600', [`Data in ${DATA}`]: 'ok: all of it can be read', 'cassandra.yaml': 'ok: /etc/cassandra/cassandra.yaml can be read',
  });
  expect(exitCode).toBe(0);
  expect(node.run('sudo -l -U reader || true')).toContain('not allowed to run sudo');
  expect(node.run('wc -l </home/reader/.ssh/authorized_keys').trim()).toBe('1');
});

test('cloning takes four commands as root, and two files; what visudo accepts', async () => {
  await make('cloner', ['--login', 'ubuntu', '--for', 'clone']);
  expect(sudoers()).toMatch(/parsed OK\n440:root\ncloner ALL=\(root\) NOPASSWD: \/usr\/sbin\/service cassandra stop, /);
  const { exitCode, findings } = await check('cloner', ['--for', 'clone']);
  expect({ exitCode, rights: findings['Rights by sudo'], yaml: findings['cassandra.yaml'] }).toEqual({
    exitCode: 0, rights: expect.stringMatching(/^ok: NOPASSWD: \/usr\/sbin\/service cassandra stop, .*restart, .*status$/), yaml: 'ok: /etc/cassandra/cassandra.yaml can be written',
  });
  const asCloner = (command: string): string => node.run(`su cloner -c '${command}' 2>&1 || true`);
  expect(asCloner('sudo -n /usr/sbin/service cassandra stop --full-restart')).toContain('a password is required');
  expect(asCloner('sudo -n cat /etc/shadow')).toContain('a password is required');
  expect(asCloner('echo x >>/etc/cassandra/cassandra-rackdc.properties && echo written')).toContain('written');
});

test('a tarball that ubuntu runs: its data is read by an access list, also what comes later', async () => {
  await make('tarred', ['--login', 'ubuntu', '--install', 'tarball', '--for', 'clone', '--data', TARBALL_DATA]);
  node.run(`su ubuntu -c 'umask 077; mkdir ${TARBALL_DATA}/shop/later-1 && echo x >${TARBALL_DATA}/shop/later-1/mc-1-big-Data.db && chmod g+r ${TARBALL_DATA}/shop/later-1/mc-1-big-Data.db && chmod g+rx ${TARBALL_DATA}/shop/later-1'`);
  const { exitCode, findings } = await check('tarred', ['--for', 'clone', '--data', TARBALL_DATA, '--configuration', '/opt/cassandra/conf']);
  expect(findings).toMatchObject({ [`Data in ${TARBALL_DATA}`]: 'ok: all of it can be read', 'cassandra.yaml': 'ok: /opt/cassandra/conf/cassandra.yaml can be written', Groups: 'ok: tarred, ubuntu' });
  expect(exitCode).toBe(0);
  expect(sudoers()).toContain('tarred ALL=(ubuntu) NOPASSWD: /opt/cassandra/bin/cassandra "", /usr/bin/pkill -u ubuntu -f CassandraDaemon');
});

test.each(['package', 'tarball'])('the guide\'s form works as it was meant (%s), and is told to be more than needed', async (install) => {
  const user = `seed_${install}`;
  await make(user, ['--form', 'seed', '--login', 'ec2-user', '--install', install], (script) => script.replace(`sudo passwd ${user} </dev/tty`, `echo ${user}:its-own-password | chpasswd`));
  expect(sudoers()).toContain(`parsed OK\n440:root\n${user} ALL=(ALL) NOPASSWD: ALL`);
  const { findings } = await check(user, [], { AENEAS_SSH_PASSWORD: 'its-own-password' });
  expect(findings).toMatchObject({
    Login: `ok: ${user} gets in with its password`, 'Rights by sudo': 'warning: everything, as root (NOPASSWD: ALL)', Groups: expect.stringMatching(install === 'package' ? /^warning: .*root.*cassandra/ : /^warning: .*root/),
    [`Data in ${DATA}`]: expect.stringMatching(install === 'package' ? /^ok/ : /^failed: cannot be seen/),
  });
});

test('what is wrong is found: the host key, the login, the directory, the rights', async () => {
  const strange = await check('reader', ['--fingerprint', `SHA256:${'A'.repeat(43)}`]);
  expect(strange).toMatchObject({ exitCode: 1, findings: { 'Host key': expect.stringContaining('confirmed was') } });
  expect(Object.keys(strange.findings)).toEqual(['Host key']);
  expect((await check('reader', [], { AENEAS_SSH_PASSWORD: 'wrong-planted' })).findings['Login']).toMatch(/^failed: SSH_LOGIN_REFUSED/);
  expect((await check('reader', ['--key', join(scratch, 'other')])).findings['Login']).toMatch(/^failed: SSH_KEY_UNUSABLE/);
  expect((await check('centos', [])).findings[`Data in ${DATA}`]).toMatch(/^failed: /);
  expect((await check('centos', ['--for', 'clone'])).findings['Rights by sudo']).toBe('failed: none without a password');
  expect((await check('reader', ['--data', '/nowhere'])).findings['Data in /nowhere']).toMatch(/^failed: cannot be seen/);
  node.run(`touch ${DATA}/shop/orders-1/mc-2-big-Data.db; chmod 600 ${DATA}/shop/orders-1/mc-2-big-Data.db`);
  expect((await check('reader')).findings[`Data in ${DATA}`]).toBe(`failed: ${DATA}/shop/orders-1/mc-2-big-Data.db cannot be read`);
  node.run('chmod 777 /home/reader/.ssh');
  expect((await check('reader')).findings['Login'] ?? '').toMatch(/^failed: SSH_LOGIN_REFUSED/);
});

test('through the server: the host key is shown first; no secret is in an answer', async () => {
  const server = await Serving.start(join(scratch, 'server'));
  try {
    expect(await server.api('POST', '/prerequisites/os-user/host-key', { host: ADDRESS })).toEqual({ type: 'ssh-ed25519', fingerprint });
    const answer = await server.api<{ readonly findings: readonly Finding[] }>('POST', '/prerequisites/os-user/check', { host: ADDRESS, user: 'cloner', fingerprint, keyFile: key, passphrase: 'a planted secret' });
    expect(answer.findings.map(({ state }) => state)).not.toContain('planted');
    expect(answer.findings.find(({ name }) => name === 'Login')?.state).toBe('ok');
    expect(JSON.stringify(answer)).not.toContain('planted');
    await expect(server.api('POST', '/prerequisites/os-user/check', { host: ADDRESS, user: 'cloner', fingerprint, keyFile: '/nowhere' })).rejects.toThrow(/422 .*SSH_KEY_FILE/);
    const saved = await server.api<{ readonly savedTo: string }>('POST', '/prerequisites/os-user/keys', { saveTo: join(scratch, 'saved.pem') });
    expect(saved).toEqual({ publicKey: expect.stringMatching(/^ssh-rsa /), fingerprint: expect.stringMatching(/^SHA256:/), savedTo: join(scratch, 'saved.pem') });
  } finally {
    await server.stop();
  }
});
