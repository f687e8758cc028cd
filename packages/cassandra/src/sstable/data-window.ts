// A window that slides over the uncompressed content of Data.db: verified, decompressed, contiguous. The row reader parses inside
// it without awaiting; when it runs out of bytes it throws NEED_MORE, unwinds to its last safe position, and `fill` is awaited once
// for the next batch of chunks.

import { crc32 } from 'node:zlib';
import type { ByteSource } from '../bytes/byte-source.ts';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { CodedError, cassandraError } from '../errors.ts';
import type { CompressionInfo } from './compression-info.ts';

/** Thrown (the one object, no stack) when the window ends before what is being parsed does. */
export const NEED_MORE: unique symbol = Symbol('need more bytes');

/** Checksums of an uncompressed Data.db (CRC.db). */
export interface ChunkChecksums {
  readonly chunkLength: number;
  readonly crcs: Uint32Array;
}

/** A single unfiltered (row or marker) has to fit into memory; Cassandra itself cannot write one that is larger. */
const MAX_WINDOW = 0x7fffffff - 1024;
/** What an uncompressed file without CRC.db is read by. */
const PLAIN_CHUNK_LENGTH = 64 * 1024;

export interface DataFile {
  readonly source: ByteSource;
  readonly compression: CompressionInfo | undefined;
  readonly checksums: ChunkChecksums | undefined;
  /** CRC32 of the whole file, where Digest.crc32 is there: checked by a window that reads all of it. */
  readonly digest: number | undefined;
}

export class DataWindow extends ByteCursor {
  /** Uncompressed offset of bytes[0]. */
  base = 0;
  /** When true, running out is corruption (a row past its own size), not a reason to read on. */
  bounded = false;
  readonly length: number;
  readonly #file: DataFile;
  readonly #batchChunks: number;
  readonly #chunkLength: number;
  readonly #chunkCount: number;
  /** Chunks that hold bytes; any after them must turn out to be empty. */
  readonly #dataChunkCount: number;
  #nextChunk: number;
  #needed = 0;
  #digestCrc = 0;
  readonly #checksDigest: boolean;
  #ahead: Promise<Uint8Array> | undefined;
  /** Compressed (file) bytes read so far. */
  bytesRead = 0;

  /** Opens the window at uncompressed offset `start`. `batchBytes`: how much is read at a time (one read ahead as well). */
  constructor(file: DataFile, start: number, batchBytes: number) {
    super(new Uint8Array(0));
    this.#file = file;
    this.length = file.compression ? file.compression.dataLength : file.source.size;
    this.#chunkLength = file.compression?.chunkLength ?? file.checksums?.chunkLength ?? PLAIN_CHUNK_LENGTH;
    this.#chunkCount = file.compression ? file.compression.chunkOffsets.length : Math.ceil(this.length / this.#chunkLength);
    this.#dataChunkCount = Math.ceil(this.length / this.#chunkLength);
    this.#batchChunks = Math.max(1, Math.floor(batchBytes / this.#chunkLength));
    this.#nextChunk = Math.floor(start / this.#chunkLength);
    this.#checksDigest = file.digest !== undefined && this.#nextChunk === 0;
    this.base = this.#nextChunk * this.#chunkLength;
    this.position = start - this.base;
    this.limit = 0;
  }

  get file(): string {
    return this.#file.source.path;
  }

  /** Uncompressed offset of the next byte to parse. */
  offset(): number {
    return this.base + this.position;
  }

  override underflow(count: number): never {
    if (this.bounded) throw this.corrupt(`Content runs past the size that is written before it`);
    this.require(count);
    throw NEED_MORE;
  }

