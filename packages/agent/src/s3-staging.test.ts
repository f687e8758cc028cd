import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStaging } from './staging.ts';

const folder = mkdtempSync(join(tmpdir(), 'aeneas-s3-'));
const asked: { readonly request: string; readonly headers: IncomingHttpHeaders }[] = [];
let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ request: `${request.method} ${request.url!.split('?')[0]}`, headers: request.headers });
    request.resume().on('end', () => response.setHeader('etag', '"x"').end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test.each([undefined, 'alias/staging'])('a file is uploaded with a CRC32, and encrypted with the key %s', async (kmsKey) => {
  asked.length = 0;
  const staging = await openStaging({ kind: 's3', bucket: 'bucket', prefix: 'p', region: 'us-east-1', endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spool: folder, kmsKey });
  writeFileSync(await staging.prepare('shop.orders/1-1-0.json.gz'), 'content');
  await staging.put('shop.orders/1-1-0.json.gz');
  staging.close();
  expect(asked.map(({ request }) => request)).toEqual(['PUT /bucket/p/shop.orders/1-1-0.json.gz']);
  const { headers } = asked[0]!;
  expect(headers['x-amz-checksum-crc32'] ?? headers['x-amz-trailer']).toMatch(/=$|crc32/);
  expect([headers['x-amz-server-side-encryption'], headers['x-amz-server-side-encryption-aws-kms-key-id']]).toEqual(kmsKey === undefined ? [undefined, undefined] : ['aws:kms', kmsKey]);
  // What was staged takes no room here.
  expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.gz'))).toEqual([]);
});
