import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mappingOf, stagingOf } from './migration.ts';
import { checkProject, readProject } from './project.ts';

const small = { source: { directories: ['data'] }, target: { region: 'eu-central-1' } };
const refused = (content: unknown, message: RegExp): void => {
  expect(() => checkProject(content, 'p.yaml')).toThrow(expect.objectContaining({ code: 'PROJECT_INVALID', message: expect.stringMatching(message) }));
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aeneas-project-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a small project has all the defaults', () => {
  expect(checkProject(small, 'p.yaml')).toMatchObject({
    tables: ['*.*'], loader: 'built-in', validation: 'full', staging: { compression: 'gzip', fileSizeMB: 64 }, target: { preparation: 'do-nothing', dropPopulated: false },
  });
});

test('an unknown key is an error that names the likely one', () => {
  refused({ ...small, lodaer: 'direct' }, /unknown key "lodaer" \(did you mean "loader"\?\)/);
  refused({ ...small, target: { region: 'eu-central-1', endpiont: 'http://x' } }, /unknown key "target.endpiont" \(did you mean "endpoint"\?\)/);
  refused({ ...small, staging: { s3: { bucket: 'abc', zzz: 1 } } }, /unknown key "staging.s3.zzz" \(known here are bucket, prefix/);
});

test('a missing or mistyped key is named', () => {
  refused({ target: small.target }, /"source"/);
  refused({ ...small, workers: 'two' }, /"workers": expected number/);
  refused({ ...small, staging: { folder: 'x', s3: { bucket: 'abc' } } }, /either "s3" or "folder"/);
  refused({ ...small, loader: 's3-import' }, /"staging.s3" is needed/);
  refused(undefined, /"source"/);
});

test('data encryption, and what becomes of local files', () => {
  const withS3 = (s3: object): object => ({ ...small, staging: { s3: { bucket: 'abc', ...s3 } } });
  const stagingOfS3 = (s3: object) => stagingOf({ ...checkProject(withS3(s3), 'p.yaml'), path: '', name: '', workspace: '', mapping: undefined }, { folder: '/w', rejectedFolder: '', spoolFolder: '/w/spool', reportPath: '' }, 'm1');
  expect(stagingOfS3({})).not.toMatchObject({ isEncrypted: expect.anything() as boolean });
  expect(stagingOfS3({ dataEncryption: 'enable' })).toMatchObject({ isEncrypted: true, kmsKey: undefined });
  expect(stagingOfS3({ kmsKey: 'alias/a' })).toMatchObject({ isEncrypted: true, kmsKey: 'alias/a' });
  expect(stagingOfS3({ deleteLocalFiles: false })).toMatchObject({ keepIn: '/w/extracted/m1' });
  refused(withS3({ kmsKey: 'alias/a', dataEncryption: 'disable' }), /leave out "dataEncryption: disable", or the key/);
  refused(withS3({ kmsKey: 'alias/a', deleteLocalFiles: false }), /leave out "deleteLocalFiles: false"/);
});

test('paths are relative to the project file, and a mapping file is read', async () => {
  writeFileSync(join(folder, 'mapping.yaml'), 'rules: []\n');
  writeFileSync(join(folder, 'shop.yaml'), 'source: { directories: [data, /abs] }\ntarget: { region: us-east-1 }\nmapping: mapping.yaml\n');
  const project = await readProject(join(folder, 'shop.yaml'));
  expect(project).toMatchObject({
    name: 'shop', workspace: join(folder, '.aeneas/shop'), source: { directories: [join(folder, 'data'), '/abs'] },
    mapping: { path: join(folder, 'mapping.yaml'), content: { rules: [] } },
  });
});

test('what is not there or not YAML is a coded error', async () => {
  await expect(readProject(join(folder, 'none.yaml'))).rejects.toThrow(expect.objectContaining({ code: 'PROJECT_UNREADABLE' }));
  writeFileSync(join(folder, 'bad.yaml'), 'a: [1\nb: 2');
  await expect(readProject(join(folder, 'bad.yaml'))).rejects.toThrow(expect.objectContaining({ code: 'PROJECT_UNREADABLE', message: expect.stringContaining('line') }));
});

test('mapping rules choose the source and the target; what a migration cannot hold to is refused', async () => {
  const path = join(folder, 'pairs.yaml');
  const connections = {
    sources: [{ kind: 'sstables', name: 'a', directories: ['a/data'] }, { kind: 'sstables', name: 'b', directories: ['b/data'] }, { kind: 'cassandra', name: 'live', serverName: 'node' }],
    targets: [{ name: 'here', region: 'eu-central-1' }, { name: 'there', region: 'us-east-1' }],
  };
  const read = (content: object) => {
    writeFileSync(path, JSON.stringify({ connections, ...content }));
    return readProject(path);
  };
  const rules = (...list: object[]) => ({ mapping: { rules: list.map((rule) => ({ table: '*.*', ...rule })) } });
  expect(await read(rules({ source: 'b', target: 'there' }, { target: 'there' }))).toMatchObject({ source: { directories: [join(folder, 'b/data')] }, target: { region: 'us-east-1' } });
  // Tables are planned without it, so that naming a connection otherwise does not change a migration.
  expect(mappingOf(await read(rules({ source: 'b', target: 'there', ttl: false })))).toEqual({ rules: [{ table: '*.*', ttl: false }] });
  for (const [content, message] of [
    [rules({ source: 'c', target: 'here' }), /source "c", which is not under "connections.sources"/],
    [rules({ source: 'a', target: 'thre' }), /did you mean "there"/],
    [rules({ source: 'a', target: 'here' }, { target: 'there' }), /targets "here" and "there", but a project is migrated to one target/],
    [{ ...rules({ source: 'a', target: 'here' }), source: { directories: ['c'] } }, /"source" has other directories/],
    [{ ...rules({ source: 'a', target: 'here' }), target: { region: 'us-west-2' } }, /"target" has another region/],
    [rules({ source: 'a', target: 'here', datacenter: 'dc1' }), /files do not tell their datacenter/],
    [{ ...rules({ source: 'live', target: 'here', datacenter: 'dc1' }), source: { directories: ['c'] } }, /does not say of which one its files are/],
    [{ ...rules({ source: 'live', target: 'here', datacenter: 'dc1' }), source: { directories: ['c'], datacenter: 'dc2' } }, /the files are of "dc2"/],
  ] as const) await expect(read(content)).rejects.toThrow(expect.objectContaining({ code: 'PROJECT_INVALID', message: expect.stringMatching(message) }));
  expect(await read({ ...rules({ source: 'live', target: 'here', datacenter: 'dc1' }), source: { directories: ['c'], datacenter: 'dc1' } })).toMatchObject({ source: { datacenter: 'dc1' } });
});
