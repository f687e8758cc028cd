import { useCallback, useEffect, useRef, useState } from 'react';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { useUntilReached } from './until-reached.ts';

/** Typing shall not ask for every letter. */
const PAUSE_MILLIS = 250;

interface Answer<T> {
  readonly value?: T;
  readonly problem?: Problem;
}

/**
 * What the server answers to a question, asked again whenever the question changes and while the server cannot be reached; meanwhile the last answer
 * stays, and `isAsking`. `ask` is the same function always; its signal is aborted when the question is no longer asked.
 */
export function useAnswer<Q extends object, T>(question: Q, ask: (question: Q, signal: AbortSignal) => Promise<T>): Answer<T> & { readonly isAsking: boolean } {
  const [answer, setAnswer] = useState<Answer<T> & { readonly key?: string }>({});
  const [attempt, setAttempt] = useState(0);
  const key = JSON.stringify([question, attempt]);
  const isFirst = useRef(true);
  useUntilReached(answer.problem, useCallback(() => setAttempt((before) => before + 1), []));
  useEffect(() => {
    const current = new AbortController();
    const timer = setTimeout(() => {
      ask((JSON.parse(key) as [Q])[0], current.signal).then(
        (value) => (current.signal.aborted ? undefined : setAnswer({ value, key })),
        (error: unknown) => (current.signal.aborted ? undefined : setAnswer((before) => ({ ...before, problem: problemOf(error), key }))),
      );
    }, isFirst.current ? 0 : PAUSE_MILLIS);
    isFirst.current = false;
    return () => {
      current.abort();
      clearTimeout(timer);
    };
  }, [key, ask]);
  return { ...answer, isAsking: answer.key !== key };
}

/** Something that is done on a click: whether it is under way, and what came of it. */
export function useAction<T>() {
  const [state, setState] = useState<Answer<T> & { readonly isBusy: boolean }>({ isBusy: false });
  return {
    ...state,
    clear: () => setState({ isBusy: false }),
    run: async (work: () => Promise<T>): Promise<T | undefined> => {
      setState({ isBusy: true });
      try {
        const value = await work();
        setState({ isBusy: false, value });
        return value;
      } catch (error) {
        setState({ isBusy: false, problem: problemOf(error) });
        return undefined;
      }
    },
  };
}
