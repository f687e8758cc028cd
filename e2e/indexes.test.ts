// Secondary indexes and materialized views of real nodes become global secondary indexes: a query of one gives what the node answered for
// the view, or has for the value of the indexed column.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aeneas } from './aeneas-process.ts';
import { fixtureTables } from './conformance/fixture-tables.ts';
import type { ExpectedTable, FixtureTable } from './conformance/fixture-tables.ts';
import { parseType, userTypesOf } from './decoder/cql-type.ts';
import { decodeItem, itemPlan } from './decoder/item-decoder.ts';
import type { Item } from './decoder/item-decoder.ts';
import type { Neutral } from './decoder/decode-attribute.ts';
import { dynamodbClient, scan } from './migrated-tables.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

type Row = Readonly<Record<string, Neutral>>;
type Index = NonNullable<Awaited<ReturnType<typeof describeIndexes>>>[number];

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-indexes-'));
let dynamodb: StandIn;
let client: DynamoDBClient;
beforeAll(async () => {
  dynamodb = await startStandIn('dynamodb');
  client = dynamodbClient(dynamodb.endpoint);
});
afterAll(async () => {
  client.destroy();
  await dynamodb.stop();
  rmSync(scratch, { recursive: true });
});

async function describeIndexes(TableName: string) {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  return Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({ name: IndexName!, key: KeySchema![0]!.AttributeName!, projection: Projection!.ProjectionType }));
}

/** Rows of an index with a value of its partition key, as CQL would show them. */
async function query(table: FixtureTable, expected: ExpectedTable, index: Index, value: AttributeValue): Promise<Row[]> {
  const types = userTypesOf(readFileSync(join(table.directory, 'schema.cql'), 'utf8'), table.keyspace);
  const columns = [...expected.columns].sort((a, b) => expected.primaryKey.indexOf(a.name) - expected.primaryKey.indexOf(b.name));
  const plan = itemPlan(columns.map(({ name, kind, desc, type }) => ({ name, kind, desc, type: parseType(type, types) })));
  const { Items = [] } = await client.send(new QueryCommand({
    TableName: `${table.keyspace}.${table.table}`, IndexName: index.name, KeyConditionExpression: '#k = :v', ExpressionAttributeNames: { '#k': index.key }, ExpressionAttributeValues: { ':v': value },
  }));
  return Items.map((item) => Object.fromEntries(decodeItem(item as Item, plan).values));
}

/** The same for equal lists of rows, sets and maps in whatever order. */
function asSet(rows: readonly Row[]): string[] {
  const text = (value: Neutral): string => (Array.isArray(value) ? `[${value.map((one: Neutral) => text(one)).sort().join()}]` : JSON.stringify(value));
  return rows.map((row) => Object.keys(row).sort().map((name) => `${name}=${text(row[name]!)}`).join(' ')).sort();
}

/** Why DynamoDB has no item with such a value in the partition key of an index. */
function refusal(value: Neutral | undefined): string | undefined {
  if (value === '' || JSON.stringify(value) === '{"empty":true}') return 'INDEX_KEY_EMPTY';
  return typeof value === 'string' && Buffer.byteLength(value) > 2048 ? 'INDEX_KEY_TOO_LONG' : undefined;
}

const keyOf = (value: Neutral, type: string): AttributeValue => (type === 'int' ? { N: value as string } : { S: value as string });

