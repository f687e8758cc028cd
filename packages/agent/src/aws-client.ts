import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { JobContext, TargetTable } from './job.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Where an AWS service is, and who asks. Without credentials they come from a profile, the environment or the instance's role. */
export interface AwsSettings {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  readonly credentials?: AwsCredentials | undefined;
}

const MAX_ATTEMPTS = 6;
const CONNECTION_TIMEOUT_MILLIS = 5_000;
const REQUEST_TIMEOUT_MILLIS = 60_000;

/** Settings that every AWS client of ours is made with. */
export function clientSettings(settings: AwsSettings) {
  return {
    region: settings.region,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MILLIS, requestTimeout: REQUEST_TIMEOUT_MILLIS },
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    ...(settings.profile === undefined ? {} : { profile: settings.profile }),
    ...(settings.credentials !== undefined ? { credentials: settings.credentials } : needsNoAccount(settings) ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  };
}

/** Told of each request that is made again, with the error of the one before. */
export type TellRetry = (reason: string) => void;

export function retryTeller({ report }: Pick<JobContext, 'report'>): TellRetry {
  return (reason) => report({ type: 'retried', requests: 1, reason });
}

/** Name of an error for people: what AWS calls it, or the network. */
export function reasonOf(error: unknown): string {
  const { name, code } = error as NodeJS.ErrnoException;
  return name === 'Error' && code !== undefined ? code : name;
}

/** Tells what the SDK's own retries are otherwise silent about. */
export function tellingRetries<Client extends DynamoDBClient | S3Client>(client: Client, tell: TellRetry): Client {
  const reasons = new WeakMap<object, string>();
  // Within the SDK's loop of attempts, so that it runs once for each.
  (client as DynamoDBClient).middlewareStack.add((next) => async (args) => {
    const reason = reasons.get(args.input);
    if (reason !== undefined) tell(reason);
    try {
      return await next(args);
    } catch (error) {
      reasons.set(args.input, reasonOf(error));
      throw error;
    }
  }, { step: 'finalizeRequest', name: 'tellRetries', priority: 'low' });
  return client;
}

/** An emulator on this machine takes any key: asking for a real one (and waiting for an instance role to answer) helps nobody. */
function needsNoAccount(settings: AwsSettings): boolean {
  if (settings.endpoint === undefined || settings.profile !== undefined) return false;
  if (process.env.AWS_ACCESS_KEY_ID !== undefined || process.env.AWS_PROFILE !== undefined) return false;
  const { hostname } = new URL(settings.endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** What BatchWriter is given: it retries by itself, so its client does not. */
export function writerOptions(target: TargetTable, tell: TellRetry) {
  return {
    client: clientSettings(target.aws),
    onRetry: (error: unknown) => tell(reasonOf(error)),
    giveUpMillis: target.giveUpSeconds * 1000,
    ...(target.writeUnitsPerSecond === undefined ? {} : { writeUnitsPerSecond: target.writeUnitsPerSecond }),
  };
}
