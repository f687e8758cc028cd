// Settings > Global Settings, and the vault: what page, command line and scripts ask of the server about them. Secrets go in and never
// come out: answers say where one is kept, never what it is.

import { oc } from '@orpc/contract';
import { z } from 'zod';
import { agentRefusalSchema } from './agent-contract.ts';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/, 'is not a name: letters, digits, spaces, . _ and -, at most 64');
/** Of an AWS service profile, as projects name it. */
export const serviceProfileName = name;
const path = z.string().startsWith('/', 'is not an absolute path').max(4_096);
const secret = z.string().min(1).max(4_096);
const host = z.string().min(1).max(253);
const millis = z.number();

const refused = oc.errors({
  /** Everything that the server refuses: `code` within the data is of the catalogue (docs/ERRORS.md). */
  REFUSED: { status: 422, data: z.object({ remedy: z.string().describe('What to do.'), code: z.string() }) },
});

/** Of a part of the settings as it was read; a change names it, so that nobody overwrites what another saved meanwhile (SETTINGS_CHANGED). */
const revision = z.string();

// Vault

const lockOrderSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('password'), password: secret }),
  z.strictObject({ kind: z.literal('key-file'), file: path.optional().describe('Made when it is not there. None: the credential "vault-key" that systemd gives to the service.') }),
  z.strictObject({ kind: z.literal('keyring') }).describe('The keyring of the server\'s user (Secret Service, libsecret).'),
  z.strictObject({ kind: z.literal('aws-kms'), keyId: z.string().min(1).max(2_048), region: z.string().min(1), profile: z.string().optional().describe('Of ~/.aws; default: environment or the machine\'s role.'), endpoint: z.url().optional() }),
]);
export type VaultLockOrder = z.output<typeof lockOrderSchema>;

const vaultSchema = z.object({
  state: z.enum(['absent', 'locked', 'open']),
  file: z.string(),
  locks: z.array(z.object({ id: z.string(), kind: z.enum(['password', 'key-file', 'keyring', 'aws-kms']), text: z.string() })),
  secrets: z.array(z.string()).optional().describe('Names of what is stored; only while it is open.'),
  problem: agentRefusalSchema.optional().describe('Why it cannot be used.'),
});
export type VaultStatus = z.output<typeof vaultSchema>;

const vaultContract = {
  status: refused.route({ method: 'GET', path: '/vault', summary: 'State and locks of the vault' }).output(vaultSchema),
  create: refused.route({ method: 'POST', path: '/vault', successStatus: 201, summary: 'Make the vault; it is open then' }).input(z.object({ lock: lockOrderSchema })).output(vaultSchema),
  open: refused.route({ method: 'POST', path: '/vault/open', summary: 'Open the vault; without a password by its other locks' }).input(z.object({ password: secret.optional() })).output(vaultSchema),
  lock: refused.route({ method: 'POST', path: '/vault/lock', summary: 'Lock the vault' }).output(vaultSchema),
  changePassword: refused.route({ method: 'POST', path: '/vault/password', summary: 'Change the master password; all is encrypted anew' })
    .input(z.object({ current: secret, next: secret })).output(vaultSchema),
  addLock: refused.route({ method: 'POST', path: '/vault/locks', successStatus: 201, summary: 'Add a way to open the vault; needs its master password, if it has one' })
    .input(z.object({ lock: lockOrderSchema, password: secret.optional() })).output(vaultSchema),
  removeLock: refused.route({ method: 'POST', path: '/vault/locks/{id}/remove', summary: 'Remove a way to open the vault; all is encrypted anew' })
    .input(z.object({ id: z.string(), password: secret.optional() })).output(vaultSchema),
  forget: refused.route({ method: 'POST', path: '/vault/forget', summary: 'Delete a stored secret' }).input(z.object({ name: z.string() })).output(vaultSchema),
};

// AWS service profiles

