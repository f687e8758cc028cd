// A connection to DynamoDB: test, names of tables, and what is in one.

import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { KeySchemaElement, TableDescription } from '@aws-sdk/client-dynamodb';
import { clientSettings } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import type { ConnectionSecrets, ConnectionTest, TargetConnection, TreeNode } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { FindServiceProfile } from '../service-profile.ts';
import { credentialSource } from '../settings/aws-credentials.ts';
import { isOfWrongCredentials } from '../settings/aws-problem.ts';
import { Steps } from './steps.ts';
import { branch, group } from './tree.ts';

/** A test shall say within its time limit what is wrong, instead of trying again. */
const ATTEMPTS = 2;
const ASK_MILLIS = 15_000;

export async function testDynamo(target: TargetConnection, secrets: ConnectionSecrets, find: FindServiceProfile, steps = new Steps()): Promise<ConnectionTest> {
  const client = await steps.run('credentials', async () => {
    const value = await dynamoClient(target, secrets, find);
    const { accessKeyId } = await asked(target, value.config.credentials());
    return { value, said: `access key ${accessKeyId}${profileText(target)}` };
  });
  await steps.run('tables', async () => {
    const { TableNames = [] } = await asked(target, client!.send(new ListTablesCommand({ Limit: 100 }), { abortSignal: AbortSignal.timeout(steps.leftMillis) }));
    return { value: true, said: `${TableNames.length === 100 ? '100 or more' : TableNames.length} tables in ${target.region}` };
  });
  client?.destroy();
  return steps.result();
}

function profileText({ profile, awsServiceProfile }: TargetConnection): string {
  if (awsServiceProfile !== undefined) return ` of the AWS service profile ${awsServiceProfile}`;
  return profile === undefined ? '' : ` of profile ${profile}`;
}

/** Throws CONNECTION_SECRET_NEEDED; with an AWS service profile AWS_PROFILE_UNKNOWN, AWS_KEYS_MISSING. */
export async function dynamoClient({ region, endpoint, profile, accessKey, awsServiceProfile }: TargetConnection, secrets: ConnectionSecrets, find: FindServiceProfile): Promise<DynamoDBClient> {
  if (awsServiceProfile !== undefined) {
    const found = await find(awsServiceProfile);
    const service = clientSettings({ region, endpoint: endpoint ?? found.profile.endpoints.dynamodb });
    return new DynamoDBClient({ ...service, maxAttempts: ATTEMPTS, credentials: credentialSource(found.profile, found.keys()) });
  }
  const settings = { ...clientSettings({ region, endpoint, profile }), maxAttempts: ATTEMPTS };
  if (accessKey === undefined) return new DynamoDBClient(settings);
  if (secrets.secretKey === undefined) throw serverError('CONNECTION_SECRET_NEEDED', `The secret key of ${accessKey} is not known`);
  return new DynamoDBClient({ ...settings, credentials: { accessKeyId: accessKey, secretAccessKey: secrets.secretKey } });
}

/** Names of all tables; what is in one is asked for when it is opened. Throws TARGET_*. */
export async function dynamoTree(target: TargetConnection, client: DynamoDBClient): Promise<TreeNode[]> {
  const names: string[] = [];
  for (let from: string | undefined; ;) {
    const { TableNames = [], LastEvaluatedTableName } = await asked(target, client.send(new ListTablesCommand(from === undefined ? {} : { ExclusiveStartTableName: from }), { abortSignal: AbortSignal.timeout(ASK_MILLIS) }));
    names.push(...TableNames);
    from = LastEvaluatedTableName;
    if (from === undefined) break;
  }
  return branch({ kind: 'tables', name: 'Tables', detail: String(names.length) }, names.flatMap((name) => branch({ kind: 'table', name, isLazy: true })));
}

/** Keys, indexes, size. Throws TARGET_*. */
export async function describeDynamo(target: TargetConnection, client: DynamoDBClient, name: string): Promise<TreeNode[]> {
  const { Table: table = {} } = await asked(target, client.send(new DescribeTableCommand({ TableName: name }), { abortSignal: AbortSignal.timeout(ASK_MILLIS) }));
  const keys = keyNodes(table, table.KeySchema ?? []);
  const indexes = [...(table.GlobalSecondaryIndexes ?? []).map((index) => ({ ...index, what: 'global secondary index' })), ...(table.LocalSecondaryIndexes ?? []).map((index) => ({ ...index, what: 'local secondary index' }))];
  const fact = (fact_: string, detail: string): TreeNode => ({ depth: 0, kind: 'fact', name: fact_, detail });
  return [
    ...group('keys', 'Keys', keys.map((key) => [key])),
    ...group('indexes', 'Indexes', indexes.map(({ IndexName = '', KeySchema = [], what }) => branch({ kind: 'index', name: IndexName, detail: what }, keyNodes(table, KeySchema)))),
    fact('Items', (table.ItemCount ?? 0).toLocaleString('en')),
    fact('Size', `${(table.TableSizeBytes ?? 0).toLocaleString('en')} bytes`),
    fact('State', (table.TableStatus ?? 'unknown').toLowerCase()),
  ];
}

function keyNodes({ AttributeDefinitions = [] }: TableDescription, schema: readonly KeySchemaElement[]): TreeNode[] {
  return schema.map(({ AttributeName = '', KeyType }) => {
    const type = AttributeDefinitions.find((attribute) => attribute.AttributeName === AttributeName)?.AttributeType;
    return { depth: 0, kind: 'key', name: AttributeName, detail: `${KeyType === 'HASH' ? 'partition key' : 'sort key'}, ${type}` };
  });
}

async function asked<T>({ region, endpoint, ...target }: TargetConnection, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const { name, message, $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
    const where = endpoint ?? region;
    if (name === 'CredentialsProviderError' || name === 'TokenProviderError') throw serverError('TARGET_NO_CREDENTIALS', `${target.profile === undefined && target.awsServiceProfile === undefined ? 'Neither the environment nor an instance role gives credentials' : `No credentials${profileText({ region, ...target })}`}: ${message}`, {}, error);
    if ($metadata?.httpStatusCode !== undefined && $metadata.httpStatusCode < 500) throw serverError('TARGET_LOGIN_REFUSED', `DynamoDB at ${where} refuses: ${name}${isOfWrongCredentials(error as Error) ? '' : `: ${message}`}`, {}, error);
    throw serverError('TARGET_NOT_REACHED', `DynamoDB at ${where} cannot be reached: ${name === 'Error' ? message : name}`, {}, error);
  }
}
