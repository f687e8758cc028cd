// A window that slides over the uncompressed content of Data.db: verified, decompressed, contiguous. The row reader parses inside
// it without awaiting; when it runs out of bytes it throws NEED_MORE, unwinds to its last safe position, and `fill` is awaited once
// for the next batch of chunks.

import type { ByteSource } from '../bytes/byte-source.ts';
import { ByteCursor } from '../bytes/byte-cursor.ts';
import { checksumOf, emptyChecksum } from '../bytes/checksum.ts';
import type { Checksum, ChecksumName } from '../bytes/checksum.ts';
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
  readonly checksum: ChecksumName;
  /** The checksum of the whole file, where its digest is there: checked by a window that reads all of it. */
  readonly digest: number | undefined;
}

export class DataWindow extends ByteCursor {
  /** Uncompressed offset of bytes[0]. */
  base = 0;
  /** When true, running out is corruption (a row past its own size), not a reason to read on. */
  bounded = false;
  readonly length: number;
  /** Uncompressed offset up to which bytes may be asked for; nothing of the chunks behind it is read. */
  readonly #end: number;
  readonly #file: DataFile;
  readonly #batchChunks: number;
  readonly #chunkLength: number;
  readonly #chunkCount: number;
  /** Chunks that hold bytes of the window; any after them must turn out to be empty. */
  readonly #dataChunkCount: number;
  #nextChunk: number;
  #needed = 0;
  readonly #checksum: Checksum;
  #digest: number;
  readonly #checksDigest: boolean;
  #ahead: Promise<Uint8Array> | undefined;
  /** Compressed (file) bytes read so far. */
  bytesRead = 0;

  /** Opens a window onto the uncompressed offsets from `start` to `end`. `batchBytes`: how much is read at a time (one read ahead as well). */
  constructor(file: DataFile, start: number, end: number, batchBytes: number) {
    super(new Uint8Array(0));
    this.#file = file;
    this.length = file.compression ? file.compression.dataLength : file.source.size;
    this.#end = end;
    this.#chunkLength = file.compression?.chunkLength ?? file.checksums?.chunkLength ?? PLAIN_CHUNK_LENGTH;
    this.#dataChunkCount = Math.ceil(end / this.#chunkLength);
    this.#chunkCount = end === this.length && file.compression ? file.compression.chunkCount : this.#dataChunkCount;
    this.#batchChunks = Math.max(1, Math.floor(batchBytes / this.#chunkLength));
    this.#nextChunk = Math.floor(start / this.#chunkLength);
    this.#checksum = checksumOf(file.checksum);
    this.#digest = emptyChecksum(file.checksum);
    this.#checksDigest = file.digest !== undefined && this.#nextChunk === 0 && end === this.length;
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
    if (this.base + this.position + count > this.#end) throw this.corrupt(`A partition runs past byte ${this.#end}, where the index says that it ends`);
    this.#needed = Math.max(this.#needed, count);
  }

  /** Hints that the next `fill` had better bring `count` bytes from `position` on, or as many as there are. */
  suggest(count: number): void {
    this.#needed = Math.max(this.#needed, Math.min(count, this.#end - this.base - this.position));
  }

  /** The partition that starts here must have this key. The position stays. */
  requireKey(key: Uint8Array): void {
    const start = this.position;
    const at = this.take(this.readUnsignedShort());
    if (Buffer.compare(key, this.bytes.subarray(at, this.position)) !== 0) {
      this.position = start;
      throw this.corrupt('Another partition begins here than the index says');
    }
    this.position = start;
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
    } else if (this.#checksDigest && this.#digest !== this.#file.digest) {
      throw cassandraError('SSTABLE_CORRUPT', 'The checksum of the whole file differs from the digest', { file: this.#file.source.path });
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
    if (compression) return chunk < compression.chunkCount ? compression.chunkOffsets[chunk - compression.firstChunk] : source.size;
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
    if (this.#checksDigest) this.#digest = this.#checksum(raw, this.#digest);
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
        if (this.#checksum(body) !== stored) throw cassandraError('SSTABLE_CORRUPT', `The checksum of chunk ${chunk} does not match`, place);
        try {
          if (body.length < compression.maxCompressedLength) compression.decompress(body, into, end, length);
          else into.set(this.#uncompressed(body, length, (chunk + 1) * this.#chunkLength >= this.length), end);
        } catch (error) {
          throw error instanceof CodedError ? cassandraError('SSTABLE_CORRUPT', `${error.message}, chunk ${chunk}`, place, error) : error;
        }
      } else {
        const body = raw.subarray(from, to);
        if (checksums && this.#checksum(body) !== checksums.crcs[chunk]) {
          throw cassandraError('SSTABLE_CORRUPT', `The checksum of chunk ${chunk} (CRC.db) does not match`, place);
        }
        into.set(body, end);
      }
      end += length;
    }
    return end;
  }

  /** The content of a chunk that compression would not have made small enough; the last one is filled up with zeros to the length that says so. */
  #uncompressed(body: Uint8Array, length: number, isLast: boolean): Uint8Array {
    const isPadded = isLast && body.length > length && body.length === this.#file.compression?.maxCompressedLength;
    if (body.length !== length && !isPadded) throw cassandraError('SSTABLE_CORRUPT', `A chunk that is not compressed holds ${body.length} bytes instead of ${length}`);
    return body.subarray(0, length);
  }
}
