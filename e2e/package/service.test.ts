// The units under a real systemd: refused before there are settings, started after, hardened but with its folders and mounts, over an
// upgrade, and gone.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { BootedRoot } from './booted-root.ts';
import { DebianRoot } from './debian-root.ts';
import { inRoot, NEW, OLD } from './packages.ts';

const NAME = 'cassandra-data-extractor';
const PASSWORD = 'a password of the service';
const MOUNT = `/mnt/${NAME}/10.0.0.5_node/conf`;

let system: BootedRoot;
beforeAll(async () => {
  const root = new DebianRoot();
  system = await BootedRoot.boot(root);
  system.sh(`dpkg -i ${inRoot('deb', OLD)}`);
});
afterAll(async () => {
  await system?.end();
  system?.root.remove();
});

const mainPid = (): string => system.sh(`systemctl show -P MainPID ${NAME}`);
const logged = (what: string): string => system.sh(`for i in $(seq 100); do grep -s '${what}' /var/log/${NAME}/agent.log && exit; sleep 0.1; done; journalctl --no-pager -u ${NAME}; exit 1`);

test('is neither enabled nor started, and refuses to start before it is configured', () => {
  expect(system.run(`systemctl is-enabled ${NAME}; systemctl is-active ${NAME}`).output).toBe('disabled\ninactive\n');
  const refused = system.run('systemctl start aws-cassandra-extractor');
  expect(refused).toEqual({ exitCode: 1, output: expect.stringContaining('Assertion failed') });
  expect(system.run(`${NAME} run`).output).toContain('AGENT_NOT_CONFIGURED');
});

test('configured by its dialogue, it runs as its user under the old name too, and writes its log and the output folder', () => {
  // Real files of a node, which the agent is on.
  system.sh('mkdir -p -m 755 /srv/cassandra/conf /home/me && cp -a /packages/demo /srv/cassandra/data && chmod -R a+rX /srv/cassandra');
  system.sh("printf 'cluster_name: Demo\\ndata_file_directories: [/srv/cassandra/data]\\n' > /srv/cassandra/conf/cassandra.yaml");
  const answers = ['1', '10.0.0.5', '/srv/cassandra/conf', '/srv/cassandra/data', 'N', PASSWORD, PASSWORD, '/home/me/out_data'];
  const { exitCode, output } = system.run(`${NAME} --configure --local`, `${answers.join('\n')}\n`);
  expect(output).toContain('successful completed');
  expect(exitCode).toBe(0);
  system.sh('systemctl start aws-cassandra-extractor');
  expect(logged('"event":"started"')).toContain(`"version":"${OLD}"`);
  expect(system.sh(`stat -c %U /proc/${mainPid()}`)).toBe(NAME);
  expect(system.sh('stat -c %U /home/me/out_data/agent.sqlite')).toBe(NAME);
  expect(system.sh(`stat -c '%U %a' /etc/${NAME}/agent-settings.yaml /var/log/${NAME}/agent.log`)).toMatch(new RegExp(`^${NAME} 600\nroot 6[04]0$`));
  expect(system.sh(`systemctl is-active ${NAME}-mounts`)).toBe('active');
});

test('it can write nowhere else, and gets no new rights', () => {
  const refused = system.run(`nsenter -t ${mainPid()} -m -r touch /etc/x /usr/x /home/me/x /var/x /home/me/out_data/x`).output;
  expect(refused.match(/Read-only file system/g)).toHaveLength(4);
  expect(system.sh(`grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/${mainPid()}/status | tr -s '\\t' ' '`)).toBe('CapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2');
});

test('it sees what is mounted while it runs', () => {
  system.sh(`mkdir -p ${MOUNT} && mount -t tmpfs -o ro tmpfs ${MOUNT}`);
  expect(system.sh(`grep -c ' ${MOUNT} ' /proc/${mainPid()}/mountinfo`)).toBe('1');
});

test('an upgrade starts the new version, and leaves mounts alone', () => {
  const before = mainPid();
  system.sh(`dpkg -i ${inRoot('deb', NEW)}`);
  expect(logged(`"started".*"version":"${NEW}"`)).toContain(NEW);
  expect(mainPid()).not.toBe(before);
  expect(system.sh(`grep -c ' ${MOUNT} ' /proc/mounts`)).toBe('1');
});

test('removing stops it, ends the mounts, and purging leaves nothing', () => {
  system.sh(`systemctl enable ${NAME}`);
  const pid = mainPid();
  system.sh(`dpkg --purge ${NAME}`);
  expect(system.run(`test -e /proc/${pid} || grep ${NAME} /proc/mounts || find /etc/systemd /mnt -name '*extractor*' | grep . || getent passwd ${NAME}`).exitCode).not.toBe(0);
  expect(system.run(`systemctl start ${NAME}`).output).toContain('not found');
});
