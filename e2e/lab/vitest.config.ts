import { defineConfig } from 'vitest/config';
import { liveProblem } from './live-problem.ts';
import { labProblem } from './machines.ts';

// `npm run test:lab`: real machines from namespaces, real sshd and sshfs, real Cassandra nodes. Where that cannot be had the run says why,
// and tests what is left.
const LIVE = ['live-nodes', 'cassandra-source', 'db-user'].map((name) => `e2e/lab/${name}.test.ts`);
const problem = labProblem();
const problemOfLive = problem === undefined ? await liveProblem() : undefined;
if (problem !== undefined) process.stderr.write(`The lab was left out: ${problem}\n`);
if (problemOfLive !== undefined) process.stderr.write(`The lab's live nodes were left out (${LIVE.join(', ')} not run): ${problemOfLive}\n`);

export default defineConfig({
  test: {
    name: 'lab',
    include: problem === undefined ? ['e2e/lab/*.test.ts'] : [],
    exclude: problemOfLive === undefined ? [] : LIVE,
    passWithNoTests: true,
    globalSetup: ['e2e/unpack-fixtures.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
