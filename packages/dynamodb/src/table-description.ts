// The target table as DynamoDB is asked to make it: pure, from the plan.

import type { CreateTableCommandInput, DescribeTableCommandOutput } from '@aws-sdk/client-dynamodb';
import type { TablePlan } from './table-plan.ts';

/** Every table that Aeneas makes carries it. */
export const OWNER_TAG = { Key: 'app', Value: 'aeneas' } as const;

/** The input of CreateTable: keys, capacity, encryption, tags. TTL is set afterwards. */
export function tableDescription(plan: TablePlan): CreateTableCommandInput {
  const keys = plan.sortKey ? [plan.partitionKey, plan.sortKey] : [plan.partitionKey];
  const { capacity, encryption = 'aws-owned', tags = {} } = plan.rules;
  return {
    TableName: plan.targetName,
    AttributeDefinitions: keys.map((key) => ({ AttributeName: key.attribute, AttributeType: key.type })),
    KeySchema: keys.map((key, i) => ({ AttributeName: key.attribute, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    ...capacityOf(capacity),
    ...(encryption === 'aws-owned' ? {} : { SSESpecification: { Enabled: true, SSEType: 'KMS', ...(encryption === 'aws-managed' ? {} : { KMSMasterKeyId: encryption.kmsKey }) } }),
    Tags: [OWNER_TAG, ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))],
  };
}

function capacityOf(capacity: TablePlan['rules']['capacity']): Partial<CreateTableCommandInput> {
  if (capacity?.mode === 'provisioned') {
    return { BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: capacity.read, WriteCapacityUnits: capacity.write } };
  }
  const limits = { ...(capacity?.read === undefined ? {} : { MaxReadRequestUnits: capacity.read }), ...(capacity?.write === undefined ? {} : { MaxWriteRequestUnits: capacity.write }) };
  return { BillingMode: 'PAY_PER_REQUEST', ...(Object.keys(limits).length === 0 ? {} : { OnDemandThroughput: limits }) };
}

/** How an existing table's keys differ from the plan's, as a sentence; undefined when they do not. */
export function keyMismatch(plan: TablePlan, table: DescribeTableCommandOutput['Table']): string | undefined {
  const types = new Map(table?.AttributeDefinitions?.map((definition) => [definition.AttributeName, definition.AttributeType]));
  const actual = (table?.KeySchema ?? []).map((key) => `${key.AttributeName} ${types.get(key.AttributeName)} ${key.KeyType}`).join(', ');
  const wanted = (plan.sortKey ? [plan.partitionKey, plan.sortKey] : [plan.partitionKey]).map((key, i) => `${key.attribute} ${key.type} ${i === 0 ? 'HASH' : 'RANGE'}`).join(', ');
  return actual === wanted ? undefined : `its keys are ${actual}, the mapping gives ${wanted}`;
}
