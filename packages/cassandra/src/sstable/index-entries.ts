// Index.db: every partition's key and its offset in Data.db, in token order (docs/formats/index.md). Wide partitions also carry a
// "promoted index" of blocks of rows, which is stepped over here.

import type { ByteSource } from '../bytes/byte-source.ts';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { cassandraError } from '../errors.ts';

export interface IndexEntry {
  /** Serialized partition key; a copy. */
  readonly key: Uint8Array;
  /** Uncompressed offset of the partition in Data.db. */
  readonly position: number;
}

const BUFFER_BYTES = 64 * 1024;

/** Entries from file offset `from` on. Throws SSTABLE_CORRUPT or SSTABLE_TRUNCATED. */
export async function* readIndexEntries(source: ByteSource, from = 0): AsyncGenerator<IndexEntry> {
  let buffer = new Uint8Array(BUFFER_BYTES);
  let base = from;
  const input = new ByteCursor(buffer, 0, 0);
  /** Makes sure of `count` bytes at the cursor. */
  const have = async (count: number): Promise<void> => {
    if (input.remaining() >= count) return;
    base += input.position;
    if (base + count > source.size) throw cassandraError('SSTABLE_TRUNCATED', 'An index entry ends too early', { file: source.path, offset: base });
    if (buffer.length < count) buffer = new Uint8Array(Math.max(count, BUFFER_BYTES));
    input.bytes = buffer;
    input.position = 0;
    input.limit = await source.read(buffer, 0, Math.min(buffer.length, source.size - base), base);
  };
  while (base + input.position < source.size) {
    await have(2);
    const keyLength = input.readUnsignedShort();
    // The key, and two vints of at most nine bytes: fewer only at the end of the file.
    await have(Math.min(keyLength + 18, source.size - base - input.position));
    const at = input.take(keyLength);
    const key = buffer.slice(at, at + keyLength);
    const position = input.readUnsignedVInt();
    const promoted = input.readUnsignedVInt();
    yield { key, position };
    if (promoted <= input.remaining()) {
      input.position += promoted;
    } else {
      base += input.position + promoted;
      input.position = 0;
      input.limit = 0;
      if (base > source.size) throw cassandraError('SSTABLE_TRUNCATED', 'A promoted index ends too early', { file: source.path, offset: base });
    }
  }
}
