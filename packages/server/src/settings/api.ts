// The parts of the app's contract about settings and the vault, answered.

import { settingsContract, vaultContract } from '@aeneas/protocol';
import { implement } from '@orpc/server';
import { sharedProfileNames } from './aws-credentials.ts';
import type { GlobalSettings } from './global-settings.ts';

/** Routers of `settings` and `vault`. */
export function settingsRouters({ vault, awsProfiles, security, logging }: GlobalSettings) {
  const settings = implement(settingsContract);
  const ofVault = implement(vaultContract);
  return {
    settings: {
      awsProfiles: {
        list: settings.awsProfiles.list.handler(async () => ({ profiles: await awsProfiles.list(), sharedProfiles: await sharedProfileNames() })),
        save: settings.awsProfiles.save.handler(({ input }) => awsProfiles.save(input)),
        delete: settings.awsProfiles.delete.handler(async ({ input }) => {
          await awsProfiles.delete(input.name, input.force);
          return {};
        }),
        test: settings.awsProfiles.test.handler(({ input: { profile, keys } }) => awsProfiles.test(profile, keys)),
        createBucket: settings.awsProfiles.createBucket.handler(({ input: { profile, keys } }) => awsProfiles.createBucket(profile, keys)),
      },
      security: {
        get: settings.security.get.handler(() => security.status()),
        generate: settings.security.generate.handler(({ input }) => security.generate(input)),
        select: settings.security.select.handler(({ input }) => security.select(input)),
      },
      logging: {
        get: settings.logging.get.handler(() => logging.status()),
        save: settings.logging.save.handler(({ input: { revision, ...wanted } }) => logging.save(wanted, revision)),
      },
    },
    vault: {
      status: ofVault.status.handler(() => vault.status()),
      create: ofVault.create.handler(({ input }) => vault.create(input.lock)),
      open: ofVault.open.handler(({ input }) => vault.open(input.password)),
      lock: ofVault.lock.handler(() => vault.lock()),
      changePassword: ofVault.changePassword.handler(({ input }) => vault.changePassword(input.current, input.next)),
      addLock: ofVault.addLock.handler(({ input }) => vault.addLock(input.lock, input.password)),
      removeLock: ofVault.removeLock.handler(({ input }) => vault.removeLock(input.id, input.password)),
      forget: ofVault.forget.handler(({ input }) => vault.forget(input.name)),
    },
  };
}
