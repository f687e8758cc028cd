// A service password that was set while the agent ran: its hash waits beside the state, which that agent alone may write, for the next start.

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivately } from '../extractor/owner.ts';
import { writeError } from '../errors.ts';
import type { AgentState } from './agent-state.ts';

const fileIn = (outputDirectory: string): string => join(outputDirectory, 'password-hash.new');

/** Throws FILE_UNWRITABLE, DISK_FULL. */
export async function leavePassword(outputDirectory: string, hash: string): Promise<void> {
  await writePrivately(fileIn(outputDirectory), `${hash}\n`);
}

/** Into the state, whose owner calls. One that was left is newer than what the state has. Throws FILE_UNWRITABLE. */
export async function takePassword(outputDirectory: string, state: AgentState): Promise<void> {
  const file = fileIn(outputDirectory);
  const hash = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw writeError(file, error);
  });
  if (hash === undefined) return;
  state.set('password-hash', hash.trim());
  await rm(file).catch((error: unknown) => {
    throw writeError(file, error);
  });
}
