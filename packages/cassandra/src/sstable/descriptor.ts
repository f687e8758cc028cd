// The name of an SSTable: <directory>/<version>-<generation>-big-<component>.

import { cassandraError } from '../errors.ts';
import { versionOf } from './version.ts';
import type { SSTableVersion } from './version.ts';

export type Component = 'Data.db' | 'Index.db' | 'Summary.db' | 'Statistics.db' | 'CompressionInfo.db' | 'Digest.crc32' | 'CRC.db' | 'TOC.txt' | 'Filter.db';

export interface Descriptor {
  readonly directory: string;
  readonly version: SSTableVersion;
  /** A number, or from 4.1 on possibly another unique id. */
  readonly generation: string;
  readonly pathOf: (component: Component) => string;
}

const DATA_FILE = /^([a-z]{2})-([0-9a-z_]+)-(big|bti)-Data\.db$/;

/** Parses the path of a Data.db file. Throws SSTABLE_VERSION_UNKNOWN when the name or its letters are not of a known format. */
export function descriptorOf(dataFile: string): Descriptor {
  const slash = dataFile.lastIndexOf('/');
  const name = dataFile.slice(slash + 1);
  const match = DATA_FILE.exec(name);
  if (!match) {
    throw cassandraError('SSTABLE_VERSION_UNKNOWN', 'The file name is not <version>-<generation>-big-Data.db', { file: dataFile });
  }
  const version = versionOf(match[1], dataFile);
  if (match[3] !== 'big') throw cassandraError('SSTABLE_VERSION_UNKNOWN', `SSTable format "${match[3]}" is not known in version ${match[1]}`, { file: dataFile });
  const directory = slash < 0 ? '.' : dataFile.slice(0, slash);
  const prefix = `${directory}/${match[1]}-${match[2]}-big-`;
  return { directory, version, generation: match[2], pathOf: (component) => prefix + component };
}
