// The server's own port: who asks, under which name, logged in where that is needed; then page, API and downloads.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { CodedError } from '@aeneas/cassandra';
import { REPORT_FORMATS, reportFile } from '../assessment/api.ts';
import type { ReportFormat } from '../assessment/api.ts';
import type { AssessmentRuns } from '../assessment/assessment-runs.ts';
import { serverError } from '../errors.ts';
import type { ApiOptions } from './api.ts';
import { apiHandler, openApi } from './api.ts';
import { foreignness } from './exposure.ts';
import type { Exposure } from './exposure.ts';
import { Login } from './login.ts';
import { Page } from './page.ts';

/** Bytes, not JSON, and so beside the contract. */
const DOWNLOAD = /^\/api\/settings\/security\/files\/([A-Za-z0-9._-]{1,100})$/;
const HANDSHAKE_MILLIS = 10_000;
const MAX_CONNECTIONS = 1_024;
const REPORT = new RegExp(`^/api/projects/([A-Za-z0-9_-]{1,64})/assessment/report\\.(${REPORT_FORMATS.join('|')})$`);

/** Starts to answer. `page`: of the web app, once it is built; none if it could not be. Throws SERVER_RUNNING when the port is taken. */
export async function openHttpServer(port: number, exposure: Exposure, options: ApiOptions, page: Promise<Page | undefined>): Promise<Server> {
  const api = apiHandler(options);
  const { log } = options.settings.logging;
  const login = exposure.password === undefined ? undefined : await Login.open(exposure.password, (event, address) => log(event === 'login' ? 'info' : 'warning', event, { address }));
  const description = JSON.stringify(await openApi(options.version));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    const foreign = foreignness(request, Page.isMeant(request), exposure);
    if (foreign !== undefined) return respond(response, 403, errorBody('REQUEST_REFUSED', foreign));
    if (!Page.isMeant(request) && await isKeptOut(request, response, login)) return undefined;
    if (request.url === '/api/openapi.json') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(description);
      return;
    }
    const store = DOWNLOAD.exec(pathOf(request))?.[1];
    if (store !== undefined && request.method === 'GET') return download(response, store, await options.settings.security.download(store));
    const [, project, format] = REPORT.exec(pathOf(request)) ?? [];
    if (project !== undefined && request.method === 'GET') return downloadReport(response, options.assessments, project, format as ReportFormat);
    if (Page.isMeant(request)) {
      const built = await page;
      if (built === undefined) return respond(response, 503, errorBody('PAGE_NOT_BUILT', 'There is no web app here'));
      if (!await built.answer(request, response)) respond(response, 404, { code: 'NOT_FOUND', message: `There is nothing at ${request.url}` });
      return;
    }
    const { matched } = await api.handle(request, response, { prefix: '/api', context: {} });
    if (!matched) respond(response, 404, { code: 'NOT_FOUND', message: `There is nothing at ${request.method} ${request.url}` });
  };
  const hear = (request: IncomingMessage, response: ServerResponse): void => {
    const startMillis = Date.now();
    response.once('close', () => {
      const { statusCode: status } = response;
      log(status >= 500 ? 'error' : status >= 400 ? 'warning' : 'debug', 'request', { method: request.method ?? '', path: pathOf(request), status, millis: Date.now() - startMillis });
    });
    answer(request, response).catch((error: unknown) => {
      log('error', 'request-failed', { path: pathOf(request), message: (error as Error).message });
      respond(response, 500, { code: 'INTERNAL_ERROR', message: (error as Error).message });
    });
  };
  const server: Server = exposure.tls === undefined ? createServer(hear) : createTlsServer({ ...exposure.tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MILLIS }, hear);
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenProblem(error, exposure.host, port)));
    server.listen(port, exposure.host, resolve);
  });
  return server;
}

/** The login itself, and whether a request ends there. The page's files are no secret; what they show comes from the API. */
async function isKeptOut(request: IncomingMessage, response: ServerResponse, login: Login | undefined): Promise<boolean> {
  const path = pathOf(request);
  const isIn = login === undefined || login.isLoggedIn(request, response);
  if (path === '/api/login' && request.method === 'GET') {
    respond(response, 200, { isNeeded: login !== undefined, isLoggedIn: isIn });
    return true;
  }
  if (login !== undefined && path === '/api/login' && request.method === 'POST') {
    await login.logIn(request, response);
    return true;
  }
  if (login !== undefined && path === '/api/logout' && request.method === 'POST') {
    login.logOut(request, response);
    return true;
  }
  if (!isIn) respond(response, 401, errorBody('LOGIN_NEEDED', 'This server asks for a login'));
  return !isIn;
}

function listenProblem(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') return serverError('SERVER_RUNNING', `Port ${port} is taken`, {}, error);
  return serverError('SERVE_ADDRESS_UNUSABLE', `The server cannot listen at ${host}, port ${port}: ${error.code ?? error.message}`, {}, error);
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

async function downloadReport(response: ServerResponse, runs: AssessmentRuns, project: string, format: ReportFormat): Promise<void> {
  try {
    const { fileName, mediaType, bytes } = await reportFile(runs, project, format);
    response.writeHead(200, { 'content-type': mediaType, 'content-disposition': `attachment; filename="${fileName}"`, 'content-length': bytes.length }).end(bytes);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    respond(response, 422, { code: error.code, message: error.message, data: { remedy: error.remedy } });
  }
}

function errorBody(code: 'REQUEST_REFUSED' | 'PAGE_NOT_BUILT' | 'LOGIN_NEEDED', message: string): object {
  return { code, message, data: { remedy: serverError(code, message).remedy } };
}

function respond(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
