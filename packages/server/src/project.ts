// project.yaml: what to migrate from where to where. One zod schema for the command line, the app and the tests, published as JSON
// Schema. Connections are without secrets: credentials come from the environment, an AWS profile of ~/.aws, or an AWS service profile of
// Global Settings.

import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { AwsCredentials } from '@aeneas/agent';
import { closestName } from '@aeneas/cassandra';
import { checkMapping } from '@aeneas/dynamodb';
import { serviceProfileName, sourceConnectionSchema, targetConnectionSchema } from '@aeneas/protocol';
import { serverError } from './errors.ts';
import { pairOf } from './mapping/pair.ts';
import type { Pair } from './mapping/pair.ts';

export const MAX_PROJECT_BYTES = 4 * 1024 * 1024;

const endpoint = z.url({ protocol: /^https?$/ });
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is not a bucket name');
const region = z.string().regex(/^[a-z]{2}(-[a-z0-9]+)+-\d+$/, 'is not an AWS region such as eu-central-1');

const sourceSchema = z.strictObject({
  directories: z.array(z.string().min(1)).min(1).describe('Data directories as in cassandra.yaml; several directories are the replicas of several nodes and are merged. Relative to the project file.'),
  schema: z.string().min(1).optional().describe('CQL text of the schema, where the directories hold no schema tables.'),
  datacenter: z.string().min(1).optional().describe('The datacenter whose nodes these directories are of, which they do not tell themselves. Needed when a mapping rule names one.'),
});

const s3Schema = z.strictObject({
  bucket: bucketName,
  prefix: z.string().default('').describe('Objects go to <prefix>/<migration id>/.'),
  region: region.optional().describe('Default: the region of "target".'),
  endpoint: endpoint.optional().describe('For an S3 that is not of AWS; buckets are then addressed by path.'),
  profile: z.string().min(1).optional().describe('AWS profile. Default: that of "target".'),
  dataEncryption: z.enum(['enable', 'disable']).optional()
    .describe('enable: S3 encrypts staged files with KMS, and files on an agent\'s disk are encrypted until they are uploaded. Default: enable with a "kmsKey", else disable: as the bucket is set.'),
  kmsKey: z.string().min(1).optional().describe('KMS key (id, ARN or alias) that S3 encrypts staged files with. Default: that of AWS for S3 (aws/s3) with "dataEncryption", else as the bucket is set.'),
  deleteLocalFiles: z.boolean().default(true).describe('Files are deleted from the agent\'s output folder after their upload. false: they stay, below "extracted" there, until you remove them.'),
}).refine((s3) => s3.dataEncryption !== 'disable' || s3.kmsKey === undefined, 'with a "kmsKey" the data is encrypted: leave out "dataEncryption: disable", or the key')
  .refine((s3) => s3.deleteLocalFiles || !encryptsData(s3), 'with encrypted data local files are always deleted, since their key is gone with the agent: leave out "deleteLocalFiles: false"');

/** Whether files are encrypted, in S3 and on the way there. */
export function encryptsData({ dataEncryption, kmsKey }: { readonly dataEncryption?: 'enable' | 'disable' | undefined; readonly kmsKey?: string | undefined }): boolean {
  return dataEncryption === 'enable' || kmsKey !== undefined;
}

const stagingSchema = z.strictObject({
  s3: s3Schema.optional(),
  folder: z.string().min(1).optional().describe('A local folder instead of S3. Default: "staging" in the workspace.'),
  compression: z.enum(['gzip', 'zstd']).default('gzip'),
  fileSizeMB: z.number().positive().max(4096).default(64).describe('A file ends, and a checkpoint is made, after this many megabytes before compression.'),
}).refine((staging) => staging.s3 === undefined || staging.folder === undefined, 'give either "s3" or "folder"');