export const credentialsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('keys') }).describe('Typed in: in the vault, or in memory until the server ends.'),
  z.strictObject({ kind: z.literal('shared-profile'), profile: z.string().min(1).max(256) }).describe('A profile of ~/.aws of the server\'s user.'),
  z.strictObject({ kind: z.literal('environment') }).describe('AWS_ACCESS_KEY_ID and others, as the server was started with.'),
  z.strictObject({ kind: z.literal('sso'), profile: z.string().min(1).max(256) }).describe('An IAM Identity Center profile of ~/.aws, logged in with "aws sso login".'),
  z.strictObject({ kind: z.literal('instance-role') }).describe('The role of the machine or container.'),
]);

/** https, but for services on this machine. */
const endpoint = z.url({ protocol: /^https?$/ }).optional();

/** As it is in settings.yaml: no secret. */
export const awsProfileSchema = z.strictObject({
  name,
  credentials: credentialsSchema,
  region: z.string().regex(/^[a-z]{2,3}(?:-[a-z]+)+-\d$/, 'is not an AWS Region, such as eu-central-1'),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes').optional(),
  endpoints: z.strictObject({ sts: endpoint, dynamodb: endpoint, s3: endpoint }).default({}).describe('Where the services are not at their usual address: VPC endpoints, tests.'),
});
export type AwsProfile = z.output<typeof awsProfileSchema>;

const keysSchema = z.strictObject({ accessKeyId: z.string().regex(/^\w{16,128}$/, 'is not an access key id'), secretAccessKey: secret, sessionToken: secret.optional() });
export type AwsKeys = z.output<typeof keysSchema>;

const savedProfileSchema = awsProfileSchema.extend({
  revision,
  projects: z.array(z.string()).describe('Names of the projects that use it: their files say so.'),
  keys: z.enum(['vault', 'memory', 'missing', 'none']).describe('Where the keys are; none: this profile needs none. While the vault is locked, those in it are missing.'),
});
export type SavedAwsProfile = z.output<typeof savedProfileSchema>;

/** What was done, in its order, until something failed. */
const stepSchema = z.object({
  step: z.string(), state: z.enum(['ok', 'warning', 'failed', 'skipped']), said: z.string(), millis, problem: agentRefusalSchema.optional(),
});
export type CheckStep = z.output<typeof stepSchema>;
const stepsSchema = z.object({ isOk: z.boolean(), steps: z.array(stepSchema) });
export type CheckResult = z.output<typeof stepsSchema>;

/** A profile as it is in a form, maybe not saved. Without keys those that were saved under its name are used. */
const draft = z.object({ profile: awsProfileSchema, keys: keysSchema.optional() });

const awsProfilesContract = {
  list: refused.route({ method: 'GET', path: '/settings/aws-profiles', summary: 'AWS service profiles' })
    .output(z.object({ profiles: z.array(savedProfileSchema), sharedProfiles: z.array(z.string()).describe('Names in ~/.aws of the server\'s user.') })),
  save: refused.route({ method: 'POST', path: '/settings/aws-profiles', summary: 'Add or change an AWS service profile' })
    .input(draft.extend({ revision: revision.optional().describe('None: it is new.'), store: z.boolean().default(false).describe('Keep the keys in the vault.') })).output(savedProfileSchema),
  delete: refused.route({ method: 'DELETE', path: '/settings/aws-profiles/{name}', summary: 'Delete an AWS service profile and its keys; one that projects use only by force' }).input(z.object({ name: z.string(), force: z.boolean().default(false) })).output(z.object({})),
  test: refused.route({ method: 'POST', path: '/settings/aws-profiles/test', summary: 'Credentials, STS, DynamoDB and S3, one after the other' }).input(draft).output(stepsSchema),
  createBucket: refused.route({ method: 'POST', path: '/settings/aws-profiles/bucket', summary: 'Make the bucket private and encrypted, and write, read and delete an object; one that is there is only checked' })
    .input(draft).output(stepsSchema),
};

