// Connections to nodes over SSH: to check answers, to look around, to run nodetool, and to read files where FUSE is not to be had.

import { isIPv6 } from 'node:net';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import type { Client as SshClient, ConnectConfig, ParsedKey, SFTPWrapper, Stats } from 'ssh2';
import { extractorError } from './errors.ts';
import { hostKeyFingerprint, hostKeyOf } from './known-hosts.ts';
import type { HostKey } from './known-hosts.ts';

const CONNECT_MILLIS = 10_000;
/** A peer that is silent for two of these is gone. */
const KEEPALIVE_MILLIS = 2_000;
const MAX_OUTPUT_BYTES = 4 << 20;
/** AES in hardware; ssh2's own order begins with a cipher that is slower here. */
const CIPHERS = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'] as const;

export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly login: string;
  readonly password?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Which keys the host may show. */
  readonly hostKeys: readonly HostKey[];
}

/** The key that a host shows, without logging in. Throws SSH_UNREACHABLE. */
export async function hostKeyAt(host: string, port: number, types: readonly string[] = []): Promise<HostKey> {
  let shown: HostKey | undefined;
  const client = new ssh2.Client();
  const ended = new Promise<void>((resolve, reject) => {
    client.on('error', (error) => (shown === undefined ? reject(unreachable(host, port, error)) : resolve()));
    client.on('close', () => resolve());
  });
  client.connect({
    host, port, username: 'aeneas', readyTimeout: CONNECT_MILLIS, ...hostKeyTypes(types),
    // Having seen the key we go, before anything of ours was sent.
    hostVerifier: (blob: Buffer) => {
      shown = hostKeyOf(Buffer.from(blob));
      return false;
    },
  });
  await ended.finally(() => client.destroy());
  if (shown === undefined) throw unreachable(host, port, new Error('it hung up'));
  return shown;
}

/** Throws SSH_KEY_UNUSABLE. */
export function checkPrivateKey(content: string, passphrase: string | undefined, file: string): void {
  const parsed = ssh2.utils.parseKey(content, passphrase);
  const first: ParsedKey | Error = Array.isArray(parsed) ? parsed[0] : parsed;
  if (first instanceof Error) throw extractorError('SSH_KEY_UNUSABLE', `The private key cannot be used: ${first.message.replace(/\.$/, '')}`, { file }, first);
  if (!first.isPrivateKey()) throw extractorError('SSH_KEY_UNUSABLE', 'This is a public key', { file });
}

/** Whether a private key is encrypted, as far as that shows. */
export function needsPassphrase(content: string): boolean {
  const parsed = ssh2.utils.parseKey(content);
  return parsed instanceof Error && /passphrase/i.test(parsed.message);
}

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A connection that is logged in. */
export class SshConnection {
  readonly #client: SshClient;
  readonly #where: string;
  #sftp: Promise<SFTPWrapper> | undefined;
  #failure: Error | undefined;

  private constructor(client: SshClient, where: string) {
    this.#client = client;
    this.#where = where;
    client.on('error', (error) => {
      this.#failure = error;
    });
    client.on('close', () => {
      this.#failure ??= new Error('the connection has ended');
    });
  }

