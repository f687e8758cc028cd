import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    include: ['e2e/package/*.test.ts'],
    globalSetup: ['e2e/unpack-fixtures.ts'],
    // Package managers and a whole system: one after the other, so that times mean something on two cores.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
