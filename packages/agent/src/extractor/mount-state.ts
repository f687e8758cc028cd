// Whether a mount answers. It is asked by a process of its own, since a call into a lost mount may not come back.

import { spawn } from 'node:child_process';
import { mountedAt } from './mount-table.ts';
import type { NodeDirectory } from './nodes.ts';

/** mounted: it answers. missing: nothing is mounted there. lost: what is mounted does not answer, or only with errors. */
export type MountState = 'mounted' | 'missing' | 'lost';

const ANSWER_MILLIS = 3_000;

export async function mountState({ local }: Pick<NodeDirectory, 'local'>): Promise<MountState> {
  if (mountedAt(local) === undefined) return 'missing';
  return await answers(local) ? 'mounted' : 'lost';
}

/** One question to the other side: nothing of a mount's top directory is cached for longer than a second. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('stat', ['--format=%i', '--', path], { stdio: 'ignore' });
    const timer = setTimeout(() => {
      // Where it hangs in the kernel even this waits until the mount is aborted. We do not.
      child.kill('SIGKILL');
      child.unref();
      resolve(false);
    }, ANSWER_MILLIS);
    child.on('error', () => {
      clearTimeout(timer);
      resolve(false);
    });
    child.on('exit', (exitCode) => {
      clearTimeout(timer);
      resolve(exitCode === 0);
    });
  });
}
