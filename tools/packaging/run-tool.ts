// Programs that the build starts.

import { spawn } from 'node:child_process';
import { packagingError } from './errors.ts';

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What the program wrote to stdout. Throws PACKAGE_TOOL_MISSING when there is none of that name, PACKAGE_BUILD_FAILED with what it wrote when it fails. */
export async function runTool(program: string, words: readonly string[], { cwd, env }: ToolOptions = {}): Promise<string> {
  const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? packagingError('PACKAGE_TOOL_MISSING', `There is no ${program}`) : error));
    child.on('close', resolve);
  });
  if (status !== 0) throw packagingError('PACKAGE_BUILD_FAILED', `${program} ended with ${status}: ${(stderr + stdout).trim()}`);
  return stdout;
}
