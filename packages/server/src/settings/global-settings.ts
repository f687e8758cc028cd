// Settings > Global Settings and the vault, put together in the server's workspace.

import { join } from 'node:path';
import { ProjectStore } from '../projects/project-store.ts';
import { profileUses } from '../projects/profile-uses.ts';
import type { FindServiceProfile } from '../service-profile.ts';
import { SessionSecrets } from '../vault/secrets.ts';
import type { Secrets } from '../vault/secrets.ts';
import { Vault } from '../vault/vault.ts';
import { VaultAccess } from '../vault/vault-access.ts';
import { AwsProfiles } from './aws-profiles.ts';
import { Security } from './security.ts';
import { Logging } from './server-log.ts';
import { SettingsFile } from './settings-file.ts';

export interface GlobalSettings {
  readonly vault: VaultAccess;
  readonly secrets: Secrets;
  readonly awsProfiles: AwsProfiles;
  readonly security: Security;
  readonly logging: Logging;
}

/** The AWS service profiles alone, for a migration without a server. `password` is asked for where the vault needs one. Throws SETTINGS_*, VAULT_*. */
export async function openServiceProfiles(workspace: string, password: () => Promise<string>): Promise<FindServiceProfile> {
  const vault = new Vault(join(workspace, 'vault'));
  const profiles = new AwsProfiles(new SettingsFile(join(workspace, 'settings.yaml')), new SessionSecrets(vault), async () => new Map());
  return async (name) => {
    const found = await profiles.use(name);
    if (found.profile.credentials.kind === 'keys' && vault.state === 'locked') {
      const isUnattended = (await vault.locks()).some(({ kind }) => kind !== 'password');
      await vault.open(isUnattended ? undefined : await password());
    }
    return found;
  };
}

/** Throws LOG_FOLDER_UNUSABLE. */
export async function openGlobalSettings(workspace: string): Promise<GlobalSettings> {
  const file = new SettingsFile(join(workspace, 'settings.yaml'));
  const logging = await Logging.open(file, join(workspace, 'log'));
  const vault = new Vault(join(workspace, 'vault'));
  const secrets = new SessionSecrets(vault);
  return {
    vault: new VaultAccess(vault, logging.log), secrets, logging,
    awsProfiles: new AwsProfiles(file, secrets, () => profileUses(new ProjectStore(workspace))), security: new Security(file, secrets, join(workspace, 'stores')),
  };
}
