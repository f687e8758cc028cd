// The real command as a process of its own, as a user starts it.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const AENEAS = join(ROOT, 'node_modules/.bin/aeneas');
const SAMPLE_MILLIS = 20;

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Bytes on stdout, also where `onOutput` took them. */
  readonly outputBytes: number;
  /** The most memory that the process had resident, all its threads together. */
  readonly peakMegabytes: number;
}

export interface AeneasOptions {
  readonly cwd?: string;
  /** More variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told once the process is there, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
  /** What runs instead of the command itself, with the command as its first argument. */
  readonly through?: readonly string[];
  /** Takes stdout piece by piece instead of keeping it. */
  readonly onOutput?: (piece: Buffer) => void;
}

/** Runs `aeneas` to its end. */
export async function aeneas(words: readonly string[], options: AeneasOptions = {}): Promise<Ended> {
  const [program, ...before] = [...(options.through ?? []), AENEAS];
  const child = spawn(program!, [...before, ...words], {
    cwd: options.cwd ?? ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // The bundled Node comes first, as npx and npm run put it.
    env: { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`, ...options.env },
  });
  options.onStart?.(child);
  const kept: Buffer[] = [];
  let stderr = '';
  let outputBytes = 0;
  let peakMegabytes = 0;
  child.stdout.on('data', (piece: Buffer) => {
    outputBytes += piece.length;
    if (options.onOutput === undefined) kept.push(piece);
    else options.onOutput(piece);
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString();
  });
  const sampling = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid!));
  }, SAMPLE_MILLIS);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { exitCode, stdout: Buffer.concat(kept).toString('utf8'), stderr, outputBytes, peakMegabytes };
  } finally {
    clearInterval(sampling);
  }
}

/** Linux counts the peak itself (VmHWM), so that sampling misses nothing but the last moments. 0 once the process is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
