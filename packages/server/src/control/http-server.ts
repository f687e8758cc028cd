// The server's own port, on this machine only. Browsers are kept to their own page: a request must name this server as its host, and one
// that a page sends must come from a page of ours, so that no other web site can reach through a user's browser (DNS rebinding, CSRF).

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { serverError } from '../errors.ts';
import type { ApiOptions } from './api.ts';
import { apiHandler, openApi } from './api.ts';
import { Page } from './page.ts';

export const LOCALHOST = '127.0.0.1';
/** Bytes, not JSON, and so beside the contract. */
const DOWNLOAD = /^\/api\/settings\/security\/files\/([A-Za-z0-9._-]{1,100})$/;
const LOCAL_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Starts to answer. `page`: of the web app, once it is built; none if it could not be. Throws SERVER_RUNNING when the port is taken. */
export async function openHttpServer(port: number, options: ApiOptions, page: Promise<Page | undefined>): Promise<Server> {
  const api = apiHandler(options);
  const description = JSON.stringify(await openApi(options.version));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    const refusal = refusalFor(request, Page.isMeant(request));
    if (refusal !== undefined) return respond(response, 403, refusal);
    if (request.url === '/api/openapi.json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(description);
      return;
    }
    const store = DOWNLOAD.exec(pathOf(request))?.[1];
    if (store !== undefined && request.method === 'GET') return download(response, store, await options.settings.security.download(store));
    if (Page.isMeant(request)) {
      const built = await page;
      if (built === undefined) return respond(response, 503, errorBody('PAGE_NOT_BUILT', 'There is no web app here'));
      if (!await built.answer(request, response)) respond(response, 404, { code: 'NOT_FOUND', message: `There is nothing at ${request.url}` });
      return;
    }
    const { matched } = await api.handle(request, response, { prefix: '/api', context: {} });
    if (!matched) respond(response, 404, { code: 'NOT_FOUND', message: `There is nothing at ${request.method} ${request.url}` });
  };
  const { log } = options.settings.logging;
  const server = createServer((request, response) => {
    const startMillis = Date.now();
    response.once('close', () => {
      const { statusCode: status } = response;
      log(status >= 500 ? 'error' : status >= 400 ? 'warning' : 'debug', 'request', { method: request.method ?? '', path: pathOf(request), status, millis: Date.now() - startMillis });
    });
    answer(request, response).catch((error: unknown) => {
      log('error', 'request-failed', { path: pathOf(request), message: (error as Error).message });
      respond(response, 500, { code: 'INTERNAL_ERROR', message: (error as Error).message });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? serverError('SERVER_RUNNING', `Port ${port} is taken`, {}, error) : error));
    server.listen(port, LOCALHOST, resolve);
  });
  return server;
}

/** Why a request is not answered, if so. A link on another site may lead to the page; the page itself asks under its own name. */
function refusalFor({ headers, method }: IncomingMessage, isForPage: boolean): object | undefined {
  const refuse = (message: string): object => errorBody('REQUEST_REFUSED', message);
  const { host = '', origin } = headers;
  if (!LOCAL_NAMES.has(host.replace(/:\d+$/, ''))) return refuse(`This server is not "${host}"`);
  if (origin !== undefined && origin !== `http://${host}`) return refuse(`A page of ${origin} asked`);
  const site = headers['sec-fetch-site'];
  const isFollowedLink = isForPage && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (!isFollowedLink && site !== undefined && site !== 'same-origin' && site !== 'none') return refuse('A page of another site asked');
  const isForm = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)/.test(headers['content-type'] ?? '');
  if (method !== 'GET' && method !== 'HEAD' && isForm) return refuse('Send JSON');
  return undefined;
}

/** Without the query: names and filters are nobody's business. */
function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0];
}

/** A store for an agent, as a file. */
function download(response: ServerResponse, name: string, bytes: Buffer | undefined): void {
  if (bytes === undefined) return respond(response, 404, { code: 'NOT_FOUND', message: `There is no store ${name} that goes to agents` });
  response.writeHead(200, { 'content-type': 'application/x-pkcs12', 'content-disposition': `attachment; filename="${name}"`, 'content-length': bytes.length }).end(bytes);
  return undefined;
}

function errorBody(code: 'REQUEST_REFUSED' | 'PAGE_NOT_BUILT', message: string): object {
  return { code, message, data: { remedy: serverError(code, message).remedy } };
}

function respond(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