describe.each(['3.11.2', '5.0.2'] as const)('Cassandra %s', (label) => {
  let tables: FixtureTable[];
  let notes: string[];
  let migrated: Awaited<ReturnType<typeof aeneas>>;
  const ofRole = (role: string): FixtureTable[] => tables.filter((table) => table.role === role);
  beforeAll(async () => {
    tables = await fixtureTables(label);
    const project = join(scratch, `${label}.yaml`);
    const [base, indexed] = [ofRole('mv-base')[0]!, ofRole('indexed')[0]!];
    writeFileSync(project, JSON.stringify({
      source: { directories: [base.directory] }, tables: [base, indexed].map(({ keyspace, table }) => `${keyspace}.${table}`), workspace: join(scratch, label),
      target: { region: 'us-east-1', endpoint: dynamodb.endpoint }, mapping: { rules: [{ table: '*.*', indexes: [{ from: '*' }] }] },
    }));
    migrated = await aeneas(['migrate', project, '--now', String(Math.floor(base.expected().readAtMillis / 1000))]);
    const report = JSON.parse(readFileSync(join(scratch, label, 'report.json'), 'utf8')) as { tables: { notes: string[]; rejectedRows: number }[] };
    notes = report.tables.flatMap((table) => table.notes);
  });

  test('migrates, and finds both sides equal', () => {
    expect([migrated.stderr.replace(/^Beginning migration .*\n/, ''), migrated.stdout.match(/equal \(\d+ items\)/g)?.length]).toEqual(['', 2]);
  });

  test('a query of a view\'s index gives the rows of the view', async () => {
    const base = ofRole('mv-base')[0]!;
    const indexes = (await describeIndexes(`${base.keyspace}.${base.table}`))!;
    const views = ofRole('materialized-view');
    let compared = 0;
    for (const view of views) {
      const index = indexes.find(({ name }) => name === view.table);
      const { columns, rows } = view.expected();
      const [first, ...others] = columns.filter(({ kind }) => kind === 'partition_key');
      // What DynamoDB has no index for is told.
      if (index === undefined) expect([others.length, notes.filter((note) => note.includes(view.table)).length]).toEqual([1, 1]);
      if (index === undefined) continue;
      for (const value of new Set(rows.map(({ v }) => v[first!.name] as string).filter((one) => refusal(one) === undefined))) {
        const inView = rows.map(({ v }) => v).filter((row) => row[first!.name] === value);
        expect(asSet(await query(base, base.expected(), index, keyOf(value, first!.type)))).toEqual(asSet(inView));
        compared += inView.length;
      }
    }
    expect(compared).toBeGreaterThan(25);
  });

  test('a query of a secondary index\'s gives the rows with that value; collections have none', async () => {
    const table = ofRole('indexed')[0]!;
    const { columns, rows, primaryKey } = table.expected();
    const indexes = (await describeIndexes(`${table.keyspace}.${table.table}`))!;
    expect([indexes.length, notes.filter((note) => /^Not made: Index .* its attribute is of type (?:SS|M),/.test(note)).length]).toEqual([3, 2]);
    const isRefused = (row: Row): boolean => primaryKey.some((name) => Buffer.byteLength(row[name] as string) > 1024) || indexes.some(({ key }) => !primaryKey.includes(key) && refusal(row[key]) !== undefined);
    let compared = 0;
    for (const index of indexes) {
      const { type } = columns.find(({ name }) => name === index.key)!;
      for (const value of [...new Set(rows.map(({ v }) => v[index.key]).filter((one) => one !== undefined && refusal(one) === undefined))].slice(0, 40)) {
        const wanted = rows.map(({ v }) => v).filter((row) => row[index.key] === value && !isRefused(row));
        expect(asSet(await query(table, table.expected(), index, keyOf(value!, type)))).toEqual(asSet(wanted));
        compared += wanted.length;
      }
    }
    expect(compared).toBeGreaterThan(60);
  });

  test('rows that an index cannot have are rejected, each with its reason', async () => {
    const table = ofRole('indexed')[0]!;
    const { rows } = table.expected();
    const stored = await scan(client, `${table.keyspace}.${table.table}`);
    const keys = (await describeIndexes(`${table.keyspace}.${table.table}`))!.map(({ key }) => key);
    const plain = keys.filter((key) => !table.expected().primaryKey.includes(key));
    const refused = rows.flatMap(({ v }) => plain.map((key) => refusal(v[key])).find((reason) => reason !== undefined) ?? []);
    expect(refused.length > 0).toBe(label === '3.11.2');
    const path = join(scratch, label, `rejected-${table.keyspace}.${table.table}.jsonl`);
    const told = !existsSync(path) ? [] : readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { reason: string }).reason);
    expect(told.filter((reason) => reason.startsWith('INDEX_')).sort()).toEqual(refused.sort());
    expect(stored.length).toBe(rows.length - told.length);
  });
});
