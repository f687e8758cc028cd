import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CassandraSource } from '@aeneas/protocol';
import { checkProject } from '../project.ts';
import { AwsProfiles } from '../settings/aws-profiles.ts';
import { SettingsFile } from '../settings/settings-file.ts';
import { SessionSecrets } from '../vault/secrets.ts';
import { Vault } from '../vault/vault.ts';
import { testCassandra } from './cassandra-connection.ts';
import { Projects } from './projects.ts';
import { Steps } from './steps.ts';

let workspace: string;
let vault: Vault;
let used: string[];
let projects: Projects;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'aeneas-projects-'));
  vault = new Vault(join(workspace, 'vault'));
  used = [];
  projects = makeProjects();
});
afterEach(() => rmSync(workspace, { recursive: true }));

function makeProjects(): Projects {
  const secrets = new SessionSecrets(vault);
  return new Projects({ workspace, secrets, awsProfiles: new AwsProfiles(new SettingsFile(join(workspace, 'settings.yaml')), secrets, async () => new Map()), filesInUse: () => used, log: () => {} });
}
const refusal = (code: string) => expect.objectContaining({ code });
const live: CassandraSource = { kind: 'cassandra', name: 'production', serverName: '127.0.0.1', serverPort: 1, userName: 'min_privs', storePassword: false };

test('a change that is made of an old version is refused, and the file stays', async () => {
  const { version, path } = await projects.create('shop');
  const { version: second } = await projects.save('shop', version, '# mine\nconnections: {}\n');
  await expect(projects.save('shop', version, '# theirs\n')).rejects.toThrow(refusal('PROJECT_STALE'));
  await expect(projects.saveConnection('shop', version, 'sources', live, {})).rejects.toThrow(refusal('PROJECT_STALE'));
  // Whoever edits the file by hand counts as well.
  writeFileSync(path, '# by hand\nconnections: {}\n');
  await expect(projects.save('shop', second, '# mine\n')).rejects.toThrow(refusal('PROJECT_STALE'));
  expect(readFileSync(path, 'utf8')).toContain('# by hand');
});

test('of two that save at once one wins', async () => {
  const { version } = await projects.create('shop');
  const ends = await Promise.allSettled(['a', 'b', 'c'].map((who) => projects.save('shop', version, `# ${who}\n`)));
  expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
});

test('connections are added, changed and removed without touching the rest of the file', async () => {
  const { version } = await projects.create('shop', '# why this project is\nworkers: 3 # not more\n');
  const added = await projects.saveConnection('shop', version, 'sources', live, {});
  expect(added.text).toBe('# why this project is\nworkers: 3 # not more\nconnections:\n  sources:\n    - kind: cassandra\n      name: production\n      serverName: 127.0.0.1\n      serverPort: 1\n      userName: min_privs\n');
  await expect(projects.saveConnection('shop', added.version, 'sources', live, {})).rejects.toThrow(refusal('CONNECTION_EXISTS'));
  const renamed = await projects.saveConnection('shop', added.version, 'sources', { ...live, name: 'prod' }, {}, 'production');
  expect(renamed.sources.map(({ connection }) => connection.name)).toEqual(['prod']);
  const removed = await projects.removeConnection({ name: 'shop', side: 'sources', connection: 'prod' }, renamed.version);
  expect([removed.sources, removed.text]).toEqual([[], expect.stringContaining('workers: 3 # not more')]);
});

test('secrets are never in the file; without "Store Password" they go when the project is closed', async () => {
  const { version } = await projects.create('shop');
  const added = await projects.saveConnection('shop', version, 'sources', live, { password: 'planted-secret' });
  expect(added.sources[0]!.needs).toEqual([]);
  // A rename takes what is known along.
  const renamed = await projects.saveConnection('shop', added.version, 'sources', { ...live, name: 'prod' }, {}, 'production');
  expect(renamed.sources[0]!.needs).toEqual([]);
  await projects.close('shop');
  expect((await projects.get('shop')).sources[0]!.needs).toEqual(['password']);
  expect(JSON.stringify([renamed, readFileSync(renamed.path, 'utf8')])).not.toContain('planted-secret');
  await expect(projects.connect({ name: 'shop', side: 'sources', connection: 'prod' }, {})).rejects.toThrow(refusal('CONNECTION_SECRET_NEEDED'));
});

