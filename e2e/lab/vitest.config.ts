import { defineConfig } from 'vitest/config';
import { labProblem } from './machines.ts';

// `npm run test:lab`: real machines from namespaces, real sshd and sshfs. Where that cannot be had the run says why, and tests nothing.
const problem = labProblem();
if (problem !== undefined) process.stderr.write(`The lab was left out: ${problem}\n`);

export default defineConfig({
  test: {
    name: 'lab',
    include: problem === undefined ? ['e2e/lab/*.test.ts'] : [],
    passWithNoTests: true,
    globalSetup: ['e2e/unpack-fixtures.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
