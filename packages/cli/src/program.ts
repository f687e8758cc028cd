// The command line: what there is, what it takes, and help that teaches. Each command's work is in its own module, loaded when used.

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { addAgentCommands } from './agent-commands.ts';
import { cliError } from './errors.ts';
import { DONE, errorText, exitCodeOf } from './exit.ts';
import { OutputClosed } from './output.ts';
import { addPrerequisiteCommands } from './prerequisite-commands.ts';
import { parseTableName } from './table-name.ts';
import { addServerCommands } from './program-server.ts';

const EXIT_CODES = `
Exit codes:
  0  done
  1  finished, but rows were rejected or items differ: see the report
  2  unusable arguments or input
  3  interrupted (Ctrl-C, disk full, AWS unreachable): run the same command again, it continues

Errors go to stderr as "CODE: what happened. What to do."; docs/ERRORS.md lists the codes.`;

const DIRECTORIES = `
DIR is a data directory as in cassandra.yaml (the table and its schema are found in it), a table's directory, or Data.db files.
Several DIRs are the replicas of several nodes: they are merged as Cassandra would. Nothing is ever written there.`;

/** Runs a command line (without "node" and the script) and returns the exit code. */
export async function runProgram(words: readonly string[]): Promise<number> {
  let exitCode = DONE;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof OutputClosed) return DONE;
    if (error instanceof CommanderError && error.exitCode === 0) return DONE;
    const shown = error instanceof CommanderError ? usageError(error) : error;
    process.stderr.write(errorText(shown));
    return exitCodeOf(shown);
  }
}

function usageError(error: CommanderError): Error {
  const what = error.message.replace(/^error: /, '').replaceAll('\n', ' ').trim();
  return cliError('USAGE', error.code === 'commander.help' ? 'no command was given' : what);
}

function createProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('aeneas')
    .description('Migrates Apache Cassandra to Amazon DynamoDB, straight from the files of a node, and proves that the copy is right.')
    .version('0.1.0', '-V, --version')
    .helpOption('-h, --help', 'explain the command')
    .addHelpText('after', `
Begin with:
  aeneas demo                                            sample data through server, agent and a local S3 into a local DynamoDB; needs no account
  aeneas sstable dump --table shop.orders /var/lib/cassandra/data | head
  aeneas items --table shop.orders /var/lib/cassandra/data | head      the items that DynamoDB would hold
  aeneas migrate shop.yaml                               the whole migration, resumable at any point
${EXIT_CODES}`);

  const sstable = program.command('sstable').description('look into SSTables');
  sstable.command('dump')
    .description('merged live rows of a table, one JSON object a line; with --raw one SSTable as it is, tombstones included')
    .argument('<dir...>', 'data directories, table directories or Data.db files')
    .option('-t, --table <keyspace.table>', 'the table (not needed with --raw)', tableName)
    .option('-s, --schema <file>', 'CQL text of the schema, where the directories hold no schema tables')
    .option('--now <seconds>', 'the moment (seconds since 1970) at which TTLs are judged; default: the clock', epochSeconds)
    .option('--raw', 'partitions of one SSTable as Cassandra 3.11\'s "sstabledump" prints them, one a line')
    .addHelpText('after', `${DIRECTORIES}

Examples:
  aeneas sstable dump --table shop.orders /var/lib/cassandra/data
  aeneas sstable dump --table shop.orders --now 1700000000 /mnt/node1/data /mnt/node2/data
  aeneas sstable dump --raw /var/lib/cassandra/data/shop/orders-*/mc-1-big-Data.db
${EXIT_CODES}`)
    .action(async (paths: string[], options) => (await import('./commands/sstable-dump.ts')).dump(paths, options));
  sstable.command('describe')
    .description('what Statistics, CompressionInfo, Summary and TOC say about SSTables')
    .argument('<data-file...>', 'Data.db files')
    .option('--estimate', 'rows, bytes, partitions and the largest partitions of all the files together, without reading their data')
    .addHelpText('after', `
Prints one JSON object for each SSTable; with --estimate one for all of them as a table. That reads the indexes from end to end, no data,
and merges nothing: what several files hold counts in each.

Examples:
  aeneas sstable describe /var/lib/cassandra/data/shop/orders-*/mc-1-big-Data.db
  aeneas sstable describe --estimate /var/lib/cassandra/data/shop/orders-*/*-Data.db
${EXIT_CODES}`)
    .action(async (paths: string[], options) => (await import('./commands/sstable-describe.ts')).describe(paths, options));

  program.command('items')
    .description('the DynamoDB items of a table, {"Item":{...}} a line; rejected rows go to stderr')
    .argument('<dir...>', 'data directories, table directories or Data.db files')
    .requiredOption('-t, --table <keyspace.table>', 'the table', tableName)
    .option('-s, --schema <file>', 'CQL text of the schema, where the directories hold no schema tables')
    .option('-m, --mapping <file>', 'mapping rules (docs/MAPPING.md)')
    .addOption(new Option('--profile <profile>', 'item profile, where no rule says another').choices(['native', 'dms']))
    .option('--now <seconds>', 'the moment (seconds since 1970) at which TTLs are judged; default: the clock', epochSeconds)
    .addHelpText('after', `${DIRECTORIES}

Examples:
  aeneas items --table shop.orders /var/lib/cassandra/data | head -3
  aeneas items --table shop.orders --mapping mapping.yaml /mnt/node1/data /mnt/node2/data > orders.json
${EXIT_CODES}`)
    .action(async (paths: string[], options) => setExitCode(await (await import('./commands/items.ts')).items(paths, options)));

  program.command('migrate')
    .description('run a project: extract, stage, load, validate, report')
    .argument('<project>', 'the project file (docs/USAGE.md, docs/schema/project.schema.json)')
    .option('--now <seconds>', 'the moment (seconds since 1970) at which TTLs are judged; pinned when a migration begins', epochSeconds)
    .option('--json', 'progress and report as JSON lines on stdout instead of text')
    .option('--restart', 'forget the progress of this migration and begin anew')
    .option('--server-workspace <folder>', 'where "aeneas serve" keeps Global Settings and vault: for projects with an AWS service profile', '.aeneas/server')
    .option('--vault-password-file <file>', 'master password of that vault, where it needs one; or AENEAS_VAULT_PASSWORD, or the terminal')
    .addHelpText('after', `
A project file needs little:

  source:
    directories: [/var/lib/cassandra/data]       # or a snapshot's copy; several nodes' directories are merged
  tables: ["shop.*", "!shop.tmp_*"]
  target:
    region: eu-central-1                         # credentials: environment, "profile", or "awsServiceProfile"
  staging:
    s3: { bucket: my-staging }

The command can be killed at any time: the same command continues, and writes nothing twice.
Progress is on stderr, the report on stdout and in the workspace (.aeneas beside the project file).
${EXIT_CODES}`)
    .action(async (project: string, options) => setExitCode(await (await import('./commands/migrate.ts')).migrateCommand(project, options)));

  program.command('assess')
    .description('what a project would become, before any data moves: sizes, what will not fit and why, cost, time, queries')
    .argument('<project>', 'the project file (docs/USAGE.md, docs/schema/project.schema.json)')
    .option('-q, --queries <file>', 'CQL SELECT statements of the application: each is told the key or index that answers it')
    .addOption(new Option('-f, --format <format>', 'how to print it').choices(['text', 'json', 'csv', 'pdf']).default('text'))
    .option('-o, --output <file>', 'write it to this file, readable by you alone; pdf needs one')
    .option('--now <seconds>', 'the moment (seconds since 1970) at which TTLs are judged; default: the clock', epochSeconds)
    .option('--seed <number>', 'which parts of large tables are sampled; the same seed samples the same', epochSeconds)
    .option('--sample-mb <megabytes>', 'read about so much of a table at most, uncompressed; default: 1024', epochSeconds)
    .addHelpText('after', `
Small tables are read as a whole. Of larger ones parts are read by chance, until the 95 % interval of their write units is within 3 %.
Nothing is written, neither to Cassandra nor to AWS. The exit code is 1 when rows were found that cannot become items.

Examples:
  aeneas assess shop.yaml
  aeneas assess shop.yaml --queries queries.cql --format csv > assessment.csv
  aeneas assess shop.yaml --format pdf --output assessment.pdf
${EXIT_CODES}`)
    .action(async (project: string, options) => setExitCode(await (await import('./commands/assess.ts')).assessCommand(project, options)));

  program.command('demo')
    .description('sample Cassandra data through a server, its engine, an agent and a local S3 into a local DynamoDB, validated')
    .option('--headless', 'end by itself instead of keeping the page and the local services open to look at')
    .option('--json', 'progress and report as JSON lines on stdout instead of text')
    .addHelpText('after', `
The sample data holds a few rows that DynamoDB cannot store, on purpose: they show up as rejected rows.
The demo ends with 0 when everything came out as it must, those rows included, and with 1 otherwise.
${EXIT_CODES}`)
    .action(async (options) => setExitCode(await (await import('./commands/demo.ts')).demo(options)));

  const agent = program.command('agent').description('what works beside Cassandra for a server');
  addAgentCommands(program, agent, EXIT_CODES, setExitCode);
  addServerCommands(program, agent, setExitCode, { exitCodes: EXIT_CODES, epochSeconds });

  addPrerequisiteCommands(program, EXIT_CODES, setExitCode);

  for (const command of allCommands(program)) command.exitOverride().showSuggestionAfterError().configureOutput({ writeErr: () => {} });
  return program;
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function tableName(value: string): string {
  if (parseTableName(value) === undefined) throw new InvalidArgumentError('Give keyspace.table.');
  return value;
}

function epochSeconds(value: string): number {
  const seconds = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(seconds)) throw new InvalidArgumentError('Give whole seconds since 1970.');
  return seconds;
}
