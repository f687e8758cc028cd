// Files of DYNAMODB_JSON, `{"Item":{...}}` a line, compressed: what the S3 import of DynamoDB and our own loader read.

import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, crc32, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { dynamodbError } from './errors.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

/** Speed over size: the import is billed by uncompressed bytes. */
const GZIP_LEVEL = 1;
const ZSTD_LEVEL = 1;
const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;
/** `{"Item":` and `}` around an item. */
const LINE_PREFIX_BYTES = 8;
const LINE_SUFFIX_BYTES = 1;
/** Longest line: six times an item's 400 KB, if every character were escaped. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** What a finished file is recorded by. */
export interface ImportFileRecord {
  readonly path: string;
  readonly items: number;
  /** Bytes of the lines. */
  readonly lineBytes: number;
  /** Of the file, compressed. */
  readonly sizeBytes: number;
  readonly crc32: string;
  readonly sha256: string;
}

/** The suffix that file names get. */
export function importFileSuffix(compression: Compression): string {
  return compression === 'gzip' ? '.json.gz' : compression === 'zstd' ? '.json.zst' : '.json';
}

/** One file in the making. It is complete only when `finish` has answered; whoever rolls files looks at `lineBytes`. */
export class ImportFile {
  readonly path: string;
  items = 0;
  lineBytes = 0;
  readonly #head: Transform;
  readonly #file: WriteStream;
  readonly #checks = new FileChecks();
  readonly #done: Promise<void>;
  #failure: unknown;

  /** `through`: what changes the bytes on their way to the disk, such as a cipher; the record is that of the bytes before it. */
  constructor(path: string, compression: Compression, through?: Transform) {
    this.path = path;
    this.#head = compressor(compression);
    this.#file = createWriteStream(path);
    this.#done = pipeline([this.#head, this.#checks, ...(through === undefined ? [] : [through]), this.#file]).catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Appends (a copy of) whole lines. Throws IMPORT_FILE_FAILED. */
  async write(lines: Uint8Array, items: number): Promise<void> {
    this.#throwFailure();
    this.items += items;
    this.lineBytes += lines.length;
    // A failure ends the wait too, by `done`.
    if (!this.#head.write(Buffer.from(lines))) await Promise.race([once(this.#head, 'drain').catch(() => this.#done), this.#done]);
    this.#throwFailure();
  }

  /** Completes the file. Its bytes are with the operating system, not yet certain to be on the disk. Throws IMPORT_FILE_FAILED. */
  async finish(): Promise<ImportFileRecord> {
    this.#head.end();
    await this.#done;
    this.#throwFailure();
    return { path: this.path, items: this.items, lineBytes: this.lineBytes, ...this.#checks.result() };
  }

  /** Stops without completing; what there is of the file stays for its owner to remove. */
  async abandon(): Promise<void> {
    this.#head.destroy();
    await this.#done;
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return;
    throw dynamodbError('IMPORT_FILE_FAILED', `Writing an import file failed after ${this.lineBytes} bytes of items: ${(this.#failure as Error).message}`, { file: this.path }, this.#failure);
  }
}

/** Passes bytes on and keeps their sums. */
class FileChecks extends Transform {
  readonly #sha256: Hash = createHash('sha256');
  #crc32 = 0;
  #sizeBytes = 0;

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.#sha256.update(chunk);
    this.#crc32 = crc32(chunk, this.#crc32);
    this.#sizeBytes += chunk.length;
    done(null, chunk);
  }

  result(): { sizeBytes: number; crc32: string; sha256: string } {
    return { sizeBytes: this.#sizeBytes, crc32: this.#crc32.toString(16).padStart(8, '0'), sha256: this.#sha256.digest('hex') };
  }
}

/** The items of a file, a chunk at a time: each a view of `{...}` without its line. Throws IMPORT_FILE_FAILED for damaged files. */
export async function* readImportFile(source: AsyncIterable<Uint8Array>, compression: Compression, name: string): AsyncGenerator<Uint8Array[]> {
  let rest: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of decompressed(source, compression)) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const items: Uint8Array[] = [];
      let start = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
        items.push(bytes.subarray(start + LINE_PREFIX_BYTES, end - LINE_SUFFIX_BYTES));
        start = end + 1;
      }
      rest = bytes.subarray(start);
      if (rest.length > MAX_LINE_BYTES) throw new Error('a line that is too long for an item');
      if (items.length > 0) yield items;
    }
  } catch (error) {
    throw dynamodbError('IMPORT_FILE_FAILED', `Reading an import file failed: ${(error as Error).message}`, { file: name }, error);
  }
  if (rest.length > 0) throw dynamodbError('IMPORT_FILE_FAILED', 'An import file ends within a line', { file: name });
}

function compressor(compression: Compression): Transform {
  switch (compression) {
    case 'gzip': return createGzip({ level: GZIP_LEVEL, chunkSize: CHUNK_BYTES });
    case 'zstd': return createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL }, chunkSize: CHUNK_BYTES });
    case 'none': return new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) });
  }
}

function decompressed(source: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Uint8Array> {
  if (compression === 'none') return source;
  const stream = compression === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createZstdDecompress({ chunkSize: CHUNK_BYTES });
  const input = Readable.from(source);
  input.on('error', (error) => stream.destroy(error));
  return input.pipe(stream);
}
