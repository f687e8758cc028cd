// Where bytes come from. The core never opens anything itself: it is given a FileSystem (the local disk, later SFTP), so every
// reader works the same over any of them, and tests can damage or count what is read.

import { cassandraError } from '../errors.ts';

/** Random access to the bytes of one file. */
export interface ByteSource {
  /** Path, for error messages. */
  readonly path: string;
  /** Length in bytes when it was opened. */
  readonly size: number;
  /** Reads `length` bytes at `position` into `into` at `offset`; fewer only at the end of the file. Returns the count. */
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  close(): Promise<void>;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

export interface FileSystem {
  /** Entries of a directory sorted by name. Throws FILE_UNREADABLE. */
  list(directory: string): Promise<DirectoryEntry[]>;
  /** Undefined when there is nothing at that path. */
  kind(path: string): Promise<'file' | 'directory' | undefined>;
  /** Throws FILE_UNREADABLE. */
  open(path: string): Promise<ByteSource>;
}

/** A whole small file (component or text). Throws FILE_UNREADABLE, or the given limit's error. */
export async function readWhole(files: FileSystem, path: string, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const source = await files.open(path);
  try {
    if (source.size > limitBytes) throw cassandraError('SSTABLE_CORRUPT', `${source.size} bytes are more than such a file can have (${limitBytes})`, { file: path });
    const bytes = new Uint8Array(source.size);
    const count = await source.read(bytes, 0, source.size, 0);
    return count === source.size ? bytes : bytes.slice(0, count);
  } finally {
    await source.close();
  }
}
