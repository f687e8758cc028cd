import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { planTable, prepareTable } from '@aeneas/dynamodb';
import type { PreparedTable } from '@aeneas/dynamodb';
import { clientSettings } from './aws-client.ts';
import { faultPoint } from './fault-point.ts';
import type { PrepareJob } from './job.ts';

/** Runs a job of this kind: see PrepareJob. */
export async function prepareTarget({ source, aws, options }: PrepareJob): Promise<PreparedTable> {
  const client = new DynamoDBClient(clientSettings(aws));
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
