// The server as programs meet it: what answers, what does not, what the errors say, streams that resume.

import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, readlinkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { appContract } from '@aeneas/protocol';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas } from './aeneas-process.ts';
import { Serving } from './serving.ts';
import type { TaskStatus } from './serving.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-api-'));
let server: Serving;
let task: TaskStatus;
beforeAll(async () => {
  server = await Serving.start(join(scratch, 'server'));
  const path = join(scratch, 'shop.yaml');
  // Nobody answers at that endpoint: the task shows what it would try again.
  writeFileSync(path, JSON.stringify({ source: { directories: [await unpackedDemo()] }, tables: ['shop.carts'], target: { region: 'us-east-1', endpoint: 'http://127.0.0.1:9' }, staging: { folder: 'staged' } }));
  task = await server.api('POST', '/tasks', { projectFile: path });
});
afterAll(async () => {
  await server.stop();
  rmSync(scratch, { recursive: true });
});

/** Status and body of a request with any headers; `fetch` would not send these. */
function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, { headers, method }, (answer) => {
      let body = '';
      answer.on('data', (piece: Buffer) => (body += piece.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode!, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Of all procedures of a contract. */
function routesOf(part: object): string[] {
  if (!('~orpc' in part)) return Object.values(part).flatMap((inner) => routesOf(inner as object));
  const { route: { method = '', path = '' } } = (part as { readonly '~orpc': { readonly route: { readonly method?: string; readonly path?: string } } })['~orpc'];
  return [`${method.toLowerCase()} ${path}`];
}

test('pages of other sites are refused', async () => {
  const host = new URL(server.url).host;
  expect(await ask('/api/tasks', {})).toMatchObject({ status: 200 });
  expect(await ask('/api/tasks', { origin: server.url })).toMatchObject({ status: 200 });
  const strange: Record<string, string>[] = [
    { host: 'rebound.example' }, { host: `127.0.0.1.example:${new URL(server.url).port}` }, { host, origin: 'http://other.example' }, { host, origin: 'null' }, { host, 'sec-fetch-site': 'cross-site' },
  ];
  for (const headers of strange) expect({ headers, ...await ask('/api/tasks', headers) }).toMatchObject({ headers, status: 403, body: expect.stringContaining('REQUEST_REFUSED') });
  expect(await ask(`/api/tasks/${task.id}/start`, { 'content-type': 'text/plain' }, 'POST')).toMatchObject({ status: 403 });
  // The same guard stands before everything that the server answers: every route, streams of events, downloads, the page.
  const routes = [...routesOf(appContract), ...['/', '/settings', '/migration', '/assets/none.js', '/api/settings/security/files/trust.p12', '/api/openapi.json', '/api/none'].map((path) => `get ${path}`)];
  expect(routes).toEqual(expect.arrayContaining(['get /events', 'get /tasks/{id}/events', 'post /agents/test', 'patch /agents/{name}', 'post /vault/open', 'delete /projects/{name}']));
  for (const route of routes) {
    const [method = '', path = ''] = route.split(' ');
    const url = path.startsWith('/api') || !routesOf(appContract).includes(route) ? path : `/api${path.replace('{id}', task.id).replaceAll(/\{\+?\w+\}/g, 'one')}`;
    for (const headers of strange.slice(0, 4)) expect({ route, headers, ...await ask(url, headers, method.toUpperCase()) }).toMatchObject({ route, headers, status: 403, body: expect.stringContaining('REQUEST_REFUSED') });
  }
});

test('nothing outside of its folders is served, however a path is written', async () => {
  expect((await ask('//', {})).body).toContain('<div id="root">');
  const outside = ['../../../package.json', '..%2f..%2f..%2fpackage.json', '%2e%2e/%2e%2e/package.json', '..\\..\\package.json', '....//package.json', '%252e%252e%252fpackage.json', '/etc/passwd', '//etc/passwd', '%00/../package.json', 'assets/../../package.json', 'catalog.sqlite', 'settings.yaml'];
  for (const place of ['/', '/assets/', '/api/', '/api/settings/security/files/', '/projects/', '/api/projects/']) {
    for (const path of outside) {
      const { status, body } = await ask(`${place}${path}`, {});
      // A place of the app is the page itself; anything else is an error that tells nothing of what is there.
      const isPage = status === 200 && body.includes('<div id="root">');
      expect({ path: `${place}${path}`, isRefused: isPage || (status >= 400 && status < 500), leaks: /"workspaces"|root:.*:0:0|SQLite format/.test(body) }).toEqual({ path: `${place}${path}`, isRefused: true, leaks: false });
    }
  }
});

test('the description is OpenAPI 3.1 and knows every route', async () => {
  const description = await server.api<{ readonly openapi: string; readonly paths: Record<string, object> }>('GET', '/openapi.json');
  expect(description.openapi).toMatch(/^3\.1\./);
  const described = Object.entries(description.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(described.sort()).toEqual(routesOf(appContract).sort());
  expect(described.length).toBeGreaterThan(40);
  expect(described).toEqual(expect.arrayContaining(['get /tasks/{id}', 'post /agents/{name}/throttles', 'post /vault/open', 'get /projects', 'get /settings/security']));
});

test('errors have a code and a remedy, over HTTP and by command', async () => {
  const { status, body } = await ask('/api/tasks/none', {});
  expect({ status, ...JSON.parse(body) as object }).toMatchObject({ status: 404, code: 'TASK_UNKNOWN', data: { remedy: expect.stringContaining('aeneas task status') } });
  const unreadable = await aeneas(['task', 'create', join(scratch, 'none.yaml'), '--server', server.url]);
  expect(unreadable).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^PROJECT_UNREADABLE: .* Check the path/) });
  const twice = await aeneas(['task', 'create', join(scratch, 'shop.yaml'), '--server', server.url]);
  expect(twice).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(task.id) });
  const nobody = await aeneas(['task', 'status', '--server', 'http://127.0.0.1:9']);
  expect(nobody).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SERVER_UNREACHABLE: /) });
  const second = await aeneas(['serve', '--port', '0', '--workspace', join(scratch, 'server')]);
  expect(second).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SERVER_RUNNING: /m) });
});

