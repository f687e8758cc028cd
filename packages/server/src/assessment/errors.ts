import type { ErrorEntry } from '@aeneas/cassandra';

export const assessmentErrors = {
  ASSESSMENT_RUNNING: {
    cause: 'The project is being assessed already.',
    remedy: 'Wait for it, or cancel it first.',
  },
  ASSESSMENT_NONE: {
    cause: 'There is no assessment report of this project or table, or it cannot be read: it may be of another version of Aeneas.',
    remedy: 'Start an assessment, and look again when it is done.',
  },
} as const satisfies Record<string, ErrorEntry>;
