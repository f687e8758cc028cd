import { agentFingerprint, openLog, readAgentSettings, setServicePassword, startAgent } from '@aeneas/agent';
import type { AgentSettings } from '@aeneas/agent';
import { DONE } from '../exit.ts';
import { readSecret } from '../secret.ts';
import { stopOnSignal } from './migrate.ts';

/** `aeneas agent run SETTINGS`: works until it is told to stop. The log goes to stdout, a JSON object a line. */
export async function runAgent(file: string): Promise<number> {
  const settings = await readAgentSettings(file);
  const storePassword = await storePasswordOf(settings);
  const log = openLog(storePassword === undefined ? [] : [storePassword]);
  const stopping = stopOnSignal((signal) => log('signal', { signal }));
  // Whoever forked us with a channel takes us along when it ends.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  const agent = await startAgent(settings, { storePassword, log });
  process.stderr.write(`Agent ${settings.name} listens on port ${agent.port}. The fingerprint of its certificate (SHA-256) is\n${agent.fingerprint}\n`);
  try {
    await new Promise<void>((resolve) => {
      if (stopping.signal.aborted) resolve();
      stopping.signal.addEventListener('abort', () => resolve());
    });
    await agent.stop();
    return DONE;
  } finally {
    stopping.dispose();
  }
}

/** `aeneas agent fingerprint SETTINGS`: what a server pins, to be compared on the machine itself. */
export async function printFingerprint(file: string): Promise<void> {
  const settings = await readAgentSettings(file);
  process.stdout.write(`${await agentFingerprint(settings, await storePasswordOf(settings))}\n`);
}

async function storePasswordOf({ security }: AgentSettings): Promise<string | undefined> {
  if (security.mode === 'password') return undefined;
  return readSecret({ what: 'Password of key store and trust store', file: security.storePasswordFile, variable: 'AENEAS_STORE_PASSWORD' });
}

export interface PasswordFlags {
  readonly passwordFile?: string;
}

/** `aeneas agent password SETTINGS`: what servers must know to use an agent without certificates. */
export async function setPassword(file: string, { passwordFile }: PasswordFlags): Promise<void> {
  const settings = await readAgentSettings(file);
  const { isPending } = await setServicePassword(settings, await readSecret({ what: 'Service password of this agent', file: passwordFile, variable: 'AENEAS_SERVICE_PASSWORD', isNew: true }));
  if (isPending) process.stderr.write('The agent runs, with the password from before. The new one holds once it is started again.\n');
}
