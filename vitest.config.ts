import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Three projects, one after the other, quick ones first: what a unit test can show should not be found out by an end-to-end run.
const exclude = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    maxWorkers: Math.max(1, Math.min(4, availableParallelism())),
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.{test,fuzz}.ts', 'tools/**/*.test.ts'],
          exclude,
          globalSetup: ['e2e/unpack-fixtures.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'conformance',
          include: ['e2e/conformance/**/*.{test,fuzz}.ts'],
          exclude,
          globalSetup: ['e2e/unpack-fixtures.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          // Whole processes, local S3 and DynamoDB: one file at a time, so that timings mean something on two cores.
          name: 'e2e',
          include: ['e2e/*.test.ts', 'e2e/browser/*.test.ts'],
          exclude,
          globalSetup: ['e2e/unpack-fixtures.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
