// `vault ...` and `aws-profile ...`: what Settings > Global Settings does, asked of a server that runs.

import { Option } from 'commander';
import type { Command } from 'commander';
import { LOG_LEVELS } from '@aeneas/protocol';

type SetExitCode = (code: number) => void;
type Asking = (command: Command) => Command;

const SECRETS = `
Passwords and keys are asked for on the terminal, or come from a file that its owner alone can read (chmod 600), or from the environment;
never from arguments, which everybody on the machine can see.`;

export function addSettingsCommands(program: Command, setExitCode: SetExitCode, asking: Asking, exitCodes: string): void {
  const vault = program.command('vault').description('where a server keeps passwords and keys that are to be stored');
  const command = (name: string, description: string): Command => asking(vault.command(name).description(description));
  command('status', 'whether there is a vault, whether it is open, what opens it, and the names of what it holds')
    .action(async (options) => setExitCode(await (await import('./commands/vault.ts')).vaultStatus(options)));
  command('create', 'make the vault; without options it is opened by a master password')
    .option('--password-file <file>', 'take the master password from there; or AENEAS_VAULT_PASSWORD')
    .option('--key-file <file>', 'opened by this file instead, without anybody; made if it is not there')
    .option('--keyring', 'opened by the keyring of the server\'s user instead, without anybody')
    .option('--kms-key <id>', 'opened by this key of AWS KMS instead, without anybody')
    .option('--region <region>', 'of the KMS key')
    .addHelpText('after', `${SECRETS}\n${exitCodes}`)
    .action(async (options) => setExitCode(await (await import('./commands/vault.ts')).createVault(options)));
  command('open', 'open the vault, as after each start of the server')
    .option('--password-file <file>', 'take the master password from there; or AENEAS_VAULT_PASSWORD')
    .addHelpText('after', `${SECRETS}\n${exitCodes}`)
    .action(async (options) => setExitCode(await (await import('./commands/vault.ts')).openVault(options)));
  command('lock', 'lock the vault').action(async (options) => setExitCode(await (await import('./commands/vault.ts')).lockVault(options)));
  command('password', 'change the master password; all secrets are encrypted anew')
    .option('--password-file <file>', 'take the present one from there; or AENEAS_VAULT_PASSWORD')
    .option('--new-password-file <file>', 'take the new one from there; or AENEAS_NEW_VAULT_PASSWORD')
    .addHelpText('after', `${SECRETS}\n${exitCodes}`)
    .action(async (options) => setExitCode(await (await import('./commands/vault.ts')).changePassword(options)));

  command('add-lock', 'add a way to open the vault; any one of them is enough')
    .option('--key-file <file>', 'this file, made if it is not there').option('--keyring', 'the keyring of the server\'s user')
    .option('--kms-key <id>', 'this key of AWS KMS').option('--region <region>', 'of the KMS key')
    .option('--password-file <file>', 'take the master password that the vault has from there; or AENEAS_VAULT_PASSWORD')
    .option('--new-password-file <file>', 'without the other options: take the master password that it gets from there')
    .addHelpText('after', `${SECRETS}\n${exitCodes}`)
    .action(async (options) => setExitCode(await (await import('./commands/vault.ts')).addLock(options)));
  command('remove-lock', 'remove a way to open the vault; all secrets are encrypted anew').argument('<id>', 'as "aeneas vault status" prints it')
    .option('--password-file <file>', 'take the master password from there; or AENEAS_VAULT_PASSWORD')
    .action(async (id: string, options) => setExitCode(await (await import('./commands/vault.ts')).removeLock(id, options)));
  command('forget', 'delete a secret from the vault').argument('<name>', 'as "aeneas vault status" prints it')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/vault.ts')).forgetSecret(name, options)));

  const stores = program.command('stores').description('trust store and key store of a server, with which it and its agents recognise each other');
  const ofStores = (name: string, description: string): Command => asking(stores.command(name).description(description));
  const passwords = (one: Command): Command => one
    .option('--trust-password-file <file>', 'password of the trust store; or TRUST_STORE_PASSWORD')
    .option('--key-password-file <file>', 'password of the key stores; or KEY_STORE_PASSWORD')
    .option('--store', 'keep both passwords in the vault').addHelpText('after', `${SECRETS}\n${exitCodes}`);
  ofStores('status', 'which they are, where each file belongs, and until when it is valid').action(async (options) => setExitCode(await (await import('./commands/stores.ts')).storesStatus(options)));
  passwords(ofStores('generate', 'make an authority, trust store and key stores; again: add agents, renew'))
    .option('--folder <folder>', 'location, on the server\'s machine; default: as before, or "stores" in the server\'s workspace')
    .option('--trust-store <name>', 'name of the trust store').option('--key-store <name>', 'name of the server\'s key store')
    .option('--agent <name=hosts>', 'an agent, and the host names and addresses under which the server reaches it, separated by commas; repeatable', (one: string, before: string[]) => [...before, one], [])
    .option('--renew <file...>', 'certificates of the server and of agents that are made anew, by the names of their files')
    .option('--days <days>', 'how long new certificates are valid', Number, 825)
    .option('--authority-password-file <file>', 'password of the authority, which is never kept; or AENEAS_AUTHORITY_PASSWORD')
    .action(async (options) => setExitCode(await (await import('./commands/stores.ts')).generateStores(options)));
  passwords(ofStores('select', 'use stores that exist: PKCS#12 or JKS; both are opened first'))
    .requiredOption('--trust-store <file>', 'on the server\'s machine').requiredOption('--key-store <file>', 'on the server\'s machine')
    .action(async (options) => setExitCode(await (await import('./commands/stores.ts')).selectStores(options)));

  asking(program.command('logging').description('level and folder of a server\'s log, changed at once; without options: how it is now'))
    .addOption(new Option('--level <level>', 'what is logged').choices(LOG_LEVELS))
    .option('--folder <folder>', 'on the server\'s machine; "default": as without a setting')
    .action(async (options) => setExitCode(await (await import('./commands/stores.ts')).logging(options)));

  const profiles = program.command('aws-profile').description('AWS service profiles of a server: who asks AWS, where, with which bucket');
  const ofProfiles = (name: string, description: string): Command => asking(profiles.command(name).description(description));
  ofProfiles('list', 'the profiles, and where their keys are').action(async (options) => setExitCode(await (await import('./commands/aws-profiles.ts')).listProfiles(options)));
  ofProfiles('add', 'add a profile, or replace the one of this name').argument('<name>', 'your name for it')
    .requiredOption('--region <region>', 'of the tables and the bucket')
    .option('--shared-profile <name>', 'credentials: a profile of ~/.aws')
    .option('--sso <name>', 'credentials: an IAM Identity Center profile of ~/.aws')
    .option('--environment', 'credentials: AWS_ACCESS_KEY_ID and others of the server')
    .option('--instance-role', 'credentials: the role of the server\'s machine')
    .option('--keys-file <file>', 'credentials: a file with access key id, secret key and, if there is one, session token, a line each; without any of these options they are asked for')
    .option('--store', 'keep the keys in the vault, instead of in memory until the server ends')
    .option('--bucket <name>', 'S3 bucket for staged data')
    .option('--project <name...>', 'projects that are associated with it from now on')
    .option('--dynamodb-endpoint <url>', 'where DynamoDB is, if not at its usual address')
    .option('--s3-endpoint <url>', 'the same of S3')
    .option('--sts-endpoint <url>', 'the same of STS')
    .addHelpText('after', `${SECRETS}

Examples:
  aeneas aws-profile add prod --region eu-central-1 --instance-role --bucket my-staging
  aeneas aws-profile add prod --region eu-central-1 --store --bucket my-staging        asks for the keys
${exitCodes}`)
    .action(async (name: string, options) => setExitCode(await (await import('./commands/aws-profiles.ts')).addProfile(name, options)));
  ofProfiles('test', 'credentials, STS, DynamoDB and S3, one after the other; ends with 1 if one fails').argument('<name>', 'the profile')
    .option('--create-bucket', 'make its bucket if it is not there, private and encrypted, and write, read and delete an object')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/aws-profiles.ts')).testProfile(name, options)));
  ofProfiles('delete', 'delete a profile and its keys').argument('<name>', 'the profile').option('--yes', 'also when projects use it')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/aws-profiles.ts')).deleteProfile(name, options)));
}
