import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { agentError } from '../errors.ts';
import type { Job, JobEvent, JobResult } from '../job.ts';
import type { JobOptions, WorkerPool } from '../worker-pool.ts';
import { JobBoard } from './job-board.ts';

/** A job in the hands of a pool that does nothing by itself. */
interface Held {
  readonly event: (event: JobEvent) => void;
  readonly done: (result: JobResult) => void;
  readonly fail: (error: unknown) => void;
}

let held: Held[];
let board: JobBoard;
beforeEach(() => {
  vi.useFakeTimers();
  held = [];
  const pool = {
    run: (_job: Job, onEvent: (event: JobEvent) => void, { signal, onStart }: JobOptions) => new Promise<JobResult>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(agentError('JOB_STOPPED', 'stopped')));
      onStart?.();
      held.push({ event: onEvent, done: resolve, fail: reject });
    }),
  };
  board = new JobBoard(pool as unknown as WorkerPool);
});
afterEach(() => {
  vi.useRealTimers();
});

const attempt = (epoch = 1) => ({ serverId: 's', taskId: 't', jobId: 'j', epoch });
const job = async (): Promise<Job> => ({ kind: 'digest' }) as Job;
const progress = (rows: number): JobEvent => ({ type: 'progress', rows, items: rows, rejected: 0, fraction: rows / 100 });
const loaded = (items: number): JobEvent => ({ type: 'loaded', segmentId: 1, items });

/** Starts a job, and asks for the first time. */
async function begin(...[one, leaseSeconds, prepare]: Parameters<JobBoard['start']>): Promise<string> {
  await board.start(one, leaseSeconds, prepare);
  return (await board.poll(one, 0, 0)).state;
}

test('a job begins with the first question, so that a request that comes late begins nothing', async () => {
  expect(await board.start(attempt(), 10, job)).toBe('waiting');
  expect(await board.start({ ...attempt(), jobId: 'late' }, 10, job)).toBe('waiting');
  expect((await board.poll(attempt(), 0, 0)).state).toBe('running');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(held).toHaveLength(1);
  expect(board.list('s')).toMatchObject([{ state: 'expired' }, { state: 'expired' }]);
});

test('progress that nobody has heard is summed up; what was told stays as it was', async () => {
  await begin(attempt(), 10, job);
  for (const rows of [1, 2, 3]) held[0].event(progress(rows));
  const { events } = await board.poll(attempt(), 0, 0);
  expect(events).toEqual([{ number: 1, event: { type: 'progress', rows: 6, items: 6, rejected: 0, fraction: 0.03 } }]);
  held[0].event(progress(5));
  held[0].event(loaded(7));
  held[0].event(progress(1));
  expect((await board.poll(attempt(), 0, 0)).events.map(({ number, event }) => [number, event.type, 'rows' in event ? event.rows : 0]))
    .toEqual([[1, 'progress', 6], [2, 'progress', 5], [3, 'loaded', 0], [4, 'progress', 1]]);
  expect((await board.poll(attempt(), 3, 0)).events.map(({ number }) => number)).toEqual([4]);
});

test('retries that nobody has heard are summed up too, with the last reason', async () => {
  await begin(attempt(), 10, job);
  const retried = (reason: string): JobEvent => ({ type: 'retried', requests: 1, reason });
  for (const event of [retried('SlowDown'), progress(1), retried('ECONNRESET'), progress(2), loaded(3), retried('SlowDown')]) held[0].event(event);
  expect((await board.poll(attempt(), 0, 0)).events.map(({ event }) => event)).toEqual([
    { type: 'retried', requests: 2, reason: 'ECONNRESET' }, { type: 'progress', rows: 3, items: 3, rejected: 0, fraction: 0.02 }, loaded(3), { type: 'retried', requests: 1, reason: 'SlowDown' },
  ]);
});

