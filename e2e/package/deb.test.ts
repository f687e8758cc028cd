// The .deb, installed, upgraded, removed and purged by dpkg.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { DebianRoot } from './debian-root.ts';
import { inRoot, NEW, OLD } from './packages.ts';

const NAME = 'cassandra-data-extractor';
const QUESTION = `${NAME} ${NAME}/cassandra-version select`;
const AS_SERVICE = `setpriv --reuid ${NAME} --regid ${NAME} --clear-groups`;

let root: DebianRoot;
beforeEach(() => void (root = new DebianRoot()));
afterEach(() => root.remove());

const install = (version: string): string => root.sh(`dpkg -i ${inRoot('deb', version)}`);
const modes = (...paths: string[]): string[] => root.sh(`stat -c '%U:%G %a %n' ${paths.join(' ')}`).split('\n');

test('installs what its directories, user and commands are said to be', () => {
  root.sh(`echo '${QUESTION} 2' | debconf-set-selections`);
  const said = install(NEW);
  expect(said).toContain(`installed, not configured, not started. Next: sudo ${NAME} --configure`);
  expect(modes(`/etc/${NAME}`, `/var/log/${NAME}`, `/mnt/${NAME}`, `/var/lib/${NAME}`, `/etc/${NAME}/default-version`)).toEqual([
    `root:${NAME} 750 /etc/${NAME}`, `root:${NAME} 750 /var/log/${NAME}`, `root:${NAME} 750 /mnt/${NAME}`, `${NAME}:${NAME} 700 /var/lib/${NAME}`,
    `root:root 644 /etc/${NAME}/default-version`,
  ]);
  expect(root.sh(`cat /etc/${NAME}/default-version`)).toBe('2');
  expect(root.sh(`getent passwd ${NAME}`)).toMatch(/:\/nonexistent:\/usr\/sbin\/nologin$/);
  expect(root.sh(`${AS_SERVICE} ${NAME} --version; aws-cassandra-extractor --version`)).toBe(`${NEW}\n${NEW}`);
  expect(root.run(['sh', '-c', `${AS_SERVICE} ${NAME} run`])).toEqual({ exitCode: 2, output: expect.stringContaining('AGENT_NOT_CONFIGURED') });
  expect(root.sh('find /etc/systemd /var/lib/systemd -name "*extractor*"')).toBe('');
  expect(root.sh(`systemd-analyze verify --man=no ${NAME}.service ${NAME}-mounts.service aws-cassandra-extractor.service`)).toBe('');
});

test('what was bundled loads: a thread of the workers, the codecs', () => {
  install(NEW);
  const job = JSON.stringify({ type: 'run', job: { kind: 'sweep', staging: { kind: 'folder', folder: '/tmp/staging' }, under: '', keep: [] } });
  root.write('/tmp/load.mjs', `
    import { createRequire } from 'node:module';
    import { Worker } from 'node:worker_threads';
    const load = createRequire('/usr/share/${NAME}/lib/');
    process.stdout.write(load('./lz4.node').uncompressSync(load('./lz4.node').compressSync(Buffer.from('lz4 '))).toString());
    process.stdout.write(load('./snappy.node').uncompressSync(load('./snappy.node').compressSync(Buffer.from('snappy ')), { asBuffer: true }).toString());
    const thread = new Worker('/usr/share/${NAME}/lib/worker-start.js');
    thread.on('message', ({ type }) => { process.stdout.write(type); process.exit(); });
    thread.postMessage(${job});`);
  expect(root.sh(`mkdir /tmp/staging; ${AS_SERVICE} /usr/share/${NAME}/bin/node /tmp/load.mjs`)).toBe('lz4 snappy done');
});

test('nobody who answered is no answer, and an answer by hand is one', () => {
  install(OLD);
  expect(root.run(['test', '-e', `/etc/${NAME}/default-version`]).exitCode).toBe(1);
  root.sh(`echo 4 > /etc/${NAME}/default-version`);
  install(NEW);
  expect(root.sh(`cat /etc/${NAME}/default-version; echo get ${NAME}/cassandra-version | debconf-communicate`)).toBe('4\n0 4');
});

test.each(['2', '3', '4', '5'])('asks for the version of Cassandra at a terminal: typed %s means that', (version) => {
  // script(1) gives dpkg a terminal and types what comes on its own input. What is typed is the number of a choice.
  const { output } = root.run(['script', '-qec', `dpkg -i ${inRoot('deb', NEW)}`, '/dev/null'], { env: { DEBIAN_FRONTEND: 'teletype', TERM: 'dumb' }, input: `${version}\n` });
  expect(output).toContain('Cassandra version');
  expect(root.sh(`cat /etc/${NAME}/default-version`)).toBe(version);
});

test('"later" is an answer too: --configure will ask', () => {
  root.sh(`echo '${QUESTION} later' | debconf-set-selections`);
  install(NEW);
  expect(root.run(['test', '-e', `/etc/${NAME}/default-version`]).exitCode).toBe(1);
});

