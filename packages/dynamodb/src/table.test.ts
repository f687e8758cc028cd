// Tables, the loader and what items hold, against a local DynamoDB.

import { BatchGetItemCommand, CreateTableCommand, DescribeTableCommand, PutItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestRows, hex, int, tableOf, text } from '../test/live-rows.ts';
import type { TestPartition } from '../test/live-rows.ts';
import { startLocalDynamoDb } from '../test/local-dynamodb.ts';
import type { LocalDynamoDb } from '../test/local-dynamodb.ts';
import { ItemDigest } from './canonical.ts';
import { ITEM, ItemCursor, REJECTED } from './item-cursor.ts';
import { ItemEncoder } from './item-encoder.ts';
import type { TableRule } from './mapping.ts';
import { tableDescription } from './table-description.ts';
import { partitionKeyOf, sortKeyOf, sortKeyPrefixOf } from './keys.ts';
import { prepareTable } from './table.ts';
import { planTable } from './table-plan.ts';
import type { TablePlan } from './table-plan.ts';
import { BatchWriter } from './writer.ts';

let local: LocalDynamoDb;
beforeAll(async () => {
  local = await startLocalDynamoDb();
});
afterAll(() => local.stop());

/** Writes the rows with the loader; answers with the digest of what was written. */
async function load(plan: TablePlan, partitions: readonly TestPartition[]): Promise<ItemDigest> {
  const cursor = new ItemCursor(new TestRows(partitions), new ItemEncoder(plan));
  const writer = new BatchWriter<number>({ client: local.config, plan });
  const digest = new ItemDigest();
  const { encoder } = cursor;
  for (let ticket = 0; cursor.advance() === ITEM; ticket++) {
    const item = encoder.out.bytes.subarray(encoder.itemStart, encoder.out.length);
    digest.addJson(item);
    await writer.add(item, encoder, encoder.itemSize, ticket);
    encoder.out.length = 0;
  }
  await writer.flush();
  writer.close();
  return digest;
}

async function scanned(plan: TablePlan): Promise<ItemDigest> {
  const digest = new ItemDigest();
  const page = await local.client.send(new ScanCommand({ TableName: plan.targetName }));
  for (const item of page.Items ?? []) digest.add(item as Parameters<ItemDigest['add']>[0]);
  return digest;
}

const keep = { existing: 'keep', pollMillis: 10 } as const;
const drop = { existing: 'drop', pollMillis: 10 } as const;

describe('target tables', () => {
  test('are made as planned, kept, and dropped only when they are empty or it is confirmed', async () => {
    const plan = planTable(tableOf({ partition: [['id', { kind: 'int' }]], clustering: [['at', { kind: 'timestamp' }]] }), {
      rules: [{ table: 'ks.*', capacity: { mode: 'provisioned', read: 3, write: 4 }, name: 'p-{keyspace}_{table}' }],
    });
    expect(plan.targetName).toBe('p-ks_things');
    expect(await prepareTable(local.client, plan, keep)).toMatchObject({ outcome: 'created', hadItems: false });
    const { Table } = await local.client.send(new DescribeTableCommand({ TableName: plan.targetName }));
    expect(Table).toMatchObject({
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }, { AttributeName: 'at', KeyType: 'RANGE' }], ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 4 },
    });
    expect(Table?.AttributeDefinitions).toEqual([{ AttributeName: 'id', AttributeType: 'N' }, { AttributeName: 'at', AttributeType: 'N' }]);
    expect(await prepareTable(local.client, plan, drop)).toMatchObject({ outcome: 'recreated', hadItems: false });
    await local.client.send(new PutItemCommand({ TableName: plan.targetName, Item: { id: { N: '1' }, at: { N: '2' } } }));
    expect(await prepareTable(local.client, plan, keep)).toMatchObject({ outcome: 'kept', hadItems: true });
    await expect(prepareTable(local.client, plan, drop)).rejects.toMatchObject({ code: 'TARGET_TABLE_POPULATED' });
    expect((await local.client.send(new ScanCommand({ TableName: plan.targetName }))).Count).toBe(1);
    expect(await prepareTable(local.client, plan, { ...drop, dropPopulated: true })).toMatchObject({ outcome: 'recreated', hadItems: true });
    expect((await local.client.send(new ScanCommand({ TableName: plan.targetName }))).Count).toBe(0);
  });

  test('with other keys are refused', async () => {
    const before = planTable(tableOf({ partition: [['id', { kind: 'int' }]] }, 'changed'), { rules: [] });
    await prepareTable(local.client, before, keep);
    const after = planTable(tableOf({ partition: [['id', { kind: 'text' }]] }, 'changed'), { rules: [] });
    await expect(prepareTable(local.client, after, keep)).rejects.toMatchObject({ code: 'TARGET_TABLE_MISMATCH', message: expect.stringContaining('id N HASH') as string });
  });
});

