// The web app as files. Only what is in the folder when the server starts is ever served, by its exact name; whatever else a browser
// wants to see is a place within the app, which is index.html.

import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.png': 'image/png',
};
/** Scripts, styles and answers come from this server alone, nothing inline; nobody else may frame the page or get a form from it. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Names of assets have a hash of their content in them. */
const YEAR_SECONDS = 31_536_000;

export class Page {
  readonly #folder: string;
  readonly #files: ReadonlySet<string>;

  /** @param folder as `@aeneas/web` built it. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#files = new Set(existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')) : []);
  }

  /** Whether a request is for the page, and not for the API or a program. */
  static isMeant({ method, url = '/' }: IncomingMessage): boolean {
    return (method === 'GET' || method === 'HEAD') && !/^\/api(?:\/|$|\?)/.test(url);
  }

  /** False: there is no such file. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const path = (request.url ?? '/').replace(/[?#].*$/, '').slice(1);
    const file = this.#files.has(path) ? path : isPlace(path) ? 'index.html' : undefined;
    if (file === undefined || !this.#files.has(file)) return false;
    const isCompressed = /\bbr\b/.test(request.headers['accept-encoding'] ?? '') && existsSync(join(this.#folder, `${file}.br`));
    const onDisk = join(this.#folder, isCompressed ? `${file}.br` : file);
    response.writeHead(200, {
      'content-type': TYPES[extname(file)], 'content-length': statSync(onDisk).size, vary: 'accept-encoding', ...(isCompressed ? { 'content-encoding': 'br' } : {}),
      'cache-control': file.startsWith('assets/') ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache',
      'content-security-policy': POLICY, 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin',
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(createReadStream(onDisk), response);
    return true;
  }
}

/** Places of the app have no dot in their last part; a missing file must not come as HTML. Ids of tasks have none either. */
function isPlace(path: string): boolean {
  return !path.startsWith('assets/') && !/\.[^/]*$/.test(path);
}
