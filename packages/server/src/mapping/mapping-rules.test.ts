import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { unpackedDemo } from '../../../../fixtures/unpack.ts';
import { Projects } from '../projects/projects.ts';
import { AwsProfiles } from '../settings/aws-profiles.ts';
import { SettingsFile } from '../settings/settings-file.ts';
import { SessionSecrets } from '../vault/secrets.ts';
import { Vault } from '../vault/vault.ts';
import { MappingRules } from './mapping-rules.ts';

let data: string;
let workspace: string;
let projects: Projects;
let mapping: MappingRules;
beforeAll(async () => {
  data = await unpackedDemo();
});
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'aeneas-mapping-'));
  const secrets = new SessionSecrets(new Vault(join(workspace, 'vault')));
  projects = new Projects({ workspace, secrets, awsProfiles: new AwsProfiles(new SettingsFile(join(workspace, 'settings.yaml')), secrets, async () => new Map()), filesInUse: () => [], log: () => {} });
  mapping = new MappingRules(projects);
});
afterEach(async () => {
  await mapping.close();
  rmSync(workspace, { recursive: true });
});
afterAll(() => projects.closeAll());

const refusal = (code: string) => expect.objectContaining({ code });
const make = (rest = '') => projects.create('shop', `# why\nconnections:\n  sources:\n    - { kind: sstables, name: files, directories: [${data}] }\n  targets:\n    - { name: ddb, region: us-east-1 }\n${rest}`);
const draft = (rule: { table: string } & Record<string, unknown>, table: string, index?: number) => ({ name: 'shop', rule, table, index });

test('rules are added, changed, moved and removed; comments stay, and of two who save one is told', async () => {
  const { path } = await make('workers: 2 # not more\nmapping:\n  rules:\n    # all of them\n    - table: "*.*"\n      name: prod-{keyspace}.{table} # as agreed\n');
  const { version } = await mapping.get('shop');
  const added = await mapping.change('shop', version, { kind: 'add', rule: { table: 'shop.orders', source: 'files', target: 'ddb', keys: 'encoded' } });
  expect(added.rules.map(({ rule, tables }) => [rule.table, tables])).toEqual([['*.*', 7], ['shop.orders', 1]]);
  await expect(mapping.change('shop', version, { kind: 'remove', index: 0 })).rejects.toThrow(refusal('PROJECT_STALE'));
  const moved = await mapping.change('shop', added.version, { kind: 'move', index: 1, to: 0 });
  expect(moved.rules.map(({ rule }) => rule.table)).toEqual(['shop.orders', '*.*']);
  const changed = await mapping.change('shop', moved.version, { kind: 'replace', index: 1, rule: { table: '*.*', name: 'prod-{keyspace}.{table}', ttl: false } });
  const text = readFileSync(path, 'utf8');
  for (const comment of ['# why', '# not more', '# as agreed']) expect(text).toContain(comment);
  const removed = await mapping.change('shop', changed.version, { kind: 'remove', index: 0 });
  expect(removed.rules.map(({ rule }) => rule)).toEqual([{ table: '*.*', name: 'prod-{keyspace}.{table}', ttl: false }]);
  await expect(mapping.change('shop', removed.version, { kind: 'remove', index: 3 })).rejects.toThrow(refusal('MAPPING_RULE_UNKNOWN'));
  await expect(mapping.change('shop', removed.version, { kind: 'add', rule: { table: '*.*', kays: 'encoded' } })).rejects.toThrow(/did you mean .*keys/);
  await expect(mapping.change('shop', removed.version, { kind: 'add', rule: { table: '*.*', target: 'dbd' } })).rejects.toThrow(refusal('CONNECTION_UNKNOWN'));
});

test('a mapping file that the project names is changed where it is, and counts as a version', async () => {
  const { path } = await make('mapping: rules.yaml\n');
  const file = join(path, '../rules.yaml');
  writeFileSync(file, '# ours\nrules:\n  - table: shop.orders # first\n');
  const listed = await mapping.get('shop');
  expect([listed.path, listed.rules.length]).toEqual([file, 1]);
  const added = await mapping.change('shop', listed.version, { kind: 'add', rule: { table: 'shop.*' } });
  expect(readFileSync(file, 'utf8')).toBe('# ours\nrules:\n  - table: shop.orders # first\n  - table: shop.*\n');
  writeFileSync(file, '# by hand\nrules: []\n');
  await expect(mapping.change('shop', added.version, { kind: 'remove', index: 0 })).rejects.toThrow(refusal('PROJECT_STALE'));
});

test('a pattern is counted as it is typed: tables by name, never those of the system', async () => {
  await make('tables: ["*.*", "!shop.carts"]\n');
  const count = (table: string) => mapping.matches('shop', { source: 'files', table });
  expect(await count('*.*')).toMatchObject({ tables: 7, matching: 7, leftOut: 1 });
  expect((await count('*.*')).names.filter((name) => name.startsWith('system'))).toEqual([]);
  expect(await count('shop.?arts')).toMatchObject({ matching: 1, names: ['shop.carts'], leftOut: 1 });
  expect(await count('shop.')).toMatchObject({ matching: 0, names: [] });
});

