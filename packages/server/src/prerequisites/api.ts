// The prerequisites' part of the contract, answered. Passwords are used for the one question that brings them, and kept nowhere.

import type { appContract } from '@aeneas/protocol';
import type { implement } from '@orpc/server';
import { checkDbUser } from './db-user-check.ts';
import { dbUserCommands } from './db-user.ts';
import { createIam, previewIam } from './iam-account.ts';
import { checkIam } from './iam-check.ts';
import { projectScope } from './iam-scope.ts';
import { iamDocuments } from './iam.ts';
import { checkOsUser, shownHostKey } from './os-user-check.ts';
import { osUserCommands } from './os-user.ts';
import { generateKeyPair } from './ssh-key.ts';

/** With what is done around every call, as control/api.ts has it. */
type Implementer = ReturnType<ReturnType<typeof implement<typeof appContract>>['use']>;

export function prerequisitesRouter({ prerequisites: { iam, osUser, dbUser } }: Pick<Implementer, 'prerequisites'>) {
  return {
    iam: {
      documents: iam.documents.handler(({ input }) => iamDocuments(input)),
      scope: iam.scope.handler(({ input }) => projectScope(input.projectFile)),
      preview: iam.preview.handler(({ input: { scope, access } }) => previewIam(scope, access)),
      create: iam.create.handler(({ input: { scope, access, digest } }) => createIam(scope, access, digest)),
      check: iam.check.handler(async ({ input: { scope, access, principal } }) => ({ results: await checkIam(scope, access, principal) })),
    },
    osUser: {
      commands: osUser.commands.handler(({ input }) => osUserCommands(input)),
      generateKey: osUser.generateKey.handler(({ input }) => generateKeyPair(input)),
      hostKey: osUser.hostKey.handler(({ input: { host, port } }) => shownHostKey(host, port)),
      check: osUser.check.handler(async ({ input }) => ({ findings: await checkOsUser(input) })),
    },
    dbUser: {
      commands: dbUser.commands.handler(({ input }) => dbUserCommands(input)),
      check: dbUser.check.handler(async ({ input }) => ({ findings: await checkDbUser(input) })),
    },
  };
}
