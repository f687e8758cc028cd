// The commands that say, make and check what has to be there before a migration.

import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

type SetExitCode = (code: number) => void;

const SECRETS = `
Passwords are asked for on the terminal, or come from a file that its owner alone can read (chmod 600), or from the environment.`;

/** Adds `iam` and `prerequisites`. */
export function addPrerequisiteCommands(program: Command, exitCodes: string, setExitCode: SetExitCode): void {
  addIam(program.command('iam').description('the three IAM policies and the role that AWS DMS assumes'), exitCodes, setExitCode);
  const prerequisites = program.command('prerequisites').description('the users that Aeneas needs on the source\'s machines and in its database');
  addOsUser(prerequisites, exitCodes, setExitCode);
  addDbUser(prerequisites, exitCodes, setExitCode);
}

function addIam(iam: Command, exitCodes: string, setExitCode: SetExitCode): void {
  const command = (name: string, description: string): Command => iam.command(name).description(description)
    .option('--form <form>', 'least: no more than this project needs; seed: as the AWS guide has it', 'least')
    .option('-p, --project <file>', 'take region, tables, bucket, prefix and KMS key from this project file')
    .option('--name <name>', 'what the names of policies and role begin with', 'aeneas')
    .option('--region <region>', 'region of the tables').option('--account <account>', 'the account, 12 digits')
    .option('--table <pattern>', 'DynamoDB tables, with *; repeatable', collected)
    .option('--bucket <bucket>', 'the S3 bucket').option('--prefix <prefix>', 'objects are under PREFIX/').option('--kms-key <arn>', 'key that the bucket is encrypted with')
    .option('--drop-tables', 'tables may be dropped').option('--attach-dms', 'attach the third policy to the role too, as the guide does');
  const asking = (name: string, description: string): Command => command(name, description)
    .option('--profile <profile>', 'profile of ~/.aws; default: the environment').option('--endpoint <url>', 'IAM and STS that are not of AWS').option('--json', 'the answer as JSON');
  command('print', 'print them as JSON, CloudFormation or Terraform')
    .option('--format <format>', 'json, cloudformation, terraform, or differences: what least privilege changes and why', 'json')
    .addHelpText('after', `
Examples:
  aeneas iam print --project shop.yaml --format terraform > permissions.tf
  aeneas iam print --region eu-central-1 --table 'shop.*' --bucket my-staging --format cloudformation > permissions.yaml
${exitCodes}`)
    .action(async (options) => (await import('./commands/iam.ts')).printIam(options));
  asking('create', 'show what is missing in the account, ask, and create it; what exists is compared and stays as it is')
    .option('--preview', 'only show').option('--yes', 'do not ask')
    .addHelpText('after', exitCodes)
    .action(async (options) => setExitCode(await (await import('./commands/iam.ts')).createIamCommand(options)));
  asking('check', 'ask IAM\'s policy simulator, action by action')
    .option('--principal <arn>', 'user or role that runs Aeneas; default: the role that DMS assumes')
    .addHelpText('after', exitCodes)
    .action(async (options) => setExitCode(await (await import('./commands/iam.ts')).checkIamCommand(options)));
}