test('a poll that waits is answered by news, by the end, or by its patience', async () => {
  await begin(attempt(), 100, job);
  const heard = board.poll(attempt(), 0, 20_000);
  held[0].event(loaded(1));
  expect(await heard).toMatchObject({ state: 'running', events: [{ number: 1 }] });
  const patient = board.poll(attempt(), 1, 20_000);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await patient).toEqual({ state: 'running', events: [] });
  const ended = board.poll(attempt(), 1, 20_000);
  held[0].done({ live: { items: 1, digest: 'd' }, expired: { items: 0, digest: 'e' } });
  expect(await ended).toEqual({ state: 'done', events: [], result: { live: { items: 1, digest: 'd' }, expired: { items: 0, digest: 'e' } } });
});

test('without questions the lease ends the job, and its end is remembered for an hour', async () => {
  await begin(attempt(), 10, job);
  await vi.advanceTimersByTimeAsync(9_000);
  expect((await board.poll(attempt(), 0, 0)).state).toBe('running');
  await vi.advanceTimersByTimeAsync(9_999);
  expect(board.list('s')).toMatchObject([{ state: 'running' }]);
  await vi.advanceTimersByTimeAsync(1);
  expect((await board.poll(attempt(), 0, 0)).state).toBe('expired');
  await expect(board.start(attempt(), 10, job)).resolves.toBe('expired');
  await vi.advanceTimersByTimeAsync(3_600_000);
  await expect(async () => board.poll(attempt(), 0, 0)).rejects.toMatchObject({ code: 'AGENT_JOB_UNKNOWN' });
});

test('a question that was on its way while the agent hung does not bring a lease back', async () => {
  await begin(attempt(), 10, job);
  // No timer has run when the process goes on.
  vi.setSystemTime(Date.now() + 11_000);
  void board.poll(attempt(), 0, 0);
  await vi.advanceTimersByTimeAsync(0);
  expect((await board.poll(attempt(), 0, 0)).state).toBe('expired');
});

test('a later attempt ends the earlier one before it begins, and an earlier one is refused', async () => {
  await begin(attempt(1), 10, job);
  const waiting = board.poll(attempt(1), 0, 5_000);
  expect(await begin(attempt(3), 10, job)).toBe('running');
  expect((await waiting).state).toBe('fenced');
  expect(held).toHaveLength(2);
  await expect(board.start(attempt(2), 10, job)).rejects.toMatchObject({ code: 'AGENT_JOB_FENCED' });
  await expect(async () => board.poll(attempt(1), 0, 0)).rejects.toMatchObject({ code: 'AGENT_JOB_FENCED' });
  await expect(async () => board.poll(attempt(4), 0, 0)).rejects.toMatchObject({ code: 'AGENT_JOB_UNKNOWN' });
});

test('a job that cannot begin is refused and leaves nothing behind', async () => {
  const refuse = async (): Promise<Job> => {
    throw agentError('AGENT_PATH_REFUSED', 'outside');
  };
  await expect(board.start(attempt(), 10, refuse)).rejects.toMatchObject({ code: 'AGENT_PATH_REFUSED' });
  expect(board.list('s')).toEqual([]);
  expect(await begin(attempt(), 10, job)).toBe('running');
});

test('a failure is told with its code, a bug by its message', async () => {
  await begin(attempt(), 10, job);
  held[0].fail(agentError('DISK_FULL', 'no room'));
  expect(await board.poll(attempt(), 0, 1_000)).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL', message: 'no room' } });
  await begin(attempt(2), 10, job);
  held[1].fail(new TypeError('x is undefined'));
  expect(await board.poll(attempt(2), 0, 1_000)).toMatchObject({ state: 'failed', error: { code: 'AGENT_FAILED', message: 'x is undefined' } });
});

test('stopping all waits until the askers have heard, but not for long', async () => {
  await begin(attempt(), 10, job);
  await begin({ ...attempt(), jobId: 'unheard' }, 10, job);
  let isOver = false;
  const stopping = board.stopAll(undefined, 3_000).then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(100);
  expect((await board.poll(attempt(), 0, 0)).state).toBe('stopped');
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(3_000);
  await stopping;
  expect(board.list('s')).toEqual([]);
});
