// Settings > Global Settings and the vault, put together in the server's workspace.

import { join } from 'node:path';
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

/** Throws LOG_FOLDER_UNUSABLE. */
export async function openGlobalSettings(workspace: string): Promise<GlobalSettings> {
  const file = new SettingsFile(join(workspace, 'settings.yaml'));
  const logging = await Logging.open(file, join(workspace, 'log'));
  const vault = new Vault(join(workspace, 'vault'));
  const secrets = new SessionSecrets(vault);
  return {
    vault: new VaultAccess(vault, logging.log), secrets, logging,
    awsProfiles: new AwsProfiles(file, secrets), security: new Security(file, secrets, join(workspace, 'stores')),
  };
}
