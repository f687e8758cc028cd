// Projects, their connections to Cassandra and DynamoDB, and what is behind these, as trees. Secrets go in and never come out: answers say
// which are known, never what they are. Definitions without secrets are project.yaml's own.

import { oc } from '@orpc/contract';
import { z } from 'zod';
import { agentRefusalSchema } from './agent-contract.ts';
import { serviceProfileName } from './settings-contract.ts';

const projectName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'is not a name: letters, digits, _ and -, at most 64');
const connectionName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u, 'is not a name: letters, digits, spaces, . _ and -, at most 64');
const storeFile = z.string().startsWith('/', 'is not an absolute path').max(4_096);
const secret = z.string().min(1).max(4_096);

const refused = oc.errors({
  /** `code` within the data is of the catalogue (docs/ERRORS.md). */
  REFUSED: { status: 422, data: z.object({ remedy: z.string().describe('What to do.'), code: z.string() }) },
});

const sslSchema = z.strictObject({
  trustStore: storeFile.optional().describe('PKCS#12 or JKS file with the authority of the nodes\' certificates. Default: the authorities that the system trusts.'),
  keyStore: storeFile.optional().describe('PKCS#12 or JKS file with the client\'s certificate and key, where the nodes ask for one.'),
  verifyHostName: z.boolean().default(true).describe('Whether the certificate must name the host that is connected to.'),
});

/** A live cluster. */
const cassandraSourceSchema = z.strictObject({
  kind: z.literal('cassandra'),
  name: connectionName.describe('Root of the left tree.'),
  serverName: z.string().min(1).max(253).regex(/^[^\s/@]+$/, 'is not a host name or address').describe('DNS name or IP address of a node.'),
  serverPort: z.int().min(1).max(65_535).default(9042),
  userName: z.string().min(1).max(256).optional().describe('None: the cluster asks for no login.'),
  ssl: sslSchema.optional().describe('Given: TLS is used.'),
  storePassword: z.boolean().default(false).describe('Passwords are kept in the vault. Otherwise they are asked for again once the project was closed or the server started anew.'),
});

/** Files of a cluster, or a copy of them, on the server's machine. */
const sstableSourceSchema = z.strictObject({
  kind: z.literal('sstables'),
  name: connectionName.describe('Root of the left tree.'),
  directories: z.array(z.string().min(1).max(4_096)).min(1).max(256).describe('Data directories as in cassandra.yaml. Relative to the project file.'),
  schema: z.string().min(1).max(4_096).optional().describe('CQL text of the schema, where the directories hold no schema tables.'),
});

export const sourceConnectionSchema = z.discriminatedUnion('kind', [cassandraSourceSchema, sstableSourceSchema]);
export type SourceConnection = z.output<typeof sourceConnectionSchema>;
export type CassandraSource = z.output<typeof cassandraSourceSchema>;
export type SSTableSource = z.output<typeof sstableSourceSchema>;

export const targetConnectionSchema = z.strictObject({
  name: connectionName.describe('Root of the right tree.'),
  region: z.string().regex(/^[a-z]{2}(-[a-z0-9]+)+-\d+$/, 'is not an AWS region such as eu-central-1'),
  endpoint: z.url({ protocol: /^https?$/ }).optional().describe('For a DynamoDB that is not of AWS, such as a local one.'),
  profile: z.string().min(1).max(256).optional().describe('AWS profile of ~/.aws. Without any of the three: the credentials of the environment.'),
  awsServiceProfile: serviceProfileName.optional().describe('AWS service profile of Global Settings; its keys are used, and stay, where it keeps them.'),
  accessKey: z.string().regex(/^\w{4,128}$/, 'is not an access key').optional().describe('AWS access key whose secret key is asked for.'),
  storePassword: z.boolean().default(false).describe('The secret key is kept in the vault.'),
}).refine(({ profile, awsServiceProfile, accessKey }) => [profile, awsServiceProfile, accessKey].filter((one) => one !== undefined).length <= 1, 'give one of "profile", "awsServiceProfile" and "accessKey"');
export type TargetConnection = z.output<typeof targetConnectionSchema>;

