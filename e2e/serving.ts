// `aeneas serve` as a process of its own, and its API as anybody's program would use it.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './aeneas-process.ts';

export interface TaskStatus {
  readonly id: string;
  readonly state: string;
  readonly isClean?: boolean;
  readonly failure?: { readonly code: string; readonly message: string };
  readonly totals: Readonly<Record<'splits' | 'committedSplits' | 'attempts' | 'rejectedRows' | 'fraction' | 'items' | 'loadedItems' | 'retries', number>>;
  readonly tables: readonly { readonly table: string; readonly isEqual?: boolean; readonly failure?: { readonly code: string }; readonly lastError?: { readonly code: string }; readonly retries: number; readonly lastRetryReason?: string }[];
  readonly refusedAgents?: readonly { readonly agent: string; readonly code: string; readonly message: string }[];
}

interface ServerStatus {
  readonly version: string;
  readonly processId: number;
  readonly engine: { readonly state: string; readonly restarts: number; readonly processId?: number; readonly lastStepMillis?: number };
}

const TASK_MILLIS = 240_000;
const ASK_MILLIS = 50;

export class Serving {
  readonly url: string;
  readonly child: ChildProcess;
  readonly #workspace: string;

  private constructor(url: string, child: ChildProcess, workspace: string) {
    this.url = url;
    this.child = child;
    this.#workspace = workspace;
  }

  /** Starts the server of a product tree; `through` is a command that gets the server's as further arguments. */
  static async start(workspace: string, words: readonly string[] = [], { root = ROOT, through = [] }: { readonly root?: string; readonly through?: readonly string[] } = {}): Promise<Serving> {
    const [program, ...all] = [...through, join(root, 'node_modules/.bin/aeneas'), 'serve', '--port', '0', '--workspace', workspace, '--workers', '2', ...words];
    const child = spawn(program!, all, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (piece: Buffer) => {
      complaint += piece.toString();
    });
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stdout.on('data', (piece: Buffer) => {
        said += piece.toString();
        const found = /https?:\/\/[\w.-]+:\d+/.exec(said);
        if (found !== null) resolve(found[0]);
      });
      child.once('exit', (status) => reject(new Error(`aeneas serve ended with ${status}: ${complaint}`)));
    });
    return new Serving(url, child, workspace);
  }

  async api<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/api${path}`, { method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }

  server(): Promise<ServerStatus> {
    return this.api('GET', '/server');
  }

  task(id: string): Promise<TaskStatus> {
    return this.api('GET', `/tasks/${id}`);
  }

  /** Asks for a task until it is as it should be. */
  async reached(id: string, isReached: (status: TaskStatus) => boolean): Promise<TaskStatus> {
    const deadline = Date.now() + TASK_MILLIS;
    for (;;) {
      const status = await this.task(id);
      if (isReached(status)) return status;
      if (Date.now() > deadline) throw new Error(`The task does not get there: ${JSON.stringify(status)}`);
      await sleep(ASK_MILLIS);
    }
  }

  get engineProcessId(): number {
    return Number(readFileSync(join(this.#workspace, 'engine/engine.pid'), 'utf8'));
  }

  /** kill -9 of the server, the engine, or both at once. */
  async kill(victim: 'server' | 'engine' | 'both'): Promise<void> {
    const engine = this.engineProcessId;
    if (victim !== 'server') killIfThere(engine);
    if (victim === 'engine') return;
    const ended = new Promise((resolve) => {
      this.child.once('exit', resolve);
    });
    this.child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) => {
      this.child.once('exit', resolve);
    });
    this.child.kill('SIGTERM');
    return ended;
  }
}

/** Runs a command in a mount namespace of its own, in which a folder is empty. Where the tests do not run as root: in a user namespace too. */
export function hiding(folder: string): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...user, '--mount', 'sh', '-c', 'mount -t tmpfs none "$1" && shift && exec "$@"', 'sh', folder];
}
export const isOver = ({ state }: TaskStatus): boolean => state === 'done' || state === 'failed';

export function isAlive(processId: number): boolean {
  try {
    // A zombie is dead: only its parent has not looked yet.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function killIfThere(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    // It was just being restarted.
  }
}