test('an upgrade keeps settings, answers, logs and what was changed; removing keeps them too; purging leaves nothing', () => {
  const before = root.leftovers();
  root.sh(`echo '${QUESTION} 3' | debconf-set-selections`);
  install(OLD);
  root.write(`/etc/${NAME}/agent-settings.yaml`, 'outputDirectory: /srv/out                # as --configure writes it\n');
  root.write(`/var/log/${NAME}/agent.log`, '{}\n');
  root.sh(`chown ${NAME} /etc/${NAME}/agent-settings.yaml; chmod 600 /etc/${NAME}/agent-settings.yaml; chown nobody /mnt/${NAME}; echo '# mine' >> /etc/logrotate.d/${NAME}`);
  root.sh(`mkdir -p /srv/out /etc/systemd/system/${NAME}.service.d /mnt/${NAME}/10.0.0.5_node/conf; touch /srv/out/rejected.jsonl /etc/systemd/system/${NAME}.service.d/folders.conf`);

  expect(install(NEW)).not.toContain('--configure');
  const kept = [`${NAME}:root 600 /etc/${NAME}/agent-settings.yaml`, `nobody:${NAME} 750 /mnt/${NAME}`];
  expect(modes(`/etc/${NAME}/agent-settings.yaml`, `/mnt/${NAME}`)).toEqual(kept);
  expect(root.sh(`cat /etc/${NAME}/agent-settings.yaml /var/log/${NAME}/agent.log /etc/${NAME}/default-version; tail -n 1 /etc/logrotate.d/${NAME}; ${NAME} --version`))
    .toBe(`outputDirectory: /srv/out                # as --configure writes it\n{}\n3\n# mine\n${NEW}`);
  // The files of the older version are gone.
  expect(root.sh(`dpkg -L ${NAME} | sort >/tmp/listed; find /usr/share/${NAME} | sort | comm -23 - /tmp/listed`)).toBe('');

  root.sh(`dpkg -r ${NAME}`);
  expect(root.run(['sh', '-c', `command -v ${NAME} || ls /usr/share/${NAME}`]).exitCode).not.toBe(0);
  expect(root.sh(`cat /etc/${NAME}/agent-settings.yaml`)).toContain('outputDirectory: /srv/out ');
  expect(install(NEW)).toContain('settings of an earlier installation');

  expect(root.sh(`dpkg --purge ${NAME}`)).toContain('/srv/out stays');
  expect(root.leftovers()).toEqual(before);
  expect(root.run(['test', '-e', '/srv/out/rejected.jsonl']).exitCode).toBe(0);
});

test('below a folder of mounts nothing but empty folders is removed', () => {
  install(NEW);
  root.sh(`mkdir -p /mnt/${NAME}/a_node/conf /mnt/${NAME}/b_node/data; echo rows > /mnt/${NAME}/b_node/data/Data.db`);
  root.sh(`dpkg --purge ${NAME}`);
  expect(root.sh(`find /mnt -mindepth 1 | sort; cat /mnt/${NAME}/b_node/data/Data.db`)).toBe(`/mnt/${NAME}\n/mnt/${NAME}/b_node\n/mnt/${NAME}/b_node/data\n/mnt/${NAME}/b_node/data/Data.db\nrows`);
});

test('a system with an older C library is refused before anything is changed, with what to do', () => {
  root.write(`/usr/bin/getconf`, '#!/bin/sh\necho glibc 2.27\n');
  const { exitCode, output } = root.run(['dpkg', '-i', `${inRoot('deb', NEW)}`]);
  expect(exitCode).toBe(1);
  expect(output).toContain('needs glibc 2.28 or later; this system has 2.27. Nothing was changed.');
  expect(output).toContain('Install it on Debian 10');
  expect(root.sh(`ls /etc /usr/share /usr/bin | grep extractor || echo none`)).toBe('none');
});

test('a smaller machine is told the advice', () => {
  root.write(`/usr/bin/nproc`, '#!/bin/sh\necho 2\n');
  expect(install(NEW)).toMatch(/this machine has 2 virtual CPUs and \d+ MB of memory; 8 and 16 GB are the advice/);
});

test('without sshfs it says what is missing, since dpkg brings no recommended package', () => {
  root.sh('rm -f /usr/bin/sshfs');
  expect(install(NEW)).toContain('sshfs is not installed');
});

test('depends on what is in every Debian, recommends what mounts, and needs no Java, no expect and nothing besides its own files', () => {
  install(NEW);
  const field = (name: string): string => root.sh(`dpkg-query -W -f '\${${name}}' ${NAME}`);
  expect(field('Depends')).toBe('libc6 (>= 2.28), libstdc++6 (>= 5.2), debconf (>= 0.5) | debconf-2.0, passwd');
  expect(field('Recommends')).toMatch(/^sshfs, fuse3 \| fuse, logrotate/);
  // The codecs are all there is of native parts: SSH is spoken without any.
  expect(root.sh(`find /usr/share/${NAME}/lib -name '*.node'`).split('\n').sort()).toEqual([`/usr/share/${NAME}/lib/lz4.node`, `/usr/share/${NAME}/lib/snappy.node`]);
  expect(root.sh(`grep -lE "from '(/|\\.\\./)|${process.cwd()}" /usr/share/${NAME}/lib/*.js || echo none`)).toBe('none');
});

test('logs are rotated, and whoever writes goes on in the same file', () => {
  install(NEW);
  root.sh(`exec 3>>/var/log/${NAME}/agent.log; echo one >&3; logrotate --force /etc/logrotate.d/${NAME} --state /tmp/state; echo two >&3`);
  expect(root.sh(`cat /var/log/${NAME}/agent.log.1; echo -; cat /var/log/${NAME}/agent.log`)).toBe('one\n-\ntwo');
});