test('with "Store Password" they are in the vault, outlive the server, and go with the project', async () => {
  await vault.create({ kind: 'password', password: 'correct horse battery' });
  const { version } = await projects.create('shop');
  await projects.saveConnection('shop', version, 'sources', { ...live, storePassword: true }, { password: 'planted-secret' });
  await projects.close('shop');
  const again = makeProjects();
  expect((await again.get('shop')).sources[0]!.needs).toEqual([]);
  await again.delete('shop');
  expect(vault.has('project/shop/sources/production/password')).toBe(false);
  expect(readFileSync(vault.file, 'utf8')).not.toContain('planted-secret');
});

test('a project file elsewhere is opened where it is; links, other files and other names are refused', async () => {
  const folder = join(workspace, 'elsewhere');
  mkdirSync(folder);
  const path = join(folder, 'billing.yaml');
  writeFileSync(path, 'connections: {}\n');
  expect(await projects.open(path)).toMatchObject({ name: 'billing', path, isManaged: false });
  expect((await makeProjects().list()).map(({ name }) => name)).toEqual(['billing']);
  symlinkSync(path, join(folder, 'link.yaml'));
  writeFileSync(join(folder, 'none.yaml'), 'secret: 1\n');
  for (const [wrong, code] of [['link.yaml', 'PROJECT_PATH_REFUSED'], ['none.yaml', 'PROJECT_INVALID'], ['missing.yaml', 'PROJECT_UNREADABLE']] as const) await expect(projects.open(join(folder, wrong))).rejects.toThrow(refusal(code));
  await expect(projects.open('/etc/passwd')).rejects.toThrow(refusal('PROJECT_PATH_REFUSED'));
  await expect(projects.create('../billing')).rejects.toThrow(refusal('PROJECT_PATH_REFUSED'));
  await projects.close('billing');
  expect([await projects.list(), readFileSync(path, 'utf8')]).toEqual([[], 'connections: {}\n']);
});

test('a folder of the workspace that is a link leads nowhere', async () => {
  const outside = join(workspace, 'outside');
  mkdirSync(outside);
  mkdirSync(join(workspace, 'projects/evil'), { recursive: true });
  writeFileSync(join(outside, 'project.yaml'), 'connections: {}\n');
  symlinkSync(join(outside, 'project.yaml'), join(workspace, 'projects/evil/project.yaml'));
  await expect(projects.get('evil')).rejects.toThrow(refusal('PROJECT_PATH_REFUSED'));
});

test('an exported project means the same elsewhere', async () => {
  const folder = join(workspace, 'shop');
  mkdirSync(folder);
  writeFileSync(join(folder, 'mapping.yaml'), 'rules: []\n');
  writeFileSync(join(folder, 'shop.yaml'), '# kept\nmapping: mapping.yaml\nconnections: { sources: [{ kind: sstables, name: files, directories: [data] }], targets: [{ name: ddb, region: eu-central-1 }] }\n');
  await projects.open(join(folder, 'shop.yaml'));
  const { text } = await projects.export('shop');
  const { path } = await projects.create('copy', text);
  expect(text).toContain('# kept');
  // One SSTable directory and one target are what a migration takes without being told.
  expect(checkProject((await import('yaml')).parse(readFileSync(path, 'utf8')), path)).toMatchObject({ source: { directories: [join(folder, 'data')] }, target: { region: 'eu-central-1' }, mapping: { rules: [] } });
});

test('a project of which there is a task is not deleted; what a deletion takes is said before', async () => {
  const { path } = await projects.create('shop');
  used = [path];
  await expect(projects.delete('shop')).rejects.toThrow(refusal('PROJECT_IN_USE'));
  used = [];
  expect((await projects.deletion('shop')).goes).toEqual([`The project file ${path}`]);
  await projects.delete('shop');
  expect(await projects.list()).toEqual([]);
});

test('a test ends within its time limit, however silent the other side is', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const startedMillis = Date.now();
  const { isOk, steps } = await testCassandra({ ...live, serverPort: (silent.address() as AddressInfo).port }, { password: 'x' }, new Steps(1_500));
  expect({ isOk, codes: steps.map(({ step, state, problem }) => `${step} ${problem?.code ?? state}`) })
    .toEqual({ isOk: false, codes: ['resolve ok', 'connect ok', 'tls skipped', 'login CONNECTION_TIMED_OUT', 'version skipped', 'datacenters skipped'] });
  expect(Date.now() - startedMillis).toBeLessThan(6_000);
  silent.close();
});