const targetSchema = z.strictObject({
  region,
  endpoint: endpoint.optional().describe('For a DynamoDB that is not of AWS, such as a local one.'),
  profile: z.string().min(1).optional().describe('AWS profile of ~/.aws. Default: the AWS service profile, or else the credentials of the environment.'),
  awsServiceProfile: serviceProfileName.optional().describe('AWS service profile of Global Settings. Default: that of the project.'),
  preparation: z.enum(['do-nothing', 'drop-tables']).default('do-nothing').describe('What happens to a target table that exists: it is kept and written to, or dropped and made anew.'),
  dropPopulated: z.boolean().default(false).describe('Lets "drop-tables" drop tables that hold items.'),
}).refine(({ profile, awsServiceProfile }) => profile === undefined || awsServiceProfile === undefined, 'give either "profile" or "awsServiceProfile"');

const connectionsSchema = z.strictObject({
  sources: z.array(sourceConnectionSchema).max(64).default([]).describe('The left tree.'),
  targets: z.array(targetConnectionSchema).max(64).default([]).describe('The right tree.'),
}).refine(({ sources, targets }) => [sources, targets].every((side) => new Set(side.map(({ name }) => name)).size === side.length), 'two connections have the same name');

/** The schema of project.yaml. */
export const projectSchema = z.strictObject({
  name: z.string().min(1).max(100).optional().describe('Default: the name of the file.'),
  awsServiceProfile: serviceProfileName.optional().describe('AWS service profile of Global Settings that the project is associated with: credentials for DynamoDB and S3, and the bucket where "staging" names none.'),
  connections: connectionsSchema.prefault({}).describe('What the app connects to: Cassandra clusters or their files, and DynamoDB. Without secrets.'),
  source: sourceSchema.optional().describe('What is migrated. Default: the directories of the one source of kind "sstables" under "connections".'),
  tables: z.array(z.string().min(1)).min(1).default(['*.*']).describe('Patterns keyspace.table with * and ?; a leading ! excludes. System keyspaces are never migrated.'),
  mapping: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional().describe('A mapping file, or the mapping itself (docs/schema/mapping.schema.json).'),
  target: targetSchema.optional().describe('Where it is migrated to. Default: the one target under "connections".'),
  staging: stagingSchema.prefault({}),
  loader: z.enum(['built-in', 'direct', 's3-import']).default('built-in')
    .describe('built-in: files are staged, then written with BatchWriteItem. direct: rows are written without files. s3-import: files are staged in S3 for ImportTable, which you start.'),
  writeCapacityUnits: z.number().int().positive().optional().describe('Ceiling of write capacity units a second, over all tables. Default: as fast as the tables take it.'),
  giveUpSeconds: z.number().positive().max(86_400).default(300).describe('How long DynamoDB may take no item at all before the run stops; it can be continued.'),
  workers: z.number().int().min(1).max(256).optional().describe('Worker threads. Default: one for each core.'),
  splitSizeMB: z.number().positive().max(1024 * 1024).default(256).describe('A table is cut into token ranges of about this much data, the unit of work and retry.'),
  validation: z.enum(['full', 'off']).default('full').describe('full: every item is read back and compared with the source.'),
  workspace: z.string().min(1).optional().describe('Folder of the ledger, rejected rows and reports. Default: .aeneas/<file name> beside the project file.'),
}).describe('A migration project of Aeneas');

/** A project file as it is, maybe not complete yet. */
export type ProjectDraft = z.output<typeof projectSchema>;
/** One that can be migrated. */
export type ProjectFile = ProjectDraft & { readonly source: z.output<typeof sourceSchema>; readonly target: z.output<typeof targetSchema> };

/** A project with its defaults filled in and its paths absolute. */
export interface Project extends Omit<ProjectFile, 'mapping'> {
  readonly path: string;
  readonly name: string;
  readonly workspace: string;
  /** YAML text or embedded object of the mapping, with the name to show in errors. */
  readonly mapping: { readonly path: string; readonly content: unknown } | undefined;
  /** Who asks AWS, once the AWS service profile was looked up (`withServiceProfile`). Credentials as they are when asked for; throws AWS_KEYS_MISSING. */
  readonly access?: { readonly profile?: string; readonly credentials?: () => AwsCredentials };
}

/** The JSON Schema that editors and reviewers use; `npm run docs` writes it to docs/schema/project.schema.json. */
export function projectJsonSchema(): unknown {
  return z.toJSONSchema(projectSchema, { io: 'input' });
}

/** A project that may lack a target: enough to look at its source. */
export type AssessableProject = Omit<Project, 'target'>;

