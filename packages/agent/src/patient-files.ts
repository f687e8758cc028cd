// Files on mounts that may be lost and come back: whoever reads waits meanwhile, and goes on where it was. SSTables never change under
// their names, so a file that is opened anew is the same one. And what is not mounted is never taken for empty.

import { setTimeout } from 'node:timers/promises';
import type { ByteSource } from '@aeneas/cassandra';
import { extractorError } from './extractor/errors.ts';
import type { SourceFiles } from './source-files.ts';

/** How long a lost mount is waited for; a node may be rebooted in between. */
const PATIENCE_MILLIS = 10 * 60_000;
const FIRST_PAUSE_MILLIS = 200;
const LONGEST_PAUSE_MILLIS = 2_000;
/** Errors that come from a mount which is there and stays the same are the disk's own: this often they are tried again. */
const TRIES_OF_A_LIVING_MOUNT = 5;
/** What is mounted has no connection any more, and waits for being mounted anew. */
const DEAD = 'ENOTCONN';
/**
 * Fewer bytes than the file has. Once its connection is gone, sshfs answers a read that was under way as if the file ended there
 * (wait_chunk in sshfs.c), and the kernel believes it.
 */
const SHORT = 'SHORT_READ';
/** What else reading gives whose connection is about to go; or the disk over there is bad. */
const LOST = new Set([SHORT, 'EIO', 'ESTALE', 'ETIMEDOUT', 'ECONNABORTED', 'ECONNRESET', 'ENODEV', 'ENXIO', 'EHOSTDOWN', 'EHOSTUNREACH', 'EBADF']);

export interface PatienceOptions {
  /** Mount points, as real paths, and what is read over SFTP. */
  readonly mounts: readonly string[];
  /** Once aborted nobody waits any more. */
  readonly signal: () => AbortSignal;
  readonly patienceMillis?: number;
  /** The device that is mounted at a path; undefined when nothing is. */
  readonly deviceAt: (path: string) => string | undefined;
  /** Asks the other side something that nobody has cached; rejects when there is no answer. */
  readonly ask: (mount: string) => Promise<void>;
  /** Told whenever something looks as if a mount were lost, and before anybody waits for it. */
  readonly onDoubt?: () => void;
}

/** A file system whose mounts may come and go. Other errors stay as they are. Throws MOUNT_LOST when a mount does not come back in time. */
export function patientFiles(files: SourceFiles, { mounts, signal, patienceMillis = PATIENCE_MILLIS, deviceAt, ask, onDoubt = () => {} }: PatienceOptions): SourceFiles {
  if (mounts.length === 0) return files;

  return {
    list: (directory) => patiently(directory, () => files.list(directory)),
    kind: (path) => patiently(path, () => files.kind(path)),
    modifiedMillis: (path) => patiently(path, () => files.modifiedMillis(path)),
    async open(path) {
      const mount = mountOf(path);
      if (mount === undefined) return files.open(path);
      const source = await patiently(path, () => openWhole(path, mount));
      return new PatientFile(source, path, (work) => patiently(path, work), () => files.open(path));
    },
  };

  function mountOf(path: string): string | undefined {
    return mounts.find((mount) => path === mount || path.startsWith(`${mount}/`));
  }

  /** A size is only believed when the connection was there after it was told: another reader's short read shrinks the file for all. */
  async function openWhole(path: string, mount: string): Promise<ByteSource> {
    const source = await files.open(path);
    try {
      await ask(mount);
      return source;
    } catch (error) {
      void source.close().catch(() => {});
      throw error;
    }
  }

  async function patiently<T>(path: string, work: () => Promise<T>): Promise<T> {
    const mount = mountOf(path);
    if (mount === undefined) return work();
    const deadline = Date.now() + patienceMillis;
    let pauseMillis = FIRST_PAUSE_MILLIS;
    let triesLeft = TRIES_OF_A_LIVING_MOUNT;
    for (;;) {
      const before = deviceAt(mount);
      try {
        // A mount that goes while it is listed may look empty.
        const result = before === undefined ? undefined : await work();
        if (before !== undefined && deviceAt(mount) === before) return result as T;
      } catch (error) {
        const isSame = before !== undefined && deviceAt(mount) === before;
        const code = codeOf(error);
        if (isSame && code !== DEAD && (!LOST.has(code) || triesLeft-- === 0)) throw error;
      }
      onDoubt();
      if (Date.now() > deadline || signal().aborted) throw extractorError('MOUNT_LOST', 'The mount of a node was lost', { file: mount });
      await setTimeout(pauseMillis, undefined, { signal: signal() }).catch(() => {});
      pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, pauseMillis * 2);
    }
  }
}

class PatientFile implements ByteSource {
  readonly path: string;
  readonly size: number;
  #source: ByteSource | undefined;
  readonly #patiently: <T>(work: () => Promise<T>) => Promise<T>;
  readonly #open: () => Promise<ByteSource>;

  constructor(source: ByteSource, path: string, patiently: <T>(work: () => Promise<T>) => Promise<T>, open: () => Promise<ByteSource>) {
    this.path = path;
    this.size = source.size;
    this.#source = source;
    this.#patiently = patiently;
    this.#open = open;
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    const wanted = Math.max(0, Math.min(length, this.size - position));
    return this.#patiently(async () => {
      try {
        this.#source ??= await this.#open();
        const count = await this.#source.read(into, offset, length, position);
        if (count < wanted) throw new ShortRead(count);
        return count;
      } catch (error) {
        const lost = this.#source;
        this.#source = undefined;
        // Nobody waits for a file of a mount that is gone.
        void lost?.close().catch(() => {});
        throw error;
      }
    }).catch((error: unknown) => {
      // The mount is well, and the file became shorter: its reader knows what that means.
      if (error instanceof ShortRead) return error.count;
      throw error;
    });
  }

  async close(): Promise<void> {
    await this.#source?.close().catch(() => {});
  }
}

class ShortRead extends Error {
  readonly code = SHORT;
  readonly count: number;

  constructor(count: number) {
    super(`Only ${count} bytes were read`);
    this.count = count;
  }
}

/** The system's word is the cause of the coded error. */
function codeOf(error: unknown): string {
  const { code, cause } = error as NodeJS.ErrnoException;
  return cause instanceof Error ? String((cause as NodeJS.ErrnoException).code) : String(code);
}