function addOsUser(prerequisites: Command, exitCodes: string, setExitCode: SetExitCode): void {
  prerequisites.command('os-user').description('print the commands that make the source OS user on a Cassandra node')
    .option('--form <form>', 'least: no more than needed; seed: as the AWS guide has it', 'least').option('--install <kind>', 'package or tarball', 'package')
    .option('--login <user>', 'the user that the machine came with: ec2-user, ubuntu or centos', 'ec2-user').option('--user <name>', 'the user to make', 'sct_extractor')
    .option('--for <purpose>', 'read: extract from the node; clone: also clone its datacenter', 'read')
    .option('--data <directory>', 'data directory; repeatable', collected).option('--configuration <folder>', 'folder of cassandra.yaml', '/etc/cassandra').option('--home <folder>', 'folder of a tarball installation', '/opt/cassandra')
    .option('--public-key <file>', 'public key to let in; default: a key is generated on the node').option('--repairs', 'also say what is garbled in the AWS guide, and how it was repaired').option('--json', 'as JSON')
    .addHelpText('after', `
Example:
  aeneas prerequisites ssh-key sct_extractor.pem
  aeneas prerequisites os-user --login ubuntu --public-key sct_extractor.pem.pub | ssh ubuntu@10.0.0.11 sh
${exitCodes}`)
    .action(async (options) => (await import('./commands/prerequisites.ts')).printOsUser(options));
  prerequisites.command('ssh-key').description('generate an RSA key pair in OpenSSH\'s format: FILE (mode 0600) and FILE.pub').argument('<file>', 'a new file')
    .option('--passphrase-file <file>', 'encrypt it with this; or AENEAS_SSH_PASSPHRASE').addHelpText('after', exitCodes)
    .action(async (file: string, options) => (await import('./commands/prerequisites.ts')).generateKey(file, options));
  prerequisites.command('check-os-user').description('log in by SSH and look: sudo rights, groups, directories').argument('<host>', 'host name or address')
    .option('--port <port>', 'of its SSH server', port, 22).option('--user <name>', 'the user', 'sct_extractor').option('--for <purpose>', 'read or clone', 'read')
    .option('--fingerprint <sha256>', 'of the host key; without it the key is shown and has to be confirmed').option('--key <file>', 'private key').option('--password-file <file>', 'password, or passphrase of the key; or AENEAS_SSH_PASSWORD')
    .option('--data <directory>', 'data directory; repeatable', collected).option('--configuration <folder>', 'folder of cassandra.yaml', '/etc/cassandra').option('--json', 'as JSON')
    .addHelpText('after', `${SECRETS}\n${exitCodes}`)
    .action(async (host: string, options) => setExitCode(await (await import('./commands/prerequisites.ts')).checkOsUserCommand(host, options)));
}

function addDbUser(prerequisites: Command, exitCodes: string, setExitCode: SetExitCode): void {
  prerequisites.command('db-user').description('print the commands that switch authentication on and make the source database user')
    .option('--cassandra <version>', '2.1, 2.2, 3.0, 3.1, 3.11, 4.0, 4.1 or 5.0', '3.11').option('--install <kind>', 'package or tarball', 'package').option('--user <name>', 'the user to make', 'min_privs')
    .option('--for <purpose>', 'read: read schema and sample rows; clone: also clone a datacenter', 'read').option('--keyspace <name>', 'keyspace to migrate; repeatable', collected)
    .option('--configuration <folder>', 'folder of cassandra.yaml', '/etc/cassandra').option('--repairs', 'also say what is garbled in the AWS guide, and how it was repaired').option('--json', 'as JSON')
    .addHelpText('after', exitCodes)
    .action(async (options) => (await import('./commands/prerequisites.ts')).printDbUser(options));
  prerequisites.command('check-db-user').description('log in by CQL and look: what the user may, and whether that is too much').argument('<host>', 'a node')
    .option('--port <port>', 'of its native transport', port, 9042).option('--user <name>', 'the user', 'min_privs').option('--for <purpose>', 'read or clone', 'read')
    .option('--keyspace <name>', 'keyspace to migrate; repeatable; default: all but the system\'s', collected).option('--password-file <file>', 'password of the user; or AENEAS_CQL_PASSWORD')
    .option('--trust-store <file>', 'PKCS#12 or JKS: connect by TLS').option('--trust-store-password-file <file>', 'its password; or AENEAS_STORE_PASSWORD')
    .option('--key-store <file>', 'PKCS#12 or JKS, where the node demands a certificate').option('--key-store-password-file <file>', 'its password; or AENEAS_KEY_STORE_PASSWORD').option('--json', 'as JSON')
    .addHelpText('after', `${SECRETS}\n${exitCodes}`)
    .action(async (host: string, options) => setExitCode(await (await import('./commands/prerequisites.ts')).checkDbUserCommand(host, options)));
}

function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function port(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 65_535) throw new InvalidArgumentError('Give a port, 1 to 65535.');
  return number;
}
