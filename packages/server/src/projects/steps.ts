// A test of a connection, step by step: each with what it found or why it failed, and all of them together within a time limit.

import type { ConnectionStep, ConnectionTest } from '@aeneas/protocol';
import { refusalOf } from '../control/refusal.ts';
import { serverError } from '../errors.ts';

const LIMIT_MILLIS = 20_000;

export type StepName = ConnectionStep['step'];

export class Steps {
  readonly #limitMillis: number;
  readonly #startedMillis = Date.now();
  readonly #done: ConnectionStep[] = [];
  #hasFailed = false;

  constructor(limitMillis = LIMIT_MILLIS) {
    this.#limitMillis = limitMillis;
  }

  get leftMillis(): number {
    return Math.max(1, this.#limitMillis - (Date.now() - this.#startedMillis));
  }

  /** Does a step and notes what it says; undefined when it, or one before it, failed. */
  async run<T>(step: StepName, work: () => Promise<{ readonly value: T; readonly said: string }>): Promise<T | undefined> {
    if (this.#hasFailed) {
      this.skip(step, 'not tried');
      return undefined;
    }
    const startedMillis = Date.now();
    const note = (rest: Pick<ConnectionStep, 'state' | 'said' | 'problem'>): void => void this.#done.push({ step, millis: Date.now() - startedMillis, ...rest });
    try {
      const { value, said } = await within(this.leftMillis, work());
      note({ state: 'ok', said });
      return value;
    } catch (error) {
      this.#hasFailed = true;
      const problem = refusalOf(error);
      note({ state: 'failed', said: problem.message, problem });
      return undefined;
    }
  }

  skip(step: StepName, said: string): void {
    this.#done.push({ step, state: 'skipped', said, millis: 0 });
  }

  result(): ConnectionTest {
    return { isOk: !this.#hasFailed, steps: this.#done };
  }
}

/** Throws CONNECTION_TIMED_OUT. What is left undone ends by its own time limits. */
export async function within<T>(millis: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(serverError('CONNECTION_TIMED_OUT', `No answer within ${(millis / 1000).toFixed(0)} s`)), millis);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
