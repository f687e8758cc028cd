import { errorFactory } from '@aeneas/cassandra';
import type { ErrorEntry } from '@aeneas/cassandra';

export const serverErrors = {
  PROJECT_UNREADABLE: {
    cause: 'The project file does not exist, may not be read, or is not YAML.',
    remedy: 'Check the path, and the line that the message names. docs/USAGE.md has an example.',
  },
  PROJECT_INVALID: {
    cause: 'The project file has a key that does not exist, lacks one that is needed, or has a value of another type.',
    remedy: 'Correct the key that the message names; docs/schema/project.schema.json describes every key, and editors can check against it.',
  },
  PROJECT_LOCKED: {
    cause: 'Another process is running this project: both would write the same tables and the same ledger.',
    remedy: 'Wait for it, or stop it (Ctrl-C is safe) and run the command again.',
  },
  PROJECT_CHANGED: {
    cause: 'The project, its mapping or the schema is not what it was when this migration began, so what was written would not fit what follows.',
    remedy: 'Change it back to continue, or start anew with --restart, which forgets the progress of this migration.',
  },
  INPUT_CHANGED: {
    cause: 'A file that this migration pinned at its start is gone or has other content: compaction removes files of a live node.',
    remedy: 'Put the pinned files back (from the snapshot that they came from) to continue, or start anew with --restart; migrate from a snapshot or a clone.',
  },
  WORKSPACE_UNUSABLE: {
    cause: 'The folder where a migration keeps its ledger cannot be used: it cannot be written, or its ledger is damaged or of another version.',
    remedy: 'Check rights and room of the folder that the message names; to begin anew use --restart.',
  },
  NO_TABLES: {
    cause: 'No table of the source matches the patterns under "tables".',
    remedy: 'Patterns are keyspace.table with * and ?, a leading ! excludes; the message lists what the source has.',
  },
  ATTEMPT_FENCED: {
    cause: 'A split was given to a new owner, so what the old one writes counts no more.',
    remedy: 'Nothing to do: the new owner continues from the last checkpoint.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** Makes an error of this package. */
export const serverError = errorFactory<keyof typeof serverErrors>(serverErrors);
