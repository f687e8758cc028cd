import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Page } from './page.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-page-'));
const folder = join(scratch, 'dist');
const server = createServer((asked, response) => {
  void page.answer(asked, response).then((isThere) => {
    if (!isThere) response.writeHead(404).end();
  });
});
let page: Page;
beforeAll(async () => {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(scratch, 'secret.js'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, '.made-of'), 'hash');
  writeFileSync(join(folder, 'assets/app-1a2b.js'), 'script');
  writeFileSync(join(folder, 'assets/app-1a2b.js.br'), 'compressed');
  page = new Page(folder);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => {
  server.close();
  rmSync(scratch, { recursive: true });
});

/** The path goes over the wire as it is: `fetch` would tidy it up. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, path, headers, method }, (answer) => {
      let body = '';
      answer.on('data', (piece: Buffer) => (body += piece.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('places of the app are its one page, which is asked for anew each time; assets are kept for ever', async () => {
  for (const path of ['/', '/tasks', '/tasks/shop-3f2a1c?tab=log', '/tasks/%2e%2e']) {
    expect({ path, ...await ask(path) }).toMatchObject({ path, status: 200, body: '<!doctype html>', headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' } });
  }
  expect(await ask('/assets/app-1a2b.js')).toMatchObject({ status: 200, body: 'script', headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable' } });
  expect(await ask('/assets/app-1a2b.js', { 'accept-encoding': 'gzip, br' })).toMatchObject({ body: 'compressed', headers: { 'content-encoding': 'br', 'content-length': '10' } });
  expect(await ask('/assets/app-1a2b.js', {}, 'HEAD')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '6' } });
});

test('nothing but the page\'s own files is served', async () => {
  for (const path of ['/secret.js', '/../secret.js', '/..%2fsecret.js', '/assets/../../secret.js', '/assets/..%2f..%2fsecret.js', '/assets/', '/assets/gone-9f.js', '/.made-of', '/assets/app-1a2b.js.br', '//secret.js', '/%00.js']) {
    expect({ path, body: (await ask(path)).body }).not.toMatchObject({ body: expect.stringMatching(/secret|hash|compressed/) });
  }
  for (const path of ['/assets/gone-9f.js', '/.made-of', '/secret.js']) expect({ path, ...await ask(path) }).toMatchObject({ path, status: 404 });
});

test('the browser is told to run nothing but the page\'s own scripts, and to let nobody frame it', async () => {
  const { headers } = await ask('/');
  const policy = String(headers['content-security-policy']);
  expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/);
  expect(policy).toMatch(/frame-ancestors 'none'/);
  expect(policy).not.toMatch(/unsafe|\*|http:/);
  expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' });
});
