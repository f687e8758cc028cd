import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { planTable, prepareTable, targetError } from '@aeneas/dynamodb';
import type { PreparedTable } from '@aeneas/dynamodb';
import { clientSettings, retryTeller, tellingRetries } from './aws-client.ts';
import { faultPoint } from './fault-point.ts';
import type { ExistsJob, JobContext, PrepareJob } from './job.ts';

/** Runs a job of this kind: see PrepareJob. */
export async function prepareTarget({ source, aws, options }: PrepareJob, context: JobContext): Promise<PreparedTable> {
  const client = tellingRetries(new DynamoDBClient(clientSettings(aws)), retryTeller(context));
  // The moment between asking for a table and knowing of it.
  client.middlewareStack.add((next, { commandName }) => async (args) => {
    const answer = await next(args);
    if (commandName === 'CreateTableCommand') faultPoint('table-create-sent');
    return answer;
  }, { step: 'initialize', name: 'faultPoint' });
  try {
    return await prepareTable(client, planTable(source.table, source.mapping), options);
  } finally {
    client.destroy();
  }
}

/** Runs a job of this kind: see ExistsJob. */
export async function targetExists({ source, aws }: ExistsJob): Promise<boolean> {
  const client = new DynamoDBClient(clientSettings(aws));
  const { targetName } = planTable(source.table, source.mapping);
  try {
    return (await client.send(new DescribeTableCommand({ TableName: targetName }))).Table?.TableStatus === 'ACTIVE';
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return false;
    throw targetError(error, 'DescribeTable', targetName);
  } finally {
    client.destroy();
  }
}
