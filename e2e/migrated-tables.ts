// What a migration of the demo's data left in DynamoDB and S3, looked at without any of the product's code.

import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { DeleteTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { _Object } from '@aws-sdk/client-s3';
import { ROOT } from './aeneas-process.ts';
import { itemDifferences } from './conformance/compare-items.ts';
import { readExpected } from './conformance/fixture-tables.ts';
import type { ExpectedTable } from './conformance/fixture-tables.ts';
import type { RejectedRow } from './conformance/read-items.ts';
import { parseType, userTypesOf } from './decoder/cql-type.ts';
import type { UserTypes } from './decoder/cql-type.ts';
import { compareSortKeys, decodeItem, itemPlan } from './decoder/item-decoder.ts';
import type { Item } from './decoder/item-decoder.ts';

const DEMO = join(ROOT, 'fixtures/demo');
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Seconds since the epoch at which the node was asked for the demo's expected rows. */
export const DEMO_NOW = Math.floor(readExpected(join(DEMO, 'expected/shop.carts.json')).readAtMillis / 1000);

export function dynamodbClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ region: 'us-east-1', endpoint, credentials });
}

export function s3Client(endpoint: string): S3Client {
  return new S3Client({ region: 'us-east-1', endpoint, credentials, forcePathStyle: true });
}

/** In what the table differs from the rows that the node of the demo answered; none when it is right. The rejected rows come from the workspace. */
export async function tableDifferences(client: DynamoDBClient, targetName: string, table: string, workspace: string): Promise<string[]> {
  const expected = readExpected(join(DEMO, `expected/${table}.json`));
  return differencesFrom(client, targetName, { table, expected, schema: readFileSync(join(DEMO, 'schema.cql'), 'utf8'), workspace });
}

/** The same for what any node answered. `schema` has the user types of the keyspace, as CQL. */
export async function differencesFrom(client: DynamoDBClient, targetName: string, { table, expected, schema, workspace }: { readonly table: string; readonly expected: ExpectedTable; readonly schema: string; readonly workspace: string }): Promise<string[]> {
  const types = userTypesOf(schema, table.split('.')[0]!);
  const rejectedFile = join(workspace, `rejected-${table}.jsonl`);
  const rejected = existsSync(rejectedFile) ? readFileSync(rejectedFile, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as RejectedRow) : [];
  const items = inServerOrder(await scan(client, targetName), expected, types);
  return itemDifferences({ items, rejected }, expected, types, false);
}

/** Items of a table, as DynamoDB JSON. */
export async function scan(client: DynamoDBClient, TableName: string): Promise<Item[]> {
  const items: Item[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page: ScanCommandOutput = await client.send(new ScanCommand({ TableName, ConsistentRead: true, ExclusiveStartKey: start }));
    items.push(...(page.Items ?? []).map((item) => JSON.parse(JSON.stringify(item, bytesAsBase64)) as Item));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

function bytesAsBase64(_key: string, value: unknown): unknown {
  if (value !== null && typeof value === 'object' && 'B' in value && value.B instanceof Uint8Array) return { B: Buffer.from(value.B).toString('base64') };
  return value;
}

/** A scan has no order between partitions; the comparison expects that of the server. */
function inServerOrder(items: readonly Item[], expected: ExpectedTable, types: UserTypes): Item[] {
  const byKey = [...expected.columns].sort((a, b) => expected.primaryKey.indexOf(a.name) - expected.primaryKey.indexOf(b.name));
  const plan = itemPlan(byKey.map(({ name, kind, desc, type }) => ({ name, kind, desc, type: parseType(type, types) })));
  const partitionColumns = plan.columns.filter((column) => column.kind === 'partition_key').map((column) => column.name);
  const order = new Map<string, number>();
  for (const [i, row] of expected.rows.entries()) {
    const key = JSON.stringify(partitionColumns.map((name) => row.v[name]));
    if (!order.has(key)) order.set(key, i);
  }
  return items.map((item) => {
    const decoded = decodeItem(item, plan);
    return { item, decoded, place: order.get(JSON.stringify(partitionColumns.map((name) => decoded.values.get(name)))) ?? -1 };
  }).sort((a, b) => a.place - b.place || (plan.sortKey === undefined ? 0 : compareSortKeys(a.decoded, b.decoded, plan))).map(({ item }) => item);
}

/** Names of the staged files that a task's ledger has, beneath the prefix of its migration. */
export function committedFiles(workspace: string): ReadonlySet<string> {
  const ledger = new DatabaseSync(join(workspace, 'ledger.sqlite'), { readOnly: true });
  const rows = ledger.prepare('select file from segment join split on split.id = split where committed = 1 and file is not null').all();
  ledger.close();
  return new Set(rows.map(({ file }) => String(file)));
}

/** Lines of all objects under a prefix, or of those of a migration that are named. */
export async function stagedLines(client: S3Client, Bucket: string, Prefix: string, names?: ReadonlySet<string>): Promise<string[]> {
  const lines: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page: { Contents?: _Object[]; NextContinuationToken?: string } = await client.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
    for (const { Key } of page.Contents ?? []) {
      if (names !== undefined && !names.has(Key!.split('/').slice(-2).join('/'))) continue;
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      lines.push(...gunzipSync(await Body!.transformToByteArray()).toString('utf8').trimEnd().split('\n'));
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return lines;
}

/** How many lines are staged under a prefix, and how many of them more than once. */
export async function countStagedLines(client: S3Client, bucket: string, prefix: string, names?: ReadonlySet<string>): Promise<{ lines: number; doubled: number }> {
  const lines = await stagedLines(client, bucket, prefix, names);
  return { lines: lines.length, doubled: lines.length - new Set(lines).size };
}

export async function dropTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName })).catch(() => {});
}
