// Files of a source, wherever they are.

import { stat } from 'node:fs/promises';
import { cassandraError, localFiles } from '@aeneas/cassandra';
import type { FileSystem } from '@aeneas/cassandra';

/** Files of a source, with what is pinned of them. */
export interface SourceFiles extends FileSystem {
  /** When a file was last changed. Throws FILE_UNREADABLE. */
  modifiedMillis(path: string): Promise<number>;
}

/** The local disk, all of it. */
export const localSourceFiles: SourceFiles = {
  ...localFiles,
  async modifiedMillis(path) {
    try {
      return Math.floor((await stat(path)).mtimeMs);
    } catch (error) {
      throw cassandraError('FILE_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, error);
    }
  },
};
