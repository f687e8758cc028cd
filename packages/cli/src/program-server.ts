// The commands that start a server, and those that ask one.

import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { addSettingsCommands } from './settings-commands.ts';
import { addProjectCommands } from './program-projects.ts';

const DEFAULT_PORT = 8250;
const DEFAULT_SERVER = process.env.AENEAS_SERVER ?? `http://127.0.0.1:${DEFAULT_PORT}`;

type SetExitCode = (code: number) => void;

/** Adds `serve`, `task`, `log` and what is about projects to the program, and what is asked of a server to `agent`. */
export function addServerCommands(program: Command, agent: Command, setExitCode: SetExitCode, help: { readonly exitCodes: string; readonly epochSeconds: (value: string) => number }): void {
  program.command('serve')
    .description('run the server: its API, its workflow engine and an agent of its own; on this machine only, unless --host says otherwise')
    .option('--port <port>', 'port to listen on; 0: any', port, DEFAULT_PORT)
    .option('--workspace <folder>', 'folder of the server\'s catalog and engine', '.aeneas/server')
    .option('--workers <count>', 'threads of the agent within the server; default: one for each core', positive)
    .option('--lease-seconds <seconds>', 'how long an agent that does not answer keeps its jobs', positive, 30)
    .option('--host <address>', 'address to listen on; anything but this machine needs a password and TLS', '127.0.0.1')
    .option('--host-name <name...>', 'names by which browsers and commands call it, besides that address')
    .option('--login-password-file <file>', 'password of the login, made if the file is not there; or AENEAS_LOGIN_PASSWORD')
    .option('--tls-certificate <file>', 'PEM, with the chain').option('--tls-key <file>', 'PEM, without a password')
    .option('--tls-key-store <file>', 'instead of the two: PKCS#12 or JKS, such as agent-NAME.p12 of "aeneas keystore generate"')
    .option('--tls-password-file <file>', 'password of that store; or AENEAS_STORE_PASSWORD, or the terminal')
    .addHelpText('after', `
Where others can reach it:
  aeneas keystore generate stores --agent page=migration.example,10.0.0.5
  aeneas serve --host 10.0.0.5 --host-name migration.example --login-password-file login --tls-key-store stores/agent-page.p12
  aeneas login --server https://migration.example:8250 --trust stores/trust.p12      on the other machine

The server can be killed at any time: started again, it goes on with its tasks by itself.
${help.exitCodes}`)
    .action(async (options) => setExitCode(await (await import('./commands/serve.ts')).serveCommand(options)));

  program.command('login').description('log in to a server that asks for it; commands that ask it use the session, for 12 hours')
    .option('--server <url>', 'the server; also AENEAS_SERVER', DEFAULT_SERVER)
    .option('--password-file <file>', 'password of the login; or AENEAS_LOGIN_PASSWORD, or the terminal')
    .option('--trust <file>', 'certificate of the authority (PEM), or a trust store, where the system does not know it')
    .option('--trust-password-file <file>', 'password of the trust store; or TRUST_STORE_PASSWORD, or the terminal')
    .action(async (options) => setExitCode(await (await import('./commands/login.ts')).logIn(options)));
  program.command('logout').description('end the session of a server, and forget it').option('--server <url>', 'the server; also AENEAS_SERVER', DEFAULT_SERVER)
    .action(async (options) => setExitCode(await (await import('./commands/login.ts')).logOut(options)));

  const task = program.command('task').description('tasks of a server that runs (aeneas serve)');
  const command = (name: string, description: string): Command => asking(task.command(name).description(description));
  const wait = ['--wait', 'until the task is over, with progress; the exit code says how it ended'] as const;

  command('create', 'make a task of a project file; prints its id')
    .argument('<project>', 'the project file (docs/USAGE.md)')
    .option('--name <name>', 'default: the name of the project')
    .option('--agent <name...>', 'agents that work on it; default: all that are registered, or else the one within the server')
    .option('--now <seconds>', 'the moment (seconds since 1970) at which TTLs are judged', help.epochSeconds)
    .option('--start', 'start it at once')
    .option(...wait)
    .action(async (project: string, options) => setExitCode(await (await import('./commands/task.ts')).createTask(project, options)));
  for (const [verb, description] of [['start', 'start a task'], ['stop', 'stop a task in order; it can be resumed'], ['resume', 'go on with a stopped or failed task']] as const) {
    command(verb, description).argument('<id>', 'the task').option(...wait)
      .action(async (id: string, options) => setExitCode(await (await import('./commands/task.ts')).moveTask(verb, id, options)));
  }
  command('status', 'one task with its tables, or all tasks').argument('[id]', 'the task').option(...wait)
    .action(async (id: string | undefined, options) => setExitCode(await (await import('./commands/task.ts')).taskStatus(id, options)));
  command('delete', 'delete a task, its staged files and its progress; tables in DynamoDB stay').argument('<id>', 'the task')
    .action(async (id: string, options) => setExitCode(await (await import('./commands/task.ts')).deleteTask(id, options)));

  asking(program.command('log').description('what happened on the server, and when: tasks started, stopped, deleted, agents registered, errors; it outlives them'))
    .option('--task <id>', 'of one task, also of one that was deleted')
    .option('--limit <count>', 'the last so many entries', positive, 100)
    .action(async (options) => setExitCode(await (await import('./commands/log.ts')).printLog(options)));

  addProjectCommands(program, asking, setExitCode);

  const loginOptions = (one: Command): Command => asking(one)
    .option('--key-store <file>', 'PKCS#12 or JKS with the server\'s certificate and key; default: that of Global Settings > Security')
    .option('--trust-store <file>', 'PKCS#12 or JKS with the authority of the agent\'s certificate; default: that of Global Settings > Security')
    .option('--password-file <file>', 'file with the password of the stores that are named here, read by the server; without it the password is asked for')
    .option('--fingerprint <sha256>', 'of the agent\'s certificate, with a service password instead of the stores')
    .option('--service-password-file <file>', 'file with the agent\'s service password, read by the server; without it the password is asked for')
    .addHelpText('after', `
What is asked for comes from the terminal, or from AENEAS_STORE_PASSWORD and AENEAS_SERVICE_PASSWORD.
${help.exitCodes}`);
  loginOptions(agent.command('register').description('make an agent known to the server, if it can be reached'))
    .argument('<name>', 'your name for it').argument('<url>', 'https://host:8080')
    .option('--description <text>', 'a short one, for people')
    .option('--store', 'keep the password that was asked for in the vault')
    .action(async (name: string, url: string, options) => setExitCode(await (await import('./commands/agents.ts')).registerAgent(name, url, options)));
  loginOptions(agent.command('test').description('reach an agent that is to be registered, step by step')).argument('<url>', 'https://host:8080')
    .action(async (url: string, options) => setExitCode(await (await import('./commands/agents.ts')).testAgent(url, options)));
  asking(agent.command('change').description('change the description of an agent, or give its password again')).argument('<name>', 'its name')
    .option('--description <text>', 'a short one, for people; "": none')
    .option('--password', 'ask for the passwords that were not given as files')
    .option('--store', 'from now on keep them in the vault').option('--no-store', 'from now on keep them in memory alone')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/agents.ts')).changeAgent(name, options)));
  asking(agent.command('list').description('agents that the server knows, and how they are'))
    .action(async (options) => setExitCode(await (await import('./commands/agents.ts')).listAgents(options)));
  asking(agent.command('throttle').description('change how hard an agent may work, also while it does; without options: what it is')).argument('<name>', 'its name; built-in: the one within the server')
    .option('--workers <count>', 'jobs at the same time; running ones end first', positive)
    .option('--read-mb-per-second <speed>', 'all workers together, or "unlimited"', speed)
    .addHelpText('after', `
An agent keeps it over a restart; the one within the server has its own settings again when the server is started.
${help.exitCodes}`)
    .action(async (name: string, options) => setExitCode(await (await import('./commands/agents.ts')).throttleAgent(name, options)));
  asking(agent.command('unregister').description('make the server forget an agent that no task needs; the agent itself goes on running')).argument('<name>', 'its name')
    .action(async (name: string, options) => setExitCode(await (await import('./commands/agents.ts')).unregisterAgent(name, options)));
  addSettingsCommands(program, setExitCode, asking, help.exitCodes);
}

function asking(command: Command): Command {
  return command.option('--server <url>', 'the server to ask; also AENEAS_SERVER', DEFAULT_SERVER).option('--json', 'the answer as JSON');
}

function port(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > 65_535) throw new InvalidArgumentError('Give a port, 0 to 65535.');
  return number;
}

function speed(value: string): number {
  if (value === 'unlimited') return Infinity;
  const number = Number(value);
  if (!(number >= 0.1)) throw new InvalidArgumentError('Give MB (1,048,576 bytes) a second, 0.1 or more, or "unlimited".');
  return number;
}

function positive(value: string): number {
  if (!/^[1-9]\d{0,4}$/.test(value)) throw new InvalidArgumentError('Give a whole number from 1.');
  return Number(value);
}