  /** Announces that `count` bytes from `position` on will be needed: throws when the file cannot have them, else notes it for `fill`. */
  require(count: number): void {
    if (this.base + this.position + count > this.length) {
      throw cassandraError('SSTABLE_TRUNCATED', `${count} more bytes are expected, the content ends after ${this.length}`, this.#place());
    }
    this.#needed = Math.max(this.#needed, count);
  }

  corrupt(message: string): CodedError {
    return cassandraError('SSTABLE_CORRUPT', message, this.#place());
  }

  #place() {
    return { file: this.#file.source.path, offset: this.base + this.position };
  }

  /** Slides: keeps what is not parsed yet, appends the next batch of chunks (at least as many as were needed). */
  async fill(): Promise<void> {
    const kept = Math.max(0, this.limit - this.position);
    const skip = Math.max(0, this.position - this.limit);
    const wanted = Math.max(this.#needed, 1) + skip - kept;
    const chunks = this.#batch(this.#nextChunk, Math.ceil(wanted / this.#chunkLength) + 1);
    if (chunks <= 0) throw cassandraError('SSTABLE_TRUNCATED', `The content ends after ${this.length} bytes`, this.#place());
    const capacity = kept + chunks * this.#chunkLength;
    if (capacity > MAX_WINDOW) throw cassandraError('SSTABLE_UNSUPPORTED', 'A single row is larger than 2 GiB', this.#place());

    // Nothing handed out points into the window any more: the caller is between two rows.
    let window = this.bytes as Uint8Array<ArrayBuffer>;
    if (window.length < capacity) window = new Uint8Array(Math.max(capacity, (this.#batchChunks + 1) * this.#chunkLength));
    if (window === this.bytes) window.copyWithin(0, this.limit - kept, this.limit);
    else window.set(this.bytes.subarray(this.limit - kept, this.limit), 0);

    const first = this.#nextChunk;
    const raw = await (this.#ahead ?? this.#read(first, chunks));
    const got = this.#ahead ? this.#batch(first, 0) : chunks;
    this.#ahead = undefined;
    let end = this.#unpack(raw, first, got, window, kept);
    this.#nextChunk = first + got;
    if (got < chunks) {
      const rest = await this.#read(this.#nextChunk, chunks - got);
      end = this.#unpack(rest, this.#nextChunk, chunks - got, window, end);
      this.#nextChunk += chunks - got;
    }
    this.base += this.limit - kept;
    this.bytes = window;
    this.position = skip;
    this.limit = end;
    this.#needed = 0;
    if (this.#nextChunk < this.#chunkCount) {
      this.#ahead = this.#read(this.#nextChunk, this.#batch(this.#nextChunk, 0));
      // Awaited by the next fill; until then a failure must not count as unhandled.
      this.#ahead.catch(() => {});
    } else if (this.#checksDigest && this.#digestCrc !== this.#file.digest) {
      throw cassandraError('SSTABLE_CORRUPT', 'The checksum of the whole file differs from Digest.crc32', { file: this.#file.source.path });
    }
  }

  /** How many chunks to read from `first` on: a batch, or more where needed; with the last bytes come the empty chunks behind them. */
  #batch(first: number, needed: number): number {
    const last = first + Math.max(this.#batchChunks, needed);
    return (last >= this.#dataChunkCount ? this.#chunkCount : last) - first;
  }

  /** File offset of a chunk, or of the end. */
  #fileOffset(chunk: number): number {
    const { compression, source } = this.#file;
    if (compression) return chunk < compression.chunkOffsets.length ? compression.chunkOffsets[chunk] : source.size;
    return Math.min(chunk * this.#chunkLength, source.size);
  }

  async #read(first: number, count: number): Promise<Uint8Array> {
    const start = this.#fileOffset(first);
    const length = this.#fileOffset(first + count) - start;
    const raw = Buffer.allocUnsafeSlow(length);
    const got = await this.#file.source.read(raw, 0, length, start);
    if (got < length) throw cassandraError('SSTABLE_TRUNCATED', `The file ends at ${start + got}`, { file: this.#file.source.path, offset: start + got });
    this.bytesRead += length;
    return raw;
  }

  /** Verifies and decompresses chunks into `into` at `at`; returns the end. */
  #unpack(raw: Uint8Array, first: number, count: number, into: Uint8Array, at: number): number {
    const { compression, checksums, source } = this.#file;
    if (this.#checksDigest) this.#digestCrc = crc32(raw, this.#digestCrc);
    const start = this.#fileOffset(first);
    let end = at;
    for (let chunk = first; chunk < first + count; chunk++) {
      const from = this.#fileOffset(chunk) - start;
      const to = this.#fileOffset(chunk + 1) - start;
      const length = Math.max(0, Math.min(this.#chunkLength, this.length - chunk * this.#chunkLength));
      const place = { file: source.path, offset: start + from };
      if (compression) {
        const body = raw.subarray(from, to - 4);
        const stored = ((raw[to - 4] << 24) | (raw[to - 3] << 16) | (raw[to - 2] << 8) | raw[to - 1]) >>> 0;
        if (crc32(body) !== stored) throw cassandraError('SSTABLE_CORRUPT', `The checksum of chunk ${chunk} does not match`, place);
        try {
          compression.decompress(body, into, end, length);
        } catch (error) {
          throw error instanceof CodedError ? cassandraError('SSTABLE_CORRUPT', `${error.message}, chunk ${chunk}`, place, error) : error;
        }
      } else {
        const body = raw.subarray(from, to);
        if (checksums && crc32(body) !== checksums.crcs[chunk]) {
          throw cassandraError('SSTABLE_CORRUPT', `The checksum of chunk ${chunk} (CRC.db) does not match`, place);
        }
        into.set(body, end);
      }
      end += length;
    }
    return end;
  }
}
