// A directory tree in memory, for tests of what looks at directories.

import type { ByteSource, DirectoryEntry, FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';

/** Files by path; their directories are there because of them. A path that ends in a slash is an empty directory. */
export function memoryFiles(contents: Readonly<Record<string, string>>): FileSystem {
  const paths = Object.keys(contents);
  const kind = (path: string): 'file' | 'directory' | undefined => {
    const wanted = resolved(path);
    if (paths.includes(wanted)) return 'file';
    return paths.some((one) => one.startsWith(`${wanted}/`)) ? 'directory' : undefined;
  };
  return {
    async list(directory: string): Promise<DirectoryEntry[]> {
      const prefix = `${resolved(directory)}/`;
      if (kind(directory) !== 'directory') throw cassandraError('FILE_UNREADABLE', 'There is no such directory', { file: directory });
      const names = paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split('/')[0]).filter((name) => name !== '');
      return [...new Set(names)].sort().map((name) => ({ name, isDirectory: kind(prefix + name) === 'directory' }));
    },
    kind: async (path) => kind(path),
    async open(path: string): Promise<ByteSource> {
      if (kind(path) !== 'file') throw cassandraError('FILE_UNREADABLE', 'There is no such file', { file: path });
      const bytes = Buffer.from(contents[resolved(path)]);
      return {
        path,
        size: bytes.length,
        read: async (into, offset, length, position) => bytes.copy(into, offset, position, position + length),
        close: async () => {},
      };
    },
  };
}

function resolved(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