/** Reads a project file and the mapping file that it names. Throws PROJECT_UNREADABLE, PROJECT_INVALID. */
export async function readProject(path: string): Promise<Project> {
  const { content, draft, mapping, absolute } = await readDraft(path);
  const file = checkProject(content, absolute, pairIn(mapping, draft, absolute));
  const { awsServiceProfile = file.awsServiceProfile } = file.target;
  const target = { ...file.target, ...(awsServiceProfile === undefined || file.target.profile !== undefined ? {} : { awsServiceProfile }) };
  return { ...placed(file, absolute), target, mapping };
}

/** Like `readProject`, of a project whose target is not decided yet. */
export async function readAssessable(path: string): Promise<AssessableProject> {
  const { draft, mapping, absolute } = await readDraft(path);
  return { ...placed({ ...draft, source: draft.source ?? sourceOf(draft, pairIn(mapping, draft, absolute), absolute) }, absolute), mapping };
}

/** Folder of the ledger, rejected rows and reports. */
export function workspaceOf({ workspace }: Pick<ProjectDraft, 'workspace'>, path: string): string {
  return resolve(dirname(path), workspace ?? `.aeneas/${bareName(path)}`);
}

async function readDraft(path: string) {
  const absolute = resolve(path);
  const content = parseYaml(await readText(absolute), absolute);
  const draft = checkDraft(content, absolute);
  return { absolute, content, draft, mapping: await readMapping(draft.mapping, absolute, (relative) => resolve(dirname(absolute), relative)) };
}

function pairIn(mapping: Project['mapping'], draft: ProjectDraft, path: string): Pair {
  return mapping === undefined ? {} : pairOf(checkMapping(mapping.content, mapping.path), draft, path);
}

/** With its defaults filled in and its paths absolute. */
function placed<P extends ProjectDraft & Pick<ProjectFile, 'source'>>(file: P, path: string) {
  const from = (relative: string): string => resolve(dirname(path), relative);
  const { source, staging: { folder } } = file;
  return {
    ...file,
    path,
    name: file.name ?? bareName(path),
    workspace: workspaceOf(file, path),
    source: { ...source, directories: source.directories.map(from), ...(source.schema === undefined ? {} : { schema: from(source.schema) }) },
    staging: { ...file.staging, ...(folder === undefined ? {} : { folder: from(folder) }) },
  };
}

function bareName(path: string): string {
  return basename(path).replace(/\.ya?ml$/i, '');
}

/** Where a draft has relative paths, and what they are absolutely; a mapping file is what is in it. */
export async function absolutePaths(draft: ProjectDraft, projectPath: string): Promise<[place: (string | number)[], value: unknown][]> {
  const from = (relative: string): string => resolve(dirname(projectPath), relative);
  const { source, staging, mapping, connections } = draft;
  const known = (place: (string | number)[], value: unknown): [(string | number)[], unknown][] => (value === undefined ? [] : [[place, value]]);
  const sources = connections.sources.flatMap((one, i) => (one.kind === 'sstables'
    ? [...known(['connections', 'sources', i, 'directories'], one.directories.map(from)), ...known(['connections', 'sources', i, 'schema'], one.schema === undefined ? undefined : from(one.schema))] : []));
  return [
    ...known(['source', 'directories'], source?.directories.map(from)), ...known(['source', 'schema'], source?.schema === undefined ? undefined : from(source.schema)), ...sources,
    ...known(['staging', 'folder'], staging.folder === undefined ? undefined : from(staging.folder)),
    ...known(['mapping'], typeof mapping === 'string' ? (await readMapping(mapping, projectPath, from))?.content : undefined),
  ];
}

/** What a draft's mapping is: in it, or in the file that it names. Throws PROJECT_UNREADABLE. */
async function readMapping(mapping: ProjectFile['mapping'], projectPath: string, from: (relative: string) => string): Promise<Project['mapping']> {
  if (mapping === undefined) return undefined;
  if (typeof mapping !== 'string') return { path: projectPath, content: mapping };
  const path = from(mapping);
  return { path, content: parseYaml(await readText(path), path) };
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw serverError('PROJECT_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, error);
  });
  if (bytes.length > MAX_PROJECT_BYTES) throw serverError('PROJECT_UNREADABLE', `${bytes.length} bytes are more than such a file can have`, { file: path });
  return bytes.toString('utf8');
}

