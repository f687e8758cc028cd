// The profile dms through the whole of a migration: strings, numbers and booleans only, and both sides equal.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas } from './aeneas-process.ts';
import { DEMO_NOW, dynamodbClient, scan } from './migrated-tables.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-dms-'));
let dynamodb: StandIn;
let data: string;
beforeAll(async () => {
  [dynamodb, data] = await Promise.all([startStandIn('dynamodb'), unpackedDemo()]);
});
afterAll(async () => {
  await dynamodb.stop();
  rmSync(scratch, { recursive: true });
});

test('a migration by the built-in loader', async () => {
  const project = join(scratch, 'dms.yaml');
  writeFileSync(project, JSON.stringify({
    source: { directories: [data] }, tables: ['shop.customers', 'shop.product_reviews'], workspace: join(scratch, 'work'), target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
    mapping: { rules: [{ table: '*.*', profile: 'dms', onEmpty: 'absent', indexes: [{ name: 'by_email', partitionKey: 'email' }] }, { table: 'shop.product_*', indexes: [] }] },
  }));
  const migrated = await aeneas(['migrate', project, '--now', String(DEMO_NOW)]);
  expect(migrated.stdout.match(/equal \([\d,]+ items\)/g)?.length).toBe(2);
  const items = [...await scan(dynamodbClient(dynamodb.endpoint), 'shop.customers'), ...await scan(dynamodbClient(dynamodb.endpoint), 'shop.product_reviews')];
  expect(items.length).toBeGreaterThan(1_500);
  expect(new Set(items.flatMap((item) => Object.values(item).flatMap((attribute) => Object.keys(attribute))))).toEqual(new Set(['S', 'N', 'BOOL']));
});

test('"aeneas items --profile dms" prints the same items', async () => {
  const printed = await aeneas(['items', '--table', 'shop.product_reviews', '--profile', 'dms', '--now', String(DEMO_NOW), data]);
  const line = (item: unknown): string => JSON.stringify(Object.entries(item as object).sort());
  const lines = printed.stdout.trimEnd().split('\n').map((text) => (JSON.parse(text) as { Item: object }).Item);
  expect(lines.map(line).sort()).toEqual((await scan(dynamodbClient(dynamodb.endpoint), 'shop.product_reviews')).map(line).sort());
});
