// Why least privilege has what it has: one row for each statement of the guide. iam-documents.test.ts finds a statement without a row.

import type { IamDocuments } from '@aeneas/protocol';

export const DIFFERENCES: IamDocuments['differences'] = [
  {
    policy: 'dynamodb', seed: 'SidTables: dynamodb:* on all tables', least: 'ProjectTables: what loading, validating and DMS do, on the project\'s tables and awsdms_*; DropProjectTables only if tables may be dropped',
    why: 'dynamodb:* lets its holder delete, export, back up and re-share every table of the account.',
  },
  {
    policy: 'dynamodb', seed: 'SidIndexes: Scan and Query on all indexes', least: 'left out', why: 'Nothing here reads through an index: items are validated by the table itself.',
  },
  {
    policy: 'dynamodb', seed: 'SidAllResources: limits, reserved capacity, tags, TTL of everything', least: 'Account: dynamodb:DescribeLimits; TTL within ProjectTables',
    why: 'What the account has reserved is nobody\'s business here, and the TTL that is asked for is that of the project\'s tables.',
  },
  { policy: 'dynamodb', seed: 'SidAll: dynamodb:ListTables', least: 'Account: dynamodb:ListTables', why: 'The same: the action knows no resource.' },
  {
    policy: 's3', seed: 'MinPrivsS3: put, get, list, delete in every bucket', least: 'ProjectObjects and ProjectBucket: the same on the project\'s bucket and prefix, and finding and ending unfinished multipart uploads; ProjectKey only if a KMS key is named',
    why: 'Resource "*" opens every bucket of the account. Without the multipart actions, parts of uploads that were cut off stay, unseen, and are paid for.',
  },
  {
    policy: 'dms', seed: 'Statement 1: dms:* on everything', least: 'DmsLook, DmsMake, DmsOwn: reading, and what Aeneas made itself, by the tag app=aeneas',
    why: 'dms:* can stop and delete the tasks and replication instances of others. The replication instance is chosen, not made, so nothing is needed for making one.',
  },
  { policy: 'dms', seed: 'Statement 2: kms:ListAliases and kms:DescribeKey on everything', least: 'left out', why: 'They fill a list of keys in the console. The project names its key.' },
  {
    policy: 'dms', seed: 'Statement 3: iam:GetRole, PassRole, CreateRole, AttachRolePolicy, SimulatePrincipalPolicy, GetUser on everything', least: 'PassRoleToDms: this role, to DMS alone; CheckRole: look at this role',
    why: 'Who may create a role, attach any policy and pass it on is an administrator of the account. The role is made once, by somebody who may.',
  },
  {
    policy: 'dms', seed: 'Statement 4: networks of EC2: describe, create, change, delete interfaces', least: 'left out', why: 'They are needed to make a replication instance, and DMS uses its own role dms-vpc-role for that.',
  },
  { policy: 'dms', seed: 'Statement 5: cloudwatch:Get*, cloudwatch:List*', least: 'Metrics: cloudwatch:GetMetricStatistics, cloudwatch:ListMetrics', why: 'Dashboards and alarms of others are not looked at.' },
  {
    policy: 'dms', seed: 'Statement 6: logs of everything', least: 'DmsLogs: log groups dms-tasks-*', why: 'Logs of other programs hold what those programs know.',
  },
  { policy: 'dms', seed: 'autoscaling: scaling policies and alarms of everything', least: 'left out', why: 'Capacity is set on the table itself, on demand or provisioned; nothing scales it during a migration.' },
  { policy: 'dms', seed: 'Statement 8: iam:PassRole to application-autoscaling', least: 'left out', why: 'As before: no autoscaling.' },
  {
    policy: 'trust', seed: 'dms.amazonaws.com may assume the role', least: 'The same, for DMS of this account alone (aws:SourceAccount)',
    why: 'So that DMS cannot be made to use the role on behalf of another account (confused deputy; replication instances from 3.4.7 on).',
  },
  {
    policy: 'attachment', seed: 'All three policies are attached to the role', least: 'dynamodb and s3 are attached; dms goes to whoever runs Aeneas ("Attach the third policy to the role too" does it as the guide does)',
    why: 'The role is what DMS uses while it copies. With the third policy DMS itself could make tasks and pass roles.',
  },
];