describe('indexes', () => {
  const table = tableOf({ partition: [['id', { kind: 'text' }]], clustering: [['at', { kind: 'int' }]], regular: [['place', { kind: 'text' }], ['n', { kind: 'int' }], ['note', { kind: 'text' }]] }, 'indexed');
  const planWith = (name: string, indexes: TableRule['indexes']): TablePlan => planTable(table, { rules: [{ table: '*.*', name: `{keyspace}_${name}`, ...(indexes === undefined ? {} : { indexes }) }] });
  const byPlace = { name: 'by_place', partitionKey: 'place', sortKey: 'n' };

  test('are made with the table, and have the items that have their keys', async () => {
    const plan = planWith('made', [byPlace, { name: 'by_note', partitionKey: 'note', projection: { include: ['n'] } }]);
    expect(await prepareTable(local.client, plan, keep)).toMatchObject({ outcome: 'created' });
    expect(await prepareTable(local.client, plan, keep)).toMatchObject({ outcome: 'kept' });
    const cells = (place: string | undefined, n: number | undefined): TestPartition['rows'][number]['cells'] => [
      ...(place === undefined ? [] : [{ column: 0, value: text(place) }]), ...(n === undefined ? [] : [{ column: 1, value: int(n) }]), { column: 2, value: text('remark') },
    ];
    await load(plan, [{ key: text('a'), rows: [cells('x', 3), cells('x', -2), cells('y', 1), cells('x', undefined), cells(undefined, 4)].map((list, i) => ({ clustering: [int(i)], cells: list })) }, { key: text('b'), rows: [{ clustering: [int(9)], cells: cells('x', 0) }] }]);
    const query = async (IndexName: string, name: string, value: string): Promise<Record<string, unknown>[]> => (await local.client.send(new QueryCommand({
      TableName: plan.targetName, IndexName, KeyConditionExpression: '#k = :v', ExpressionAttributeNames: { '#k': name }, ExpressionAttributeValues: { ':v': { S: value } },
    }))).Items!;
    expect((await query('by_place', 'place', 'x')).map(({ id, at }) => [id, at])).toEqual([[{ S: 'a' }, { N: '1' }], [{ S: 'b' }, { N: '9' }], [{ S: 'a' }, { N: '0' }]]);
    expect((await query('by_note', 'note', 'remark')).length).toBe(6);
    expect(Object.keys((await query('by_note', 'note', 'remark')).find(({ place }) => place === undefined)!).sort()).toContain('note');
  });

  test('DynamoDB refuses what an empty number becomes: so such a row was rejected before', async () => {
    const plan = planWith('refusing', [byPlace]);
    await prepareTable(local.client, plan, keep);
    const put = local.client.send(new PutItemCommand({ TableName: plan.targetName, Item: { id: { S: 'a' }, at: { N: '1' }, place: { S: 'x' }, n: { NULL: true } } }));
    await expect(put).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining('Type mismatch for Index Key n') as string });
    const cursor = new ItemCursor(new TestRows([{ key: text('a'), rows: [{ clustering: [int(1)], cells: [{ column: 0, value: text('x') }, { column: 1, value: new Uint8Array(0) }] }] }]), new ItemEncoder(plan));
    expect([cursor.advance(), JSON.parse(cursor.rejectedLine())]).toEqual([REJECTED, { table: 'ks.indexed', reason: 'INDEX_KEY_EMPTY', column: 'n', detail: 'an empty value in the key of an index', key: { id: 'a', at: '1' } }]);
  });

  test.each<[string, TableRule['indexes'], TableRule['indexes'], string]>([
    ['missing', undefined, [byPlace], 'it has no index by_place'],
    ['other keys', [{ name: 'by_place', partitionKey: 'place' }], [byPlace], 'its index by_place\'s keys are place S HASH, the mapping gives place S HASH, n N RANGE'],
    ['less projected', [{ ...byPlace, projection: 'keys-only' }], [byPlace], 'its index by_place does not project all attributes'],
    ['not included', [{ ...byPlace, projection: 'keys-only' }], [{ ...byPlace, projection: { include: ['note'] } }], 'its index by_place does not project note'],
    ['more projected', [byPlace], [{ ...byPlace, projection: { include: ['note'] } }], ''],
    ['one too many', [byPlace], undefined, 'it has an index by_place on place, n, which the mapping does not have'],
    ['one on keys', [{ name: 'inverted', partitionKey: 'at', sortKey: 'place' }], undefined, 'it has an index inverted on place, which the mapping does not have'],
    ['one on the table\'s keys alone', [{ name: 'inverted', partitionKey: 'id' }], undefined, ''],
  ])('of an existing table: %s', async (what, has, wants, difference) => {
    const name = `existing-${what.replaceAll(/\W/g, '_')}`;
    await local.client.send(new CreateTableCommand(tableDescription(planWith(name, has))));
    const prepared = prepareTable(local.client, planWith(name, wants), keep);
    if (difference === '') expect(await prepared).toMatchObject({ outcome: 'kept' });
    else await expect(prepared).rejects.toMatchObject({ code: 'TARGET_TABLE_MISMATCH', message: expect.stringContaining(`exists, but ${difference}`) as string });
  });
});

