// The .rpm, installed, upgraded and erased by rpm in a root that has it. What it depends on has other names there, so dependencies are
// looked at, not resolved.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { DebianRoot } from './debian-root.ts';
import { inRoot, NEW, OLD } from './packages.ts';

const NAME = 'cassandra-data-extractor';
/** Debian's rpm wants to hear that we know where we are. */
const RPM = 'rpm --force-debian --nodeps';

let root: DebianRoot;
beforeEach(() => void (root = new DebianRoot()));
afterEach(() => root.remove());

test('installs with the version of the environment, upgrades, keeps settings when erased, and leaves nothing when told so', () => {
  const before = root.leftovers();
  expect(root.sh(`${RPM} -i ${inRoot('rpm', OLD)}`, { CASSANDRA_VERSION: '3' })).toContain('not configured, not started');
  expect(root.sh(`rpm -q ${NAME}; cat /etc/${NAME}/default-version; ${NAME} --version; aws-cassandra-extractor --version`)).toContain(`${NAME}-${OLD}`);
  expect(root.sh(`stat -c '%U:%G %a' /etc/${NAME} /var/log/${NAME} /mnt/${NAME} /var/lib/${NAME}`).split('\n'))
    .toEqual([`root:${NAME} 750`, `root:${NAME} 750`, `root:${NAME} 750`, `${NAME}:${NAME} 700`]);

  root.write(`/etc/${NAME}/agent-settings.yaml`, 'outputDirectory: /srv/out\n');
  root.sh(`chown nobody /mnt/${NAME}; echo '# mine' >> /etc/logrotate.d/${NAME}`);
  root.sh(`${RPM} -U ${inRoot('rpm', NEW)}`);
  expect(root.sh(`cat /etc/${NAME}/default-version /etc/${NAME}/agent-settings.yaml; tail -n 1 /etc/logrotate.d/${NAME}; stat -c %U /mnt/${NAME}; ${NAME} --version`))
    .toBe(`3\noutputDirectory: /srv/out\n# mine\nnobody\n${NEW}`);
  expect(root.run(['rpm', '-V', '--nodeps', NAME]).output).not.toContain('/usr/');

  root.sh(`${RPM} -e ${NAME}`);
  expect(root.sh(`ls /etc/${NAME}; command -v ${NAME} || ls -d /usr/share/${NAME} 2>/dev/null || echo gone`)).toBe('agent-settings.yaml\ndefault-version\ngone');

  root.sh(`${RPM} -i ${inRoot('rpm', NEW)}`);
  root.sh(`${RPM} -e ${NAME}`, { PURGE: 'yes' });
  expect(root.leftovers().filter((path) => !path.startsWith('/etc/logrotate.d/'))).toEqual(before);
});

test('an answer that is none is said to be none', () => {
  expect(root.sh(`${RPM} -i ${inRoot('rpm', NEW)}`, { CASSANDRA_VERSION: '1' })).toContain('CASSANDRA_VERSION=1 is not 2, 3, 4 or 5');
  expect(root.sh(`ls /etc/${NAME}`)).toBe('');
});

test('a system with an older C library is refused, with what to do', () => {
  root.write(`/usr/bin/getconf`, '#!/bin/sh\necho glibc 2.17\n');
  const { exitCode, output } = root.run(['sh', '-c', `${RPM} -i ${inRoot('rpm', NEW)}`]);
  expect(exitCode).toBe(1);
  expect(output).toContain('this system has 2.17. Nothing was changed.');
  expect(root.sh(`rpm -q ${NAME} || true; ls /usr/bin | grep extractor || echo none`)).toMatch(/is not installed\nnone$/);
});

test('depends on nothing that is not in every distribution, and recommends what mounts', () => {
  expect(root.sh(`rpm -qp --requires ${inRoot('rpm', NEW)}`).split('\n').filter((line) => !/^rpmlib|config\(/.test(line))).toEqual(['libstdc++', 'shadow-utils']);
  expect(root.sh(`rpm -qp --recommends ${inRoot('rpm', NEW)}`).split('\n')).toContain('fuse-sshfs');
});
