// The IAM policies of the guide and the role that AWS DMS assumes, as the guide has them or with least privilege.

import { readFileSync } from 'node:fs';
import type { IamScope } from '@aeneas/protocol';
import { serverError } from '../errors.ts';

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}
export type PolicyKey = 'dynamodb' | 's3' | 'dms';
export interface NamedPolicy {
  readonly key: PolicyKey;
  readonly name: string;
  readonly purpose: string;
  readonly document: PolicyDocument;
}
export interface IamSet {
  readonly policies: readonly NamedPolicy[];
  readonly role: { readonly name: string; readonly trust: PolicyDocument; readonly attached: readonly string[] };
}

/** Stands for the account where it is not known yet; templates put the deployment's own in its place. */
export const ACCOUNT_PLACEHOLDER = 'ACCOUNT_ID';
/** What Aeneas tags all with that it makes in DMS. */
export const DMS_TAG = { key: 'app', value: 'aeneas' } as const;
/** Characters of a managed policy without white space (IAM User Guide, "IAM and AWS STS quotas"). */
const MAX_POLICY_CHARACTERS = 6144;

const PURPOSES: Readonly<Record<PolicyKey, string>> = {
  dynamodb: 'Access to the DynamoDB tables', s3: 'Access to the S3 bucket', dms: 'Access to AWS DMS, for whoever runs Aeneas',
};

/** Word for word what the guide has; iam-documents.test.ts compares its digest. */
const SEED = JSON.parse(readFileSync(new URL('./seed-policies.json', import.meta.url), 'utf8')) as Readonly<Record<PolicyKey | 'trust', PolicyDocument>>;

/** The policies and the role. Throws IAM_POLICY_TOO_LONG. */
export function iamSet(scope: IamScope): IamSet {
  const { form, name, attachDms = form === 'seed' } = scope;
  const documents = form === 'seed' ? SEED : leastPolicies(scope);
  const policies = (['dynamodb', 's3', 'dms'] as const).map((key) => ({ key, name: `${name}-${key}`, purpose: PURPOSES[key], document: documents[key] }));
  for (const one of policies) checkLength(one);
  const attached = policies.filter(({ key }) => key !== 'dms' || attachDms).map((one) => one.name);
  return { policies, role: { name: roleName(scope), trust: documents.trust, attached } };
}

export function roleName({ name }: Pick<IamScope, 'name'>): string {
  return `${name}-dms-role`;
}

function checkLength({ name, document }: NamedPolicy): void {
  const { length } = JSON.stringify(document);
  if (length > MAX_POLICY_CHARACTERS) throw serverError('IAM_POLICY_TOO_LONG', `The policy ${name} has ${length} characters; IAM takes ${MAX_POLICY_CHARACTERS}`);
}

