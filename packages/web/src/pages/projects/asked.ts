// Something that the server was asked for, as it is now, and asking again.

import { useCallback, useEffect, useState } from 'react';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { useUntilReached } from '../../ui/until-reached.ts';

export interface Asked<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly set: (value: T) => void;
  readonly again: () => Promise<void>;
}

/** Asks whenever `key` changes, and again while the server does not answer. What was shown stays while it is asked again. */
export function useAsked<T>(key: string, ask: () => Promise<T>): Asked<T> {
  const [state, setState] = useState<{ readonly value?: T; readonly problem?: Problem }>({});
  const again = useCallback(async (): Promise<void> => {
    try {
      setState({ value: await ask() });
    } catch (error) {
      setState(({ value }) => ({ ...(value === undefined ? {} : { value }), problem: problemOf(error) }));
    }
    // The question is the same while its key is.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  useEffect(() => void again(), [again]);
  useUntilReached(state.problem, again);
  return { value: state.value, problem: state.problem, set: (value) => setState({ value }), again };
}
