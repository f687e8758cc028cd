// Who may ask: a server with a client certificate of our authority, or one that knows the service password. A refusal says its reason and
// nothing else; before it nothing of the request is looked at.

import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { ScryptOptions } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { CodedError } from '@aeneas/cassandra';
import { agentError } from '../errors.ts';

export interface Login {
  /** Undefined when the asker may go on. */
  refusal(request: IncomingMessage): CodedError | undefined | Promise<CodedError | undefined>;
}

/** Names of OpenSSL's verification results. */
const EXPIRED = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const UNFIT = new Set(['INVALID_PURPOSE', 'CERT_UNTRUSTED', 'CERT_REJECTED']);

/** The TLS layer has verified the certificate against the trust store; here its verdict gets words. */
export const certificateLogin: Login = {
  refusal({ socket }) {
    const tls = socket as TLSSocket;
    const certificate = tls.getPeerCertificate();
    if (certificate.subject === undefined) return agentError('AGENT_CERTIFICATE_MISSING', 'No client certificate was shown');
    const who = `The client certificate "${String(certificate.subject.CN)}"`;
    // Node types this as an Error; it is the name of the verdict.
    const verdict = tls.authorized ? undefined : String(tls.authorizationError);
    // A connection may live longer than its certificate.
    if (EXPIRED.has(verdict ?? '') || (tls.authorized && Date.parse(certificate.valid_to) < Date.now())) {
      return agentError('AGENT_CERTIFICATE_EXPIRED', `${who} is valid from ${certificate.valid_from} to ${certificate.valid_to}, and it is ${new Date().toUTCString()}`);
    }
    if (verdict === undefined) return undefined;
    if (UNFIT.has(verdict)) return agentError('AGENT_CERTIFICATE_UNFIT', `${who} is not for servers of Aeneas (${verdict})`);
    return agentError('AGENT_CERTIFICATE_FOREIGN', `${who} is not of an authority in the agent's trust store (${verdict})`);
  },
};

/** The user of HTTP basic authentication. */
const USER = 'aeneas';
const MIN_PASSWORD_CHARACTERS = 12;
const MAX_PASSWORD_BYTES = 1024;
/** 32 MB and a tenth of a second for each guess. */
const SCRYPT: ScryptOptions = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const HASH_BYTES = 32;
/** Guesses that may wait for their turn at scrypt. */
const MAX_WAITING = 8;

/** Throws AGENT_PASSWORD_UNFIT. */
export function checkServicePassword(password: string): void {
  if (password.length < MIN_PASSWORD_CHARACTERS || Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    throw agentError('AGENT_PASSWORD_UNFIT', `A service password has ${MIN_PASSWORD_CHARACTERS} characters or more`);
  }
}

/** What the agent keeps instead of the password. Throws AGENT_PASSWORD_UNFIT. */
export async function hashPassword(password: string): Promise<string> {
  checkServicePassword(password);
  const salt = randomBytes(16);
  return `${salt.toString('base64')}$${(await derive(password, salt)).toString('base64')}`;
}

/** A password against what was kept of it: in constant time, one guess at a time, a few wrong ones of an address. */
export class PasswordCheck {
  readonly #salt: Buffer;
  readonly #hash: Buffer;
  readonly #limit: GuessLimit;
  /** The password that was right last, under a key of this process: later requests need no scrypt. */
  readonly #memoryKey = randomBytes(HASH_BYTES);
  #knownMac: Buffer | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(hash: string, limit = new GuessLimit()) {
    const [salt, derived] = hash.split('$').map((part) => Buffer.from(part, 'base64'));
    this.#salt = salt;
    this.#hash = derived;
    this.#limit = limit;
  }

  /** limited: it was not even looked at. */
  async verdict(password: string, remoteAddress: string | undefined): Promise<'right' | 'wrong' | 'limited'> {
    const address = addressOf(remoteAddress);
    if (this.#limit.isReached(address)) return 'limited';
    const mac = createHmac('sha256', this.#memoryKey).update(password).digest();
    if (this.#knownMac !== undefined && timingSafeEqual(mac, this.#knownMac)) return 'right';
    if (this.#waiting >= MAX_WAITING) return 'limited';
    if (await this.#isRight(password)) {
      this.#knownMac = mac;
      return 'right';
    }
    this.#limit.count(address);
    return 'wrong';
  }

  /** One guess at a time: an attacker shall not take the machine's cores and memory. */
  async #isRight(password: string): Promise<boolean> {
    this.#waiting++;
    const turn = this.#turn.then(() => derive(password, this.#salt));
    this.#turn = turn.catch(() => {});
    return timingSafeEqual(await turn.finally(() => this.#waiting--), this.#hash);
  }
}

export class PasswordLogin implements Login {
  readonly #check: PasswordCheck;

  constructor(hash: string, limit?: GuessLimit) {
    this.#check = new PasswordCheck(hash, limit);
  }

  async refusal({ headers: { authorization }, socket }: IncomingMessage): Promise<CodedError | undefined> {
    const password = passwordOf(authorization);
    if (password === undefined) return agentError('AGENT_LOGIN_MISSING', 'No service password was given');
    const verdict = await this.#check.verdict(password, socket.remoteAddress);
    if (verdict === 'right') return undefined;
    return verdict === 'wrong' ? agentError('AGENT_LOGIN_WRONG', 'The service password is wrong') : agentError('AGENT_LOGIN_LIMITED', 'Too many wrong passwords came lately');
  }
}

const FREE_GUESSES = 5;
/** One more guess after so long. */
const GUESS_MILLIS = 10_000;
const MAX_ADDRESSES = 10_000;

/** Wrong passwords by address: a few at once, then one every ten seconds. */
export class GuessLimit {
  readonly #now: () => number;
  /** Address -> when the last of its guesses is forgiven. */
  readonly #until = new Map<string, number>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  isReached(address: string): boolean {
    return (this.#until.get(address) ?? 0) - this.#now() > (FREE_GUESSES - 1) * GUESS_MILLIS;
  }

  count(address: string): void {
    const now = this.#now();
    const until = Math.max(now, this.#until.get(address) ?? 0) + GUESS_MILLIS;
    this.#until.delete(address);
    if (this.#until.size >= MAX_ADDRESSES) this.#until.delete(this.#until.keys().next().value!);
    this.#until.set(address, until);
  }
}

/** Whoever has one IPv6 address has a whole /64 of them. */
function addressOf(address = ''): string {
  return isIPv6(address) && !address.startsWith('::ffff:') ? address.split(':').slice(0, 4).join(':') : address;
}

function passwordOf(authorization: string | undefined): string | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,2048})$/.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  return text.startsWith(`${USER}:`) ? text.slice(USER.length + 1) : undefined;
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, SCRYPT, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
