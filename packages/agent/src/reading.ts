// How workers read source files where others live on the same disk: within given folders only, and no faster than allowed. The budget is
// shared memory, so that all threads have one rate and a change of it holds for the very next read.

import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ByteSource } from '@aeneas/cassandra';
import { agentError } from './errors.ts';
import { mountedAt } from './extractor/mount-table.ts';
import { withSftp } from './extractor/sftp-files.ts';
import type { SftpNode } from './extractor/sftp-files.ts';
import { patientFiles } from './patient-files.ts';
import { localSourceFiles } from './source-files.ts';
import type { SourceFiles } from './source-files.ts';

/** What a thread is started with. */
export interface SharedReading {
  readonly budget: SharedArrayBuffer;
  /** Real paths. Nothing outside of them is opened, whatever a job says and wherever links lead. */
  readonly roots: readonly string[];
  /** Mount points among them, which may be lost and come back. */
  readonly mounts?: readonly string[];
  /** Nodes that are read over SFTP, as if their directories were here. */
  readonly sftp?: readonly SftpNode[] | undefined;
}

const BYTES_PER_SECOND = 0;
const NEXT_FREE_MICROS = 1;
const BYTES_READ = 2;
const IS_PAUSED = 3;
const DOUBTS = 4;
const SLOTS = 5;
/** How often a paused reader looks whether it may go on. */
const PAUSE_LOOK_MILLIS = 200;
/** Reads may come this much ahead of the rate, so that short pauses cost nothing. */
const BURST_MICROS = 50_000n;

/** A rate that all who hold its memory share. Zero bytes a second stand for no limit. */
export class ReadBudget {
  readonly memory: SharedArrayBuffer;
  readonly #slots: BigInt64Array;

  constructor(memory = new SharedArrayBuffer(SLOTS * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#slots = new BigInt64Array(memory);
  }

  /** What waits already waits on; whoever reads next meets the new rate. */
  setRate(bytesPerSecond: number): void {
    Atomics.store(this.#slots, BYTES_PER_SECOND, BigInt(Math.round(bytesPerSecond)));
    Atomics.store(this.#slots, NEXT_FREE_MICROS, 0n);
  }

  /** Stops all reading, or lets it go on. */
  pause(isPaused: boolean): void {
    Atomics.store(this.#slots, IS_PAUSED, isPaused ? 1n : 0n);
  }

  get isPaused(): boolean {
    return Atomics.load(this.#slots, IS_PAUSED) === 1n;
  }

  get bytesPerSecond(): number {
    return Number(Atomics.load(this.#slots, BYTES_PER_SECOND));
  }

  get bytesRead(): number {
    return Number(Atomics.load(this.#slots, BYTES_READ));
  }

  /** A mount seems to be lost. */
  doubt(): void {
    Atomics.add(this.#slots, DOUBTS, 1n);
  }

  /** How often a mount has seemed lost to anybody. */
  get doubts(): number {
    return Number(Atomics.load(this.#slots, DOUBTS));
  }

  /** Takes room for a read; the milliseconds to wait before it. */
  take(bytes: number): number {
    Atomics.add(this.#slots, BYTES_READ, BigInt(bytes));
    const rate = Atomics.load(this.#slots, BYTES_PER_SECOND);
    if (rate === 0n) return 0;
    const cost = BigInt(bytes) * 1_000_000n / rate;
    for (;;) {
      const now = process.hrtime.bigint() / 1000n;
      const next = Atomics.load(this.#slots, NEXT_FREE_MICROS);
      const start = next > now - BURST_MICROS ? next : now - BURST_MICROS;
      if (Atomics.compareExchange(this.#slots, NEXT_FREE_MICROS, next, start + cost) !== next) continue;
      return start <= now ? 0 : Number(start - now) / 1000;
    }
  }
}

/** The local disk as a worker may see it; without settings all of it. Once the signal is aborted, reads wait no longer: the job is about to end. */
export function readingFiles(settings: SharedReading | undefined, signal: () => AbortSignal): SourceFiles {
  if (settings === undefined) return localSourceFiles;
  const budget = new ReadBudget(settings.budget);
  const sftp = settings.sftp ?? [];
  const remote = sftp.flatMap(({ directories }) => directories.map(({ local }) => local));
  const files = patientFiles(withSftp(localSourceFiles, sftp), {
    mounts: [...settings.mounts ?? [], ...remote], signal, onDoubt: () => budget.doubt(), deviceAt: (path) => (remote.includes(path) ? 'sftp' : mountedAt(path)?.device),
    ask: async (mount) => (remote.includes(mount) ? undefined : askMount(mount)),
  });
  return {
    list: async (directory) => files.list(await confined(directory, settings.roots)),
    kind: async (path) => ((await files.kind(path)) === undefined ? undefined : files.kind(await confined(path, settings.roots))),
    open: async (path) => new BudgetedFile(await files.open(await confined(path, settings.roots)), path, budget, signal),
    modifiedMillis: async (path) => files.modifiedMillis(await confined(path, settings.roots)),
  };
}

/** A name that nobody has is looked up on the other side each time. */
async function askMount(mount: string): Promise<void> {
  await stat(join(mount, '.aeneas-asks')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Where a path really leads, if that is within one of the roots (real paths themselves). Throws AGENT_PATH_REFUSED. */
export async function confined(path: string, roots: readonly string[]): Promise<string> {
  // Where there is nothing, the path as written must do: reading it fails anyway, with the file system's own words.
  const real = await realpath(path).catch(() => path);
  if (!roots.some((root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)) || real.split(sep).includes('..')) {
    throw agentError('AGENT_PATH_REFUSED', 'A path leads out of the folders that this agent may use', { file: path });
  }
  return real;
}

class BudgetedFile implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #source: ByteSource;
  readonly #budget: ReadBudget;
  readonly #signal: () => AbortSignal;

  constructor(source: ByteSource, path: string, budget: ReadBudget, signal: () => AbortSignal) {
    this.path = path;
    this.size = source.size;
    this.#source = source;
    this.#budget = budget;
    this.#signal = signal;
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    while (this.#budget.isPaused && !this.#signal().aborted) await setTimeout(PAUSE_LOOK_MILLIS, undefined, { signal: this.#signal() }).catch(() => {});
    const waitMillis = this.#budget.take(Math.min(length, Math.max(0, this.size - position)));
    if (waitMillis > 0) await setTimeout(waitMillis, undefined, { signal: this.#signal() }).catch(() => {});
    return this.#source.read(into, offset, length, position);
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