  /** Undefined while the connection stands. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Throws SSH_UNREACHABLE, SSH_HOST_CHANGED, SSH_LOGIN_REFUSED, SSH_KEY_UNUSABLE. */
  static async open({ host, port, login, password, privateKey, passphrase, hostKeys }: SshTarget): Promise<SshConnection> {
    if (privateKey !== undefined) checkPrivateKey(privateKey, passphrase, `key of ${host}`);
    const client = new ssh2.Client();
    let strange: HostKey | undefined;
    const methods: NonNullable<ConnectConfig['authHandler']> = [...(privateKey === undefined ? [] : ['publickey' as const]), ...(password === undefined ? [] : ['password' as const, 'keyboard-interactive' as const])];
    // Systems with PAM ask for the password in this way.
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password ?? '')));
    // Small requests, one after the other: held back by the kernel each would take 40 ms.
    client.once('connect', () => client.setNoDelay(true));
    const ready = new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('error', reject);
      client.once('close', () => reject(new Error('it hung up')));
    });
    client.connect({
      host, port, username: login, readyTimeout: CONNECT_MILLIS, keepaliveInterval: KEEPALIVE_MILLIS, keepaliveCountMax: 2, authHandler: methods,
      tryKeyboard: password !== undefined,
      ...(privateKey === undefined ? {} : { privateKey }), ...(passphrase === undefined ? {} : { passphrase }), ...(password === undefined ? {} : { password }),
      ...hostKeyTypes(hostKeys.map(({ type }) => type)),
      hostVerifier: (blob: Buffer) => {
        const isKnown = hostKeys.some((known) => blob.equals(known.blob));
        if (!isKnown) strange = hostKeyOf(Buffer.from(blob));
        return isKnown;
      },
    });
    try {
      await ready;
    } catch (error) {
      client.destroy();
      if (strange !== undefined) throw extractorError('SSH_HOST_CHANGED', `${host} shows the host key ${hostKeyFingerprint(strange.blob)} (${strange.type}), which is not the one known`, {}, error);
      if ((error as { readonly level?: string }).level === 'client-authentication') throw extractorError('SSH_LOGIN_REFUSED', `${host} does not let ${login} in`, {}, error);
      throw unreachable(host, port, error as Error);
    }
    return new SshConnection(client, `${login}@${host}`);
  }

  /** Runs a command through the login's shell. Throws SSH_UNREACHABLE when it does not end in time. */
  async run(command: string, timeoutMillis: number): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(extractorError('SSH_UNREACHABLE', `${this.#where}: "${command}" does not end`)), timeoutMillis);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(extractorError('SSH_UNREACHABLE', `${this.#where}: "${command}" could not be run: ${error.message}`, {}, error));
      };
      if (this.#failure !== undefined) {
        fail(this.#failure);
        return;
      }
      this.#client.exec(command, (error, channel) => {
        if (error !== undefined) {
          fail(error);
          return;
        }
        let stdout = '';
        let stderr = '';
        channel.on('data', (piece: Buffer) => {
          if (stdout.length < MAX_OUTPUT_BYTES) stdout += piece.toString();
        });
        channel.stderr.on('data', (piece: Buffer) => {
          if (stderr.length < MAX_OUTPUT_BYTES) stderr += piece.toString();
        });
        channel.on('close', (exitCode: number | null) => {
          clearTimeout(timer);
          resolve({ exitCode, stdout, stderr });
        });
      });
    });
  }

  /** The SFTP channel of this connection. Throws SSH_UNREACHABLE. */
  sftp(): Promise<SFTPWrapper> {
    this.#sftp ??= new Promise((resolve, reject) => {
      this.#client.sftp((error, channel) => {
        // Every open file listens for its end.
        if (error === undefined) resolve(channel.setMaxListeners(0));
        else reject(extractorError('SSH_UNREACHABLE', `${this.#where} offers no SFTP: ${error.message}`, {}, error));
      });
    });
    return this.#sftp;
  }

  /** Undefined where there is nothing. Throws NODE_PATH_UNUSABLE. */
  async stat(path: string): Promise<Stats | undefined> {
    const sftp = await this.sftp();
    return promisify(sftp.stat.bind(sftp))(path).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw unusable(this.#where, path, error);
    });
  }

  /** Names in a directory. Throws NODE_PATH_UNUSABLE. */
  async list(path: string): Promise<string[]> {
    const sftp = await this.sftp();
    const entries = await promisify(sftp.readdir.bind(sftp))(path).catch((error: unknown) => {
      throw unusable(this.#where, path, error);
    });
    return entries.map(({ filename }) => filename).sort();
  }

  /** A whole small file. Throws NODE_PATH_UNUSABLE. */
  async read(path: string): Promise<string> {
    const sftp = await this.sftp();
    return new Promise((resolve, reject) => {
      sftp.readFile(path, (error, content) => (error === undefined || error === null ? resolve(content.toString()) : reject(unusable(this.#where, path, error))));
    });
  }

  close(): void {
    this.#client.end();
  }
}

/** SSH_FX_NO_SUCH_FILE of the SFTP protocol. */
const NO_SUCH_FILE = 2;

export function isMissing(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === NO_SUCH_FILE;
}

/** user@host as ssh, scp and sshfs want it. */
export function sshDestination(login: string, host: string): string {
  return `${login}@${isIPv6(host) ? `[${host}]` : host}`;
}

/** A host has several keys; only for those types that are known can what it shows be compared. */
function hostKeyTypes(types: readonly string[]): ConnectConfig {
  const wanted = [...new Set(types)].flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type]));
  return { algorithms: { cipher: [...CIPHERS], ...(wanted.length === 0 ? {} : { serverHostKey: wanted as never }) } };
}

function unreachable(host: string, port: number, error: Error): Error {
  return extractorError('SSH_UNREACHABLE', `No SSH server answers at ${host}, port ${port}: ${error.message}`, {}, error);
}

function unusable(where: string, path: string, error: unknown): Error {
  return extractorError('NODE_PATH_UNUSABLE', `${where}: ${(error as Error).message.toLowerCase()}`, { file: path }, error);
}
