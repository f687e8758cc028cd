// Items into import files: each at most so large, staged when complete, reported when staged. The next file is written while the one
// before it is being staged.

import { rm } from 'node:fs/promises';
import { CodedError } from '@aeneas/cassandra';
import { ImportFile, importFileSuffix } from '@aeneas/dynamodb';
import type { OutputBuffer } from '@aeneas/dynamodb';
import { agentError, writeError } from './errors.ts';
import type { ItemSink, Stretch } from './extract.ts';
import { faultPoint } from './fault-point.ts';
import type { ItemDestination, SegmentFile } from './job.ts';
import type { Staging } from './staging.ts';

/** Encoded lines are handed to the compressor in such pieces. */
const PIECE_BYTES = 128 * 1024;

export class FileSink implements ItemSink {
  readonly #destination: Extract<ItemDestination, { kind: 'files' }>;
  readonly #out: OutputBuffer;
  readonly #report: (stretch: Stretch) => void;
  readonly #staging: Staging;
  readonly #isLeaseOver: () => boolean;
  #file: ImportFile | undefined;
  #fileName = '';
  #filesBegun = 0;
  #itemsInPiece = 0;
  /** The stretch before, while its file is on its way. */
  #staged: Promise<void> = Promise.resolve();

  constructor(destination: Extract<ItemDestination, { kind: 'files' }>, staging: Staging, out: OutputBuffer, report: (stretch: Stretch) => void, isLeaseOver: () => boolean) {
    this.#destination = destination;
    this.#staging = staging;
    this.#out = out;
    this.#report = report;
    this.#isLeaseOver = isLeaseOver;
  }

  add(): void {
    this.#itemsInPiece++;
  }

  get isFull(): boolean {
    return this.#out.length >= PIECE_BYTES;
  }

  get wantsCheckpoint(): boolean {
    return (this.#file?.lineBytes ?? 0) + this.#out.length >= this.#destination.fileBytes;
  }

  async settle(): Promise<void> {
    if (this.#out.length === 0) return;
    this.#file ??= await this.#begin();
    const items = this.#itemsInPiece;
    this.#itemsInPiece = 0;
    await this.#guarded(this.#file.write(this.#out.bytes.subarray(0, this.#out.length), items));
    this.#out.length = 0;
  }

  async endStretch(stretch: Omit<Stretch, 'file'>): Promise<void> {
    await this.settle();
    const file = await this.#finish();
    faultPoint('file-written');
    await this.#staged;
    this.#staged = this.#stage(file).then(() => this.#report({ ...stretch, file }));
    // Failures are met by whoever awaits next; until then they are not unhandled.
    this.#staged.catch(() => {});
    if (stretch.position === undefined) await this.#staged;
  }

  async close(): Promise<void> {
    const file = this.#file;
    await this.#staged.catch(() => {});
    if (file !== undefined) {
      await file.abandon();
      await rm(file.path, { force: true });
    }
    this.#staging.close();
  }

  async #begin(): Promise<ImportFile> {
    this.#throwWithoutLease();
    const { namePrefix, compression } = this.#destination;
    this.#fileName = `${namePrefix}-${this.#filesBegun++}${importFileSuffix(compression)}`;
    const { path, through } = await this.#staging.prepare(this.#fileName);
    return new ImportFile(path, compression, through);
  }

  async #finish(): Promise<SegmentFile | undefined> {
    const file = this.#file;
    if (file === undefined) return undefined;
    const { sizeBytes, crc32 } = await this.#guarded(file.finish());
    this.#file = undefined;
    return { name: this.#fileName, sizeBytes, crc32 };
  }

  async #stage(file: SegmentFile | undefined): Promise<void> {
    if (file !== undefined) {
      this.#throwWithoutLease();
      await this.#staging.put(file.name);
      // Halted on the way, this process may have put it where its task is gone already. Nobody was told of it, so nobody misses it.
      if (this.#isLeaseOver()) await this.#staging.remove([file.name]);
      this.#throwWithoutLease();
    }
    faultPoint('file-staged');
  }

  #throwWithoutLease(): void {
    if (this.#isLeaseOver()) throw agentError('JOB_STOPPED', 'The lease of the job has ended');
  }

  /** A full disk has a code of its own. */
  async #guarded<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      const cause = error instanceof CodedError ? error.cause : undefined;
      const coded = cause === undefined ? undefined : writeError(this.#file?.path ?? '', cause);
      throw coded instanceof CodedError ? coded : error;
    }
  }
}
