import { resolve } from 'node:path';
import { serve } from '@aeneas/server';
import { DONE } from '../exit.ts';
import { webApp } from '../web-app.ts';
import { stopOnSignal } from './migrate.ts';

export interface ServeFlags {
  readonly port: number;
  readonly workspace: string;
  readonly workers?: number;
  readonly leaseSeconds?: number;
}

/** `aeneas serve`: until a signal. */
export async function serveCommand({ port, workspace, workers, leaseSeconds }: ServeFlags): Promise<number> {
  const server = await serve({ port, workspace: resolve(workspace), workers, leaseSeconds, page: webApp() });
  process.stdout.write(`Aeneas serves at ${server.url} (this machine only); its files are in ${resolve(workspace)}. Open that address in a browser. Ctrl-C stops it in order; tasks go on at the next start.\n`);
  const { signal, dispose } = stopOnSignal((name) => process.stderr.write(`Stopping in order (${name}); once more to stop at once.\n`));
  if (!signal.aborted) await new Promise((ended) => signal.addEventListener('abort', ended));
  await server.stop();
  dispose();
  return DONE;
}
