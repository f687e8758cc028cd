import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings, faultPoint } from '@aeneas/agent';
import type { AwsSettings } from '@aeneas/agent';
import { prepareTable } from '@aeneas/dynamodb';
import type { PreparedTable, TablePlan } from '@aeneas/dynamodb';
import type { Project } from './project.ts';

/** The DynamoDB that a project writes to. */
export interface Target {
  readonly aws: AwsSettings;
  /** Makes a table ready, or takes it as it is. Throws TARGET_*. */
  prepare(plan: TablePlan): Promise<PreparedTable>;
  close(): void;
}

export function openTarget({ target }: Project): Target {
  const aws = { region: target.region, endpoint: target.endpoint, profile: target.profile };
  const client = new DynamoDBClient(clientSettings(aws));
  // The moment between asking for a table and hearing of it.
  client.middlewareStack.add((next, { commandName }) => async (args) => {
    const answer = await next(args);
    if (commandName === 'CreateTableCommand') faultPoint('table-create-sent');
    return answer;
  }, { step: 'initialize', name: 'faultPoint' });
  return {
    aws,
    prepare: (plan) => prepareTable(client, plan, {
      existing: target.preparation === 'drop-tables' ? 'drop' : 'keep', dropPopulated: target.dropPopulated, ...(target.endpoint === undefined ? {} : { pollMillis: 100 }),
    }),
    close: () => client.destroy(),
  };
}
