// The commands about projects and their connections: what the web app's Main view does.

import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

type SetExitCode = (code: number) => void;

const SECRETS = `
Passwords come from files that their owner alone can read, from the variable that is named, or from the terminal; never from arguments.
They are kept until the project is closed or the server ends; with --store-password in the vault.`;

/** Adds `project`, `mapping`, `source` and `target`. `asking` gives a command --server and --json. */
export function addProjectCommands(program: Command, asking: (command: Command) => Command, setExitCode: SetExitCode): void {
  const project = program.command('project').description('projects of a server that runs (aeneas serve)');
  const command = (parent: Command, name: string, description: string): Command => asking(parent.command(name).description(description));

  command(project, 'list', 'all projects, with their files')
    .action(async (options) => setExitCode(await (await import('./commands/projects.ts')).listProjects(options)));
  command(project, 'create', 'make an empty project').argument('<name>', 'letters, digits, _ and -')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/projects.ts')).createProject(name, options)));
  command(project, 'open', 'add a project file to the list, where it is').argument('<file>', 'project file on the server\'s machine')
    .action(async (file: string, options) => setExitCode(await (await import('./commands/projects.ts')).openProject(file, options)));
  command(project, 'close', 'end a project\'s connections and forget the passwords that are not stored').argument('<name>', 'the project')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/projects.ts')).closeProject(name, options)));
  command(project, 'export', 'print a project as one file').argument('<name>', 'the project')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/projects.ts')).exportProject(name, options)));
  command(project, 'import', 'make a project of an exported file').argument('<name>', 'of the new project').argument('<file>', 'as "aeneas project export" printed it')
    .action(async (name: string, file: string, options) => setExitCode(await (await import('./commands/projects.ts')).importProject(name, file, options)));
  command(project, 'delete', 'delete a project; without --yes: say what that would delete').argument('<name>', 'the project').option('--yes', 'do it')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/projects.ts')).deleteProject(name, options)));

  const mapping = program.command('mapping').description('mapping rules of a project: which tables become which, and how');
  const pair = (parent: Command): Command => parent
    .option('--source <connection>', 'source connection that the tables are of').option('--datacenter <name>', 'of that source').option('--target <connection>', 'target connection that they go to')
    .option('--name <template>', 'name of the target table, with {keyspace} and {table}').option('--file <rule.yaml>', 'all else that the rule says: docs/MAPPING.md, "Rules"');
  command(mapping, 'list', 'the rules in their order, with what they match').argument('<project>', 'the project, or its file')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/mapping.ts')).listRules(name, options)));
  pair(command(mapping, 'add', 'add a rule behind the others').argument('<project>', 'the project, or its file').argument('<keyspace.table>', 'the tables; * and ? are wildcards'))
    .action(async (name: string, pattern: string, options) => setExitCode(await (await import('./commands/mapping.ts')).addRule(name, pattern, options)));
  command(mapping, 'remove', 'remove a rule').argument('<project>', 'the project, or its file').argument('<number>', 'as "aeneas mapping list" numbers them', ruleNumber)
    .action(async (name: string, number: number, options) => setExitCode(await (await import('./commands/mapping.ts')).removeRule(name, number, options)));
  command(mapping, 'move', 'move a rule: of two that set the same, the later one wins').argument('<project>', 'the project, or its file').argument('<number>', 'of the rule', ruleNumber).argument('<to>', 'its new number', ruleNumber)
    .action(async (name: string, number: number, to: number, options) => setExitCode(await (await import('./commands/mapping.ts')).moveRule(name, number, to, options)));
  pair(command(mapping, 'preview', 'what becomes of a table and of some of its rows; with a pattern: as a rule that is not saved would have it').argument('<project>', 'the project, or its file').argument('[keyspace.table]', 'the tables of that rule'))
    .option('--table <keyspace.table>', 'the table to show; default: the first that matches')
    .action(async (name: string, pattern: string | undefined, options) => setExitCode(await (await import('./commands/mapping.ts')).previewRule(name, pattern, options)));
  command(project, 'aws-profile', 'associate a project with an AWS service profile: its credentials and its bucket are used').argument('<name>', 'the project').argument('[profile]', 'as "aeneas aws-profile list" has it; without one: which it is now')
    .option('--none', 'end the association')
    .action(async (name: string, profile: string | undefined, options) => setExitCode(await (await import('./commands/projects.ts')).associateProject(name, profile, options)));

  const source = program.command('source').description('sources of a project: Cassandra clusters, or their files');
  command(source, 'add', 'add a source to a project').argument('<project>', 'the project').argument('<connection>', 'connection name')
    .option('--server-name <host>', 'DNS name or IP address of a node')
    .option('--server-port <port>', 'of the native protocol', portNumber, 9042)
    .option('--user-name <name>', 'of the login')
    .option('--password-file <file>', 'file with its password; else CASSANDRA_PASSWORD, or the terminal')
    .option('--use-ssl', 'the connection is encrypted')
    .option('--trust-store <file>', 'PKCS#12 or JKS, on the server\'s machine').option('--trust-store-password-file <file>', 'else TRUST_STORE_PASSWORD, or the terminal')
    .option('--key-store <file>', 'PKCS#12 or JKS, on the server\'s machine').option('--key-store-password-file <file>', 'else KEY_STORE_PASSWORD, or the terminal')
    .option('--no-verify-host-name', 'the nodes\' certificates do not name them')
    .option('--store-password', 'keep the passwords in the vault')
    .option('--directory <directory...>', 'instead of a cluster: data directories on the server\'s machine')
    .option('--schema <file>', 'with --directory: CQL text of the schema')
    .addHelpText('after', SECRETS)
    .action(async (name: string, connection: string, options) => setExitCode(await (await import('./commands/connections.ts')).addSource(name, connection, options)));
  const target = program.command('target').description('targets of a project: Amazon DynamoDB');
  command(target, 'add', 'add a target to a project').argument('<project>', 'the project').argument('<connection>', 'connection name')
    .requiredOption('--region <region>', 'AWS Region')
    .option('--endpoint <url>', 'of a DynamoDB that is not of AWS')
    .option('--profile <name>', 'of ~/.aws of the server\'s user')
    .option('--aws-service-profile <name>', 'AWS service profile of Global Settings')
    .option('--access-key <id>', 'AWS access key')
    .option('--secret-key-file <file>', 'file with its secret key; else AENEAS_SECRET_KEY, or the terminal')
    .option('--store-password', 'keep the secret key in the vault')
    .addHelpText('after', SECRETS)
    .action(async (name: string, connection: string, options) => setExitCode(await (await import('./commands/connections.ts')).addTarget(name, connection, options)));
  for (const [parent, side] of [[source, 'sources'], [target, 'targets']] as const) {
    command(parent, 'test', 'test a connection step by step; the exit code says whether it works').argument('<project>', 'the project').argument('<connection>', 'connection name')
      .action(async (name: string, connection: string, options) => setExitCode(await (await import('./commands/connections.ts')).testConnection(side, name, connection, options)));
    command(parent, 'tree', 'connect, and print what is there').argument('<project>', 'the project').argument('<connection>', 'connection name')
      .option('--table <name>', 'what is in one table (of Cassandra: keyspace.table)')
      .action(async (name: string, connection: string, options) => setExitCode(await (await import('./commands/connections.ts')).printTree(side, name, connection, options)));
  }
}

function ruleNumber(value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new InvalidArgumentError('Give the number of a rule, 1 for the first.');
  return Number(value);
}

function portNumber(value: string): number {
  const number = Number(value);
  if (!/^[1-9]\d*$/.test(value) || number > 65_535) throw new InvalidArgumentError('Give a port, 1 to 65535.');
  return number;
}
