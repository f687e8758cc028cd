import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cliError } from '../errors.ts';

export type StandInName = 's3' | 'dynamodb';

/** A running stand-in. It ends with us even if we are killed: the channel between the processes closes. */
export interface StandIn {
  readonly endpoint: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_MILLIS = 30_000;

/** Starts a stand-in of an AWS service on a free port of 127.0.0.1. Throws STAND_IN_FAILED. */
export async function startStandIn(name: StandInName, port = 0): Promise<StandIn> {
  const child = fork(fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), [String(port)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true });
  let complaint = '';
  child.stderr!.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(cliError('STAND_IN_FAILED', `The local ${name} ${why}: ${complaint.trim()}`));
    const timer = setTimeout(() => fail(`did not start in ${START_MILLIS / 1000} s`), START_MILLIS);
    child.once('message', (message) => {
      clearTimeout(timer);
      resolve((message as { readonly endpoint: string }).endpoint);
    });
    child.once('exit', (code) => fail(`ended with code ${code}`));
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    endpoint,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
