import { createReadStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand, DeleteObjectsCommand, GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client, S3ServiceException,
} from '@aws-sdk/client-s3';
import type { _Object, MultipartUpload } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { CodedError } from '@aeneas/cassandra';
import { clientSettings, reasonOf, tellingRetries } from './aws-client.ts';
import type { TellRetry } from './aws-client.ts';
import { decrypted, encrypting, newFileKey } from './encrypted-file.ts';
import { agentError, writeError } from './errors.ts';
import { faultPoint } from './fault-point.ts';
import { makeFolder } from './local-file.ts';
import type { LocalFile, S3Settings, Staging } from './staging.ts';

/** S3's smallest part: each part that is under way is in memory. */
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** S3 deletes at most this many objects a request. */
const MAX_DELETE = 1000;
/** A connection that is cut while an object is read is taken up again behind what was received. */
const MAX_CUT_READS = 5;
const CUT_READ_PAUSE_MILLIS = 100;

/** A prefix in S3. Uploads are multipart with a CRC32 of every part, which S3 checks. */
export class S3Staging implements Staging {
  readonly #settings: S3Settings;
  readonly #client: S3Client;
  readonly #tell: TellRetry;
  /** Of the local files: what a process left behind when it ended, nobody can read any more, and nobody needs. */
  readonly #key: Buffer | undefined;

  constructor(settings: S3Settings, tell: TellRetry) {
    this.#settings = settings;
    this.#tell = tell;
    this.#key = settings.isEncrypted === true ? newFileKey() : undefined;
    this.#client = tellingRetries(new S3Client({ ...clientSettings(settings), forcePathStyle: settings.endpoint !== undefined }), tell);
  }

  async prepare(name: string): Promise<LocalFile> {
    await makeFolder(this.#settings.spool);
    return { path: this.#spooled(name), ...(this.#key === undefined ? {} : { through: encrypting(this.#key) }) };
  }

  async put(name: string): Promise<void> {
    const path = this.#spooled(name);
    const body = this.#key === undefined ? createReadStream(path, { highWaterMark: 256 * 1024 }) : Readable.from(decrypted(path, this.#key), { objectMode: false });
    const upload = new Upload({
      client: this.#client, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE, leavePartsOnError: false,
      params: { Bucket: this.#settings.bucket, Key: this.#objectKey(name), Body: body, ChecksumAlgorithm: 'CRC32', ...this.#encryption() },
    });
    upload.on('httpUploadProgress', () => faultPoint('file-uploading'));
    await upload.done().catch((error: unknown) => {
      throw this.#coded(error, `upload ${this.#objectKey(name)}`);
    });
    await this.#settle(path, name);
  }

  /** An uploaded file goes, or to where it is kept: a folder that nothing reads. */
  async #settle(path: string, name: string): Promise<void> {
    const { keepIn } = this.#settings;
    try {
      if (keepIn === undefined) {
        await rm(path, { force: true });
      } else {
        const kept = join(keepIn, name);
        await makeFolder(dirname(kept));
        await rename(path, kept);
      }
    } catch (error) {
      throw writeError(path, error);
    }
  }

  #encryption(): object {
    const { kmsKey, isEncrypted = false } = this.#settings;
    if (kmsKey !== undefined) return { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKey };
    return isEncrypted ? { ServerSideEncryption: 'aws:kms' } : {};
  }

  async *read(name: string): AsyncIterable<Uint8Array> {
    let received = 0;
    for (let failures = 0; ; failures++) {
      try {
        const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#settings.bucket, Key: this.#objectKey(name), Range: `bytes=${received}-` }));
        for await (const piece of Body as unknown as AsyncIterable<Uint8Array>) {
          received += piece.length;
          yield piece;
        }
        return;
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') throw agentError('STAGING_CORRUPT', 'A committed file is gone', { file: this.#url(name) }, error);
        const coded = this.#coded(error, `read ${this.#objectKey(name)}`);
        if (failures === MAX_CUT_READS || coded.code !== 'STAGING_UNREACHABLE') throw coded;
        this.#tell(reasonOf(error));
        await setTimeout(CUT_READ_PAUSE_MILLIS * 2 ** failures);
      }
    }
  }

  async list(under: string): Promise<string[]> {
    const names: string[] = [];
    const cut = this.#settings.prefix.length + 1;
    let token: string | undefined;
    do {
      const page: { Contents?: _Object[]; NextContinuationToken?: string } = await this.#send(`list ${this.#objectKey(under)}`, () =>
        this.#client.send(new ListObjectsV2Command({ Bucket: this.#settings.bucket, Prefix: `${this.#objectKey(under)}/`, ContinuationToken: token })));
      for (const object of page.Contents ?? []) names.push(object.Key!.slice(cut));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return names;
  }

  async remove(names: readonly string[]): Promise<void> {
    for (let i = 0; i < names.length; i += MAX_DELETE) {
      const Objects = names.slice(i, i + MAX_DELETE).map((name) => ({ Key: this.#objectKey(name) }));
      const { Errors = [] } = await this.#send('delete objects', () => this.#client.send(new DeleteObjectsCommand({ Bucket: this.#settings.bucket, Delete: { Objects, Quiet: true } })));
      // The answer is 200 all the same.
      const [first] = Errors;
      if (first === undefined) continue;
      const code = first.Code === 'AccessDenied' ? 'STAGING_REFUSED' : 'STAGING_UNREACHABLE';
      throw agentError(code, `Cannot delete ${Errors.length} of ${Objects.length} objects: ${first.Code}: ${first.Message}`, { file: `s3://${this.#settings.bucket}/${first.Key}` });
    }
  }

  async abandonUploads(under: string): Promise<void> {
    const Bucket = this.#settings.bucket;
    const { Uploads = [] }: { Uploads?: MultipartUpload[] } = await this.#send('list uploads', () =>
      this.#client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: `${this.#objectKey(under)}/` })));
    for (const { Key, UploadId } of Uploads) {
      if (Key?.startsWith(`${this.#objectKey(under)}/`) !== true) continue;
      await this.#send('abort an upload', () => this.#client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch((error: unknown) => {
        // An answer was lost, and the upload is gone as it should be.
        if ((error as Error).name !== 'NoSuchUpload') throw error;
      }));
    }
  }

  close(): void {
    this.#client.destroy();
  }

  async #send<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw this.#coded(error, what);
    }
  }

  #coded(error: unknown, what: string): CodedError {
    // Reading the local file failed, not S3.
    if (error instanceof CodedError) return error;
    const { name, message } = error as Error;
    const place = { file: `s3://${this.#settings.bucket}` };
    // The answer to the end of an upload was lost: that name is used up, another attempt takes another.
    const isLost = name === 'NoSuchUpload';
    const isRefused = !isLost && (name === 'CredentialsProviderError' || (error instanceof S3ServiceException && error.$fault === 'client' && error.$metadata.httpStatusCode !== 429));
    return agentError(isRefused ? 'STAGING_REFUSED' : 'STAGING_UNREACHABLE', `Cannot ${what}: ${name}: ${message}`, place, error);
  }

  #objectKey(name: string): string {
    return `${this.#settings.prefix}/${name}`;
  }

  #url(name: string): string {
    return `s3://${this.#settings.bucket}/${this.#objectKey(name)}`;
  }

  #spooled(name: string): string {
    return join(this.#settings.spool, name.replaceAll('/', '_'));
  }
}
