import { useEffect, useState } from 'react';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { useUntilReached } from './until-reached.ts';

export interface Loaded<T> {
  readonly value: T | undefined;
  /** Why it could not be loaded. */
  readonly problem: Problem | undefined;
  readonly reload: () => Promise<void>;
  /** Takes what the server answered to a change. */
  readonly put: (value: T) => void;
}

/** What the server says when a page is opened; it is asked again on demand, and while it does not answer. `load` is the same function throughout. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [value, put] = useState<T>();
  const [problem, setProblem] = useState<Problem>();
  const [reload] = useState(() => async (): Promise<void> => {
    try {
      const loaded = await load();
      put(() => loaded);
      setProblem(undefined);
    } catch (error) {
      setProblem(problemOf(error));
    }
  });
  useEffect(() => void reload(), [reload]);
  useUntilReached(problem, reload);
  return { value, problem, reload, put };
}
