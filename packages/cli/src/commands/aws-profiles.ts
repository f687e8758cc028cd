// `aeneas aws-profile ...`: AWS service profiles of a server that runs.

import { readFile, stat } from 'node:fs/promises';
import type { AwsKeys, AwsProfile, CheckResult, SavedAwsProfile } from '@aeneas/protocol';
import { cliError } from '../errors.ts';
import { DONE, FINISHED_WITH_FINDINGS } from '../exit.ts';
import { readSecret } from '../secret.ts';
import { askServer } from '../server-client.ts';

interface ServerFlags {
  readonly server: string;
  readonly json?: boolean;
}

export interface AddFlags extends ServerFlags {
  readonly region: string;
  readonly sharedProfile?: string;
  readonly sso?: string;
  readonly environment?: boolean;
  readonly instanceRole?: boolean;
  readonly keysFile?: string;
  readonly store?: boolean;
  readonly bucket?: string;
  readonly project?: readonly string[];
  readonly dynamodbEndpoint?: string;
  readonly s3Endpoint?: string;
  readonly stsEndpoint?: string;
}

export interface TestFlags extends ServerFlags {
  readonly createBucket?: boolean;
}

const OTHERS = 0o077;

export async function listProfiles(flags: ServerFlags): Promise<number> {
  const { profiles } = await askServer(flags.server, (api) => api.settings.awsProfiles.list());
  show(flags, profiles, profiles.map(line).join(''));
  return DONE;
}

export async function addProfile(name: string, flags: AddFlags): Promise<number> {
  const credentials = credentialsOf(flags);
  const keys = credentials.kind === 'keys' ? { keys: await keysOf(flags.keysFile) } : {};
  const { sts, dynamodb, s3 } = { sts: flags.stsEndpoint, dynamodb: flags.dynamodbEndpoint, s3: flags.s3Endpoint };
  const endpoints = { ...(sts === undefined ? {} : { sts }), ...(dynamodb === undefined ? {} : { dynamodb }), ...(s3 === undefined ? {} : { s3 }) };
  const profile: AwsProfile = { name, credentials, region: flags.region, endpoints, ...(flags.bucket === undefined ? {} : { bucket: flags.bucket }) };
  const saved = await askServer(flags.server, async (api) => {
    const before = (await api.settings.awsProfiles.list()).profiles.find((one) => one.name === name);
    const result = await api.settings.awsProfiles.save({ profile, ...keys, store: flags.store === true, ...(before === undefined ? {} : { revision: before.revision }) });
    if (flags.project === undefined) return result;
    for (const project of flags.project) await api.projects.setAwsServiceProfile({ name: project, version: (await api.projects.get({ name: project })).version, profile: name });
    return { ...result, projects: (await api.settings.awsProfiles.list()).profiles.find((one) => one.name === name)?.projects ?? [] };
  });
  show(flags, saved, line(saved));
  return DONE;
}

export async function testProfile(name: string, flags: TestFlags): Promise<number> {
  const result = await askServer(flags.server, async (api) => {
    const saved = (await api.settings.awsProfiles.list()).profiles.find((one) => one.name === name);
    if (saved === undefined) throw cliError('USAGE', `the server has no AWS service profile "${name}"`);
    const { revision: _revision, keys: _keys, projects: _projects, ...profile } = saved;
    return flags.createBucket === true ? api.settings.awsProfiles.createBucket({ profile }) : api.settings.awsProfiles.test({ profile });
  });
  show(flags, result, result.steps.map(stepLine).join(''));
  return result.isOk ? DONE : FINISHED_WITH_FINDINGS;
}

/** One that projects use goes only with --yes. */
export async function deleteProfile(name: string, flags: ServerFlags & { readonly yes?: boolean }): Promise<number> {
  await askServer(flags.server, (api) => api.settings.awsProfiles.delete({ name, force: flags.yes === true }));
  show(flags, { name }, `${name} deleted\n`);
  return DONE;
}

function credentialsOf({ sharedProfile, sso, environment, instanceRole, keysFile }: AddFlags): AwsProfile['credentials'] {
  if ([sharedProfile, sso, environment, instanceRole, keysFile].filter((one) => one !== undefined).length > 1) throw cliError('USAGE', 'credentials come from one place only');
  if (sharedProfile !== undefined) return { kind: 'shared-profile', profile: sharedProfile };
  if (sso !== undefined) return { kind: 'sso', profile: sso };
  if (environment === true) return { kind: 'environment' };
  return instanceRole === true ? { kind: 'instance-role' } : { kind: 'keys' };
}

/** Throws SECRET_MISSING, SECRET_FILE_UNFIT. */
async function keysOf(file: string | undefined): Promise<AwsKeys> {
  if (file === undefined) {
    const accessKeyId = await readSecret({ what: 'Access key id', variable: 'AENEAS_ACCESS_KEY_ID' });
    return { accessKeyId, secretAccessKey: await readSecret({ what: 'Secret key', variable: 'AENEAS_SECRET_ACCESS_KEY' }) };
  }
  const unfit = (why: string, cause?: unknown): Error => cliError('SECRET_FILE_UNFIT', `The file with the keys cannot be used: ${why}`, { file }, cause);
  const { mode } = await stat(file).catch((error: Error) => {
    throw unfit(error.message, error);
  });
  if ((mode & OTHERS) !== 0) throw unfit('others than the owner may read it');
  const [accessKeyId = '', secretAccessKey = '', sessionToken = ''] = (await readFile(file, 'utf8')).split(/\r?\n/);
  if (accessKeyId === '' || secretAccessKey === '') throw unfit('access key id and secret key are in its first two lines');
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) };
}

function line({ name, credentials, keys, region, bucket, projects }: SavedAwsProfile): string {
  const place = keys === 'none' ? '' : keys === 'vault' ? ', in the vault' : keys === 'memory' ? ', in memory' : ', not known now';
  return `${name.padEnd(20)} ${region.padEnd(15)} ${credentials.kind}${'profile' in credentials ? ` ${credentials.profile}` : ''}${place}  ${bucket ?? 'no bucket'}${projects.length === 0 ? '' : `  used by ${projects.join(', ')}`}\n`;
}

function stepLine({ step, state, said, problem }: CheckResult['steps'][number]): string {
  return `${state.padEnd(8)} ${step}: ${said}${problem === undefined ? '' : ` (${problem.code}). ${problem.remedy}`}\n`;
}

function show({ json }: ServerFlags, value: object, text: string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : text);
}
