// The policies and the role as something to deploy: one JSON file, a CloudFormation template, Terraform in HCL.

import { stringify } from 'yaml';
import { ACCOUNT_PLACEHOLDER } from './iam-documents.ts';
import type { IamSet, NamedPolicy, PolicyKey } from './iam-documents.ts';

const LOGICAL: Readonly<Record<PolicyKey, string>> = { dynamodb: 'DynamoDBPolicy', s3: 'S3Policy', dms: 'DMSPolicy' };

export function jsonFile({ policies, role }: IamSet): string {
  return `${JSON.stringify({ policies: Object.fromEntries(policies.map(({ name, document }) => [name, document])), role: { name: role.name, trust: role.trust, attachedPolicies: role.attached } }, null, 2)}\n`;
}

/** In YAML. Every string is quoted: CloudFormation reads YAML 1.1, where 2012-10-17 is a date. */
export function cloudFormation({ policies, role }: IamSet): string {
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Permissions for migrating Apache Cassandra to Amazon DynamoDB. Deploy with --capabilities CAPABILITY_NAMED_IAM.',
    Resources: {
      ...Object.fromEntries(policies.map(({ key, name, purpose, document }) => [LOGICAL[key], { Type: 'AWS::IAM::ManagedPolicy', Properties: { ManagedPolicyName: name, Description: purpose, PolicyDocument: substituted(document) } }])),
      DMSRole: {
        Type: 'AWS::IAM::Role',
        Properties: { RoleName: role.name, AssumeRolePolicyDocument: substituted(role.trust), ManagedPolicyArns: attachedOf({ policies, role }).map(({ key }) => ({ Ref: LOGICAL[key] })) },
      },
    },
    Outputs: { DMSRoleArn: { Description: 'The role for the endpoints of DMS', Value: { 'Fn::GetAtt': ['DMSRole', 'Arn'] } } },
  };
  return stringify(template, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 });
}

function attachedOf({ policies, role }: IamSet): NamedPolicy[] {
  return policies.filter(({ name }) => role.attached.includes(name));
}

/** Where the account stands, the deployment's own. */
function substituted(value: unknown): unknown {
  if (typeof value === 'string') return value.includes(ACCOUNT_PLACEHOLDER) ? { 'Fn::Sub': value.replaceAll(ACCOUNT_PLACEHOLDER, '${AWS::AccountId}') } : value;
  if (Array.isArray(value)) return value.map(substituted);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, substituted(inner)]));
  return value;
}

export function terraform(set: IamSet): string {
  const { policies, role } = set;
  const needsAccount = JSON.stringify(set).includes(ACCOUNT_PLACEHOLDER);
  const blocks = [
    ['terraform {', '  required_providers {', '    aws = { source = "hashicorp/aws" }', '  }', '}'],
    ...(needsAccount ? [['data "aws_caller_identity" "current" {}']] : []),
    ...policies.map(({ key, name, purpose, document }) => [
      `resource "aws_iam_policy" "${key}" {`, `  name        = ${quoted(name)}`, `  description = ${quoted(purpose)}`, `  policy = jsonencode(${indented(document)})`, '}',
    ]),
    ['resource "aws_iam_role" "dms" {', `  name = ${quoted(role.name)}`, `  assume_role_policy = jsonencode(${indented(role.trust)})`, '}'],
    ...attachedOf(set).map(({ key }) => [
      `resource "aws_iam_role_policy_attachment" "${key}" {`, '  role       = aws_iam_role.dms.name', `  policy_arn = aws_iam_policy.${key}.arn`, '}',
    ]),
    ['output "dms_role_arn" {', '  value = aws_iam_role.dms.arn', '}'],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** JSON is an expression of HCL, but for templates within strings; as `terraform fmt` writes it. */
function quoted(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/^(\s*"[^"]*"): /gm, '$1 : ').replaceAll('${', '$${').replaceAll('%{', '%%{').replaceAll(ACCOUNT_PLACEHOLDER, '${data.aws_caller_identity.current.account_id}');
}

function indented(document: object): string {
  return quoted(document).replaceAll('\n', '\n  ');
}
