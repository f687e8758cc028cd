import type { TargetTable } from './job.ts';

/** Where an AWS service is, and who asks. Credentials come from the environment, a profile or the instance's role. */
export interface AwsSettings {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
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
    ...(needsNoAccount(settings) ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  };
}

/** An emulator on this machine takes any key: asking for a real one (and waiting for an instance role to answer) helps nobody. */
function needsNoAccount(settings: AwsSettings): boolean {
  if (settings.endpoint === undefined || settings.profile !== undefined) return false;
  if (process.env.AWS_ACCESS_KEY_ID !== undefined || process.env.AWS_PROFILE !== undefined) return false;
  const { hostname } = new URL(settings.endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** What BatchWriter is given: it retries by itself, so its client does not. */
export function writerOptions(target: TargetTable) {
  return {
    client: clientSettings(target.aws),
    giveUpMillis: target.giveUpSeconds * 1000,
    ...(target.writeUnitsPerSecond === undefined ? {} : { writeUnitsPerSecond: target.writeUnitsPerSecond }),
  };
}
