// The buttons "Test" and "Create and check" of an AWS service profile: each thing is tried by itself, and told with its cause and remedy.

import { randomBytes } from 'node:crypto';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand, DeleteObjectCommand, GetBucketEncryptionCommand, GetObjectCommand, GetPublicAccessBlockCommand, HeadBucketCommand, PutBucketEncryptionCommand, PutObjectCommand,
  PutPublicAccessBlockCommand, S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AgentRefusal, AwsKeys, AwsProfile, CheckResult, CheckStep } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import { credentialSource, serviceSettings } from './aws-credentials.ts';
import type { CredentialSource } from './aws-credentials.ts';
import { awsProblem } from './aws-problem.ts';

/** A person waits. Together with the SDK's second attempt. */
const STEP_MILLIS = 10_000;
const ATTEMPTS = 2;
const US_EAST_1 = 'us-east-1';
const PROBE_PREFIX = '.aeneas-probe-';
const ALL_BLOCKED = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };

class Steps {
  readonly steps: CheckStep[] = [];

  /** True: it worked. `work` says what it found; with `warning` that it is not as it should be. */
  async run(step: string, what: string, work: (abortSignal: AbortSignal) => Promise<string | { readonly warning: string }>): Promise<boolean> {
    const startMillis = Date.now();
    const abortSignal = AbortSignal.timeout(STEP_MILLIS);
    try {
      const outcome = await Promise.race([work(abortSignal), rejectedWhen(abortSignal)]);
      this.#add(step, startMillis, typeof outcome === 'string' ? { state: 'ok', said: outcome } : { state: 'warning', said: outcome.warning });
      return true;
    } catch (error) {
      const problem: AgentRefusal = awsProblem(error, what);
      this.#add(step, startMillis, { state: 'failed', said: problem.message, problem });
      return false;
    }
  }

  skip(step: string, why: string): void {
    this.#add(step, Date.now(), { state: 'skipped', said: why });
  }

  get result(): CheckResult {
    return { isOk: this.steps.every(({ state }) => state !== 'failed'), steps: this.steps };
  }

  #add(step: string, startMillis: number, outcome: Pick<CheckStep, 'state' | 'said' | 'problem'>): void {
    this.steps.push({ step, millis: Date.now() - startMillis, ...outcome });
  }
}

/** Looking for credentials takes no signal. */
function rejectedWhen(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

/** Credentials, STS GetCallerIdentity, DynamoDB ListTables, S3 HeadBucket. Nothing is changed. */
export async function testProfile(profile: AwsProfile, keys: AwsKeys | undefined): Promise<CheckResult> {
  const steps = new Steps();
  const source = await foundCredentials(steps, profile, keys);
  const others = ['Identity', 'DynamoDB', 'S3 bucket'] as const;
  if (source === undefined) {
    for (const step of others) steps.skip(step, 'There are no credentials to ask with.');
    return steps.result;
  }
  const clients = { sts: new STSClient(settingsOf(profile, 'sts', source)), dynamodb: new DynamoDBClient(settingsOf(profile, 'dynamodb', source)), s3: s3Client(profile, source) };
  await steps.run('Identity', 'STS GetCallerIdentity', async (abortSignal) => {
    const { Account, Arn } = await clients.sts.send(new GetCallerIdentityCommand({}), { abortSignal });
    return `Account ${Account}, ${Arn}`;
  });
  await steps.run('DynamoDB', 'DynamoDB ListTables', async (abortSignal) => {
    const { TableNames = [], LastEvaluatedTableName } = await clients.dynamodb.send(new ListTablesCommand({}), { abortSignal });
    return `${TableNames.length}${LastEvaluatedTableName === undefined ? '' : ' or more'} tables in ${profile.region}`;
  });
  const { bucket } = profile;
  if (bucket === undefined) {
    steps.skip('S3 bucket', 'The profile names none.');
  } else {
    await steps.run('S3 bucket', `S3 HeadBucket ${bucket}`, async (abortSignal) => {
      const { BucketRegion } = await clients.s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal });
      if (BucketRegion !== undefined && BucketRegion !== profile.region) throw serverError('BUCKET_ELSEWHERE', `The bucket ${bucket} is in ${BucketRegion}, the profile in ${profile.region}`);
      return `${bucket} is there`;
    });
  }
  for (const client of Object.values(clients)) client.destroy();
  return steps.result;
}

/** Makes the profile's bucket, private and encrypted, and tries it. One that is there is looked at, and not changed. */
export async function createBucket(profile: AwsProfile, keys: AwsKeys | undefined): Promise<CheckResult> {
  const steps = new Steps();
  const { bucket: Bucket } = profile;
  if (Bucket === undefined) throw serverError('BUCKET_MISSING', 'The profile names no bucket');
  const source = await foundCredentials(steps, profile, keys);
  if (source === undefined) return steps.result;
  const client = s3Client(profile, source);
  try {
    let isNew = false;
    const isThere = await steps.run('Bucket', `S3 CreateBucket ${Bucket}`, async (abortSignal) => {
      isNew = await createUnlessThere(client, profile.region, Bucket, abortSignal);
      return isNew ? `${Bucket} was made in ${profile.region}` : `${Bucket} is there already; its settings are looked at, and stay as they are`;
    });
    if (!isThere) return steps.result;
    await steps.run('Public access', `S3 PublicAccessBlock ${Bucket}`, (abortSignal) => (isNew ? blockPublicAccess : lookAtPublicAccess)(client, Bucket, abortSignal));
    await steps.run('Encryption', `S3 BucketEncryption ${Bucket}`, (abortSignal) => (isNew ? setEncryption : lookAtEncryption)(client, Bucket, abortSignal));
    await probe(steps, client, Bucket);
    return steps.result;
  } finally {
    client.destroy();
  }
}

