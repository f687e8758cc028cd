import { localFiles } from '@aeneas/cassandra';
import type { FileSystem } from '@aeneas/cassandra';

/** The local disk, and how many bytes of each component were read from it. */
export class CountingFiles implements FileSystem {
  /** By component: Data.db, Index.db, ... */
  readonly bytesRead = new Map<string, number>();
  readonly list = localFiles.list;
  readonly kind = localFiles.kind;

  async open(path: string): ReturnType<FileSystem['open']> {
    const component = path.slice(path.lastIndexOf('-') + 1);
    const file = await localFiles.open(path);
    return {
      path, size: file.size,
      read: async (into, offset, length, position) => {
        const count = await file.read(into, offset, length, position);
        this.bytesRead.set(component, (this.bytesRead.get(component) ?? 0) + count);
        return count;
      },
      close: () => file.close(),
    };
  }

  /** Of all components together, since the last call. */
  take(): number {
    const sum = [...this.bytesRead.values()].reduce((total, count) => total + count, 0);
    this.bytesRead.clear();
    return sum;
  }
}
