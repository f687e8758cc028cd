// What has to be there before a migration: permissions in AWS, a user on the source's machines, a user in its database. Each can be shown as
// commands and documents, and checked for real. Passwords come in a request's body, are used for that one question and kept nowhere.

import { oc } from '@orpc/contract';
import { z } from 'zod';

const errors = {
  REFUSED: { status: 422, data: z.object({ remedy: z.string().describe('What to do.'), code: z.string() }) },
} as const;
const call = oc.errors(errors);

/** seed: as the guide has it (its garbled commands repaired). least: no more than this project needs. */
export const prerequisiteFormSchema = z.enum(['least', 'seed']);
export type PrerequisiteForm = z.output<typeof prerequisiteFormSchema>;

/** One thing that was looked at. warning: it works, and should be changed all the same. */
export const findingSchema = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'failed']),
  text: z.string(),
  remedy: z.string().optional(),
});
export type Finding = z.output<typeof findingSchema>;

const stepSchema = z.object({ title: z.string(), where: z.string(), commands: z.string(), why: z.string().optional() });
export type PrerequisiteStep = z.output<typeof stepSchema>;
const repairSchema = z.object({ seed: z.string().describe('As the guide has it.'), problem: z.string(), repair: z.string() });
export type Repair = z.output<typeof repairSchema>;
const checkedSchema = z.object({ findings: z.array(findingSchema) });

// IAM

const region = z.string().regex(/^[a-z]{2}(-[a-z0-9]+)+-\d+$/, 'is not an AWS region such as eu-central-1');
const accountId = z.string().regex(/^\d{12}$/, 'is not an account: 12 digits');
/** Who asks AWS. Credentials come from the environment, a profile or the instance's role. */
const awsAccessSchema = z.strictObject({
  region,
  profile: z.string().min(1).optional().describe('A profile of ~/.aws. Default: the environment of the server.'),
  endpoint: z.url({ protocol: /^https?$/ }).optional().describe('For IAM and STS that are not of AWS.'),
});
export type AwsAccess = z.output<typeof awsAccessSchema>;

export const iamScopeSchema = z.strictObject({
  form: prerequisiteFormSchema.default('least'),
  name: z.string().regex(/^[\w+=,.@-]{1,40}$/, 'is not a name of IAM: letters, digits and +=,.@_-, at most 40').default('aeneas').describe('What the names of policies and role begin with.'),
  region,
  account: accountId.optional().describe('Default: a placeholder in JSON, the account of the deployment in templates, that of the credentials otherwise.'),
  tables: z.array(z.string().regex(/^[\w.*-]{1,255}$/, 'is not a pattern of DynamoDB table names: letters, digits, _ . - and *')).max(60).default([]).describe('DynamoDB tables of the project, with *.'),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a bucket name').optional(),
  prefix: z.string().max(200).default('').describe('Objects of the project are under <prefix>/.'),
  kmsKey: z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/, 'is not the ARN of a KMS key').optional(),
  dropTables: z.boolean().default(false).describe('Whether tables may be dropped ("drop-tables").'),
  attachDms: z.boolean().optional().describe('Whether the third policy is attached to the role too. Default: as the guide does in its form, not in the other.'),
}).refine(({ form, bucket }) => form === 'seed' || bucket !== undefined, { path: ['bucket'], message: 'is needed for least privilege' })
  .refine(({ form, tables }) => form === 'seed' || tables.length > 0, { path: ['tables'], message: 'are needed for least privilege' });
export type IamScope = z.output<typeof iamScopeSchema>;

const documentSchema = z.record(z.string(), z.unknown());
const policySchema = z.object({ key: z.enum(['dynamodb', 's3', 'dms']), name: z.string(), purpose: z.string(), document: documentSchema });
const iamDocumentsSchema = z.object({
  policies: z.array(policySchema),
  role: z.object({ name: z.string(), trust: documentSchema, attached: z.array(z.string()).describe('Names of the policies that are attached to it.') }),
  json: z.string(), cloudFormation: z.string(), terraform: z.string(),
  differences: z.array(z.object({ policy: z.string(), seed: z.string(), least: z.string(), why: z.string() })).describe('What least privilege changes, statement by statement.'),
});
export type IamDocuments = z.output<typeof iamDocumentsSchema>;

