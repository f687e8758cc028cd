// Services of AWS on this machine for end-to-end tests, each a program of its own: S3 and DynamoDB as `aeneas demo` uses them, IAM with STS, and an
// account with STS, KMS and buckets.

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './aeneas-process.ts';

export interface StandIn {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. It ends with this process. */
export async function startStandIn(name: 's3' | 'dynamodb' | 'iam' | 'aws-account'): Promise<StandIn> {
  const folder = name === 's3' || name === 'dynamodb' ? 'packages/cli/src/stand-ins' : 'e2e/stand-ins';
  const child = fork(join(ROOT, folder, `${name}.ts`), ['0'], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let complaint = '';
  child.stderr!.on('data', (piece: Buffer) => {
    complaint = (complaint + piece.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { endpoint: string }).endpoint));
    child.once('exit', (status) => reject(new Error(`the local ${name} ended with ${status}: ${complaint}`)));
  });
  return {
    endpoint,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
