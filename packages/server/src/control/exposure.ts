// Who can reach the server. This machine alone, without a login; or others too, and then only over TLS and with a password.

import { isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { serverError } from '../errors.ts';

export const LOCALHOST = '127.0.0.1';
const LOCAL_NAMES = ['localhost', LOCALHOST, '[::1]'];
const ANY_ADDRESS = new Set(['0.0.0.0', '::']);
const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 256;

export interface ExposureOrder {
  /** Address or name to listen on. */
  readonly host: string;
  /** Names by which browsers and commands may call the server, besides the address. */
  readonly hostNames: readonly string[];
  /** PEM. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  readonly password?: string | undefined;
}

export interface Exposure {
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** As they stand in the Host header, without a port. */
  readonly names: ReadonlySet<string>;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly password: string | undefined;
  /** To show it. */
  readonly url: (port: number) => string;
}

/** What an order comes to. Throws SERVE_UNSAFE for anything but this machine without TLS and password, LOGIN_PASSWORD_UNFIT. */
export function exposureOf({ host, hostNames, tls, password }: ExposureOrder): Exposure {
  const isLocal = host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
  if (!isLocal) {
    const missing = [...(password === undefined ? ['a password'] : []), ...(tls === undefined ? ['a certificate for TLS'] : []), ...(ANY_ADDRESS.has(host) && hostNames.length === 0 ? ['the name by which it is called (--host-name)'] : [])];
    if (missing.length > 0) throw serverError('SERVE_UNSAFE', `Others could reach the server at ${host}; this is missing: ${missing.join(', ')}`);
  }
  if (password !== undefined && (password.length < MIN_PASSWORD_LENGTH || password.length > MAX_PASSWORD_LENGTH)) {
    throw serverError('LOGIN_PASSWORD_UNFIT', `The password of the login has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`);
  }
  const scheme = tls === undefined ? 'http' : 'https';
  const own = ANY_ADDRESS.has(host) ? [] : [nameOf(host)];
  const shown = hostNames[0] === undefined ? own[0] ?? LOCALHOST : nameOf(hostNames[0]);
  return { host, scheme, tls, password, names: new Set([...LOCAL_NAMES, ...own, ...hostNames.map(nameOf)]), url: (port) => `${scheme}://${shown}:${port}` };
}

function nameOf(host: string): string {
  return isIPv6(host) ? `[${host.toLowerCase()}]` : host.toLowerCase();
}

/**
 * Why a request is not answered, if so. Browsers are kept to their own page: a request must name this server as its host, and one that a page
 * sends must come from a page of ours, so that no other web site can reach through a user's browser (DNS rebinding, CSRF). A link on another
 * site may lead to the page; the page itself asks under its own name.
 */
export function foreignness({ headers, method }: IncomingMessage, isForPage: boolean, { scheme, names }: Exposure): string | undefined {
  const { host = '', origin } = headers;
  if (!names.has(host.toLowerCase().replace(/:\d+$/, ''))) return `This server is not "${host}"`;
  if (origin !== undefined && origin !== `${scheme}://${host}`) return `A page of ${origin} asked`;
  const site = headers['sec-fetch-site'];
  const isFollowedLink = isForPage && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  if (!isFollowedLink && site !== undefined && site !== 'same-origin' && site !== 'none') return 'A page of another site asked';
  const isForm = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)/.test(headers['content-type'] ?? '');
  if (method !== 'GET' && method !== 'HEAD' && isForm) return 'Send JSON';
  return undefined;
}
