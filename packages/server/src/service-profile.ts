// An AWS service profile of Global Settings as a project uses it. Of credentials that were typed in, the keys are asked for whenever a job is
// made, and are in its memory alone; every other kind is a place, which is looked at on the machine where the job runs.

import type { AwsCredentials } from '@aeneas/agent';
import type { AwsKeys, AwsProfile } from '@aeneas/protocol';
import { serverError } from './errors.ts';
import { checkImport } from './project.ts';
import type { Project } from './project.ts';

export interface ServiceProfile {
  readonly profile: AwsProfile;
  /** Those that are known now. */
  readonly keys: () => AwsKeys | undefined;
}

/** Throws AWS_PROFILE_UNKNOWN, SETTINGS_*. */
export type FindServiceProfile = (name: string) => Promise<ServiceProfile>;

/** A project with what its AWS service profile says, if it has one: credentials, endpoints, and the bucket where it names neither bucket nor folder. Throws what `find` throws, PROJECT_INVALID. */
export async function withServiceProfile(project: Project, find: FindServiceProfile): Promise<Project> {
  const { target, staging } = project;
  const name = target.awsServiceProfile;
  if (name === undefined) return project;
  const { profile, keys } = await find(name);
  const { credentials, endpoints, bucket } = profile;
  const access = 'profile' in credentials ? { profile: credentials.profile } : credentials.kind === 'keys' ? { credentials: rememberedKeys(name, keys) } : {};
  const s3 = staging.s3 ?? (bucket === undefined || staging.folder !== undefined ? undefined : { bucket, prefix: '', deleteLocalFiles: true, region: profile.region });
  const resolved: Project = {
    ...project,
    target: { ...target, ...(target.endpoint === undefined ? defined('endpoint', endpoints.dynamodb) : {}) },
    staging: { ...staging, ...(s3 === undefined ? {} : { s3: { ...s3, ...(s3.endpoint === undefined ? defined('endpoint', endpoints.s3) : {}) } }) },
    access,
  };
  checkImport(resolved, project.path);
  return resolved;
}

/** A vault that is locked, or keys that go, stop no task that runs: it goes on with those it had. Throws AWS_KEYS_MISSING when there never were any. */
function rememberedKeys(name: string, keys: () => AwsKeys | undefined): () => AwsCredentials {
  let last: AwsKeys | undefined;
  return () => {
    last = keys() ?? last;
    if (last === undefined) throw serverError('AWS_KEYS_MISSING', `The access key of the AWS service profile "${name}" is not known`);
    return last;
  };
}

function defined<K extends string>(key: K, value: string | undefined): { readonly [name in K]?: string } {
  return value === undefined ? {} : { [key]: value } as { readonly [name in K]: string };
}
