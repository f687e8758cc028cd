// The commands of an agent's machine, and of whoever makes certificates for it.

import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

const SECRETS = `
Passwords are asked for on the terminal, or come from a file that its owner alone can read (chmod 600), or from the environment;
never from arguments, which everybody on the machine can see.`;

/** `keystore ...`, and what an agent's own machine needs of `agent ...`. */
export function addAgentCommands(program: Command, agent: Command, exitCodes: string, setExitCode: (code: number) => void): void {
  const keystore = program.command('keystore').description('certificates with which server and agents recognise each other');
  keystore.command('generate')
    .description('make an authority, a trust store, and key stores for the server and agents (PKCS#12); run again it adds what is missing')
    .argument('<folder>', 'where the stores are kept')
    .option('--agent <name=hosts>', 'an agent, and the host names and addresses under which the server reaches it: one, or separated by commas; repeatable', collected, [])
    .option('--server-name <name>', 'a name in the server\'s certificate; repeatable', collected, [])
    .option('--days <days>', 'how long the certificates of server and agents are valid', wholeDays, 825)
    .option('--store-password-file <file>', 'password of the stores that travel; or AENEAS_STORE_PASSWORD')
    .option('--authority-password-file <file>', 'password of the authority; or AENEAS_AUTHORITY_PASSWORD')
    .addHelpText('after', `${SECRETS}

Example:
  aeneas keystore generate stores --agent one=10.0.0.5 --agent two=cassandra2.example.com,10.0.0.6
  scp stores/trust.p12 stores/agent-one.p12 10.0.0.5:        and no other file
${exitCodes}`)
    .action(async (folder: string, options) => (await import('./commands/keystore-generate.ts')).generate(folder, options));

  agent.command('run')
    .description('work for registered servers until stopped (Ctrl-C or SIGTERM: in order); the log goes to stdout')
    .argument('<settings>', 'the settings file (docs/AGENT.md)')
    .addHelpText('after', `${SECRETS}

Example settings:
  dataDirectories: [/var/lib/cassandra/data]
  outputDirectory: /home/me/out_data
  security: { mode: mutual-tls, keyStore: agent-one.p12, trustStore: trust.p12 }
${exitCodes}`)
    .action(async (settings: string) => setExitCode(await (await import('./commands/agent-run.ts')).runAgent(settings)));
  agent.command('fingerprint')
    .description('print the fingerprint (SHA-256) of the certificate that an agent shows, whether it runs or not')
    .argument('<settings>', 'the settings file')
    .addHelpText('after', exitCodes)
    .action(async (settings: string) => (await import('./commands/agent-run.ts')).printFingerprint(settings));
  agent.command('password')
    .description('set the service password of an agent that works without certificates')
    .argument('<settings>', 'the settings file, with security: { mode: password }')
    .option('--password-file <file>', 'take it from there; or AENEAS_SERVICE_PASSWORD')
    .addHelpText('after', `${SECRETS} Only a hash of it is kept.
${exitCodes}`)
    .action(async (settings: string, options) => (await import('./commands/agent-run.ts')).setPassword(settings, options));
}

function collected(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function wholeDays(value: string): number {
  const days = Number(value);
  if (!/^\d{1,5}$/.test(value) || days < 1) throw new InvalidArgumentError('Give a number of days, from 1 on.');
  return days;
}