test('the engine leaves nothing outside the server\'s folder', async () => {
  const { engine } = await server.server();
  const variables = readFileSync(`/proc/${engine.processId!}/environ`, 'utf8').split('\0');
  const temporary = variables.find((one) => one.startsWith('TMPDIR='))!.slice('TMPDIR='.length);
  expect(temporary.startsWith(join(scratch, 'server'))).toBe(true);
  expect(readdirSync(temporary)).not.toEqual([]);
});

test('neither server nor engine listens anywhere but on this machine', async () => {
  const { processId, engine } = await server.server();
  const listening = [...listenersOf(processId), ...listenersOf(engine.processId!)];
  expect(listening.length).toBeGreaterThan(0);
  expect(new Set(listening)).toEqual(new Set(['127.0.0.1']));
  expect(listenersOf(engine.processId!)).toEqual([]);
});

test('what fails is shown with its error and next try; the stream of events resumes where it was cut', async () => {
  await server.api('POST', `/tasks/${task.id}/start`);
  let status = await server.api<TaskStatus & { readonly tables: readonly { readonly lastError?: { readonly code: string }; readonly nextRetryMillis?: number }[] }>('GET', `/tasks/${task.id}`);
  const deadline = Date.now() + 60_000;
  while (status.tables[0]?.nextRetryMillis === undefined && Date.now() < deadline) status = await server.api('GET', `/tasks/${task.id}`);
  expect(status.tables[0]).toMatchObject({ lastError: { code: 'TARGET_UNREACHABLE' }, nextRetryMillis: expect.any(Number) });

  const all = await entries(undefined, 3);
  expect(await entries(all[0], 2)).toEqual(all.slice(1, 3));
  await server.api('POST', `/tasks/${task.id}/stop`);
}, 90_000);

test('a task that waits for a service which never answers stops soon, and is deleted with all that is its, though its source is gone', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const data = await unpackedDemo();
  const source = join(scratch, 'source');
  const carts = readdirSync(join(data, 'shop')).find((name) => name.startsWith('carts-'))!;
  for (const folder of ['system_schema', join('shop', carts)]) cpSync(join(data, folder), join(source, folder), { recursive: true });
  const projectFile = join(scratch, 'silent.yaml');
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  writeFileSync(projectFile, JSON.stringify({ source: { directories: [source] }, target: { region: 'us-east-1', endpoint }, staging: { folder: 'staged' }, workspace: 'silent' }));
  const { id } = await server.api<TaskStatus>('POST', '/tasks', { projectFile });
  await server.api('POST', `/tasks/${id}/start`);
  await once(silent, 'connection');

  await server.api('POST', `/tasks/${id}/stop`);
  const stoppingMillis = Date.now();
  await server.reached(id, ({ state }) => state === 'stopped');
  expect(Date.now() - stoppingMillis).toBeLessThan(20_000);
  silent.close();

  rmSync(source, { recursive: true });
  const ofAttempt = join(scratch, 'silent/attempts/extract-1-1.jsonl');
  writeFileSync(ofAttempt, 'a rejected row, which must not be taken for one of the next task');
  await server.api('DELETE', `/tasks/${id}`);
  await expect(server.task(id)).rejects.toThrow('TASK_UNKNOWN');
  expect(existsSync(ofAttempt)).toBe(false);
  await expect(server.api('POST', '/tasks', { projectFile })).resolves.toMatchObject({ state: 'created' });
}, 60_000);

/** Ids of the first entries of the log. */
async function entries(after: number | undefined, count: number): Promise<number[]> {
  const response = await fetch(`${server.url}/api/tasks/${task.id}/events`, { headers: after === undefined ? {} : { 'last-event-id': String(after) } });
  let text = '';
  for await (const piece of response.body!) {
    text += Buffer.from(piece).toString();
    const found = [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
    if (found.length >= count) return found.slice(0, count);
  }
  throw new Error('the stream ended');
}

/** Addresses on which a process listens for TCP, as Linux tells. */
function listenersOf(processId: number): string[] {
  const sockets = new Set(readdirSync(`/proc/${processId}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${processId}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  }));
  const table = (name: string): string[][] => readFileSync(`/proc/${processId}/net/${name}`, 'utf8').trim().split('\n').slice(1).map((line) => line.trim().split(/\s+/));
  const LISTEN = '0A';
  return [...table('tcp'), ...table('tcp6')].filter((fields) => fields[3] === LISTEN && sockets.has(fields[9]!)).map((fields) => {
    const hex = fields[1]!.split(':')[0]!;
    return hex.length === 8 ? Buffer.from(hex, 'hex').reverse().join('.') : hex;
  });
}