/** What a connection asks for. Those that are not given are the ones that were given before. */
const secretsSchema = z.strictObject({ password: secret, trustStorePassword: secret, keyStorePassword: secret, secretKey: secret }).partial();
export type ConnectionSecrets = z.output<typeof secretsSchema>;
export const SECRET_NAMES = ['password', 'trustStorePassword', 'keyStorePassword', 'secretKey'] as const;
export type SecretName = (typeof SECRET_NAMES)[number];

const connectionState = { isConnected: z.boolean(), needs: z.array(z.enum(SECRET_NAMES)).describe('Secrets that are to be typed before it can be connected.') };
const sourceSchema = z.object({ connection: sourceConnectionSchema, ...connectionState });
const targetSchema = z.object({ connection: targetConnectionSchema, ...connectionState });

const summarySchema = z.object({
  name: z.string(),
  path: z.string().describe('Of project.yaml, on the server\'s machine.'),
  isManaged: z.boolean().describe('In the server\'s workspace; otherwise opened where it is.'),
  modifiedMillis: z.number(),
  sources: z.int(),
  targets: z.int(),
  awsServiceProfile: z.string().optional().describe('AWS service profile that the project is associated with.'),
  problem: agentRefusalSchema.optional().describe('Why it cannot be used as it is.'),
});
export type ProjectSummary = z.output<typeof summarySchema>;

const projectSchema = summarySchema.omit({ sources: true, targets: true }).extend({
  version: z.string().describe('Of the file. A change names the version that it is made of, so that nobody overwrites what another saved meanwhile (PROJECT_STALE).'),
  text: z.string().describe('project.yaml.'),
  sources: z.array(sourceSchema),
  targets: z.array(targetSchema),
});
export type ProjectDetails = z.output<typeof projectSchema>;

/** One step of a test, in its order; those after one that failed are skipped. */
const stepSchema = z.object({ step: z.enum(['files', 'resolve', 'connect', 'tls', 'login', 'version', 'datacenters', 'credentials', 'tables']), state: z.enum(['ok', 'failed', 'skipped']), said: z.string(), millis: z.number(), problem: agentRefusalSchema.optional() });
export type ConnectionStep = z.output<typeof stepSchema>;
export const connectionTestSchema = z.object({ isOk: z.boolean(), steps: z.array(stepSchema) });
export type ConnectionTest = z.output<typeof connectionTestSchema>;

const NODE_KINDS = [
  'datacenters', 'datacenter', 'rack', 'node', 'keyspaces', 'keyspace', 'tables', 'table', 'views', 'view', 'types', 'type', 'field', 'columns', 'column', 'keys', 'key', 'indexes', 'index', 'fact',
] as const;
/** A node of a tree, in the order of reading: its children follow it, one deeper. */
const treeNodeSchema = z.object({
  depth: z.int().min(0), kind: z.enum(NODE_KINDS), name: z.string(), detail: z.string().optional(),
  isLazy: z.boolean().optional().describe('What is in it is asked for with `describe`.'),
});
export type TreeNode = z.output<typeof treeNodeSchema>;
const treeSchema = z.object({ connection: z.string(), said: z.string().describe('What it is connected to.'), readMillis: z.number(), nodes: z.array(treeNodeSchema) });
export type ConnectionTree = z.output<typeof treeSchema>;

const byName = z.object({ name: z.string() });
const versioned = byName.extend({ version: z.string() });
const side = z.enum(['sources', 'targets']);
export type ConnectionSide = z.output<typeof side>;
const onConnection = byName.extend({ side, connection: z.string() });

