// What the server tells, as it tells it: one stream of server-sent events for each page (browsers allow six to a server, over all tabs), given
// back while nobody looks. A lost server is noticed by its silence, and asked again until it answers; the log resumes where it broke off.

import type { AppEvent, LogEntry, TaskStatus } from '@aeneas/protocol';
import { problemOf } from './problem.ts';
import type { Problem } from './problem.ts';

/** The server gives a sign of life each second. */
const SILENCE_MILLIS = 3_500;
const FIRST_PAUSE_MILLIS = 250;
const MAX_PAUSE_MILLIS = 2_000;
const MAX_LOG_ENTRIES = 1_000;

export interface Live {
  readonly connection: 'connecting' | 'live' | 'lost';
  /** When the server was last heard, by this machine's clock. */
  readonly heardMillis: number;
  /** How far the server's clock is ahead of this machine's. */
  readonly aheadMillis: number;
  readonly overview: Extract<AppEvent, { readonly type: 'overview' }> | undefined;
  readonly task: WatchedTask | undefined;
}

export interface WatchedTask {
  readonly id: string;
  readonly status: TaskStatus | undefined;
  readonly log: readonly LogEntry[];
  /** Why there is nothing to see: the task does not exist, or not any more. */
  readonly problem: Problem | undefined;
}

type Listen = (task: string | undefined, lastEventId: string | undefined, signal: AbortSignal) => Promise<AsyncIterable<AppEvent>>;

export class LiveStore {
  #live: Live = { connection: 'connecting', heardMillis: Date.now(), aheadMillis: 0, overview: undefined, task: undefined };
  #told = this.#live;
  #telling: ReturnType<typeof setTimeout> | undefined;
  #following: AbortController | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #listen: Listen;

  constructor(listen: Listen) {
    this.#listen = listen;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly current = (): Live => this.#told;

  /** From now on also tells of this task; of another, or none, no more. */
  watch(task: string | undefined): void {
    if (this.#following !== undefined && this.#live.task?.id === task) return;
    if (this.#live.task?.id !== task) this.#change({ task: task === undefined ? undefined : { id: task, status: undefined, log: [], problem: undefined } });
    this.resume();
  }

  /** Gives the connection back. */
  pause(): void {
    this.#following?.abort();
    this.#following = undefined;
  }

  resume(): void {
    this.pause();
    this.#following = new AbortController();
    void this.#follow(this.#following.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let pauseMillis = FIRST_PAUSE_MILLIS;
    while (!signal.aborted) {
      let hasHeard = false;
      try {
        await this.#hearAll(signal, () => {
          hasHeard = true;
          pauseMillis = FIRST_PAUSE_MILLIS;
        });
      } catch (error) {
        const problem = problemOf(error);
        const { task } = this.#live;
        if (!signal.aborted && task !== undefined && problem.code === 'TASK_UNKNOWN') {
          // All else is still to be told.
          this.#change({ task: { ...task, problem } });
          continue;
        }
      }
      if (signal.aborted) return;
      // A connection may break without the server being lost.
      if (!hasHeard) this.#change({ connection: 'lost' });
      await sleep(pauseMillis, signal);
      pauseMillis = Math.min(MAX_PAUSE_MILLIS, pauseMillis * 2);
    }
  }

  /** One connection, until it breaks or is silent for too long. */
  async #hearAll(signal: AbortSignal, heard: () => void): Promise<void> {
    const silence = new AbortController();
    const onSilence = (): void => {
      this.#change({ connection: 'lost' });
      silence.abort();
    };
    let timer = setTimeout(onSilence, SILENCE_MILLIS);
    try {
      const { task } = this.#live;
      const watched = task?.problem === undefined ? task : undefined;
      const events = await this.#listen(watched?.id, watched?.log.at(-1)?.number.toString(), AbortSignal.any([signal, silence.signal]));
      for await (const event of events) {
        if (signal.aborted) return;
        clearTimeout(timer);
        timer = setTimeout(onSilence, SILENCE_MILLIS);
        heard();
        this.#hear(event);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #hear(event: AppEvent): void {
    const news = { connection: 'live', heardMillis: Date.now() } as const;
    const { task } = this.#live;
    if (event.type === 'overview') this.#change({ ...news, overview: event });
    else if (event.type === 'alive') this.#change({ ...news, aheadMillis: event.millis - news.heardMillis });
    else if (task === undefined) this.#change(news);
    else if (event.type === 'status') this.#change({ ...news, task: { ...task, status: event.status } });
    else this.#change({ ...news, task: { ...task, log: [...task.log, event.entry].slice(-MAX_LOG_ENTRIES) } });
  }

  #change(changes: Partial<Live>): void {
    this.#live = { ...this.#live, ...changes };
    // Events that come together are told together: hundreds of log entries are one rendering, not hundreds.
    if (this.#telling !== undefined) return;
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#told = this.#live;
      for (const listener of this.#listeners) listener();
    });
  }
}

function sleep(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, millis);
    signal.addEventListener('abort', done);
  });
}
