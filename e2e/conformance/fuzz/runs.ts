// How long and where random tests look: a little and always the same in `npm test`, elsewhere and longer in `npm run fuzz`.

import fc from 'fast-check';

/** How much longer than `npm test` this run looks. */
export const FACTOR = Number(process.env['AENEAS_FUZZ'] ?? 1);
const SEED = process.env['AENEAS_SEED'];
const PATH = process.env['AENEAS_PATH'];

/** The seed of this run. */
export const seed = SEED !== undefined ? Number(SEED) : FACTOR > 1 ? Date.now() % 0x7fffffff : 1;

/** So many cases in `npm test`, more of them in `npm run fuzz`. */
export function countOf(cases: number): number {
  return cases * FACTOR;
}

/** Runs an asynchronous property; a failure tells how to see it again. */
export async function check<T>(file: string, cases: number, arbitrary: fc.Arbitrary<T>, property: (value: T) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, property), {
    numRuns: countOf(cases), seed, ...(PATH === undefined ? {} : { path: PATH }),
    asyncReporter: async (run) => {
      if (!run.failed) return;
      const rerun = `AENEAS_SEED=${run.seed} AENEAS_PATH=${run.counterexamplePath ?? ''} npx vitest run ${file}`;
      throw new Error(`${await fc.asyncDefaultReportMessage(run) ?? ''}\nThe same again: ${rerun}`, { cause: run.errorInstance });
    },
  });
}