export const projectContract = {
  list: refused.route({ method: 'GET', path: '/projects', summary: 'All projects' }).output(z.array(summarySchema)),
  get: refused.route({ method: 'GET', path: '/projects/{name}', summary: 'One project with its connections' }).input(byName).output(projectSchema),
  create: refused.route({ method: 'POST', path: '/projects', successStatus: 201, summary: 'Make a project; with text: of an exported one' })
    .input(z.object({ name: projectName, text: z.string().max(4 * 1_048_576).optional() })).output(projectSchema),
  open: refused.route({ method: 'POST', path: '/projects/open', summary: 'Open a project file where it is' }).input(z.object({ path: storeFile })).output(projectSchema),
  save: refused.route({ method: 'PUT', path: '/projects/{name}', summary: 'Save project.yaml' }).input(versioned.extend({ text: z.string().max(4 * 1_048_576) })).output(projectSchema),
  close: refused.route({ method: 'POST', path: '/projects/{name}/close', summary: 'End its connections and forget the passwords that are not stored; one that was opened where it is leaves the list' }).input(byName).output(z.object({})),
  export: refused.route({ method: 'GET', path: '/projects/{name}/export', summary: 'The project as one file: with its mapping, and with absolute paths' }).input(byName).output(z.object({ fileName: z.string(), text: z.string() })),
  deletion: refused.route({ method: 'GET', path: '/projects/{name}/deletion', summary: 'What a deletion takes away, and what it leaves' }).input(byName).output(z.object({ goes: z.array(z.string()), stays: z.array(z.string()) })),
  delete: refused.route({ method: 'DELETE', path: '/projects/{name}', summary: 'Delete a project and its stored secrets' }).input(byName).output(z.object({})),
  awsProfiles: refused.route({ method: 'GET', path: '/projects-aws-profiles', summary: 'What "Copy from AWS profile" offers' }).output(z.object({
    service: z.array(z.object({ name: z.string(), region: z.string(), keys: z.enum(['vault', 'memory', 'missing', 'none']) })).describe('AWS service profiles of Global Settings.'),
    shared: z.array(z.string()).describe('Names of the AWS profiles in ~/.aws of the server\'s user.'),
  })),
  setAwsServiceProfile: refused.route({ method: 'PUT', path: '/projects/{name}/aws-service-profile', summary: 'Associate the project with an AWS service profile, or with none' })
    .input(versioned.extend({ profile: serviceProfileName.nullable() })).output(projectSchema),
  testSource: refused.route({ method: 'POST', path: '/projects/{name}/sources/test', summary: 'Test connection: step by step, in 20 seconds at most; nothing is saved' })
    .input(byName.extend({ connection: sourceConnectionSchema, secrets: secretsSchema.default({}) })).output(connectionTestSchema),
  testTarget: refused.route({ method: 'POST', path: '/projects/{name}/targets/test', summary: 'Test connection: step by step, in 20 seconds at most; nothing is saved' })
    .input(byName.extend({ connection: targetConnectionSchema, secrets: secretsSchema.default({}) })).output(connectionTestSchema),
  saveSource: refused.route({ method: 'POST', path: '/projects/{name}/sources', summary: 'Add a source, or change one' })
    .input(versioned.extend({ connection: sourceConnectionSchema, secrets: secretsSchema.default({}), replaces: z.string().optional().describe('Name of the one that is changed.') })).output(projectSchema),
  saveTarget: refused.route({ method: 'POST', path: '/projects/{name}/targets', summary: 'Add a target, or change one' })
    .input(versioned.extend({ connection: targetConnectionSchema, secrets: secretsSchema.default({}), replaces: z.string().optional().describe('Name of the one that is changed.') })).output(projectSchema),
  removeConnection: refused.route({ method: 'POST', path: '/projects/{name}/{side}/{connection}/remove', summary: 'Remove a connection and its stored secrets' }).input(onConnection.extend({ version: z.string() })).output(projectSchema),
  connect: refused.route({ method: 'POST', path: '/projects/{name}/{side}/{connection}/connect', summary: 'Connect and read what is there; again: read it anew' }).input(onConnection.extend({ secrets: secretsSchema.default({}) })).output(treeSchema),
  disconnect: refused.route({ method: 'POST', path: '/projects/{name}/{side}/{connection}/disconnect', summary: 'End a connection' }).input(onConnection).output(z.object({})),
  tree: refused.route({ method: 'GET', path: '/projects/{name}/{side}/{connection}/tree', summary: 'What was read when it was connected' }).input(onConnection).output(treeSchema),
  describe: refused.route({ method: 'GET', path: '/projects/{name}/{side}/{connection}/describe', summary: 'What is in one table, view or type; depths count from it' })
    .input(onConnection.extend({ kind: z.enum(['table', 'view', 'type']), keyspace: z.string().optional(), item: z.string() })).output(z.array(treeNodeSchema)),
};