async function foundCredentials(steps: Steps, profile: AwsProfile, keys: AwsKeys | undefined): Promise<CredentialSource | undefined> {
  let source: CredentialSource | undefined;
  const isFound = await steps.run('Credentials', 'Looking for credentials', async () => {
    source = credentialSource(profile, keys);
    const { accessKeyId } = await source();
    return `Access key ending in ${accessKeyId.slice(-4)}`;
  });
  return isFound ? source : undefined;
}

/** Throws BUCKET_ELSEWHERE, and what S3 refuses. */
async function createUnlessThere(client: S3Client, region: string, Bucket: string, abortSignal: AbortSignal): Promise<boolean> {
  try {
    await client.send(new HeadBucketCommand({ Bucket }), { abortSignal });
    return false;
  } catch (error) {
    // Whoever may not list a bucket may not know whether it is there: then creating it tells.
    const { $metadata } = error as { readonly $metadata?: { readonly httpStatusCode?: number } };
    if ($metadata?.httpStatusCode !== 404 && $metadata?.httpStatusCode !== 403) throw error;
  }
  try {
    // us-east-1 is the one Region that must not be named (API_CreateBucket, LocationConstraint).
    await client.send(new CreateBucketCommand({ Bucket, ...(region === US_EAST_1 ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-central-1' } }) }), { abortSignal });
    return true;
  } catch (error) {
    if ((error as Error).name === 'BucketAlreadyOwnedByYou') return false;
    throw error;
  }
}

async function blockPublicAccess(client: S3Client, Bucket: string, abortSignal: AbortSignal): Promise<string> {
  await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: ALL_BLOCKED }), { abortSignal });
  return 'All public access is blocked';
}

async function lookAtPublicAccess(client: S3Client, Bucket: string, abortSignal: AbortSignal): Promise<string | { readonly warning: string }> {
  const warning = 'Public access is not blocked entirely: block it in the S3 console, or let the account block it.';
  try {
    const { PublicAccessBlockConfiguration: found = {} } = await client.send(new GetPublicAccessBlockCommand({ Bucket }), { abortSignal });
    return (Object.keys(ALL_BLOCKED) as (keyof typeof ALL_BLOCKED)[]).every((key) => found[key] === true) ? 'All public access is blocked' : { warning };
  } catch (error) {
    if ((error as Error).name === 'NoSuchPublicAccessBlockConfiguration') return { warning };
    throw error;
  }
}

async function setEncryption(client: S3Client, Bucket: string, abortSignal: AbortSignal): Promise<string> {
  await client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] } }), { abortSignal });
  return 'Encrypted by default with AES-256 (SSE-S3)';
}

async function lookAtEncryption(client: S3Client, Bucket: string, abortSignal: AbortSignal): Promise<string | { readonly warning: string }> {
  const warning = 'No default encryption is set for the bucket.';
  try {
    const { ServerSideEncryptionConfiguration } = await client.send(new GetBucketEncryptionCommand({ Bucket }), { abortSignal });
    const algorithm = ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm;
    return algorithm === undefined ? { warning } : `Encrypted by default with ${algorithm}`;
  } catch (error) {
    if ((error as Error).name === 'ServerSideEncryptionConfigurationNotFoundError') return { warning };
    throw error;
  }
}

/** As a migration will: write, read, delete. */
async function probe(steps: Steps, client: S3Client, Bucket: string): Promise<void> {
  const Key = `${PROBE_PREFIX}${randomBytes(8).toString('hex')}`;
  const content = randomBytes(64).toString('hex');
  const isWritten = await steps.run('Write', `S3 PutObject ${Key}`, async (abortSignal) => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: content }), { abortSignal });
    return `Wrote ${Key}`;
  });
  if (!isWritten) return;
  await steps.run('Read', `S3 GetObject ${Key}`, async (abortSignal) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal });
    if ((await Body?.transformToString()) !== content) throw serverError('BUCKET_PROBE', `${Key} did not come back as it was written`);
    return 'Read the same bytes back';
  });
  await steps.run('Delete', `S3 DeleteObject ${Key}`, async (abortSignal) => {
    await client.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal });
    return 'Deleted it again';
  });
}

function settingsOf(profile: AwsProfile, service: keyof AwsProfile['endpoints'], source: CredentialSource) {
  return { ...serviceSettings(profile, service, source), maxAttempts: ATTEMPTS };
}

function s3Client(profile: AwsProfile, source: CredentialSource): S3Client {
  return new S3Client({ ...settingsOf(profile, 's3', source), forcePathStyle: profile.endpoints.s3 !== undefined });
}
