import { useEffect } from 'react';
import type { Problem } from '../problem.ts';

const PAUSE_MILLIS = 2_000;

/** Asks again while the server cannot be reached, until it answers. `problem` is another one after each failure. */
export function useUntilReached(problem: Problem | undefined, again: () => void): void {
  useEffect(() => {
    if (problem?.code !== 'SERVER_UNREACHABLE') return;
    const timer = setTimeout(again, PAUSE_MILLIS);
    return () => clearTimeout(timer);
  }, [problem, again]);
}
