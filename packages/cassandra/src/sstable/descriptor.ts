// The name of an SSTable: <directory>/<version>-<generation>-<format>-<component>, where the format is big, or from 5.0 on bti; in 2.1
// <directory>/<keyspace>-<table>-ka-<generation>-<component>.

import { cassandraError } from '../errors.ts';
import { versionOf } from './version.ts';
import type { DigestComponent, FormatName, SSTableVersion } from './version.ts';

export type Component =
  | 'Data.db' | 'Index.db' | 'Summary.db' | 'Partitions.db' | 'Rows.db' | 'Statistics.db' | 'CompressionInfo.db' | DigestComponent | 'CRC.db' | 'TOC.txt' | 'Filter.db';

export interface Descriptor {
  readonly directory: string;
  readonly version: SSTableVersion;
  /** A number, or from 4.1 on a time UUID in base 36: 3gpx_0ufq_4gwuo2ji98mn2mxkdb. */
  readonly generation: string;
  /** Where the file's name says it (ka). */
  readonly keyspace?: string;
  readonly table?: string;
  readonly pathOf: (component: Component) => string;
}

const DATA_FILE = /^([a-z]{2})-(\d+|[0-9a-z]{4}_[0-9a-z]{4}_[0-9a-z]{18})-(big|bti)-Data\.db$/;
/** Names of keyspaces and tables are word characters; a dot comes before an index's. */
const DATA_FILE_WITH_TABLE = /^(\w+)-(\w+(?:\.[^/]+)?)-([a-z]{2})-([0-9]+)-Data\.db$/;

/** Parses the path of a Data.db file. Throws SSTABLE_VERSION_UNKNOWN when the name or its letters are not of a known format. */
export function descriptorOf(dataFile: string): Descriptor {
  const slash = dataFile.lastIndexOf('/');
  const name = dataFile.slice(slash + 1);
  const directory = slash < 0 ? '.' : dataFile.slice(0, slash);
  const old = DATA_FILE_WITH_TABLE.exec(name);
  if (old) {
    const [, keyspace, table, letters, generation] = old;
    const version = versionOf(letters, 'big', dataFile);
    if (!version.namesTable) throw cassandraError('SSTABLE_VERSION_UNKNOWN', `Files of version ${letters} are not named like this`, { file: dataFile });
    const prefix = `${directory}/${keyspace}-${table}-${letters}-${generation}-`;
    return { directory, version, generation, keyspace, table, pathOf: (component) => prefix + component };
  }
  const match = DATA_FILE.exec(name);
  if (!match) {
    throw cassandraError('SSTABLE_VERSION_UNKNOWN', 'The file name is not <version>-<generation>-<big or bti>-Data.db', { file: dataFile });
  }
  const version = versionOf(match[1], match[3] as FormatName, dataFile);
  if (version.namesTable) throw cassandraError('SSTABLE_VERSION_UNKNOWN', `Files of version ${match[1]} are not named like this`, { file: dataFile });
  const prefix = `${directory}/${match[1]}-${match[2]}-${match[3]}-`;
  return { directory, version, generation: match[2], pathOf: (component) => prefix + component };
}
