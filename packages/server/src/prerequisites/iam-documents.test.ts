import { createHash } from 'node:crypto';
import { iamScopeSchema } from '@aeneas/protocol';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { DIFFERENCES } from './iam-differences.ts';
import { iamSet } from './iam-documents.ts';
import type { PolicyDocument } from './iam-documents.ts';
import { targetPatterns } from './iam-scope.ts';
import { iamDocuments } from './iam.ts';

const scope = (more: object) => iamScopeSchema.parse({ region: 'eu-central-1', ...more });
const LEAST = { tables: ['shop.*'], bucket: 'mig-data', prefix: 'shop' };

test('the seed\'s form is word for word the guide\'s', () => {
  const { policies, role } = iamSet(scope({ form: 'seed' }));
  const digest = createHash('sha256').update(JSON.stringify([...policies.map(({ document }) => document), role.trust])).digest('hex');
  // Of the four documents as they stand in the guide, parsed and written without spaces.
  expect(digest).toBe('6f2aeb176a932faf0b5c9b2f27c28f1fad2f59c08f7a8f8380f90f43f8ff5819');
  expect(role.attached).toEqual(['aeneas-dynamodb', 'aeneas-s3', 'aeneas-dms']);
});

test('each statement of the guide has a row that says what becomes of it', () => {
  const { policies } = iamSet(scope({ form: 'seed' }));
  for (const { key, document } of policies) {
    const rows = DIFFERENCES.filter(({ policy }) => policy === key).map(({ seed }) => seed);
    expect(rows.length).toBe(document.Statement.length);
    document.Statement.forEach(({ Sid }, i) => expect(rows[i]).toMatch(new RegExp(`^${Sid ?? `Statement ${i + 1}`}:`)));
  }
});

test('least privilege names tables, bucket and role, and nothing wider', () => {
  const { policies, role } = iamSet(scope({ ...LEAST, account: '111122223333' }));
  const statements = policies.flatMap(({ document }) => document.Statement);
  const wide = statements.filter(({ Resource }) => [Resource].flat().includes('*')).flatMap(({ Action }) => [Action].flat());
  expect(wide.sort()).toEqual([
    'cloudwatch:GetMetricStatistics', 'cloudwatch:ListMetrics', 'dms:AddTagsToResource', 'dms:CreateEndpoint', 'dms:CreateReplicationTask', 'dms:Describe*', 'dms:ListTagsForResource', 'dms:RefreshSchemas', 'dms:TestConnection',
    'dynamodb:DescribeLimits', 'dynamodb:ListTables',
  ]);
  expect(JSON.stringify(policies)).not.toContain('DeleteTable');
  expect(statements.find(({ Sid }) => Sid === 'ProjectTables')!.Resource).toEqual(['arn:aws:dynamodb:eu-central-1:111122223333:table/shop.*', 'arn:aws:dynamodb:eu-central-1:111122223333:table/awsdms_*']);
  expect(statements.find(({ Sid }) => Sid === 'ProjectObjects')!.Resource).toBe('arn:aws:s3:::mig-data/shop/*');
  expect(role.attached).toEqual(['aeneas-dynamodb', 'aeneas-s3']);
  expect(iamSet(scope({ ...LEAST, attachDms: true })).role.attached).toHaveLength(3);
});

test('what the project drops, encrypts with and where it is changes the documents', () => {
  const key = 'arn:aws-cn:kms:cn-north-1:111122223333:key/a-b';
  const text = JSON.stringify(iamSet(scope({ ...LEAST, region: 'cn-north-1', dropTables: true, kmsKey: key })).policies);
  expect(text).toContain('dynamodb:DeleteTable');
  expect(text).toContain(`"Action":["kms:GenerateDataKey","kms:Decrypt"],"Resource":"${key}"`);
  expect(text).not.toContain('arn:aws:');
});

test('least privilege needs a bucket, and documents stay within what IAM takes', () => {
  expect(iamScopeSchema.safeParse({ region: 'eu-central-1' }).success).toBe(false);
  const tables = Array.from({ length: 60 }, (_, i) => `${'a-long-name-of-a-table'.repeat(5)}${i}`);
  expect(() => iamSet(scope({ ...LEAST, tables }))).toThrow(expect.objectContaining({ code: 'IAM_POLICY_TOO_LONG' }));
});

test('CloudFormation has the same documents, with the account of the deployment', () => {
  const { cloudFormation } = iamDocuments(scope(LEAST));
  const { Resources } = parse(cloudFormation) as { readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>> };
  expect(Object.fromEntries(Object.entries(Resources).map(([name, { Type }]) => [name, Type]))).toEqual({
    DynamoDBPolicy: 'AWS::IAM::ManagedPolicy', S3Policy: 'AWS::IAM::ManagedPolicy', DMSPolicy: 'AWS::IAM::ManagedPolicy', DMSRole: 'AWS::IAM::Role',
  });
  expect(filled(Resources['DynamoDBPolicy']!.Properties['PolicyDocument'])).toEqual(iamSet(scope({ ...LEAST, account: '111122223333' })).policies[0]!.document);
  expect(Resources['DMSRole']!.Properties['ManagedPolicyArns']).toEqual([{ Ref: 'DynamoDBPolicy' }, { Ref: 'S3Policy' }]);
  // A date for YAML 1.1, which CloudFormation reads.
  expect(cloudFormation).toContain('Version: "2012-10-17"');
  expect(cloudFormation).not.toContain('ACCOUNT_ID');
});

function filled(value: unknown): PolicyDocument {
  return JSON.parse(JSON.stringify(value).replaceAll(/\{"Fn::Sub":("[^"]*")\}/g, '$1').replaceAll('${AWS::AccountId}', '111122223333')) as PolicyDocument;
}

test('Terraform has the same documents, and asks for the account only where it is not known', () => {
  const { terraform } = iamDocuments(scope(LEAST));
  const known = iamDocuments(scope({ ...LEAST, account: '111122223333' }));
  expect(terraform).toContain('data "aws_caller_identity" "current" {}');
  expect(terraform).toContain('"arn:aws:dynamodb:eu-central-1:${data.aws_caller_identity.current.account_id}:table/shop.*"');
  expect(known.terraform).not.toContain('aws_caller_identity');
  const documents = [...known.terraform.matchAll(/jsonencode\((\{.*?\n {2}\})\)/gs)].map(([, json]) => JSON.parse(json!) as unknown);
  expect(documents).toEqual([...known.policies.map(({ document }) => document), known.role.trust]);
});

test.each([
  [['shop.*'], [], ['shop.*']],
  [['shop.*', '!shop.tmp_*', 'hr.staff'], [{ table: '*.*', name: 'new-{keyspace}-{table}' }], ['new-shop-*', 'new-hr-staff']],
  [['shop.*'], [{ table: 'shop.orders', name: 'orders' }, { table: 'hr.*', name: 'hr-{table}' }], ['shop.*', 'orders']],
  [['*.*'], [{ table: 'shop.order?', name: '{table}' }], ['*.*', 'order*']],
  [['shop.Über'], [], ['shop.*ber']],
])('the tables of %j by the rules %j are %j', (sources, rules, expected) => {
  expect(targetPatterns(sources, { rules })).toEqual(expected);
});
