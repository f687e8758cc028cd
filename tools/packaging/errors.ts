// The error catalogue of building packages: npm run package, npm run test:package.

import { errorFactory } from '@aeneas/cassandra';

export const packagingErrors = {
  PACKAGE_TOOL_MISSING: {
    cause: 'A program that packages are built or tried with is missing, or could not be made.',
    remedy: 'Install what the message names. Go builds nfpm (go.dev/dl); debootstrap and git are packages of the distribution.',
  },
  PACKAGE_PART_MISSING: {
    cause: 'A part of the installed agent could not be had for an architecture: the runtime or a codec.',
    remedy: 'Run "npm ci" again. Parts of another architecture come from the npm registry: see "npm config get registry"; or build for this machine alone (--this-machine).',
  },
  PACKAGE_BUILD_FAILED: {
    cause: 'A program that makes the packages ended with an error.',
    remedy: 'See what it wrote, which is in the message.',
  },
} as const;

export const packagingError = errorFactory<keyof typeof packagingErrors>(packagingErrors);
