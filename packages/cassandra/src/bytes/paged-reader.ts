import { cassandraError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';

/** Small, since a search that jumps about needs a few bytes of each. */
const PAGE_BYTES = 1024;

interface Stretch {
  readonly start: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads here and there in a file, and keeps the pages of the last few reads: the last steps of a search mostly lie in them. */
export class PagedReader {
  readonly #source: ByteSource;
  readonly #keeps: number;
  /** The last one that was used comes first. */
  readonly #kept: Stretch[] = [];

  /** `keeps`: so many reads; a walk through a tree needs one for each level. */
  constructor(source: ByteSource, keeps = 1) {
    this.#source = source;
    this.#keeps = keeps;
  }

  /** Bytes in place; not to be changed. Throws SSTABLE_TRUNCATED when the file ends before. */
  async read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const kept = this.#kept.findIndex(({ start, bytes }) => position >= start && position + length <= start + bytes.length);
    const stretch = kept < 0 ? await this.#fetch(position, length) : this.#kept.splice(kept, 1)[0];
    this.#kept.unshift(stretch);
    if (this.#kept.length > this.#keeps) this.#kept.pop();
    const from = position - stretch.start;
    return stretch.bytes.subarray(from, from + length);
  }

  async #fetch(position: number, length: number): Promise<Stretch> {
    const start = position - (position % PAGE_BYTES);
    const end = Math.min(this.#source.size, Math.ceil((position + length) / PAGE_BYTES) * PAGE_BYTES);
    const bytes = new Uint8Array(Math.max(0, end - start));
    const count = await this.#source.read(bytes, 0, bytes.length, start);
    if (position + length > start + count) throw cassandraError('SSTABLE_TRUNCATED', `The file ends at ${start + count}`, { file: this.#source.path, offset: position });
    return { start, bytes: bytes.subarray(0, count) };
  }
}
