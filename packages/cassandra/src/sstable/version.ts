// What the version letters of an SSTable mean, as capabilities. Nobody else compares letters.
// Source: BigFormat.BigVersion of Cassandra 3.0 to 3.11.

import { cassandraError } from '../errors.ts';

export interface SSTableVersion {
  readonly letters: string;
  /** Statistics has the lower commit log position (mb: 3.0.7, 3.7). */
  readonly hasCommitLogLowerBound: boolean;
  /** In a DESC clustering column an empty value comes first, as in an ASC one (until CASSANDRA-12127: 3.0.9, 3.8); later it comes last. */
  readonly putsEmptyFirstInDesc: boolean;
  /** Statistics has commit log intervals (mc: 3.0.8, 3.9). */
  readonly hasCommitLogIntervals: boolean;
  /** Min and max clustering in Statistics can be trusted (md: 3.0.18, 3.11.4). */
  readonly hasAccurateMinMax: boolean;
  /** Statistics may name the host that wrote the file (me: 3.0.25, 3.11.11). */
  readonly hasOriginatingHostId: boolean;
}

const KNOWN = ['ma', 'mb', 'mc', 'md', 'me'];

/** Throws SSTABLE_VERSION_UNKNOWN for letters that this reader does not know: a newer layout is never guessed. */
export function versionOf(letters: string, file: string): SSTableVersion {
  if (!KNOWN.includes(letters)) throw cassandraError('SSTABLE_VERSION_UNKNOWN', `SSTable version "${letters}" is not known`, { file });
  return {
    letters,
    hasCommitLogLowerBound: letters >= 'mb',
    putsEmptyFirstInDesc: letters < 'mc',
    hasCommitLogIntervals: letters >= 'mc',
    hasAccurateMinMax: letters >= 'md',
    hasOriginatingHostId: letters >= 'me',
  };
}