const iamResourceSchema = z.object({
  kind: z.enum(['policy', 'role', 'attachment']),
  name: z.string(), arn: z.string(),
  state: z.enum(['missing', 'equal', 'different', 'created', 'left out']),
  detail: z.string().optional(),
});
export type IamResource = z.output<typeof iamResourceSchema>;
const iamPlanSchema = z.object({
  account: z.string(), caller: z.string(), resources: z.array(iamResourceSchema),
  digest: z.string().describe('Of what was shown: creation takes it, and does nothing when it would do something else.'),
});
export type IamPlan = z.output<typeof iamPlanSchema>;

const simulatedSchema = z.object({
  principal: z.string(), action: z.string(), resource: z.string(), why: z.string(),
  expected: z.enum(['allowed', 'denied']),
  decision: z.string().describe('As IAM says it: allowed, implicitDeny, explicitDeny.'),
  state: z.enum(['ok', 'warning', 'failed']),
});
export type Simulated = z.output<typeof simulatedSchema>;

// The user of the operating system

const unixName = z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'is not a user name: small letters, digits, _ and -');
const absolutePath = z.string().regex(/^\/[\w./+@-]*$/, 'is not an absolute path of letters, digits and ./_+@-');
const host = z.string().regex(/^[\w.:-]{1,253}$/, 'is not a host name or address');
const port = z.int().min(1).max(65_535);
const directories = z.array(absolutePath).min(1).max(20);

export const osUserScopeSchema = z.strictObject({
  form: prerequisiteFormSchema.default('least'),
  install: z.enum(['package', 'tarball']).default('package').describe('How Cassandra was installed.'),
  login: z.enum(['ec2-user', 'ubuntu', 'centos']).default('ec2-user').describe('The user that the machine came with.'),
  user: unixName.default('sct_extractor'),
  purpose: z.enum(['read', 'clone']).default('read').describe('read: extract from this node. clone: also change its snitch and restart it, as cloning a datacenter needs.'),
  dataDirectories: directories.default(['/var/lib/cassandra/data']),
  configuration: absolutePath.default('/etc/cassandra').describe('Folder of cassandra.yaml.'),
  home: absolutePath.default('/opt/cassandra').describe('Folder of a tarball installation.'),
  publicKey: z.string().regex(/^(?:ssh-rsa|ssh-ed25519|ecdsa-[\w-]+) [A-Za-z0-9+/=]+(?: [\w@. -]*)?$/, 'is not an OpenSSH public key').optional(),
});
export type OsUserScope = z.output<typeof osUserScopeSchema>;
const osUserCommandsSchema = z.object({
  steps: z.array(stepSchema), script: z.string(), sudoers: z.string().optional().describe('None: the user needs no rights of root.'),
  repairs: z.array(repairSchema),
});
export type OsUserCommands = z.output<typeof osUserCommandsSchema>;

const keyPairSchema = z.object({
  publicKey: z.string(), fingerprint: z.string(),
  privateKey: z.string().optional().describe('In OpenSSH\'s format. The server keeps no copy.'),
  savedTo: z.string().optional(),
});

export const osUserCheckSchema = z.strictObject({
  host, port: port.default(22), user: unixName.default('sct_extractor'),
  fingerprint: z.string().regex(/^SHA256:[\w+/]{43}$/, 'is not a fingerprint: SHA256:...').describe('Of the host key, as it was confirmed.'),
  keyFile: absolutePath.optional().describe('Private key on the server\'s machine.'),
  passphrase: z.string().optional(), password: z.string().optional(),
  purpose: z.enum(['read', 'clone']).default('read'),
  dataDirectories: directories.default(['/var/lib/cassandra/data']), configuration: absolutePath.default('/etc/cassandra'),
});
export type OsUserCheck = z.output<typeof osUserCheckSchema>;

// The user of the database

const cqlName = z.string().regex(/^[A-Za-z]\w{0,47}$/, 'is not a name: letters, digits and _');
export const dbUserScopeSchema = z.strictObject({
  version: z.enum(['2.1', '2.2', '3.0', '3.1', '3.11', '4.0', '4.1', '5.0']).default('3.11'),
  install: z.enum(['package', 'tarball']).default('package'),
  user: cqlName.default('min_privs'),
  purpose: z.enum(['read', 'clone']).default('read'),
  keyspaces: z.array(cqlName).max(200).default([]),
  configuration: absolutePath.default('/etc/cassandra'),
});
export type DbUserScope = z.output<typeof dbUserScopeSchema>;
const dbUserCommandsSchema = z.object({ steps: z.array(stepSchema), repairs: z.array(repairSchema) });
export type DbUserCommands = z.output<typeof dbUserCommandsSchema>;