describe('what DynamoDB takes', () => {
  test('escaped native keys, empty values and members, and it gives the same items back', async () => {
    const plan = planTable(tableOf({
      partition: [['id', { kind: 'text' }]], clustering: [['part', { kind: 'blob' }]],
      regular: [['n', { kind: 'double' }], ['t', { kind: 'text' }], ['labels', { kind: 'set', element: { kind: 'text' }, frozen: false }],
        ['m', { kind: 'map', key: { kind: 'text' }, value: { kind: 'int' }, frozen: true }]],
    }, 'edges'), { rules: [] });
    await prepareTable(local.client, plan, keep);
    const none = new Uint8Array(0);
    const map = hex('00000003 00000000 00000004 00000001 00000001 00 00000004 00000002 00000001 61 00000000');
    const written = await load(plan, [
      { key: none, rows: [none, hex('00'), hex('0000'), hex('000001')].map((part) => ({ clustering: [part], cells: [{ column: 3, value: map }] })) },
      { key: text('\u0000'), rows: [{ clustering: [none], cells: [{ column: 0, value: none }, { column: 1, value: none }, { column: 2, value: none, path: none }, { column: 2, value: none, path: text('x') }] }] },
      { key: text('e'), rows: [hex('4415af1d78b58c40'), hex('444b1ae4d6e2ef50'), hex('3e7ad7f29abcaf48'), hex('c08f400000000000')]
        .map((value, i) => ({ clustering: [int(i)], cells: [{ column: 0, value }] })) },
    ]);
    expect(written.items).toBe(9);
    expect((await scanned(plan)).equals(written)).toBe(true);
    const rows = await local.client.send(new QueryCommand({ TableName: plan.targetName, KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': { S: '\u0000' } } }));
    expect(rows.Items?.map((item) => Buffer.from(item.part.B!).toString('hex'))).toEqual(['00', '0000', '000000', '000001']);
    expect(rows.Items?.[0].m.M).toEqual({ '\u0000': { N: '1' }, '\u0000\u0000': { N: '2' }, a: { NULL: true } });
  });

  test('encoded sort keys in CQL order, static items first, prefixes by begins_with, items by the key functions', async () => {
    const plan = planTable(tableOf({
      partition: [['tenant', { kind: 'text' }], ['n', { kind: 'int' }]], clustering: [['city', { kind: 'text' }], ['rank', { kind: 'int' }, 'desc']],
      statics: [['owner', { kind: 'text' }]], regular: [['v', { kind: 'bigint' }]],
    }, 'ordered'), { rules: [] });
    await prepareTable(local.client, plan, keep);
    const key = hex('0004 61636d65 00 0004 00000007 00');
    const cities: [string, number][] = [['', 3], ['Ny', 5], ['Ny', -5], ['Ny ', 1], ['Ny#', 2], ['Nyx', 0], ['Ö', 1]];
    await load(plan, [{ key, statics: [{ column: 0, value: text('me') }], rows: cities.map(([city, rank], i) => ({ clustering: [text(city), int(rank)], cells: [{ column: 0, value: hex(`000000000000000${i}`) }] })) }]);
    const pk = partitionKeyOf(plan, { tenant: 'acme', n: 7 });
    const query = async (condition: string, values: Record<string, { S: string }>) => (await local.client.send(new QueryCommand({
      TableName: plan.targetName, KeyConditionExpression: `pk = :pk${condition}`, ExpressionAttributeValues: { ':pk': pk as { S: string }, ...values },
    }))).Items!;
    const all = await query('', {});
    expect(all[0]).toMatchObject({ sk: { S: ' !' }, owner: { S: 'me' }, tenant: { S: 'acme' }, n: { N: '7' } });
    expect(all.slice(1).map((item) => [item.city.S, Number(item.rank.N)])).toEqual(cities);
    const inNy = await query(' and begins_with(sk, :p)', { ':p': { S: sortKeyPrefixOf(plan, ['Ny']) } });
    expect(inNy.map((item) => item.rank.N)).toEqual(['5', '-5']);
    const { Responses } = await local.client.send(new BatchGetItemCommand({ RequestItems: { [plan.targetName]: { Keys: [{ pk: pk as { S: string }, sk: sortKeyOf(plan, ['Ny', -5]) as { S: string } }] } } }));
    expect(Responses![plan.targetName][0].v.N).toBe('2');
  });
});