function parseYaml(content: string, path: string): unknown {
  try {
    return parse(content);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw serverError('PROJECT_UNREADABLE', error.message.split('\n')[0]!.replace(/:$/, ''), { file: path }, error);
  }
}

/** Checks parsed YAML against the schema; the message names every wrong key, with the key that was probably meant. Throws PROJECT_INVALID. */
export function checkDraft(content: unknown, path: string): ProjectDraft {
  const checked = projectSchema.safeParse(content ?? {});
  if (!checked.success) throw serverError('PROJECT_INVALID', checked.error.issues.map((issue) => describeIssue(issue)).join('; '), { file: path });
  return checked.data;
}

/** Checks that a project has all that a migration needs. `pair`: what its mapping rules name. Throws PROJECT_INVALID. */
export function checkProject(content: unknown, path: string, pair: Pair = {}): ProjectFile {
  const draft = checkDraft(content, path);
  const project = { ...draft, source: draft.source ?? sourceOf(draft, pair, path), target: draft.target ?? targetOf(draft, pair, path) };
  // The profile may have a bucket.
  if (project.awsServiceProfile === undefined && project.target.awsServiceProfile === undefined) checkImport(project, path);
  return project;
}

/** Throws PROJECT_INVALID. */
export function checkImport({ loader, staging }: Pick<ProjectFile, 'loader' | 'staging'>, path: string): void {
  if (loader === 's3-import' && staging.s3 === undefined) {
    throw serverError('PROJECT_INVALID', 'the loader "s3-import" reads from S3, so "staging.s3" is needed', { file: path });
  }
}

/** A migration reads files, so a live cluster cannot be its source by itself. */
function sourceOf({ connections }: ProjectDraft, { source: named }: Pair, path: string): ProjectFile['source'] {
  const files = (named?.kind === 'sstables' ? [named] : connections.sources).flatMap((source) => (source.kind === 'sstables' ? [source] : []));
  if (files.length !== 1) throw serverError('PROJECT_INVALID', `"source": give its directories, or one SSTable directory under "connections.sources" (there are ${files.length})`, { file: path });
  const { directories, schema } = files[0];
  return { directories, ...(schema === undefined ? {} : { schema }) };
}

function targetOf({ connections }: ProjectDraft, { target: named }: Pair, path: string): ProjectFile['target'] {
  const targets = named === undefined ? connections.targets : [named];
  if (targets.length !== 1) throw serverError('PROJECT_INVALID', `"target": give its region, or one target under "connections.targets" (there are ${targets.length})`, { file: path });
  const [target] = targets;
  if (target.accessKey !== undefined) throw serverError('PROJECT_INVALID', `"target": the keys of the connection "${target.name}" were typed into the app, and a migration has them not. Keep them in an AWS service profile, and associate it with the project or the target`, { file: path });
  return {
    region: target.region, preparation: 'do-nothing', dropPopulated: false,
    ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }), ...(target.profile === undefined ? {} : { profile: target.profile }),
    ...(target.awsServiceProfile === undefined ? {} : { awsServiceProfile: target.awsServiceProfile }),
  };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(place, key)).join('; ');
  if (place === '') return `a project file is a map of keys: ${issue.message.replace(/^Invalid input: /, '')}`;
  return `"${place}": ${issue.message.replace(/^Invalid input: /, '')}`;
}

function unknownKey(place: string, key: string): string {
  const known = knownKeys(place === '' ? [] : place.split('.'));
  const guess = closestName(key, known);
  const hint = guess === undefined ? `known here are ${known.join(', ')}` : `did you mean "${guess}"?`;
  return `unknown key "${place === '' ? key : `${place}.${key}`}" (${hint})`;
}

/** The keys that the schema has at a path. */
function knownKeys(path: readonly string[]): string[] {
  let node = z.toJSONSchema(projectSchema, { io: 'input' }) as { readonly properties?: Record<string, object> };
  for (const step of path) node = (node.properties?.[step] ?? {}) as typeof node;
  return Object.keys(node.properties ?? {});
}
