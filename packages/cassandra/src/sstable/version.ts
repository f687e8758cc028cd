// What the version letters of an SSTable mean, as capabilities. Nobody else compares letters.
// Source: Descriptor.Version of Cassandra 2.1, BigFormat.BigVersion of 2.2 to 5.0, BtiFormat.BtiVersion of 5.0.

import type { ChecksumName } from '../bytes/checksum.ts';
import { cassandraError } from '../errors.ts';

export type DigestComponent = 'Digest.sha1' | 'Digest.adler32' | 'Digest.crc32';

export interface SSTableVersion {
  readonly letters: string;
  /** Partitions are lists of cells and range tombstones that only the schema explains, not of rows (before ma: 3.0). */
  readonly storesAtoms: boolean;
  /** File names start with keyspace and table (ka: 2.1). */
  readonly namesTable: boolean;
  /** The checksum of chunks and of the whole Data.db; the component that has the latter. */
  readonly checksum: ChecksumName;
  readonly digestComponent: DigestComponent;
  /** Statistics has the lower commit log position (lb: 2.2.7; mb: 3.0.7, 3.7). */
  readonly hasCommitLogLowerBound: boolean;
  /** In a DESC clustering column an empty value comes first, as in an ASC one (until CASSANDRA-12127: 2.1.16, 2.2.8, 3.0.9, 3.8); later it comes last. */
  readonly putsEmptyFirstInDesc: boolean;
  /** Statistics has commit log intervals (mc: 3.0.8, 3.9). */
  readonly hasCommitLogIntervals: boolean;
  /** Min and max clustering in Statistics can be trusted (md: 3.0.18, 3.11.4). */
  readonly hasAccurateMinMax: boolean;
  /** Statistics may name the host that wrote the file (me: 3.0.25, 3.11.11; nb: 4.0.0; not na). */
  readonly hasOriginatingHostId: boolean;
  /** CompressionInfo says from which length on a chunk is left uncompressed (na: 4.0-rc1). */
  readonly hasMaxCompressedLength: boolean;
  /** Statistics has checksums (na). */
  readonly hasMetadataChecksums: boolean;
  /** Statistics names the incremental repair that has not ended (na). */
  readonly hasPendingRepair: boolean;
  /** Of two cells of one timestamp the same one wins at any time: expiring ones as if they were deleted (na: CASSANDRA-14592). */
  readonly hasTimelessTies: boolean;
  /** A deletion of a partition or range takes counters with it that were counted later, too (before ma: DeletionInfo.isDeleted of 2.1 and 2.2, CASSANDRA-7346). */
  readonly deletesCountersForGood: boolean;
  /** Deletion times reach 2106, and "no deletion" of a partition is a single byte (oa: 5.0). */
  readonly hasUnsignedDeletionTimes: boolean;
  /** Statistics has the covered clusterings with their types, the first and last key and more, in place of minimum and maximum values (oa). */
  readonly hasCoveredClustering: boolean;
  /** Partitions are found by tries, Partitions.db and Rows.db, not by Index.db (da: 5.0). */
  readonly hasTries: boolean;
}

/** Letters by the format in the file name. */
const KNOWN = { big: ['ka', 'la', 'lb', 'ma', 'mb', 'mc', 'md', 'me', 'na', 'nb', 'oa'], bti: ['da'] } as const;
export type FormatName = keyof typeof KNOWN;

/** Throws SSTABLE_VERSION_UNKNOWN for letters that this reader does not know: a newer layout is never guessed. */
export function versionOf(letters: string, format: FormatName, file: string): SSTableVersion {
  if (!(KNOWN[format] as readonly string[]).includes(letters)) {
    throw cassandraError('SSTABLE_VERSION_UNKNOWN', `SSTable version "${letters}" of format "${format}" is not known`, { file });
  }
  const hasTries = format === 'bti';
  const isSince = (first: string): boolean => hasTries || letters >= first;
  return {
    letters,
    storesAtoms: !isSince('ma'),
    namesTable: !isSince('la'),
    checksum: isSince('ma') ? 'crc32' : 'adler32',
    digestComponent: isSince('ma') ? 'Digest.crc32' : isSince('la') ? 'Digest.adler32' : 'Digest.sha1',
    hasCommitLogLowerBound: letters === 'lb' || isSince('mb'),
    // ka and lb do not tell; the last releases that wrote them put it last.
    putsEmptyFirstInDesc: ['la', 'ma', 'mb'].includes(letters),
    hasCommitLogIntervals: isSince('mc'),
    hasAccurateMinMax: isSince('md'),
    hasOriginatingHostId: isSince('me') && letters !== 'na',
    hasMaxCompressedLength: isSince('na'),
    hasMetadataChecksums: isSince('na'),
    hasPendingRepair: isSince('na'),
    hasTimelessTies: isSince('na'),
    deletesCountersForGood: !isSince('ma'),
    hasUnsignedDeletionTimes: isSince('oa'),
    hasCoveredClustering: isSince('oa'),
    hasTries,
  };
}