export const dbUserCheckSchema = z.strictObject({
  host, port: port.default(9042), user: cqlName.default('min_privs'), password: z.string(),
  purpose: z.enum(['read', 'clone']).default('read'),
  keyspaces: z.array(cqlName).max(200).default([]).describe('Default: all but the system\'s.'),
  trustStore: absolutePath.optional().describe('PKCS#12 or JKS on the server\'s machine: connect by TLS.'),
  trustStorePassword: z.string().optional(),
  keyStore: absolutePath.optional().describe('PKCS#12 or JKS on the server\'s machine, where the node demands a certificate.'),
  keyStorePassword: z.string().optional(),
});
export type DbUserCheck = z.output<typeof dbUserCheckSchema>;

export const prerequisitesContract = {
  iam: {
    documents: call.route({ method: 'POST', path: '/prerequisites/iam/documents', summary: 'The three policies and the role, as JSON, CloudFormation and Terraform' }).input(iamScopeSchema).output(iamDocumentsSchema),
    scope: call.route({ method: 'POST', path: '/prerequisites/iam/scope', summary: 'What a project file says of tables, bucket and region' })
      .input(z.object({ projectFile: z.string().describe('Absolute path on the server\'s machine.') })).output(z.object({ region, tables: z.array(z.string()), bucket: z.string().optional(), prefix: z.string(), kmsKey: z.string().optional(), dropTables: z.boolean() })),
    preview: call.route({ method: 'POST', path: '/prerequisites/iam/preview', summary: 'What is in the account, and what creation would add' }).input(z.object({ scope: iamScopeSchema, access: awsAccessSchema })).output(iamPlanSchema),
    create: call.route({ method: 'POST', path: '/prerequisites/iam/create', summary: 'Create what the preview showed as missing; what exists stays as it is' })
      .input(z.object({ scope: iamScopeSchema, access: awsAccessSchema, digest: z.string() })).output(iamPlanSchema),
    check: call.route({ method: 'POST', path: '/prerequisites/iam/check', summary: 'Ask IAM\'s policy simulator, action by action' })
      .input(z.object({ scope: iamScopeSchema, access: awsAccessSchema, principal: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]+$/, 'is not the ARN of a role or user').optional().describe('Who runs Aeneas. Default: the role that DMS assumes.') }))
      .output(z.object({ results: z.array(simulatedSchema) })),
  },
  osUser: {
    commands: call.route({ method: 'POST', path: '/prerequisites/os-user/commands', summary: 'How the source OS user is made' }).input(osUserScopeSchema).output(osUserCommandsSchema),
    generateKey: call.route({ method: 'POST', path: '/prerequisites/os-user/keys', summary: 'An RSA key pair; the private key is answered once, or saved where asked' }).input(z.strictObject({
      comment: z.string().regex(/^[\w@.-]{0,64}$/, 'is not a comment').default(''), passphrase: z.string().max(1000).optional(), saveTo: absolutePath.optional().describe('A new file on the server\'s machine, of mode 0600, instead of the answer.'),
    })).output(keyPairSchema),
    hostKey: call.route({ method: 'POST', path: '/prerequisites/os-user/host-key', summary: 'The key that a host shows, to be confirmed' }).input(z.strictObject({ host, port: port.default(22) })).output(z.object({ type: z.string(), fingerprint: z.string() })),
    check: call.route({ method: 'POST', path: '/prerequisites/os-user/check', summary: 'Log in by SSH and look: rights, groups, directories' }).input(osUserCheckSchema).output(checkedSchema),
  },
  dbUser: {
    commands: call.route({ method: 'POST', path: '/prerequisites/db-user/commands', summary: 'How the source database user is made' }).input(dbUserScopeSchema).output(dbUserCommandsSchema),
    check: call.route({ method: 'POST', path: '/prerequisites/db-user/check', summary: 'Log in by CQL and look: what it may, and whether that is too much' }).input(dbUserCheckSchema).output(checkedSchema),
  },
};
