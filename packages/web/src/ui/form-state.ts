import { useState } from 'react';
import { problemOf } from '../problem.ts';
import type { Problem } from '../problem.ts';

/** What was typed stays, in this tab also over a reload, until it was sent with success. Secrets have no place in a form of this page. */
export function useForm<T extends Readonly<Record<string, string>>>(name: string, empty: T) {
  const key = `aeneas-form-${name}`;
  const [values, setValues] = useState<T>(() => ({ ...empty, ...JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<T> }));
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  return {
    values, problem, isBusy,
    /** Of what was sent: the next form begins empty. */
    forget: (): void => sessionStorage.removeItem(key),
    set: (changes: Partial<T>): void => {
      const changed = { ...values, ...changes };
      setValues(changed);
      sessionStorage.setItem(key, JSON.stringify(changed));
    },
    /** Forgets what was typed. */
    clear: (): void => {
      sessionStorage.removeItem(key);
      setValues(empty);
      setProblem(undefined);
    },
    send: async (work: () => Promise<void>): Promise<void> => {
      setBusy(true);
      setProblem(undefined);
      try {
        await work();
        sessionStorage.removeItem(key);
      } catch (error) {
        setProblem(problemOf(error));
      }
      setBusy(false);
    },
  };
}
