// A world that does not play along: services that are away or go away, full disks, damaged and changed input, two at once, Ctrl-C. Each
// time a coded error with the promised exit code, and the same command afterwards ends well and doubles nothing.

import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas } from './aeneas-process.ts';
import type { AeneasOptions, Ended } from './aeneas-process.ts';
import { Gate } from './gate.ts';
import { DEMO_NOW, dynamodbClient, s3Client, scan, tableDifferences } from './migrated-tables.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const BUCKET = 'adversity';
const ERROR = /^([A-Z][A-Z_]+): [^\n]+ [^\n]+\n$/;
const scratch = mkdtempSync(join(tmpdir(), 'aeneas-adversity-'));
let dynamodb: StandIn;
let s3: StandIn;
let demo: string;
let client: DynamoDBClient;
beforeAll(async () => {
  [dynamodb, s3, demo] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3'), unpackedDemo()]);
  client = dynamodbClient(dynamodb.endpoint);
  await s3Client(s3.endpoint).send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  await Promise.all([dynamodb.stop(), s3.stop()]);
  rmSync(scratch, { recursive: true });
});

let count = 0;
let name: string;
beforeEach(() => {
  name = `case${++count}`;
});

const workspace = (): string => join(scratch, name, 'workspace');

/** Writes the project of this test; JSON is YAML. */
function project(changes: { readonly [part: string]: unknown } = {}): string {
  const path = join(scratch, `${name}.yaml`);
  writeFileSync(path, JSON.stringify({
    source: { directories: [demo] },
    tables: ['shop.product_reviews'],
    mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] },
    target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
    staging: { folder: join(scratch, name, 'staging'), fileSizeMB: 0.1 },
    giveUpSeconds: 1,
    workers: 1,
    workspace: workspace(),
    ...changes,
  }));
  return path;
}

const migrate = (path: string, options?: AeneasOptions, ...flags: string[]): Promise<Ended> => aeneas(['migrate', path, '--now', String(DEMO_NOW), ...flags], options);

/** What stderr says beside the notes of progress. */
const errorOf = ({ stderr }: Ended): string => stderr.replace(/^(?:Beginning|Continuing|Stopping|Nothing) .*\n/gm, '').replace(/^\S+ failed: .*\n/gm, '');

function expectError(ended: Ended, exitCode: number, code: string): void {
  expect({ exitCode: ended.exitCode, stderr: errorOf(ended) }).toMatchObject({ exitCode, stderr: expect.stringMatching(ERROR) });
  expect(ERROR.exec(errorOf(ended))![1]).toBe(code);
}

async function expectEqual(ended: Ended, table = 'shop.product_reviews'): Promise<void> {
  expect({ exitCode: ended.exitCode, stderr: errorOf(ended) }).toEqual({ exitCode: 0, stderr: '' });
  expect(await tableDifferences(client, `${name}-${table}`, table, workspace())).toEqual([]);
}

describe('services', () => {
  test('DynamoDB that is not there at the start', async () => {
    const gate = await Gate.before(dynamodb.endpoint);
    const path = project({ target: { region: 'us-east-1', endpoint: gate.endpoint } });
    await gate.shut();
    expectError(await migrate(path), 3, 'TARGET_UNREACHABLE');
    await gate.open();
    await expectEqual(await migrate(path));
    await gate.shut();
  });

  test.each(['built-in', 'direct'])('DynamoDB that goes away while it is loaded (%s)', async (loader) => {
    const gate = await Gate.before(dynamodb.endpoint);
    const path = project({ target: { region: 'us-east-1', endpoint: gate.endpoint }, loader });
    gate.bytesLeft = 200_000;
    expectError(await migrate(path), 3, 'TARGET_UNREACHABLE');
    expect((await scan(client, `${name}-shop.product_reviews`)).length).toBeGreaterThan(0);
    await gate.open();
    await expectEqual(await migrate(path));
    await gate.shut();
  });

  test('S3 that goes away while files are staged', async () => {
    const gate = await Gate.before(s3.endpoint);
    const path = project({ staging: { s3: { bucket: BUCKET, prefix: name, endpoint: gate.endpoint }, fileSizeMB: 0.1 } });
    gate.bytesLeft = 30_000;
    expectError(await migrate(path), 3, 'STAGING_UNREACHABLE');
    await gate.open();
    await expectEqual(await migrate(path));
    await gate.shut();
  });

  test('a bucket that does not exist', async () => {
    expectError(await migrate(project({ staging: { s3: { bucket: 'no-such-bucket', endpoint: s3.endpoint } } })), 2, 'STAGING_REFUSED');
  });
});