/** ARNs of what a project has. */
export function projectArns({ region, account = ACCOUNT_PLACEHOLDER, tables, bucket = 'BUCKET', prefix, name }: IamScope) {
  const partition = partitionOf(region);
  const folder = prefix === '' ? '' : `${prefix.replace(/^\/+|\/+$/g, '')}/`;
  const table = (pattern: string): string => `arn:${partition}:dynamodb:${region}:${account}:table/${pattern}`;
  return {
    tables: tables.map(table),
    /** Where DMS writes down what it could not apply (DMS User Guide, "Using an Amazon DynamoDB database as a target"). */
    dmsTables: table('awsdms_*'),
    bucket: `arn:${partition}:s3:::${bucket}`,
    objects: `arn:${partition}:s3:::${bucket}/${folder}*`,
    role: `arn:${partition}:iam::${account}:role/${roleName({ name })}`,
    policy: (policyName: string): string => `arn:${partition}:iam::${account}:policy/${policyName}`,
    dms: `arn:${partition}:dms:${region}:${account}:*`,
    logs: `arn:${partition}:logs:${region}:${account}:log-group:dms-tasks-*`,
  };
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function leastPolicies(scope: IamScope): Readonly<Record<PolicyKey | 'trust', PolicyDocument>> {
  const { account = ACCOUNT_PLACEHOLDER } = scope;
  return {
    dynamodb: policy(dynamodbStatements(scope)),
    s3: policy(s3Statements(scope)),
    dms: policy(dmsStatements(scope)),
    trust: policy([{
      Sid: 'DmsOfThisAccount', Effect: 'Allow', Principal: { Service: 'dms.amazonaws.com' }, Action: 'sts:AssumeRole',
      // DMS User Guide, "Cross-service confused deputy prevention".
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    }]),
  };
}

function policy(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

function dynamodbStatements(scope: IamScope): Statement[] {
  const { tables, dmsTables } = projectArns(scope);
  const resources = [...new Set([...tables, dmsTables])];
  return [
    {
      Sid: 'ProjectTables', Effect: 'Allow', Resource: resources,
      Action: [
        'dynamodb:CreateTable', 'dynamodb:DescribeTable', 'dynamodb:UpdateTimeToLive', 'dynamodb:DescribeTimeToLive', 'dynamodb:TagResource',
        'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem', 'dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan',
      ],
    },
    ...(scope.dropTables ? [{ Sid: 'DropProjectTables', Effect: 'Allow' as const, Action: 'dynamodb:DeleteTable', Resource: resources }] : []),
    // Both know no resource (Service Authorization Reference, "Actions defined by Amazon DynamoDB").
    { Sid: 'Account', Effect: 'Allow', Action: ['dynamodb:ListTables', 'dynamodb:DescribeLimits'], Resource: '*' },
  ];
}

function s3Statements(scope: IamScope): Statement[] {
  const { bucket, objects } = projectArns(scope);
  return [
    { Sid: 'ProjectObjects', Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], Resource: objects },
    { Sid: 'ProjectBucket', Effect: 'Allow', Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads', 's3:GetBucketLocation'], Resource: bucket },
    ...(scope.kmsKey === undefined ? [] : [{ Sid: 'ProjectKey', Effect: 'Allow' as const, Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: scope.kmsKey }]),
  ];
}

function dmsStatements(scope: IamScope): Statement[] {
  const { dms, role, logs } = projectArns(scope);
  const { key, value } = DMS_TAG;
  return [
    { Sid: 'DmsLook', Effect: 'Allow', Action: ['dms:Describe*', 'dms:ListTagsForResource', 'dms:TestConnection', 'dms:RefreshSchemas'], Resource: '*' },
    { Sid: 'DmsMake', Effect: 'Allow', Action: ['dms:CreateEndpoint', 'dms:CreateReplicationTask', 'dms:AddTagsToResource'], Resource: '*', Condition: { StringEquals: { [`aws:RequestTag/${key}`]: value } } },
    {
      Sid: 'DmsOwn', Effect: 'Allow', Resource: dms, Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
      Action: ['dms:ModifyEndpoint', 'dms:DeleteEndpoint', 'dms:ModifyReplicationTask', 'dms:DeleteReplicationTask', 'dms:StartReplicationTask', 'dms:StopReplicationTask', 'dms:ReloadTables'],
    },
    { Sid: 'PassRoleToDms', Effect: 'Allow', Action: 'iam:PassRole', Resource: role, Condition: { StringEquals: { 'iam:PassedToService': 'dms.amazonaws.com' } } },
    { Sid: 'CheckRole', Effect: 'Allow', Action: ['iam:GetRole', 'iam:SimulatePrincipalPolicy'], Resource: role },
    { Sid: 'DmsLogs', Effect: 'Allow', Action: ['logs:DescribeLogStreams', 'logs:FilterLogEvents', 'logs:GetLogEvents'], Resource: [logs, `${logs}:log-stream:*`] },
    { Sid: 'Metrics', Effect: 'Allow', Action: ['cloudwatch:GetMetricStatistics', 'cloudwatch:ListMetrics'], Resource: '*' },
  ];
}
