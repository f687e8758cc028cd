// `aeneas serve` as a process of its own, and its API as anybody's program would use it.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './aeneas-process.ts';

export interface TaskStatus {
  readonly id: string;
  readonly state: string;
  readonly isClean?: boolean;
  readonly failure?: { readonly message: string };
  readonly totals: Readonly<Record<'splits' | 'committedSplits' | 'attempts' | 'rejectedRows' | 'fraction' | 'loadedItems', number>>;
  readonly tables: readonly { readonly table: string; readonly isEqual?: boolean }[];
}

interface ServerStatus {
  readonly processId: number;
  readonly engine: { readonly state: string; readonly restarts: number; readonly processId?: number };
}

export class Serving {
  readonly url: string;
  readonly child: ChildProcess;
  readonly #workspace: string;

  private constructor(url: string, child: ChildProcess, workspace: string) {
    this.url = url;
    this.child = child;
    this.#workspace = workspace;
  }

  static async start(workspace: string, words: readonly string[] = []): Promise<Serving> {
    const child = spawn(join(ROOT, 'node_modules/.bin/aeneas'), ['serve', '--port', '0', '--workspace', workspace, '--workers', '2', ...words], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let complaint = '';
    child.stderr.on('data', (piece: Buffer) => {
      complaint += piece.toString();
    });
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stdout.on('data', (piece: Buffer) => {
        said += piece.toString();
        const found = /http:\/\/[\d.]+:\d+/.exec(said);
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

  get engineProcessId(): number {
    return Number(readFileSync(join(this.#workspace, 'engine/engine.pid'), 'utf8'));
  }

  /** kill -9 of the server, the engine, or both at once. */
  async kill(victim: 'server' | 'engine' | 'both'): Promise<void> {
    const engine = this.engineProcessId;
    const ended = new Promise((resolve) => {
      this.child.once('exit', resolve);
    });
    if (victim !== 'engine') this.child.kill('SIGKILL');
    if (victim !== 'server') killIfThere(engine);
    if (victim !== 'engine') await ended;
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
