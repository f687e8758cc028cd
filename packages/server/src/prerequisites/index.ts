// What the command line uses of the prerequisites.

export { checkDbUser } from './db-user-check.ts';
export { dbUserCommands } from './db-user.ts';
export { createIam, previewIam } from './iam-account.ts';
export { checkIam } from './iam-check.ts';
export { projectScope } from './iam-scope.ts';
export { iamDocuments } from './iam.ts';
export { checkOsUser, shownHostKey } from './os-user-check.ts';
export { osUserCommands } from './os-user.ts';
export { generateKeyPair } from './ssh-key.ts';
