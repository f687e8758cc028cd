// Asks IAM's policy simulator what a principal may, action by action: what is needed, and a few things that nobody should need.

import type { AwsAccess, IamScope, Simulated } from '@aeneas/protocol';
import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import type { ContextEntry, IAMClient } from '@aws-sdk/client-iam';
import { withIam } from './aws.ts';
import { DMS_TAG, projectArns } from './iam-documents.ts';

interface Question {
  readonly actions: readonly string[];
  readonly resource: string;
  readonly why: string;
  readonly expected: Simulated['expected'];
  readonly context?: Readonly<Record<string, string>>;
}

/** `principal`: ARN of the user or role that runs Aeneas; default: the role that DMS assumes. Throws as previewIam does, IAM_REFUSED when the principal does not exist. */
export function checkIam(scope: IamScope, access: AwsAccess, principal?: string): Promise<Simulated[]> {
  return withIam(access, async (iam, { account }) => {
    // In the guide's form nothing is said of tables: any may do as a sample.
    const own = { ...scope, account, tables: scope.tables.length === 0 ? ['*'] : scope.tables };
    const questions = [...(principal === undefined ? questionsOfDms(own) : questionsOfAeneas(own)), ...excesses(own)];
    const results: Simulated[] = [];
    for (const question of questions) results.push(...await simulated(iam, principal ?? projectArns(own).role, question));
    return results;
  });
}

async function simulated(iam: IAMClient, principal: string, { actions, resource, why, expected, context = {} }: Question): Promise<Simulated[]> {
  const entries = Object.entries(context).map(([key, value]): ContextEntry => ({ ContextKeyName: key, ContextKeyValues: [value], ContextKeyType: 'string' }));
  const found: Simulated[] = [];
  let marker: string | undefined;
  do {
    const answer = await iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn: principal, ActionNames: [...actions], ResourceArns: [resource], ContextEntries: entries, ...(marker === undefined ? {} : { Marker: marker }) }));
    for (const { EvalActionName: action, EvalDecision: decision } of answer.EvaluationResults ?? []) {
      const isAllowed = decision === 'allowed';
      const state = isAllowed === (expected === 'allowed') ? 'ok' : isAllowed ? 'warning' : 'failed';
      found.push({ principal, action: action!, resource, why, expected, decision: decision!, state });
    }
    marker = answer.IsTruncated === true ? answer.Marker : undefined;
  } while (marker !== undefined);
  return found;
}

/** A name for each pattern: the simulator wants resources, not patterns. */
const sample = (pattern: string): string => pattern.replaceAll('*', 'x');

/** DMS User Guide, "Using Amazon S3 as a source", "Using an Amazon DynamoDB database as a target". */
function questionsOfDms(scope: IamScope): Question[] {
  const arns = projectArns(scope);
  return [
    ...[...arns.tables, arns.dmsTables].map((table): Question => ({
      actions: ['dynamodb:CreateTable', 'dynamodb:DescribeTable', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', ...(scope.dropTables ? ['dynamodb:DeleteTable'] : [])],
      resource: sample(table), why: 'DMS writes items and makes its own tables', expected: 'allowed',
    })),
    { actions: ['dynamodb:ListTables'], resource: '*', why: 'DMS looks for its tables', expected: 'allowed' },
    ...bucketQuestions(scope, ['s3:GetObject'], ['s3:ListBucket'], 'DMS reads the staged files'),
  ];
}

function questionsOfAeneas(scope: IamScope): Question[] {
  const arns = projectArns(scope);
  const tag = { [`aws:RequestTag/${DMS_TAG.key}`]: DMS_TAG.value };
  const own = { [`aws:ResourceTag/${DMS_TAG.key}`]: DMS_TAG.value };
  const task = arns.dms.replace(/\*$/, 'task:x');
  return [
    ...arns.tables.map((table): Question => ({
      actions: [
        'dynamodb:CreateTable', 'dynamodb:DescribeTable', 'dynamodb:UpdateTimeToLive', 'dynamodb:DescribeTimeToLive', 'dynamodb:BatchWriteItem', 'dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Scan',
        ...(scope.dropTables ? ['dynamodb:DeleteTable'] : []),
      ],
      resource: sample(table), why: 'Aeneas loads and validates', expected: 'allowed',
    })),
    ...bucketQuestions(scope, ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], ['s3:ListBucket', 's3:ListBucketMultipartUploads'], 'Aeneas stages files and takes them away'),
    { actions: ['dms:DescribeReplicationInstances', 'dms:DescribeReplicationTasks'], resource: '*', why: 'Aeneas shows instances and tasks', expected: 'allowed' },
    { actions: ['dms:CreateEndpoint', 'dms:CreateReplicationTask'], resource: '*', why: 'Aeneas makes the task', expected: 'allowed', context: tag },
    { actions: ['dms:StartReplicationTask', 'dms:StopReplicationTask', 'dms:DeleteReplicationTask'], resource: task, why: 'Aeneas runs its own task', expected: 'allowed', context: own },
    { actions: ['iam:PassRole'], resource: arns.role, why: 'DMS gets the role', expected: 'allowed', context: { 'iam:PassedToService': 'dms.amazonaws.com' } },
  ];
}

function bucketQuestions(scope: IamScope, ofObjects: readonly string[], ofBucket: readonly string[], why: string): Question[] {
  if (scope.bucket === undefined) return [];
  const { bucket, objects } = projectArns(scope);
  return [{ actions: ofObjects, resource: sample(objects), why, expected: 'allowed' }, { actions: ofBucket, resource: bucket, why, expected: 'allowed' }];
}

/** What a principal of this project should not be able to do. */
function excesses(scope: IamScope): Question[] {
  const arns = projectArns({ ...scope, tables: ['not-of-this-project'], bucket: 'not-of-this-project', prefix: '' });
  const others = (scope.tables.includes('*') ? [] : [{ actions: ['dynamodb:DeleteTable', 'dynamodb:PutItem'], resource: arns.tables[0]!, why: 'A table of somebody else', expected: 'denied' as const }]);
  return [
    ...others,
    { actions: ['s3:GetObject', 's3:DeleteObject'], resource: sample(arns.objects), why: 'A bucket of somebody else', expected: 'denied' },
    { actions: ['dms:DeleteReplicationInstance'], resource: arns.dms.replace(/\*$/, 'rep:x'), why: 'A replication instance of somebody else', expected: 'denied' },
    { actions: ['iam:CreateRole', 'iam:AttachRolePolicy', 'iam:PassRole'], resource: arns.role.replace(/[^/]+$/, 'not-of-this-project'), why: 'Rights of an administrator', expected: 'denied' },
  ];
}
