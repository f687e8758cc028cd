// Errors are part of the product: each has a code, says what happened and where, and names a remedy.
// docs/ERRORS.md is generated from the catalogues (`npm run docs`); tools/tidy checks that every code is used and documented.

/** One entry of an error catalogue: when it occurs, and what the user can do. */
export interface ErrorEntry {
  readonly cause: string;
  readonly remedy: string;
}

/** Where in the input an error was found. Offsets are bytes from the start of the component's (uncompressed) content. */
export interface ErrorPlace {
  readonly file?: string;
  readonly offset?: number;
}

/** An error that the user can act on. Printed as `CODE: what happened. What to do.` Anything else thrown is a bug of ours. */
export class CodedError extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly place: ErrorPlace;

  constructor(code: string, remedy: string, message: string, place: ErrorPlace = {}, cause?: unknown) {
    const where = place.file === undefined ? '' : place.offset === undefined ? ` (${place.file})` : ` (${place.file} at byte ${place.offset})`;
    super(`${message}${where}`, cause === undefined ? undefined : { cause });
    this.name = 'CodedError';
    this.code = code;
    this.remedy = remedy;
    this.place = place;
  }

  /** The one line that commands print to stderr. */
  line(): string {
    const sentence = /[.?!]$/.test(this.message) ? this.message : `${this.message}.`;
    return `${this.code}: ${sentence} ${this.remedy}`;
  }
}

/** A package's way to make its errors: the code must be in its catalogue, the remedy comes from there. */
export function errorFactory<Code extends string>(catalogue: Record<Code, ErrorEntry>) {
  return (code: Code, message: string, place: ErrorPlace = {}, cause?: unknown): CodedError =>
    new CodedError(code, catalogue[code].remedy, message, place, cause);
}

export const cassandraErrors = {
  SSTABLE_CORRUPT: {
    cause: 'Bytes of an SSTable component contradict its format, its checksum or another component.',
    remedy: 'Copy the file again from the node, or run "nodetool scrub" there; another replica of the same range can be given instead.',
  },
  SSTABLE_TRUNCATED: {
    cause: 'A component ends before its content does.',
    remedy: 'The copy is incomplete: copy the file again from the node.',
  },
  SSTABLE_COMPONENT_MISSING: {
    cause: 'A component that is needed to read the SSTable, or that its TOC lists, is not there.',
    remedy: 'Copy all files of the SSTable (the same number, all components) from the node.',
  },
  SSTABLE_VERSION_UNKNOWN: {
    cause: 'The version letters in the file name are not of a known SSTable format.',
    remedy: 'Supported are the formats ka (Cassandra 2.1), la and lb (2.2), ma to me (3.0 to 3.11), na and nb (4.x, 5.0), oa and da (5.0). Run "nodetool upgradesstables" with a supported version, or do not rename files.',
  },
  SSTABLE_UNSUPPORTED: {
    cause: 'The SSTable uses something that Cassandra can write but this reader does not know.',
    remedy: 'Nothing was guessed. Report the message; another version of Aeneas may read it.',
  },
  SCHEMA_MISSING: {
    cause: 'No schema was found for the table that was asked for.',
    remedy: 'Give a data directory that holds system_schema, or pass the schema as CQL with --schema.',
  },
  SCHEMA_MISMATCH: {
    cause: 'The schema does not fit the SSTable: other key types, or a column that the schema neither has nor dropped.',
    remedy: 'Give the schema of the moment at which the SSTables were copied.',
  },
  SCHEMA_INVALID: {
    cause: 'CQL text or a type name could not be understood.',
    remedy: 'Give the output of "DESCRIBE SCHEMA" of cqlsh; the message names the place.',
  },
  SCHEMA_AMBIGUOUS: {
    cause: 'CQL text alone does not say when a dropped column was dropped, so cells written before and after cannot be told apart.',
    remedy: 'Give a data directory that holds system_schema: only those tables know the drop time.',
  },
  TABLE_NOT_FOUND: {
    cause: 'The table is in none of the directories that were given.',
    remedy: 'Check keyspace and table name (case matters for quoted names) and the directories.',
  },
  TABLE_AMBIGUOUS: {
    cause: 'The table was dropped and created again, and the directories hold files of another incarnation than the schema describes, or of several.',
    remedy: 'Give the directory <table>-<id> of the right one, with its schema as CQL (--schema) where system_schema describes another.',
  },
  SCHEMA_CONFLICT: {
    cause: 'Snapshots of several nodes describe the same table differently.',
    remedy: 'Give data directories that hold system_schema, or the schema that counts as CQL with --schema.',
  },
  VALUE_INVALID: {
    cause: 'The bytes of a value do not fit its CQL type.',
    remedy: 'The schema may be wrong for this file, or the value was damaged before it was written: see the key in the message.',
  },
  FILE_UNREADABLE: {
    cause: 'The operating system refused to open or read a file.',
    remedy: 'Check that the path exists, that it may be read by this user, and that its mount is alive.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type CassandraErrorCode = keyof typeof cassandraErrors;

/** Makes an error of this package. */
export const cassandraError = errorFactory<CassandraErrorCode>(cassandraErrors);
