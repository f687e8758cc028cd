import { useState } from 'react';
import type { VaultStatus } from '@aeneas/protocol';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';

/** A call that answers with the vault as it is then. */
export function useVaultCall(onDone: (vault: VaultStatus) => void) {
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setBusy] = useState(false);
  return {
    problem, isBusy,
    call: async (ask: () => Promise<VaultStatus>): Promise<void> => {
      setBusy(true);
      setProblem(undefined);
      try {
        onDone(await ask());
      } catch (error) {
        setProblem(problemOf(error));
      }
      setBusy(false);
    },
  };
}
