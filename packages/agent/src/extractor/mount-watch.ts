// Watches mounts: notices within seconds that one is lost, tells, and has it made anew where somebody may do that.

import { EventEmitter } from 'node:events';
import { mountState } from './mount-state.ts';
import type { MountState } from './mount-state.ts';
import type { NodeDirectory } from './nodes.ts';

const LOOK_MILLIS = 2_000;
/** A node that is down is not bothered more often than this. */
const MAX_PAUSE_MILLIS = 15_000;

export interface WatchedMount {
  readonly directory: NodeDirectory;
  readonly state: MountState | 'unknown';
  readonly sinceMillis: number;
}

interface MountWatchEvents {
  change: [mount: WatchedMount];
}

export class MountWatch extends EventEmitter<MountWatchEvents> {
  readonly #mounts: Map<string, WatchedMount>;
  readonly #repair: ((directory: NodeDirectory) => Promise<boolean>) | undefined;
  /** Mount -> when it may be tried again, and the pause after that. */
  readonly #pauses = new Map<string, { readonly untilMillis: number; readonly pauseMillis: number }>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #look: Promise<void> = Promise.resolve();

  /** `repair` mounts one anew, and tells whether that went well. */
  constructor(directories: readonly NodeDirectory[], repair?: (directory: NodeDirectory) => Promise<boolean>) {
    super();
    const now = Date.now();
    this.#mounts = new Map(directories.filter(({ access }) => access === 'mount').map((directory) => [directory.local, { directory, state: 'unknown', sinceMillis: now }]));
    this.#repair = repair;
  }

  get mounts(): readonly WatchedMount[] {
    return [...this.#mounts.values()];
  }

  /** Resolves after the first look, and goes on looking. */
  async start(): Promise<void> {
    this.#look = this.#lookAtAll();
    await this.#look;
    if (!this.#isStopped) {
      this.#timer = setTimeout(() => void this.start(), LOOK_MILLIS);
      this.#timer.unref();
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#look;
  }

  async #lookAtAll(): Promise<void> {
    await Promise.all([...Map.groupBy(this.#mounts.values(), ({ directory }) => directory.node).values()].map((ofNode) => this.#lookAt(ofNode)));
  }

  async #lookAt(ofNode: readonly WatchedMount[]): Promise<void> {
    await Promise.all(ofNode.map(async ({ directory }) => this.#set(directory, await mountState(directory))));
    if (this.#repair === undefined) return;
    for (const { directory } of ofNode) {
      if (this.#isStopped) return;
      if (this.#mounts.get(directory.local)!.state !== 'mounted') await this.#mend(directory, this.#repair);
    }
  }

  async #mend(directory: NodeDirectory, repair: (directory: NodeDirectory) => Promise<boolean>): Promise<void> {
    const before = this.#pauses.get(directory.local);
    if (before !== undefined && Date.now() < before.untilMillis) return;
    if (await repair(directory)) {
      this.#pauses.delete(directory.local);
      this.#set(directory, 'mounted');
    } else {
      const pauseMillis = Math.min(MAX_PAUSE_MILLIS, (before?.pauseMillis ?? LOOK_MILLIS / 2) * 2);
      this.#pauses.set(directory.local, { untilMillis: Date.now() + pauseMillis, pauseMillis });
    }
  }

  #set(directory: NodeDirectory, state: MountState): void {
    if (this.#mounts.get(directory.local)!.state === state) return;
    const changed = { directory, state, sinceMillis: Date.now() };
    this.#mounts.set(directory.local, changed);
    this.emit('change', changed);
  }
}
