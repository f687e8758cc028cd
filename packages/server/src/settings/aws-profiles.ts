// AWS service profiles: what settings.yaml says of them, and their keys, which are secrets.

import type { AwsKeys, AwsProfile, CheckResult, SavedAwsProfile } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { ServiceProfile } from '../service-profile.ts';
import type { Secrets } from '../vault/secrets.ts';
import { createBucket, testProfile } from './aws-check.ts';
import { checkRevision, revisionOf } from './settings-file.ts';
import type { SettingsFile } from './settings-file.ts';

interface SaveOrder {
  readonly profile: AwsProfile;
  /** None: those that are known stay. */
  readonly keys?: AwsKeys | undefined;
  readonly store: boolean;
  /** Of what is changed; none: there must be no profile of this name. */
  readonly revision?: string | undefined;
}

export class AwsProfiles {
  readonly #settings: SettingsFile;
  readonly #secrets: Secrets;
  readonly #uses: () => Promise<ReadonlyMap<string, readonly string[]>>;

  /** @param uses names of the projects that use a profile, by its name. */
  constructor(settings: SettingsFile, secrets: Secrets, uses: () => Promise<ReadonlyMap<string, readonly string[]>>) {
    this.#settings = settings;
    this.#secrets = secrets;
    this.#uses = uses;
  }

  async list(): Promise<SavedAwsProfile[]> {
    const uses = await this.#uses();
    return (await this.#settings.read()).awsProfiles.map((profile) => this.#saved(profile, uses));
  }

  /** For what works with it. Throws AWS_PROFILE_UNKNOWN. */
  async use(name: string): Promise<ServiceProfile> {
    const profile = (await this.#settings.read()).awsProfiles.find((one) => one.name === name);
    if (profile === undefined) throw unknown(name);
    return { profile, keys: () => this.#keys(name) };
  }

  /** Throws SETTINGS_CHANGED, VAULT_ABSENT and VAULT_LOCKED when keys are to be stored, FILE_UNWRITABLE. */
  save({ profile, keys, store, revision }: SaveOrder): Promise<SavedAwsProfile> {
    return this.#settings.update(async (settings) => {
      const before = settings.awsProfiles.find(({ name }) => name === profile.name);
      checkRevision(before, revision ?? revisionOf(undefined), `The profile "${profile.name}"`);
      await this.#keep(profile, before, keys, store);
      const others = settings.awsProfiles.filter(({ name }) => name !== profile.name);
      const awsProfiles = [...others, profile].sort((left, right) => (left.name < right.name ? -1 : 1));
      return { settings: { ...settings, awsProfiles }, result: this.#saved(profile, await this.#uses()) };
    });
  }

  /** Throws AWS_PROFILE_UNKNOWN, AWS_PROFILE_IN_USE, VAULT_LOCKED when its keys may be in the vault. */
  delete(name: string, force: boolean): Promise<void> {
    return this.#settings.update(async (settings) => {
      const profile = settings.awsProfiles.find((one) => one.name === name);
      if (profile === undefined) throw unknown(name);
      const users = (await this.#uses()).get(name) ?? [];
      if (users.length > 0 && !force) throw serverError('AWS_PROFILE_IN_USE', `The AWS service profile "${name}" is used by ${users.join(', ')}`);
      if (profile.credentials.kind === 'keys') await this.#secrets.delete(secretName(name));
      return { settings: { ...settings, awsProfiles: settings.awsProfiles.filter((one) => one !== profile) }, result: undefined };
    });
  }

  /** A profile as it was typed; without keys those that are known of its name. */
  test(profile: AwsProfile, keys: AwsKeys | undefined): Promise<CheckResult> {
    return testProfile(profile, keys ?? this.#keys(profile.name));
  }

  createBucket(profile: AwsProfile, keys: AwsKeys | undefined): Promise<CheckResult> {
    return createBucket(profile, keys ?? this.#keys(profile.name));
  }

  async #keep({ name, credentials }: AwsProfile, before: AwsProfile | undefined, keys: AwsKeys | undefined, store: boolean): Promise<void> {
    const secret = secretName(name);
    if (credentials.kind !== 'keys') {
      if (before?.credentials.kind === 'keys') await this.#secrets.delete(secret);
      return;
    }
    const text = keys === undefined ? this.#secrets.get(secret) : JSON.stringify(keys);
    if (text !== undefined && (keys !== undefined || (this.#secrets.placeOf(secret) === 'vault') !== store)) await this.#secrets.set(secret, text, { store });
  }

  #keys(name: string): AwsKeys | undefined {
    const text = this.#secrets.get(secretName(name));
    return text === undefined ? undefined : JSON.parse(text) as AwsKeys;
  }

  #saved(profile: AwsProfile, uses: ReadonlyMap<string, readonly string[]>): SavedAwsProfile {
    const keys = profile.credentials.kind === 'keys' ? this.#secrets.placeOf(secretName(profile.name)) ?? 'missing' : 'none';
    return { ...profile, revision: revisionOf(profile), keys, projects: [...uses.get(profile.name) ?? []] };
  }
}

function unknown(name: string): Error {
  return serverError('AWS_PROFILE_UNKNOWN', `There is no AWS service profile "${name}"`);
}

function secretName(profile: string): string {
  return `aws-profile/${profile}`;
}