test('the preview of a rule that is not saved: keys, attributes, and items of real rows as the migration makes them', async () => {
  await make();
  const rule = { table: 'shop.page_views', name: 'prod-{table}', partitionKey: 'PK', sortKey: 'SK', keys: 'encoded', columns: { visitors: { as: 'string', name: 'people' }, views: { exclude: true } }, tags: { team: 'web' } };
  const { planned, actionItems } = await mapping.preview(draft(rule, 'shop.page_views'));
  expect(planned).toMatchObject({
    name: 'prod-page_views', keys: [{ attribute: 'PK', type: 'S', role: 'HASH', columns: ['page'] }, { attribute: 'SK', type: 'S', role: 'RANGE', columns: ['day'] }], ttl: 'ttl', tags: { team: 'web' }, capacity: 'on demand',
  });
  expect(planned!.attributes.map(({ column, attribute, type }) => [column, attribute, type])).toEqual([['page', 'page', 'S'], ['day', 'day', 'S'], ['views', undefined, undefined], ['visitors', 'people', 'S']]);
  expect(actionItems).toEqual([expect.objectContaining({ severity: 'low', what: expect.stringMatching(/Counters/) })]);
  const { samples, read, isWhole } = await mapping.samples(draft(rule, 'shop.page_views'), undefined);
  expect([samples.length, read > 5, isWhole]).toEqual([5, true, true]);
  for (const { row, item } of samples) {
    const { page, day: days, visitors } = JSON.parse(row) as { page: string; day: number; visitors: number };
    const day = new Date(days * 86_400_000).toISOString().slice(0, 10);
    expect(JSON.parse(item!)).toEqual({ PK: { S: `${page} #` }, SK: { S: `${day}#` }, page: { S: page }, day: { S: day }, people: { S: String(visitors) } });
  }
});

test('the profile dms is shown as it will be written', async () => {
  await make();
  const { planned } = await mapping.preview(draft({ table: 'sensor.devices', profile: 'dms' }, 'sensor.devices'));
  expect(planned!.attributes.flatMap(({ column, type, form }) => (['key', 'limits', 'installed', 'serial'].includes(column) ? [[column, type, form]] : []))).toEqual([['installed', 'S', 'text'], ['key', 'S', 'Base64 text'], ['serial', 'N', 'number'], ['limits', 'S', 'JSON text']]);
});

test('static items stand beside what CQL shows of their partition, copied statics in their rows', async () => {
  await make();
  const ofItems = await mapping.samples(draft({ table: 'sensor.readings' }, 'sensor.readings'), undefined);
  const [first] = ofItems.samples;
  expect(JSON.parse(first!.item!).sk).toEqual({ S: ' !' });
  expect(JSON.parse(first!.row)).toMatchObject({ site: JSON.parse(first!.item!).site.S, operator: JSON.parse(first!.item!).operator.S });
  const copied = await mapping.samples(draft({ table: 'sensor.readings', statics: 'copy' }, 'sensor.readings'), undefined);
  expect(JSON.parse(copied.samples[0]!.item!)).toMatchObject({ device: { S: JSON.parse(copied.samples[0]!.row).device }, operator: { S: JSON.parse(copied.samples[0]!.row).operator } });
});

test('conflicts come with their remedy: one name for two tables, one attribute for two columns, a column that is not there', async () => {
  await make('mapping:\n  rules:\n    - { table: shop.carts, name: same }\n');
  const items = async (rule: { table: string } & Record<string, unknown>, table: string, index?: number) => (await mapping.preview(draft(rule, table, index))).actionItems.filter(({ severity }) => severity === 'high');
  expect(await items({ table: 'shop.orders', name: 'same' }, 'shop.orders')).toEqual([expect.objectContaining({ what: expect.stringMatching(/shop\.carts, shop\.orders would become the same table "same"/), remedy: expect.stringMatching(/another name/) })]);
  // In its place the rule conflicts with none.
  expect(await items({ table: 'shop.orders', name: 'same' }, 'shop.orders', 0)).toEqual([]);
  expect(await items({ table: 'shop.*', columns: { sku: { name: 'quantity' } } }, 'shop.orders')).toEqual([expect.objectContaining({ table: 'shop.carts', what: expect.stringMatching(/MAPPING_COLLISION|key attribute/) })]);
  expect(await items({ table: 'shop.orders', columns: { custommer_id: { exclude: true } } }, 'shop.orders')).toEqual([expect.objectContaining({ what: expect.stringMatching(/did you mean/) })]);
  expect(await items({ table: 'shop.orders', name: '{keyspce}' }, 'shop.orders')).toEqual([expect.objectContaining({ what: expect.stringMatching(/MAPPING_NAME_INVALID/) })]);
  expect(await items({ table: 'shop.orders', kays: 1 }, 'shop.orders')).toEqual([expect.objectContaining({ what: expect.stringMatching(/MAPPING_INVALID/) })]);
});

test('a sample that is superseded ends; without files there are none, and it says how to get some', async () => {
  await make();
  const superseded = new AbortController();
  superseded.abort();
  expect(await mapping.samples(draft({ table: 'shop.orders' }, 'shop.orders'), superseded.signal)).toMatchObject({ samples: [], none: { code: 'JOB_STOPPED' } });
});

test('rules that a migration would refuse are listed with the reason', async () => {
  await make('mapping:\n  rules:\n    - { table: "*.*", target: ddb }\n    - { table: shop.orders, target: nowhere }\n');
  expect(await mapping.get('shop')).toMatchObject({ rules: [{ tables: 7 }, { problem: { code: 'CONNECTION_UNKNOWN' } }], problem: { code: 'PROJECT_INVALID', message: expect.stringMatching(/"ddb" and "nowhere"/) } });
});

test('a source that gets another name takes its rules along', async () => {
  const { version } = await make('mapping:\n  rules:\n    - { table: shop.orders, source: files }\n');
  await projects.saveConnection('shop', version, 'sources', { kind: 'sstables', name: 'copy', directories: [data] }, {}, 'files');
  expect(await mapping.get('shop')).toMatchObject({ rules: [{ rule: { source: 'copy' }, tables: 1 }] });
});
