import type { AppEvent } from '@aeneas/protocol';
import { ORPCError } from '@orpc/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveStore } from './live-store.ts';

/** A server of which the test says what it tells, and when it breaks off. */
class Server {
  readonly asked: { readonly task: string | undefined; readonly lastEventId: string | undefined; readonly signal: AbortSignal }[] = [];
  isUp = true;
  unknownTask: string | undefined;
  #deliver: ((event: AppEvent | 'break') => void) | undefined;

  readonly listen = async (task: string | undefined, lastEventId: string | undefined, signal: AbortSignal): Promise<AsyncIterable<AppEvent>> => {
    this.asked.push({ task, lastEventId, signal });
    if (!this.isUp) throw new TypeError('fetch failed');
    if (task !== undefined && task === this.unknownTask) throw new ORPCError('TASK_UNKNOWN', { status: 404, message: 'There is no task', data: { remedy: 'Look.' } });
    return this.#stream(signal);
  };

  async* #stream(signal: AbortSignal): AsyncGenerator<AppEvent> {
    for (;;) {
      const event = await new Promise<AppEvent | 'break'>((resolve) => {
        this.#deliver = resolve;
        signal.addEventListener('abort', () => resolve('break'));
      });
      if (event === 'break') throw new Error('network error');
      yield event;
    }
  }

  async tell(event: AppEvent | 'break'): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
    this.#deliver!(event);
    await vi.advanceTimersByTimeAsync(0);
  }
}

const alive: AppEvent = { type: 'alive', millis: 0 };
const logged = (number: number): AppEvent => ({ type: 'log', entry: { number, millis: 0, task: 't', kind: 'job', text: `entry ${number}` } });
let server: Server;
let store: LiveStore;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  server = new Server();
  store = new LiveStore(server.listen);
});
afterEach(() => {
  store.pause();
  vi.useRealTimers();
});

test('the log resumes behind the last entry that was heard', async () => {
  store.watch('t');
  await server.tell(logged(7));
  await server.tell(logged(9));
  await server.tell('break');
  await vi.advanceTimersByTimeAsync(300);
  expect(server.asked.map(({ task, lastEventId }) => [task, lastEventId])).toEqual([['t', undefined], ['t', '9']]);
  await server.tell(logged(10));
  expect(store.current().task?.log.map(({ number }) => number)).toEqual([7, 9, 10]);
});

test('a connection that breaks is renewed quietly; a server that stays away is lost, and asked until it is back', async () => {
  store.watch(undefined);
  await server.tell(alive);
  expect(store.current().connection).toBe('live');
  server.isUp = false;
  await server.tell('break');
  expect(store.current().connection).toBe('live');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(store.current().connection).toBe('lost');
  expect(store.current().heardMillis).toBe(1_000_000);
  await vi.advanceTimersByTimeAsync(20_000);
  const asked = server.asked.length;
  expect(asked).toBeGreaterThan(8);
  server.isUp = true;
  await vi.advanceTimersByTimeAsync(2_100);
  await server.tell(alive);
  expect(store.current().connection).toBe('live');
});

test('a server that is silent is lost, though its connection stands', async () => {
  store.watch(undefined);
  await server.tell(alive);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(store.current().connection).toBe('lost');
  expect(server.asked[0]!.signal.aborted).toBe(true);
  expect(server.asked).toHaveLength(2);
});

test('a task that is gone is told of, and everything else goes on', async () => {
  store.watch('t');
  await server.tell(logged(1));
  server.unknownTask = 't';
  await server.tell('break');
  await vi.advanceTimersByTimeAsync(300);
  expect(store.current().task).toMatchObject({ id: 't', problem: { code: 'TASK_UNKNOWN', remedy: 'Look.' } });
  expect(server.asked.at(-1)!.task).toBeUndefined();
  await server.tell(alive);
  expect(store.current().connection).toBe('live');
});

test('one connection at a time; none while nobody looks', async () => {
  store.watch('a');
  store.watch('b');
  expect(server.asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  store.watch('b');
  expect(server.asked).toHaveLength(2);
  store.pause();
  expect(server.asked.every(({ signal }) => signal.aborted)).toBe(true);
  store.resume();
  expect(server.asked.at(-1)).toMatchObject({ task: 'b' });
});
