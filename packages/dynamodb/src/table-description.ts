// The target table as DynamoDB is asked to make it: pure, from the plan.

import type { CreateTableCommandInput, DescribeTableCommandOutput, GlobalSecondaryIndex, KeySchemaElement, Projection } from '@aws-sdk/client-dynamodb';
import type { IndexPlan } from './index-plan.ts';
import type { TablePlan } from './table-plan.ts';

/** Every table that Aeneas makes carries it. */
export const OWNER_TAG = { Key: 'app', Value: 'aeneas' } as const;

/** A key attribute of a table or an index. */
interface Key {
  readonly attribute: string;
  readonly type: 'S' | 'N' | 'B';
}

/** The input of CreateTable: keys, indexes, capacity, encryption, tags. TTL is set afterwards. */
export function tableDescription(plan: TablePlan): CreateTableCommandInput {
  const keys = keysOf(plan);
  const types = new Map([...keys, ...plan.indexes.flatMap(keysOf)].map((key) => [key.attribute, key.type]));
  const { capacity, encryption = 'aws-owned', tags = {} } = plan.rules;
  return {
    TableName: plan.targetName,
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keySchemaOf(keys),
    ...(plan.indexes.length === 0 ? {} : { GlobalSecondaryIndexes: plan.indexes.map((index) => indexDescription(index, capacity)) }),
    ...capacityOf(capacity),
    ...(encryption === 'aws-owned' ? {} : { SSESpecification: { Enabled: true, SSEType: 'KMS', ...(encryption === 'aws-managed' ? {} : { KMSMasterKeyId: encryption.kmsKey }) } }),
    Tags: [OWNER_TAG, ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))],
  };
}

function keysOf({ partitionKey, sortKey }: { readonly partitionKey: Key; readonly sortKey: Key | undefined }): Key[] {
  return sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
}

function keySchemaOf(keys: readonly Key[]): KeySchemaElement[] {
  return keys.map((key, i) => ({ AttributeName: key.attribute, KeyType: i === 0 ? 'HASH' : 'RANGE' }));
}

function indexDescription(index: IndexPlan, table: TablePlan['rules']['capacity']): GlobalSecondaryIndex {
  const { BillingMode: _mode, ...capacity } = capacityOf(table?.mode === 'provisioned' ? { ...table, ...index.capacity } : { mode: 'on-demand', ...index.capacity });
  return { IndexName: index.name, KeySchema: keySchemaOf(keysOf(index)), Projection: projectionOf(index), ...capacity };
}

function projectionOf({ projection }: IndexPlan): Projection {
  if (projection === 'all') return { ProjectionType: 'ALL' };
  return projection === 'keys-only' ? { ProjectionType: 'KEYS_ONLY' } : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...projection] };
}

function capacityOf(capacity: TablePlan['rules']['capacity']): Partial<CreateTableCommandInput> {
  if (capacity?.mode === 'provisioned') {
    return { BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: capacity.read, WriteCapacityUnits: capacity.write } };
  }
  const limits = { ...(capacity?.read === undefined ? {} : { MaxReadRequestUnits: capacity.read }), ...(capacity?.write === undefined ? {} : { MaxWriteRequestUnits: capacity.write }) };
  return { BillingMode: 'PAY_PER_REQUEST', ...(Object.keys(limits).length === 0 ? {} : { OnDemandThroughput: limits }) };
}

/**
 * How an existing table's keys and indexes differ from the plan's, as a sentence; undefined when they do not. An index of its own on an
 * attribute that the items have is a difference too: it may refuse items that the plan takes for good.
 */
export function keyMismatch(plan: TablePlan, table: DescribeTableCommandOutput['Table']): string | undefined {
  const types = new Map(table?.AttributeDefinitions?.map((definition) => [definition.AttributeName, definition.AttributeType]));
  const shown = (schema: readonly KeySchemaElement[] | undefined): string => (schema ?? []).map((key) => `${key.AttributeName} ${types.get(key.AttributeName)} ${key.KeyType}`).join(', ');
  const wanted = (keys: readonly Key[]): string => keys.map((key, i) => `${key.attribute} ${key.type} ${i === 0 ? 'HASH' : 'RANGE'}`).join(', ');
  const differences: string[] = [];
  const compare = (what: string, schema: readonly KeySchemaElement[] | undefined, keys: readonly Key[]): void => {
    if (shown(schema) !== wanted(keys)) differences.push(`${what} keys are ${shown(schema)}, the mapping gives ${wanted(keys)}`);
  };
  compare('its', table?.KeySchema, keysOf(plan));
  const existing = table?.GlobalSecondaryIndexes ?? [];
  for (const index of plan.indexes) {
    const found = existing.find(({ IndexName }) => IndexName === index.name);
    if (found === undefined) {
      differences.push(`it has no index ${index.name}`);
      continue;
    }
    compare(`its index ${index.name}'s`, found.KeySchema, keysOf(index));
    const missing = missingProjection(index, found.Projection);
    if (missing !== undefined) differences.push(`its index ${index.name} ${missing}`);
  }
  const attributes = attributesOf(plan);
  const foreign = existing.filter(({ IndexName }) => !plan.indexes.some(({ name }) => name === IndexName));
  for (const { IndexName, KeySchema } of [...foreign, ...table?.LocalSecondaryIndexes ?? []]) {
    const shared = (KeySchema ?? []).filter((key) => attributes.has(key.AttributeName!) && !isSafeKey(plan, key));
    if (shared.length > 0) differences.push(`it has an index ${IndexName} on ${shared.map(({ AttributeName }) => AttributeName).join(', ')}, which the mapping does not have`);
  }
  return differences.length === 0 ? undefined : differences.join('; ');
}

/** What the plan's index has and the existing one lacks; it may have more. */
function missingProjection({ projection }: IndexPlan, existing: Projection | undefined): string | undefined {
  if (existing?.ProjectionType === 'ALL' || projection === 'keys-only') return undefined;
  if (projection === 'all') return 'does not project all attributes';
  const missing = projection.filter((attribute) => !existing?.NonKeyAttributes?.includes(attribute));
  return missing.length === 0 ? undefined : `does not project ${missing.join(', ')}`;
}

function attributesOf(plan: TablePlan): ReadonlySet<string> {
  const columns = [plan.partitionColumns, plan.clusteringColumns, plan.staticColumns, plan.regularColumns].flat();
  return new Set([...keysOf(plan).map(({ attribute }) => attribute), ...columns.flatMap((column) => column?.attribute ?? []), ...(plan.ttlAttribute === undefined ? [] : [plan.ttlAttribute])]);
}

/** A key of the table itself is never empty, but a partition key may be longer than an index's sort key. */
function isSafeKey({ partitionKey, sortKey }: TablePlan, { AttributeName, KeyType }: KeySchemaElement): boolean {
  return AttributeName === sortKey?.attribute || (AttributeName === partitionKey.attribute && (KeyType === 'HASH' || partitionKey.type === 'N'));
}
