// The login of a server that others can reach: a password for sessions, which browsers keep as a cookie that no script can read, and commands
// as a token. Sessions are in memory, as hashes, and end with the server.

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hashPassword, PasswordCheck } from '@aeneas/agent';
import type { CodedError } from '@aeneas/cassandra';
import { serverError } from '../errors.ts';
import { refusalOf } from './refusal.ts';

/** With this prefix browsers take it over TLS alone, for this host and no other. */
const COOKIE = '__Host-aeneas-session';
const SESSION_MILLIS = 12 * 3_600_000;
const MAX_SESSIONS = 1_000;
const MAX_BODY_BYTES = 8 * 1024;
const STATUS: Readonly<Record<string, number>> = { LOGIN_WRONG: 401, LOGIN_LIMITED: 429 };
type LoginLog = (event: string, address: string) => void;

interface Session {
  readonly endMillis: number;
  /** Answers that go on, such as event streams: they end with it. */
  readonly answers: Set<ServerResponse>;
}

export class Login {
  readonly #check: PasswordCheck;
  readonly #log: LoginLog;
  /** By the hash of its token, oldest first. */
  readonly #sessions = new Map<string, Session>();

  private constructor(check: PasswordCheck, log: LoginLog) {
    this.#check = check;
    this.#log = log;
  }

  static async open(password: string, log: LoginLog): Promise<Login> {
    return new Login(new PasswordCheck(await hashPassword(password)), log);
  }

  /** Whether the request belongs to a session; if so, its answer ends with the session. */
  isLoggedIn(request: IncomingMessage, response: ServerResponse): boolean {
    const session = this.#sessionOf(request);
    if (session === undefined) return false;
    session.answers.add(response);
    const end = setTimeout(() => response.destroy(), session.endMillis - Date.now()).unref();
    response.once('close', () => {
      clearTimeout(end);
      session.answers.delete(response);
    });
    return true;
  }

  /** POST { password, as: 'cookie' | 'token' }. */
  async logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = request.socket.remoteAddress ?? '';
    const { password, as } = await bodyOf(request);
    const refusal = typeof password === 'string' ? await this.#refusal(password, address) : serverError('LOGIN_WRONG', 'No password was sent');
    if (refusal !== undefined) {
      this.#log(refusal.code === 'LOGIN_LIMITED' ? 'login-limited' : 'login-wrong', address);
      return answer(response, STATUS[refusal.code]!, failure(refusal));
    }
    this.#log('login', address);
    const token = this.#begin();
    if (as !== 'token') response.setHeader('set-cookie', `${COOKIE}=${token}; Path=/; Max-Age=${SESSION_MILLIS / 1000}; HttpOnly; Secure; SameSite=Strict`);
    return answer(response, 200, as === 'token' ? { token, endMillis: Date.now() + SESSION_MILLIS } : {});
  }

  logOut(request: IncomingMessage, response: ServerResponse): void {
    const token = tokenOf(request);
    const session = this.#sessionOf(request);
    if (token !== undefined) this.#sessions.delete(hashOf(token));
    for (const open of session?.answers ?? []) if (open !== response) open.destroy();
    response.setHeader('set-cookie', `${COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict`);
    answer(response, 200, {});
  }

  async #refusal(password: string, address: string): Promise<CodedError | undefined> {
    const verdict = await this.#check.verdict(password, address);
    if (verdict === 'right') return undefined;
    return verdict === 'wrong' ? serverError('LOGIN_WRONG', 'This is not the password of the login') : serverError('LOGIN_LIMITED', 'Too many wrong passwords came lately');
  }

  #begin(): string {
    const token = randomBytes(32).toString('base64url');
    const now = Date.now();
    for (const [key, { endMillis }] of this.#sessions) if (endMillis < now || this.#sessions.size >= MAX_SESSIONS) this.#sessions.delete(key);
    this.#sessions.set(hashOf(token), { endMillis: now + SESSION_MILLIS, answers: new Set() });
    return token;
  }

  #sessionOf(request: IncomingMessage): Session | undefined {
    const token = tokenOf(request);
    const session = token === undefined ? undefined : this.#sessions.get(hashOf(token));
    return session !== undefined && session.endMillis > Date.now() ? session : undefined;
  }
}

/** A look-up by the hash tells nothing of a token by the time it takes. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

function tokenOf({ headers: { cookie = '', authorization = '' } }: IncomingMessage): string | undefined {
  return /^Bearer ([\w-]{43})$/.exec(authorization)?.[1] ?? cookie.split('; ').find((part) => part.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

async function bodyOf(request: IncomingMessage): Promise<{ readonly password?: unknown; readonly as?: unknown }> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) return {};
    pieces.push(piece);
  }
  try {
    return (JSON.parse(Buffer.concat(pieces).toString()) ?? {}) as { readonly password?: unknown };
  } catch {
    return {};
  }
}

function failure(error: CodedError): object {
  const { code, message, remedy } = refusalOf(error);
  return { code, message, data: { remedy } };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
