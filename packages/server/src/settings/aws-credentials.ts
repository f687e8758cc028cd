// From an AWS service profile to what the SDK's clients are made with.

import { fromEnv } from '@aws-sdk/credential-provider-env';
import { fromIni } from '@aws-sdk/credential-provider-ini';
import { fromSSO } from '@aws-sdk/credential-provider-sso';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { ENV_CMDS_FULL_URI, ENV_CMDS_RELATIVE_URI, fromContainerMetadata, fromInstanceMetadata } from '@smithy/credential-provider-imds';
import { clientSettings } from '@aeneas/agent';
import type { AwsKeys, AwsProfile } from '@aeneas/protocol';
import { serverError } from '../errors.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type CredentialSource = () => Promise<Credentials>;

const METADATA_MILLIS = 2_000;

/** Where a profile's credentials come from. They are looked for when asked. Throws AWS_KEYS_MISSING. */
export function credentialSource({ name, credentials }: AwsProfile, keys: AwsKeys | undefined): CredentialSource {
  if (credentials.kind === 'keys') {
    if (keys === undefined) throw serverError('AWS_KEYS_MISSING', `The access key of the profile "${name}" is not known`);
    const { accessKeyId, secretAccessKey, sessionToken } = keys;
    return () => Promise.resolve({ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) });
  }
  if (credentials.kind === 'shared-profile') return fromIni({ profile: credentials.profile });
  if (credentials.kind === 'sso') return fromSSO({ profile: credentials.profile });
  if (credentials.kind === 'environment') return fromEnv();
  const options = { timeout: METADATA_MILLIS, maxRetries: 1 };
  return process.env[ENV_CMDS_RELATIVE_URI] === undefined && process.env[ENV_CMDS_FULL_URI] === undefined ? fromInstanceMetadata(options) : fromContainerMetadata(options);
}

/** What a client of one service is made with. */
export function serviceSettings({ region, endpoints }: AwsProfile, service: keyof AwsProfile['endpoints'], credentials: CredentialSource) {
  const endpoint = endpoints[service];
  return { ...clientSettings({ region }), ...(endpoint === undefined ? {} : { endpoint }), credentials };
}

/** Names of the profiles in ~/.aws of the user who runs the server, or where AWS_CONFIG_FILE and others say. */
export async function sharedProfileNames(): Promise<string[]> {
  try {
    const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
    // Sections that are not profiles have their kind before their name: "sso-session.corp".
    const profiles = Object.keys(configFile).filter((name) => !/^(?:sso-session|services)\./.test(name));
    return [...new Set([...profiles, ...Object.keys(credentialsFile)])].sort();
  } catch {
    // Suggestions only: a file that cannot be read shows when a profile of it is tested.
    return [];
  }
}