// Security

const storeFileSchema = z.strictObject({
  name: z.string(),
  /** authority, server: never leave this machine. */
  use: z.enum(['authority', 'trust', 'server', 'agent']),
  hosts: z.array(z.string()).default([]),
  agent: z.string().optional(),
  expiresMillis: millis,
});
export type StoreFile = z.output<typeof storeFileSchema>;

export const securitySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('generated'), folder: path, trustStore: z.string(), keyStore: z.string(), files: z.array(storeFileSchema) }),
  z.strictObject({ kind: z.literal('selected'), trustStore: path, keyStore: path, trustExpiresMillis: millis, keyExpiresMillis: millis }),
]);
export type SecuritySettings = z.output<typeof securitySchema>;

const securityStatusSchema = z.object({
  revision, stores: securitySchema.optional(), passwords: z.enum(['vault', 'memory', 'missing']).describe('Where the passwords of trust store and key store are.'), defaultFolder: z.string(),
});
export type SecurityStatus = z.output<typeof securityStatusSchema>;

const storeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'is not the name of a file');

const securityContract = {
  get: refused.route({ method: 'GET', path: '/settings/security', summary: 'Trust store and key store, and until when they are valid' }).output(securityStatusSchema),
  generate: refused.route({ method: 'POST', path: '/settings/security/generate', summary: 'Make an authority, trust store and key stores; again: what is missing, and what is to be renewed' }).input(z.object({
    revision,
    folder: path.describe('On the server\'s machine.'),
    trustStore: storeName.default('trust.p12'),
    keyStore: storeName.default('server.p12'),
    trustPassword: secret, keyPassword: secret.describe('Of the server\'s and the agents\' key stores.'), authorityPassword: secret.describe('Of the authority\'s store; never kept.'),
    agents: z.array(z.object({ name: storeName, hosts: z.array(host).min(1).max(32) })).max(1_000),
    days: z.int().min(1).max(3_650).default(825),
    renew: z.array(z.string()).default([]).describe('Names of files with certificates that are made anew: of the server and of agents.'),
    store: z.boolean().default(false).describe('Keep the passwords of trust store and key store in the vault.'),
  }).refine(({ trustStore, keyStore }) => trustStore !== keyStore && ![trustStore, keyStore].some((file) => file === 'authority.p12' || file.startsWith('agent-')),
    { path: ['keyStore'], message: 'two different names are needed, other than authority.p12 and agent-...' })).output(securityStatusSchema),
  select: refused.route({ method: 'POST', path: '/settings/security/select', summary: 'Use a trust store and key store that exist; both are opened first' }).input(z.object({
    revision, trustStore: path, trustPassword: secret, keyStore: path, keyPassword: secret, store: z.boolean().default(false),
  })).output(securityStatusSchema),
};

// Logging

export const LOG_LEVELS = ['debug', 'info', 'warning', 'error'] as const;
export const loggingSchema = z.strictObject({ level: z.enum(LOG_LEVELS).default('info'), folder: path.optional().describe('Default: "log" in the server\'s workspace.') });
export type LoggingSettings = z.output<typeof loggingSchema>;
const loggingStatusSchema = loggingSchema.extend({ revision, file: z.string().describe('Where the server logs now.'), defaultFolder: z.string() });
export type LoggingStatus = z.output<typeof loggingStatusSchema>;

const loggingContract = {
  get: refused.route({ method: 'GET', path: '/settings/logging', summary: 'Level and folder of the server\'s log' }).output(loggingStatusSchema),
  save: refused.route({ method: 'PUT', path: '/settings/logging', summary: 'Change level and folder; at once' }).input(loggingSchema.extend({ revision })).output(loggingStatusSchema),
};

export const settingsContract = { awsProfiles: awsProfilesContract, security: securityContract, logging: loggingContract };
export { vaultContract };
