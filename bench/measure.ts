// What a process costs: wall time, CPU seconds of it and its children, peak resident memory. Linux.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

export interface Cost {
  readonly wallSeconds: number;
  /** User and system time, of all threads and waited-for children. */
  readonly cpuSeconds: number;
  /** Of the process that needed most. */
  readonly peakMegabytes: number;
  /** Bytes on its standard output. */
  readonly outputBytes: number;
}

const SAMPLE_MILLIS = 20;
/** bash's own "time" knows what the kernel charged; it ends the line that carries the numbers. */
const TIMES = /user=([\d.]+) sys=([\d.]+)\s*$/;

/** Runs a command to its end and says what it cost. Its standard output is counted and, unless `onOutput` takes it, dropped. */
export async function measure(command: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly onOutput?: (chunk: Buffer) => void } = {}): Promise<Cost> {
  const started = performance.now();
  const child = spawn('bash', ['-c', "TIMEFORMAT='user=%U sys=%S'; time \"$@\"", 'measure', ...command], {
    env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  let outputBytes = 0;
  let peakKilobytes = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000);
  });
  child.stdout.on('data', (chunk: Buffer) => {
    outputBytes += chunk.length;
    options.onOutput?.(chunk);
  });
  const sampling = setInterval(() => {
    for (const pid of descendantsOf(child.pid!)) peakKilobytes = Math.max(peakKilobytes, peakOf(pid));
  }, SAMPLE_MILLIS);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(sampling);
  const wallSeconds = (performance.now() - started) / 1000;
  const times = TIMES.exec(errors);
  if (status !== 0 || times === null) throw new Error(`${command.join(' ')} ended with ${status}: ${errors.replace(TIMES, '').trim()}`);
  return { wallSeconds, cpuSeconds: Number(times[1]) + Number(times[2]), peakMegabytes: peakKilobytes / 1024, outputBytes };
}

function descendantsOf(pid: number): number[] {
  const found = [pid];
  for (const parent of found) {
    try {
      for (const thread of readdirSync(`/proc/${parent}/task`)) {
        for (const child of readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8').split(' ')) if (child !== '') found.push(Number(child));
      }
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** The most memory that a process has had resident so far, in kilobytes; the kernel keeps count. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
