// Summary.db: every 128th (or so) key of Index.db with its offset there, so that a search need not read Index.db from the start
// (docs/formats/index.md). Written from native memory: offsets and positions are little-endian.
//
// It is searched where it lies: of the summary of a table of terabytes a search reads a few pages, and keeps none.

import type { ByteSource } from '../bytes/byte-source.ts';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { PagedReader } from '../bytes/paged-reader.ts';
import { cassandraError } from '../errors.ts';
import type { IndexSample, IndexSamples } from './index-samples.ts';

const HEADER_BYTES = 24;
const MAX_KEY_BYTES = 0xffff;

export class Summary implements IndexSamples {
  readonly minIndexInterval: number;
  readonly samplingLevel: number;
  readonly fullSamplingSize: number;
  /** Number of entries. */
  readonly count: number;
  /** Bytes of offsets and entries. */
  readonly #memorySize: number;
  readonly #source: ByteSource;
  readonly #offsets: PagedReader;
  readonly #entries: PagedReader;

  private constructor(source: ByteSource, header: ByteCursor) {
    this.#source = source;
    this.#offsets = new PagedReader(source);
    this.#entries = new PagedReader(source);
    this.minIndexInterval = header.readInt32();
    this.count = header.readInt32();
    this.#memorySize = header.readLength64('The size of the summary');
    this.samplingLevel = header.readInt32();
    this.fullSamplingSize = header.readInt32();
    if (this.count < 0 || this.#memorySize < this.count * 4 || this.#memorySize > source.size - HEADER_BYTES) {
      throw this.#corrupt(`${this.count} entries in ${this.#memorySize} bytes`);
    }
  }

  /** Throws SSTABLE_CORRUPT or SSTABLE_TRUNCATED. The source stays the caller's to close. */
  static async open(source: ByteSource): Promise<Summary> {
    const header = new Uint8Array(HEADER_BYTES);
    const length = await source.read(header, 0, HEADER_BYTES, 0);
    return new Summary(source, new ByteCursor(header, 0, length));
  }

  /** The `i`th entry, in token order. Throws SSTABLE_CORRUPT. */
  async entry(i: number): Promise<IndexSample> {
    const isLast = i === this.count - 1;
    const offsets = viewOf(await this.#offsets.read(HEADER_BYTES + i * 4, isLast ? 4 : 8));
    const start = offsets.getUint32(0, true);
    const end = isLast ? this.#memorySize : offsets.getUint32(4, true);
    const keyLength = end - 8 - start;
    if (start < this.count * 4 || keyLength < 0 || keyLength > MAX_KEY_BYTES || end > this.#memorySize) throw this.#corrupt(`Entry ${i} lies at ${start}`);
    const bytes = await this.#entries.read(HEADER_BYTES + start, end - start);
    return { key: bytes.slice(0, keyLength), indexPosition: Number(viewOf(bytes).getBigUint64(keyLength, true)) };
  }

  /** First and last key of the SSTable. */
  async bounds(): Promise<{ readonly firstKey: Uint8Array; readonly lastKey: Uint8Array }> {
    const at = HEADER_BYTES + this.#memorySize;
    const input = new ByteCursor(await this.#entries.read(at, Math.min(this.#source.size - at, 2 * (4 + MAX_KEY_BYTES))));
    const readKey = (): Uint8Array => {
      const length = input.readInt32();
      if (length < 0 || length > MAX_KEY_BYTES) throw this.#corrupt(`A key of ${length} bytes`);
      const start = input.take(length);
      return input.bytes.slice(start, start + length);
    };
    return { firstKey: readKey(), lastKey: readKey() };
  }

  #corrupt(message: string): Error {
    return cassandraError('SSTABLE_CORRUPT', message, { file: this.#source.path });
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
