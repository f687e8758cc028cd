// What happens, told as it happens: streams of one task, and of everything that a page of the app shows.

import type { AppEvent, TaskEvent } from '@aeneas/protocol';
import { withEventMeta } from '@orpc/server';
import type { Tasks } from './tasks.ts';

/** A change is told so soon after the one before. */
const STATUS_MILLIS = 500;
const ALIVE_MILLIS = 1_000;
/** So much of a task's log a page gets that does not resume. */
const FIRST_LOG_ENTRIES = 500;

/** Everything that is in the log of a task after an entry, and its status whenever that changed; ends with the task's removal. */
export async function* taskEvents(tasks: Tasks, id: string, after: number, signal: AbortSignal | undefined): AsyncGenerator<TaskEvent, void> {
  const told = taskNews(tasks, id, after, Infinity);
  for await (const _ of beats(tasks, id, signal)) yield* told();
}

/** All tasks and agents whenever something of them changed, a sign of life each second, and the events of a task. */
export async function* appEvents({ tasks, overview }: { readonly tasks: Tasks; readonly overview: () => Extract<AppEvent, { readonly type: 'overview' }> }, task: string | undefined, after: number | undefined, signal: AbortSignal | undefined): AsyncGenerator<AppEvent, void> {
  const news = task === undefined ? undefined : taskNews(tasks, task, after ?? 0, after === undefined ? FIRST_LOG_ENTRIES : Infinity);
  const isChanged = changes();
  let aliveMillis = 0;
  for await (const _ of beats(tasks, task, signal)) {
    const seen = overview();
    if (isChanged(seen)) yield seen;
    if (news !== undefined) yield* news();
    if (Date.now() - aliveMillis < ALIVE_MILLIS) continue;
    aliveMillis = Date.now();
    yield { type: 'alive', millis: aliveMillis };
  }
}

/** Each call gives what is new of a task since the one before. */
function taskNews(tasks: Tasks, id: string, after: number, maxEntries: number): () => Generator<TaskEvent, void> {
  let last = after;
  let entriesLeft = maxEntries;
  const isChanged = changes();
  return function* news() {
    for (const entry of tasks.logAfter(id, last).slice(-entriesLeft)) {
      last = entry.number;
      yield withEventMeta({ type: 'log', entry } as const, { id: String(entry.number) });
    }
    entriesLeft = Infinity;
    const status = tasks.get(id);
    if (isChanged(status)) yield { type: 'status', status };
  };
}

function changes(): (value: object) => boolean {
  let told = '';
  return (value) => {
    const text = JSON.stringify(value);
    const isNew = text !== told;
    told = text;
    return isNew;
  };
}

/** Now, and then twice a second, or at once when something of the task is logged. */
async function* beats(tasks: Tasks, task: string | undefined, signal: AbortSignal | undefined): AsyncGenerator<undefined, void> {
  let wakeUp = (): void => {};
  const forget = tasks.onLog((entry) => {
    if (entry.task === task) wakeUp();
  });
  const onAbort = (): void => wakeUp();
  signal?.addEventListener('abort', onAbort);
  try {
    while (signal?.aborted !== true) {
      yield undefined;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, STATUS_MILLIS);
        wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
        if (signal?.aborted === true) wakeUp();
      });
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    forget();
  }
}
