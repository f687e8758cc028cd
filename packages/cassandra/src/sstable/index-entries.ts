// Index.db: every partition's key and its offset in Data.db, in token order (docs/formats/index.md, legacy-index.md). Wide partitions also carry a
// "promoted index" of blocks of rows, which is stepped over here without being read.

import type { ByteSource } from '../bytes/byte-source.ts';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { cassandraError } from '../errors.ts';
import { END, PARTITION, PENDING } from '../model/cursor.ts';
import type { SSTableVersion } from './version.ts';

/** Two vints of at most nine bytes follow a key; before 3.0 an int64 and an int32. */
const MAX_AFTER_KEY = 18;

/** The entries of an Index.db. What it exposes is valid until the next `advance`. */
export class IndexCursor extends ByteCursor {
  /** The serialized partition key lies in `bytes`, between these. */
  keyStart = 0;
  keyEnd = 0;
  /** Offset of the entry in Index.db. */
  entryPosition = 0;
  /** Uncompressed offset of the partition in Data.db. */
  dataPosition = 0;

  readonly #source: ByteSource;
  readonly #storesAtoms: boolean;
  readonly #readBytes: number;
  /** Offset of the buffer's first byte in the file. */
  #base: number;
  #needed = 0;

  /** Reads from file offset `from` on, `readBytes` at a time: a search needs a few entries, a walk all of them. */
  constructor(source: ByteSource, version: SSTableVersion, from: number, readBytes: number) {
    super(new Uint8Array(0));
    this.#source = source;
    this.#storesAtoms = version.storesAtoms;
    this.#base = from;
    this.#readBytes = readBytes;
  }

  /** After PENDING call `fill`. Throws SSTABLE_CORRUPT or SSTABLE_TRUNCATED. */
  advance(): typeof PARTITION | typeof PENDING | typeof END {
    const left = this.#source.size - this.#base - this.position;
    if (left === 0) return END;
    if (!this.#has(2, left)) return PENDING;
    const keyLength = (this.bytes[this.position] << 8) | this.bytes[this.position + 1];
    if (!this.#has(Math.min(2 + keyLength + MAX_AFTER_KEY, left), left)) return PENDING;
    this.entryPosition = this.#base + this.position;
    this.position += 2;
    this.keyStart = this.take(keyLength);
    this.keyEnd = this.position;
    this.dataPosition = this.#storesAtoms ? this.readLength64('A position') : this.readUnsignedVInt();
    const promoted = this.#storesAtoms ? this.readInt32() : this.readUnsignedVInt();
    if (promoted < 0) throw cassandraError('SSTABLE_CORRUPT', `A promoted index of ${promoted} bytes`, { file: this.#source.path, offset: this.#base + this.position });
    // The cursor may now stand beyond the buffer: the next fill reads from there.
    this.position += promoted;
    return PARTITION;
  }

  async fill(): Promise<void> {
    this.#base += this.position;
    const capacity = Math.max(this.#needed, this.#readBytes);
    if (this.bytes.length < capacity) this.bytes = new Uint8Array(capacity);
    this.position = 0;
    this.limit = await this.#source.read(this.bytes, 0, Math.min(capacity, this.#source.size - this.#base), this.#base);
    if (this.limit < this.#needed) this.underflow();
  }

  /** A copy of the key. */
  key(): Uint8Array<ArrayBuffer> {
    return (this.bytes as Uint8Array<ArrayBuffer>).slice(this.keyStart, this.keyEnd);
  }

  override underflow(): never {
    throw cassandraError('SSTABLE_TRUNCATED', 'An index entry ends too early', { file: this.#source.path, offset: this.#base + this.position });
  }

  #has(count: number, left: number): boolean {
    if (count > left) this.underflow();
    this.#needed = count;
    return this.remaining() >= count;
  }
}
