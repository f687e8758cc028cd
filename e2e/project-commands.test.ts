// `aeneas project`, `source` and `target`, against a real server: what is typed where, what is printed, how it ends.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas } from './aeneas-process.ts';
import { dynamodbClient } from './migrated-tables.ts';
import { Serving } from './serving.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const SECRET = 'planted-secret-key';
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-commands-'));
let server: Serving;
let dynamodb: StandIn;
const ask = async (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<{ readonly exitCode: number | null; readonly said: string }> => {
  const { exitCode, stdout, stderr } = await aeneas([...words, '--server', server.url], { env });
  return { exitCode, said: stdout + stderr };
};
beforeAll(async () => {
  [server, dynamodb] = await Promise.all([Serving.start(join(scratch, 'server')), startStandIn('dynamodb')]);
  const client = dynamodbClient(dynamodb.endpoint);
  await client.send(new CreateTableCommand({ TableName: 'shop.orders', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }] }));
  client.destroy();
});
afterAll(async () => {
  await server?.stop();
  await dynamodb?.stop();
  rmSync(scratch, { recursive: true });
});

test('a project is made, listed, and cannot be made twice', async () => {
  expect(await ask(['project', 'create', 'shop'])).toEqual({ exitCode: 0, said: `${join(scratch, 'server/projects/shop/project.yaml')}\n` });
  expect(await ask(['project', 'create', 'shop'])).toEqual({ exitCode: 2, said: expect.stringMatching(/^PROJECT_EXISTS: /) });
  expect((await ask(['project', 'list'])).said).toMatch(/^shop +0 sources, 0 targets/);
});

test('a source of files: added, tested, shown as a tree', async () => {
  expect(await ask(['source', 'add', 'shop', 'files', '--directory', await unpackedDemo()])).toEqual({ exitCode: 0, said: 'files added to shop\n' });
  expect(await ask(['source', 'test', 'shop', 'files'])).toEqual({ exitCode: 0, said: expect.stringMatching(/^ok +files +\d+ tables/) });
  expect((await ask(['source', 'tree', 'shop', 'files'])).said).toMatch(/Keyspaces[\s\S]*shop[\s\S]*Tables[\s\S]*orders/);
  expect((await ask(['source', 'tree', 'shop', 'files', '--table', 'shop.orders'])).said).toMatch(/Keys[\s\S]*partition key[\s\S]*Columns/);
});

test('a cluster that does not answer: the step that failed, its remedy, and the exit code', async () => {
  expect(await ask(['source', 'add', 'shop', 'live', '--server-name', '127.0.0.1', '--server-port', '1', '--user-name', 'min_privs'])).toEqual({ exitCode: 2, said: expect.stringMatching(/^SECRET_MISSING: /) });
  expect((await ask(['source', 'add', 'shop', 'live', '--server-name', '127.0.0.1', '--server-port', '1', '--user-name', 'min_privs'], { CASSANDRA_PASSWORD: SECRET })).exitCode).toBe(0);
  expect(await ask(['source', 'test', 'shop', 'live'])).toEqual({ exitCode: 2, said: expect.stringMatching(/failed +connect[\s\S]*SOURCE_UNREACHABLE: [\s\S]*skipped +login/) });
  expect(await ask(['source', 'tree', 'shop', 'live'])).toEqual({ exitCode: 2, said: expect.stringMatching(/^SOURCE_UNREACHABLE: /) });
});

test('a target with typed keys; they are in no file and no answer', async () => {
  const keyFile = join(scratch, 'key');
  writeFileSync(keyFile, `${SECRET}\n`, { mode: 0o600 });
  expect((await ask(['target', 'add', 'shop', 'ddb', '--region', 'us-east-1', '--endpoint', dynamodb.endpoint, '--access-key', 'AKIDEXAMPLE', '--secret-key-file', keyFile])).exitCode).toBe(0);
  expect(await ask(['target', 'test', 'shop', 'ddb'])).toEqual({ exitCode: 0, said: expect.stringContaining('1 tables in us-east-1') });
  expect((await ask(['target', 'tree', 'shop', 'ddb', '--table', 'shop.orders'])).said).toMatch(/id {2}partition key, S[\s\S]*Items {2}0/);
  expect(readFileSync(join(scratch, 'server/projects/shop/project.yaml'), 'utf8') + (await ask(['project', 'list', '--json'])).said + JSON.stringify(await server.api('GET', '/projects/shop'))).not.toContain(SECRET);
});

test('mapping rules: previewed with real rows, added, moved, listed, removed', async () => {
  const preview = await ask(['mapping', 'preview', 'shop', 'shop.page_views', '--source', 'files', '--name', 'prod-{table}']);
  expect(preview).toEqual({ exitCode: 0, said: expect.stringMatching(/^shop\.page_views\n {2}table +prod-page_views \(native, on demand\)\n {2}partition key +page S\n {2}sort key +sk S, encoded from day\n[\s\S]*"views":\{"N":"\d+"\}/) });
  expect((await ask(['mapping', 'add', 'shop', 'shop.*', '--source', 'files', '--target', 'ddb', '--name', 'prod-{table}'])).exitCode).toBe(0);
  const rule = join(scratch, 'rule.yaml');
  writeFileSync(rule, 'name: prod-orders\ncolumns: { total: { as: string } }\n');
  expect((await ask(['mapping', 'add', 'shop', 'shop.carts', '--source', 'files', '--file', rule])).exitCode).toBe(0);
  // Two tables with one target name, and a column that is not there: exit code 1.
  expect(await ask(['mapping', 'preview', 'shop', '--source', 'files', '--table', 'shop.carts'])).toEqual({ exitCode: 1, said: expect.stringMatching(/high: [\s\S]*MAPPING_COLLISION[\s\S]*another name/) });
  expect((await ask(['mapping', 'move', 'shop', '2', '1'])).said).toMatch(/^ {2}1 {2}shop\.carts[\s\S]*\n {2}2 {2}shop\.\* +files -> ddb {2}5 tables/);
  expect(await ask(['mapping', 'remove', 'shop', '3'])).toEqual({ exitCode: 2, said: expect.stringMatching(/^MAPPING_RULE_UNKNOWN: /) });
  expect((await ask(['mapping', 'remove', 'shop', '1'])).exitCode).toBe(0);
  expect(await ask(['mapping', 'list', join(scratch, 'server/projects/shop/project.yaml')])).toEqual({ exitCode: 0, said: expect.stringMatching(/^ {2}1 {2}shop\.\* /) });
});

test('export, import, close, and a deletion that is asked for twice', async () => {
  const exported = (await ask(['project', 'export', 'shop'])).said;
  writeFileSync(join(scratch, 'exported.yaml'), exported);
  expect((await ask(['project', 'import', 'copy', join(scratch, 'exported.yaml')])).exitCode).toBe(0);
  expect((await ask(['project', 'close', 'copy'])).exitCode).toBe(0);
  expect(await ask(['project', 'delete', 'copy'])).toEqual({ exitCode: 2, said: expect.stringMatching(/^This would be deleted:\n {2}The project file .*copy\/project.yaml[\s\S]*--yes/) });
  expect((await ask(['project', 'delete', 'copy', '--yes'])).exitCode).toBe(0);
  expect((await ask(['project', 'list'])).said).not.toContain('copy');
});