describe('disk', () => {
  test('a file that cannot grow', async () => {
    const path = project({ tables: ['sensor.readings'], staging: { folder: join(scratch, name, 'staging') } });
    // A limit of file sizes fails writes as a full disk does, for root too; its unit is 512 or 1024 bytes.
    expectError(await migrate(path, { through: ['/bin/sh', '-c', 'ulimit -f 800; exec "$0" "$@"'] }), 3, 'DISK_FULL');
    await expectEqual(await migrate(path), 'sensor.readings');
  });

  test('a staged file that was changed', async () => {
    const path = project();
    expect((await migrate(path, { env: { AENEAS_KILL_AT: 'orphans-swept:1' } })).exitCode).toBe(null);
    const staged = readdirSync(join(scratch, name, 'staging'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    truncateSync(staged[0]!, 2000);
    expectError(await migrate(path), 2, 'STAGING_CORRUPT');
    await expectEqual(await migrate(path, {}, '--restart'));
  });
});

/** A copy of two tables and the schema, to be damaged. */
function ownData(): { readonly directory: string; readonly files: (table: string) => string[] } {
  const directory = join(scratch, name, 'data');
  cpSync(join(demo, 'system_schema'), join(directory, 'system_schema'), { recursive: true });
  const tables = readdirSync(join(demo, 'shop')).filter((entry) => /^(?:product_reviews|carts)-/.test(entry));
  for (const table of tables) cpSync(join(demo, 'shop', table), join(directory, 'shop', table), { recursive: true });
  return {
    directory,
    files: (table) => {
      const folder = join(directory, 'shop', tables.find((entry) => entry.startsWith(`${table}-`))!);
      return readdirSync(folder).map((file) => join(folder, file));
    },
  };
}

describe('input', () => {
  test('a missing component blocks its table alone, and the next run goes on', async () => {
    const { directory, files } = ownData();
    const path = project({ source: { directories: [directory] }, tables: ['shop.*'] });
    const statistics = files('carts').find((file) => file.endsWith('-Statistics.db'))!;
    renameSync(statistics, `${statistics}.away`);
    const first = await migrate(path);
    expect(first.exitCode).toBe(2);
    expect(first.stdout).toContain('SSTABLE_COMPONENT_MISSING');
    expect(await tableDifferences(client, `${name}-shop.product_reviews`, 'shop.product_reviews', workspace())).toEqual([]);
    renameSync(`${statistics}.away`, statistics);
    await expectEqual(await migrate(path), 'shop.carts');
  });

  test('a truncated file; another one in its place counts as changed input', async () => {
    const { directory, files } = ownData();
    const path = project({ source: { directories: [directory] } });
    const data = files('product_reviews').find((file) => file.endsWith('-Data.db'))!;
    const whole = readFileSync(data);
    truncateSync(data, whole.length - 1000);
    const first = await migrate(path);
    expect(first.exitCode).toBe(2);
    expect(first.stdout).toMatch(/SSTABLE_(?:TRUNCATED|CORRUPT)/);
    writeFileSync(data, whole);
    expectError(await migrate(path), 2, 'INPUT_CHANGED');
    await expectEqual(await migrate(path, {}, '--restart'));
  });

  test('a pinned file that is gone', async () => {
    const { directory, files } = ownData();
    const path = project({ source: { directories: [directory] } });
    expect((await migrate(path, { env: { AENEAS_KILL_AT: 'checkpoint-recorded:1' } })).exitCode).toBe(null);
    for (const file of files('product_reviews').filter((one) => one.includes('-2-big-'))) rmSync(file);
    expectError(await migrate(path), 2, 'INPUT_CHANGED');
  });

  test('a schema that does not fit', async () => {
    const { directory } = ownData();
    rmSync(join(directory, 'system_schema'), { recursive: true });
    const schema = join(scratch, name, 'schema.cql');
    writeFileSync(schema, `CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};
      CREATE TABLE shop.product_reviews (product_id int, review_time text, stars int, PRIMARY KEY (product_id, review_time));`);
    const ended = await migrate(project({ source: { directories: [directory], schema } }));
    expect(ended.exitCode).toBe(2);
    expect(ended.stdout).toContain('SCHEMA_MISMATCH');
  });

  test('a mapping that changes on the way', async () => {
    const path = project();
    expect((await migrate(path, { env: { AENEAS_KILL_AT: 'checkpoint-recorded:2' } })).exitCode).toBe(null);
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, before.replace('"rules":[', '"rules":[{"table":"*.*","statics":"copy"},'));
    expectError(await migrate(path), 2, 'PROJECT_CHANGED');
    writeFileSync(path, before);
    await expectEqual(await migrate(path));
  });

  test('a project with an unknown key, and one that is not there', async () => {
    const ended = await migrate(project({ lodaer: 'direct' }));
    expectError(ended, 2, 'PROJECT_INVALID');
    expect(ended.stderr).toContain('did you mean "loader"?');
    expectError(await migrate(join(scratch, 'nowhere.yaml')), 2, 'PROJECT_UNREADABLE');
    expectError(await migrate(project({ tables: ['shoop.*'] })), 2, 'NO_TABLES');
  });
});

describe('people', () => {
  test('two at once', async () => {
    const path = project();
    const second = Promise.withResolvers<Ended>();
    const first = migrate(path, { onStart: (child) => {
      // The first has begun, and is held while the second tries.
      child.stderr!.once('data', () => {
        child.kill('SIGSTOP');
        second.resolve(migrate(path).finally(() => child.kill('SIGCONT')));
      });
    } });
    expectError(await second.promise, 2, 'PROJECT_LOCKED');
    await expectEqual(await first);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s, then the same command', async (signal) => {
    const path = project({ tables: ['sensor.readings'] });
    const ended = await migrate(path, { onStart: (child) => {
      child.stderr!.once('data', () => setTimeout(() => child.kill(signal), 700));
    } });
    expectError(ended, 3, 'JOB_STOPPED');
    await expectEqual(await migrate(path), 'sensor.readings');
  });

  test('someone writes into the target: the validation names it, and checks again after it was put right', async () => {
    const path = project();
    expect((await migrate(path, { env: { AENEAS_KILL_AT: 'validation-source-read:1' } })).exitCode).toBe(null);
    const TableName = `${name}-shop.product_reviews`;
    const [first, second] = await scan(client, TableName) as unknown as Record<string, AttributeValue>[];
    const keyOf = (item: Record<string, AttributeValue>) => ({ product_id: item['product_id']!, sk: item['sk']! });
    await client.send(new DeleteItemCommand({ TableName, Key: keyOf(first!) }));
    await client.send(new PutItemCommand({ TableName, Item: { ...second!, helpful: { N: '4711' } } }));
    await client.send(new PutItemCommand({ TableName, Item: { ...keyOf(second!), sk: { S: 'a stranger' } } }));

    const ended = await migrate(path, {}, '--json');
    expect(ended.exitCode).toBe(1);
    const report = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1)!) as { tables: [{ validation: { named: { kind: string; attributes?: string[] }[] } }] };
    expect(report.tables[0].validation).toMatchObject({ isEqual: false, missing: 1, extra: 1, different: 1 });
    expect(report.tables[0].validation.named.map(({ kind, attributes }) => [kind, attributes])).toEqual(expect.arrayContaining([['missing', undefined], ['extra', undefined], ['different', ['helpful']]]));

    await client.send(new PutItemCommand({ TableName, Item: first! }));
    await client.send(new PutItemCommand({ TableName, Item: second! }));
    await client.send(new DeleteItemCommand({ TableName, Key: { ...keyOf(second!), sk: { S: 'a stranger' } } }));
    await expectEqual(await migrate(path));
  });

  test('a target that holds items is not dropped without being told', async () => {
    await expectEqual(await migrate(project()));
    const drop = { target: { region: 'us-east-1', endpoint: dynamodb.endpoint, preparation: 'drop-tables' } };
    const refused = await migrate(project(drop), {}, '--restart');
    expect(refused.exitCode).toBe(2);
    expect(refused.stdout).toContain('TARGET_TABLE_POPULATED');
    await expectEqual(await migrate(project({ target: { ...drop.target, dropPopulated: true } }), {}, '--restart'));
  });
});
