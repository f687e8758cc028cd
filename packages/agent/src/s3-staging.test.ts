import { createWriteStream, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openStaging } from './staging.ts';

const folder = mkdtempSync(join(tmpdir(), 'aeneas-s3-'));
const asked: { readonly request: string; readonly headers: IncomingHttpHeaders; readonly body: () => string }[] = [];
/** Answers in their order; then 200 and nothing. */
const answers: { readonly status: number; readonly body: string }[] = [];
let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    asked.push({ request: `${request.method} ${request.url!.split('?')[0]}`, headers: request.headers, body: () => Buffer.concat(pieces).toString() });
    const { status = 200, body = '' } = answers.shift() ?? {};
    request.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => response.writeHead(status, { etag: '"x"' }).end(body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
beforeEach(() => {
  asked.length = 0;
  answers.length = 0;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const settingsOf = () => ({
  kind: 's3' as const, bucket: 'bucket', prefix: 'p', region: 'us-east-1', endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spool: folder,
});
const stagingOf = (kmsKey?: string, tell: (reason: string) => void = () => {}) => openStaging({ ...settingsOf(), kmsKey }, tell);
const errorBody = (code: string): string => `<?xml version="1.0"?><Error><Code>${code}</Code><Message>of the test</Message></Error>`;

test.each([undefined, 'alias/staging'])('a file is uploaded with a CRC32, and encrypted with the key %s', async (kmsKey) => {
  const staging = await stagingOf(kmsKey);
  writeFileSync((await staging.prepare('shop.orders/1-1-0.json.gz')).path, 'content');
  await staging.put('shop.orders/1-1-0.json.gz');
  staging.close();
  expect(asked.map(({ request }) => request)).toEqual(['PUT /bucket/p/shop.orders/1-1-0.json.gz']);
  const { headers } = asked[0]!;
  expect(headers['x-amz-checksum-crc32'] ?? headers['x-amz-trailer']).toMatch(/=$|crc32/);
  expect([headers['x-amz-server-side-encryption'], headers['x-amz-server-side-encryption-aws-kms-key-id']]).toEqual(kmsKey === undefined ? [undefined, undefined] : ['aws:kms', kmsKey]);
  // What was staged takes no room here.
  expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.gz'))).toEqual([]);
});

test('encryption without a key of one\'s own is that of AWS, and what waits here is encrypted too', async () => {
  const staging = await openStaging({ ...settingsOf(), isEncrypted: true }, () => {});
  const { path, through } = await staging.prepare('a');
  await pipeline(Readable.from([Buffer.from('planted content')]), through!, createWriteStream(path));
  expect(readFileSync(path).includes('planted')).toBe(false);
  await staging.put('a');
  staging.close();
  const { headers, body } = asked[0]!;
  expect([headers['x-amz-server-side-encryption'], headers['x-amz-server-side-encryption-aws-kms-key-id']]).toEqual(['aws:kms', undefined]);
  expect(body()).toContain('planted content');
});

test('an encrypted file that was changed is not uploaded', async () => {
  const staging = await openStaging({ ...settingsOf(), isEncrypted: true }, () => {});
  const { path } = await staging.prepare('a');
  writeFileSync(path, Buffer.alloc(100, 1));
  await expect(staging.put('a')).rejects.toMatchObject({ code: 'LOCAL_FILE_DAMAGED' });
  staging.close();
});

test('requests that the SDK makes again are told with what S3 said', async () => {
  const told: string[] = [];
  const staging = await stagingOf(undefined, (reason) => told.push(reason));
  answers.push({ status: 503, body: errorBody('SlowDown') }, { status: 500, body: errorBody('InternalError') }, { status: 200, body: '<ListBucketResult></ListBucketResult>' });
  expect(await staging.list('shop.orders')).toEqual([]);
  expect(told).toEqual(['SlowDown', 'InternalError']);
  staging.close();
});

test('objects that S3 did not delete, though it answered 200, are an error', async () => {
  const staging = await stagingOf();
  const partly = (code: string) => ({ status: 200, body: `<DeleteResult><Error><Key>p/a</Key><Code>${code}</Code><Message>of the test</Message></Error></DeleteResult>` });
  answers.push(partly('InternalError'), partly('AccessDenied'));
  await expect(staging.remove(['a', 'b'])).rejects.toMatchObject({ code: 'STAGING_UNREACHABLE', message: expect.stringContaining('1 of 2 objects: InternalError') });
  await expect(staging.remove(['a', 'b'])).rejects.toMatchObject({ code: 'STAGING_REFUSED' });
  staging.close();
});

test('an upload whose last answer was lost is tried again under another name, not given up', async () => {
  const staging = await stagingOf();
  writeFileSync((await staging.prepare('a')).path, Buffer.alloc(6 * 1024 * 1024));
  const part = { status: 200, body: '' };
  answers.push({ status: 200, body: '<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>' }, part, part, { status: 404, body: errorBody('NoSuchUpload') });
  await expect(staging.put('a')).rejects.toMatchObject({ code: 'STAGING_UNREACHABLE', message: expect.stringContaining('NoSuchUpload') });
  staging.close();
});

test('an upload to be abandoned may be gone already', async () => {
  const staging = await stagingOf();
  const uploads = '<ListMultipartUploadsResult><Upload><Key>p/shop.orders/1</Key><UploadId>1</UploadId></Upload></ListMultipartUploadsResult>';
  answers.push({ status: 200, body: uploads }, { status: 404, body: errorBody('NoSuchUpload') });
  await staging.abandonUploads('shop.orders');
  expect(asked.map(({ request }) => request)).toEqual(['GET /bucket/', 'DELETE /bucket/p/shop.orders/1']);
  staging.close();
});
