// The loader "s3-import": files and the command to import them; after the import the same command compares. No local service imports,
// so the test does what ImportTable does with the parameters that were printed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchWriteItemCommand, CreateTableCommand } from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas } from './aeneas-process.ts';
import { DEMO_NOW, dynamodbClient, s3Client, stagedLines, tableDifferences } from './migrated-tables.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-import-'));
let dynamodb: StandIn;
let s3: StandIn;
beforeAll(async () => {
  [dynamodb, s3] = await Promise.all([startStandIn('dynamodb'), startStandIn('s3')]);
  await s3Client(s3.endpoint).send(new CreateBucketCommand({ Bucket: 'import' }));
});
afterAll(async () => {
  await Promise.all([dynamodb.stop(), s3.stop()]);
  rmSync(scratch, { recursive: true });
});

test('stages, says how to import, and compares afterwards', async () => {
  const project = join(scratch, 'import.yaml');
  writeFileSync(project, JSON.stringify({
    source: { directories: [await unpackedDemo()] }, tables: ['shop.carts'], loader: 's3-import', workspace: join(scratch, 'workspace'),
    target: { region: 'us-east-1', endpoint: dynamodb.endpoint }, staging: { s3: { bucket: 'import', prefix: 'a/b', endpoint: s3.endpoint, dataEncryption: 'enable' }, fileSizeMB: 0.05 },
    mapping: { rules: [{ table: 'shop.carts', indexes: [{ name: 'by_sku', partitionKey: 'sku', sortKey: 'added', projection: { include: ['price'] } }] }] },
  }));
  const migrate = () => aeneas(['migrate', project, '--now', String(DEMO_NOW)]);
  const staged = await migrate();
  expect(staged.exitCode).toBe(0);
  expect(staged.stdout).toContain('1 table is to be imported');
  const command = /aws dynamodb import-table .*--input-compression-type GZIP --s3-bucket-source S3Bucket=import,S3KeyPrefix=(\S+) --table-creation-parameters '(.*)'/.exec(staged.stdout)!;

  const client = dynamodbClient(dynamodb.endpoint);
  const creation = JSON.parse(command[2]!) as CreateTableCommandInput;
  expect(Object.keys(creation).sort()).toEqual(['AttributeDefinitions', 'BillingMode', 'GlobalSecondaryIndexes', 'KeySchema', 'TableName']);
  await client.send(new CreateTableCommand(creation));
  const lines = await stagedLines(s3Client(s3.endpoint), 'import', command[1]!);
  expect(lines.length).toBe(836);
  // This table has no binaries, whose JSON is not that of the SDK.
  const requests = lines.map((line) => ({ PutRequest: { Item: (JSON.parse(line) as { Item: Record<string, never> }).Item } }));
  for (let i = 0; i < requests.length; i += 25) {
    await client.send(new BatchWriteItemCommand({ RequestItems: { [creation.TableName!]: requests.slice(i, i + 25) } }));
  }

  const compared = await migrate();
  expect(compared.exitCode).toBe(0);
  expect(compared.stdout).toMatch(/^shop\.carts .*equal \(836 items\)$/m);
  expect(compared.stdout).not.toContain('import-table');
  expect(await tableDifferences(client, 'shop.carts', 'shop.carts', join(scratch, 'workspace'))).toEqual([]);
});
