// The small parts of configuring: directories and their names, what is written, and what is parsed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAgentSettings } from '../service/settings.ts';
import { parseCommandLine } from './command-line.ts';
import { ACTIONS, helpOf } from './help.ts';
import { isOtherAllowed, withOtherAllowed } from './fuse-configuration.ts';
import { redacted } from './log.ts';
import { parseMountTable } from './mount-table.ts';
import { sshfsArguments } from './mount.ts';
import { nodeDirectories, nodeSchema } from './nodes.ts';
import { settingsText } from './settings-text.ts';
import { unitFoldersText } from './unit-folders.ts';

const node = nodeSchema.parse({ ip: '10.0.0.5', login: 'centos', confDirectory: '/etc/cassandra', dataDirectories: ['/u01/data', '/u02/data', '/u03/more'], cdcRawDirectory: '/u01/cdc_raw' });

test('directories of a node: several data directories have names of their own', () => {
  expect(nodeDirectories(node, '/mnt/x').map(({ kind, local, remote }) => `${kind} ${remote} ${local}`)).toEqual([
    'conf /etc/cassandra /mnt/x/10.0.0.5_node/conf', 'data /u01/data /mnt/x/10.0.0.5_node/data/data', 'data /u02/data /mnt/x/10.0.0.5_node/data/data-2',
    'data /u03/more /mnt/x/10.0.0.5_node/data/more', 'cdc_raw /u01/cdc_raw /mnt/x/10.0.0.5_node/cdc_raw',
  ]);
  expect(nodeDirectories({ ...node, access: 'local' }, '/mnt/x').map(({ local }) => local)).toEqual(['/etc/cassandra', '/u01/data', '/u02/data', '/u03/more', '/u01/cdc_raw']);
});

test('nothing in the settings of a node can become an option or a second line', () => {
  for (const change of [{ ip: '-oProxyCommand=x' }, { ip: 'a b' }, { login: '-l' }, { login: 'a b' }, { confDirectory: 'relative' }, { confDirectory: '/a\nb' }, { confDirectory: '/a/..' }, { dataDirectories: ['/..'] }, { dataDirectories: ['/a/./b'] }, { port: 0 }]) {
    expect(nodeSchema.safeParse({ ...node, ...change }).success).toBe(false);
  }
});

test('what grows is not cached, addresses of version 6 are bracketed, and without a key none is tried', () => {
  const directories = nodeDirectories({ ...node, ip: 'fe80::1' }, '/mnt/x');
  const [conf, , , , cdc] = directories.map((directory) => sshfsArguments({ ...node, ip: 'fe80::1' }, directory, '/k', undefined));
  expect(cdc.join(' ')).toContain('direct_io,attr_timeout=0');
  expect(conf[0]).toBe('centos@[fe80::1]:/etc/cassandra/');
  expect(conf.join(' ')).toMatch(/ro,allow_other,nosuid,nodev,StrictHostKeyChecking=yes,UserKnownHostsFile=\/k,PubkeyAuthentication=no/);
});

test('settings that are written are read back the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  const file = join(folder, 'agent-settings.yaml');
  const content = { name: 'one', host: '0.0.0.0', port: 18080, nodes: [node], mountDirectory: '/mnt/x', outputDirectory: '/out: with "signs" # here', workers: 3 };
  writeFileSync(file, settingsText({ ...content, stores: { keyStore: 'key-store.p12', trustStore: 'trust-store.jks' } }));
  const settings = await readAgentSettings(file);
  expect(settings).toMatchObject({
    ...content, security: { mode: 'mutual-tls', keyStore: join(folder, 'key-store.p12'), trustStore: join(folder, 'trust-store.jks'), storePasswords: 'sealed' },
    dataDirectories: ['/mnt/x/10.0.0.5_node/data/data', '/mnt/x/10.0.0.5_node/data/data-2', '/mnt/x/10.0.0.5_node/data/more'],
  });
  writeFileSync(file, settingsText({ ...settings.given, stores: undefined }));
  expect(await readAgentSettings(file)).toMatchObject({ name: 'one', workers: 3, security: { mode: 'password' }, nodes: [node] });
  rmSync(folder, { recursive: true });
});

test('user_allow_other is uncommented where it stands, or added', () => {
  const shipped = '# comment\n\n# mount_max = 1000\n#user_allow_other\n';
  expect(isOtherAllowed(shipped)).toBe(false);
  expect(withOtherAllowed(shipped)).toBe('# comment\n\n# mount_max = 1000\nuser_allow_other\n');
  expect(withOtherAllowed('')).toBe('user_allow_other\n');
  expect(withOtherAllowed('mount_max = 5')).toBe('mount_max = 5\nuser_allow_other\n');
  expect(withOtherAllowed(withOtherAllowed(shipped))).toBe(withOtherAllowed(shipped));
});

test('the kernel\'s list of mounts: the last at a path counts, blanks are escaped', () => {
  const table = parseMountTable('22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n43 22 0:40 / /mnt/a\\040b ro,nosuid - fuse.sshfs a@b:/c ro\n44 43 0:41 / /mnt/a\\040b ro - fuse.sshfs a@b:/c ro\n');
  expect(table.get('/mnt/a b')).toEqual({ device: '0:41', type: 'fuse.sshfs' });
  expect(table.get('/mnt')).toBeUndefined();
});

test('the command line, with the seed\'s -mnt', () => {
  expect(parseCommandLine(['-mnt']).action).toBe('mount');
  expect(parseCommandLine([]).action).toBe('help');
  expect(parseCommandLine(['status', '--json'])).toMatchObject({ action: 'status', json: true });
  const fingerprint = `SHA256:${'a'.repeat(43)}`;
  expect(parseCommandLine(['--configure', '--host-key', `n1=${fingerprint}`, '--host-key', fingerprint]).hostKeys).toEqual(new Map([['n1', fingerprint], ['*', fingerprint]]));
  for (const words of [['--nothing'], ['fly'], ['run', '-mnt'], ['--configure', '--sftp', '--local'], ['--configure', '--host-key', 'md5:1'], ['--configure', '--port', '0'], ['--configure', '--cassandra-version', '1']]) {
    expect(() => parseCommandLine(words)).toThrow(expect.objectContaining({ code: 'EXTRACTOR_USAGE' }));
  }
});

test('the log shows no secrets, by name or by value', () => {
  expect(redacted({ event: 'x', password: 'p', nested: [{ keyPem: 'k', note: 'it was planted-1' }], storePasswordFile: '/f', count: 3, tokens: 5 }, ['planted-1'])).toEqual({
    event: 'x', password: '[redacted]', nested: [{ keyPem: '[redacted]', note: 'it was [redacted]' }], storePasswordFile: '[redacted]', count: 3, tokens: 5,
  });
});

test('folders in the unit\'s drop-in are quoted', () => {
  expect(unitFoldersText(['/home/me/out data', '/x%y"z'])).toContain('ReadWritePaths="-/home/me/out data"\nReadWritePaths="-/x%%y\\"z"\n');
});

test('--help beside a command explains it, and that alone', () => {
  expect(parseCommandLine(['--configure', '--help'])).toMatchObject({ action: 'help', topic: 'configure' });
  expect(parseCommandLine(['help', 'status'])).toMatchObject({ action: 'help', topic: 'status' });
  expect(parseCommandLine(['--help'])).toMatchObject({ action: 'help', topic: 'help' });
  for (const action of ACTIONS) expect(helpOf(action)).toMatch(/Exit codes: 0 /);
  expect(helpOf('configure')).toContain('--fix-key-permissions');
});
