// Keeps the output folder's disk from filling up: below a reserve reading stops, so that nothing more is written while what is written is
// uploaded and removed; with room again, reading goes on by itself.

import { statfs } from 'node:fs/promises';

const LOOK_MILLIS = 1_000;
/** Going on needs a quarter more than the reserve, so that it does not stop again at once. */
const RESUME_FACTOR = 1.25;

export interface DiskGuardOptions {
  readonly folder: string;
  readonly reserveBytes: number;
  /** Stops reading, or lets it go on. */
  readonly onChange: (isPaused: boolean, freeBytes: number) => void;
  /** Room for others than root on a folder's disk. */
  readonly freeBytesOf?: (folder: string) => Promise<number>;
}

export class DiskGuard {
  readonly #options: DiskGuardOptions;
  #isPaused = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MILLIS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks once. A disk that cannot be asked changes nothing. */
  async look(): Promise<void> {
    const { folder, reserveBytes, onChange, freeBytesOf = roomOf } = this.#options;
    const freeBytes = await freeBytesOf(folder).catch(() => undefined);
    if (freeBytes === undefined || (this.#isPaused ? freeBytes < reserveBytes * RESUME_FACTOR : freeBytes >= reserveBytes)) return;
    this.#isPaused = !this.#isPaused;
    onChange(this.#isPaused, freeBytes);
  }
}

async function roomOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
