// Files of nodes over SFTP, for machines that have no FUSE: each thread has a connection of its own to each node, reads ahead in what is
// read in order, and connects anew when the connection is lost.

import { posix } from 'node:path';
import { promisify } from 'node:util';
import type { SFTPWrapper, Stats } from 'ssh2';
import { cassandraError } from '@aeneas/cassandra';
import type { ByteSource, DirectoryEntry } from '@aeneas/cassandra';
import type { SourceFiles } from '../source-files.ts';
import { SshConnection, isMissing } from './ssh.ts';
import type { SshTarget } from './ssh.ts';

/** What every server answers in one piece (draft-ietf-secsh-filexfer-02, section 3). */
const PIECE_BYTES = 32 * 1024;
/** How far ahead of a reader that goes straight on; as many pieces are under way at once. */
const AHEAD_BYTES = 2 * 1024 * 1024;

/** What ssh2 says of requests whose channel has ended. */
const NO_ANSWER = /No response from server|Not connected|Channel/;

/** Directories of a node, and where they appear among the paths of this machine. */
export interface SftpNode {
  readonly target: SshTarget;
  readonly directories: readonly { readonly local: string; readonly remote: string }[];
}

/** `files` with the directories of nodes in it. Errors are those of the local disk; a lost connection has the cause ENOTCONN. */
export function withSftp(files: SourceFiles, nodes: readonly SftpNode[]): SourceFiles {
  if (nodes.length === 0) return files;
  const connections = new Map(nodes.map((node) => [node, new NodeConnection(node.target)]));

  return {
    list: (path) => route(path, files.list.bind(files), (connection, remote) => connection.list(remote, path)),
    kind: (path) => route(path, files.kind.bind(files), (connection, remote) => connection.kind(remote, path)),
    open: (path) => route(path, files.open.bind(files), (connection, remote) => connection.open(remote, path)),
    modifiedMillis: (path) => route(path, files.modifiedMillis.bind(files), (connection, remote) => connection.modifiedMillis(remote, path)),
  };

  function route<T>(path: string, here: (path: string) => Promise<T>, there: (connection: NodeConnection, remote: string) => Promise<T>): Promise<T> {
    for (const [node, connection] of connections) {
      const directory = node.directories.find(({ local }) => path === local || path.startsWith(`${local}/`));
      if (directory !== undefined) return there(connection, posix.join(directory.remote, path.slice(directory.local.length)));
    }
    return here(path);
  }
}

/** One connection, made when it is needed. */
class NodeConnection {
  readonly #target: SshTarget;
  #connection: Promise<SshConnection> | undefined;

  constructor(target: SshTarget) {
    this.#target = target;
  }

  async list(remote: string, path: string): Promise<DirectoryEntry[]> {
    return this.with(path, async (sftp) => {
      const entries = await promisify(sftp.readdir.bind(sftp))(remote);
      const listed = await Promise.all(entries.map(async ({ filename, attrs }) => ({
        name: filename,
        isDirectory: attrs.isDirectory() || (attrs.isSymbolicLink() && (await statOf(sftp, posix.join(remote, filename)))?.isDirectory() === true),
      })));
      return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  async kind(remote: string, path: string): Promise<'file' | 'directory' | undefined> {
    return this.with(path, async (sftp) => {
      const found = await statOf(sftp, remote);
      return found === undefined ? undefined : found.isDirectory() ? 'directory' : 'file';
    });
  }

  /** SFTP has whole seconds. */
  async modifiedMillis(remote: string, path: string): Promise<number> {
    return this.with(path, async (sftp) => (await promisify(sftp.stat.bind(sftp))(remote)).mtime * 1000);
  }

  async open(remote: string, path: string): Promise<ByteSource> {
    return this.with(path, async (sftp) => {
      const handle = await promisify(sftp.open.bind(sftp) as (path: string, mode: 'r', callback: (error: Error | undefined, handle: Buffer) => void) => void)(remote, 'r');
      const { size } = await promisify(sftp.fstat.bind(sftp))(handle);
      return new SftpFile(sftp, handle, path, size);
    });
  }

  async with<T>(path: string, work: (sftp: SFTPWrapper) => Promise<T>): Promise<T> {
    const connection = await this.#connected().catch((error: unknown) => {
      throw lost(path, error);
    });
    try {
      return await work(await connection.sftp());
    } catch (error) {
      throw connection.failure !== undefined || NO_ANSWER.test((error as Error).message) ? lost(path, error) : unreadable(path, error);
    }
  }

  async #connected(): Promise<SshConnection> {
    const before = await this.#connection?.catch(() => undefined);
    if (before !== undefined && before.failure === undefined) return before;
    this.#connection = SshConnection.open(this.#target);
    return this.#connection;
  }
}

/** One file. Reads in order find their bytes on the way already. */
class SftpFile implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly #sftp: SFTPWrapper;
  readonly #handle: Buffer;
  /** Pieces that were asked for, by their position, in order. */
  readonly #pieces = new Map<number, Promise<Buffer>>();
  #nextPosition = 0;
  #hasEnded = false;
  /** Requests under way: their answers never come when the channel ends. */
  readonly #waiting = new Set<(error: Error) => void>();

  constructor(sftp: SFTPWrapper, handle: Buffer, path: string, size: number) {
    this.#sftp = sftp;
    this.#handle = handle;
    this.path = path;
    this.size = size;
    sftp.once('close', () => {
      this.#hasEnded = true;
      for (const reject of this.#waiting) reject(new Error(ENDED));
    });
  }

  async read(into: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    const end = Math.min(this.size, position + length);
    const isInOrder = position === this.#nextPosition;
    this.#nextPosition = end;
    const first = position - position % PIECE_BYTES;
    const last = isInOrder && position > 0 ? Math.min(this.size, end + AHEAD_BYTES) : end;
    for (const start of this.#pieces.keys()) if (start + PIECE_BYTES <= position || start >= last) this.#pieces.delete(start);
    for (let start = first; start < last; start += PIECE_BYTES) {
      if (this.#pieces.has(start)) continue;
      const piece = this.#piece(start);
      // Nobody may come for it.
      piece.catch(() => {});
      this.#pieces.set(start, piece);
    }
    let done = 0;
    for (let start = first; start < end; start += PIECE_BYTES) {
      const piece = await this.#pieces.get(start)!.catch((error: unknown) => {
        this.#pieces.delete(start);
        throw this.#hasEnded || NO_ANSWER.test((error as Error).message) ? lost(this.path, error) : unreadable(this.path, error);
      });
      const from = Math.max(0, position - start);
      const bytes = piece.subarray(from, Math.min(piece.length, end - start));
      into.set(bytes, offset + done);
      done += bytes.length;
    }
    return done;
  }

  async close(): Promise<void> {
    this.#pieces.clear();
    if (!this.#hasEnded) await promisify(this.#sftp.close.bind(this.#sftp))(this.#handle).catch(() => {});
  }

  /** A server may answer with less than it was asked for. */
  async #piece(start: number): Promise<Buffer> {
    const wanted = Math.min(PIECE_BYTES, this.size - start);
    const piece = Buffer.allocUnsafe(wanted);
    let done = 0;
    while (done < wanted) {
      const count = await this.#readOnce(piece, done, wanted - done, start + done);
      if (count === 0) break;
      done += count;
    }
    return piece.subarray(0, done);
  }

  #readOnce(into: Buffer, offset: number, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) {
        reject(new Error(ENDED));
        return;
      }
      this.#waiting.add(reject);
      this.#sftp.read(this.#handle, into, offset, length, position, (error, count) => {
        this.#waiting.delete(reject);
        if (error === undefined || error === null) resolve(count);
        else if ((error as { readonly code?: unknown }).code === END_OF_FILE) resolve(0);
        else reject(error);
      });
    });
  }
}

const ENDED = 'the connection has ended';
/** SSH_FX_EOF */
const END_OF_FILE = 1;

async function statOf(sftp: SFTPWrapper, path: string): Promise<Stats | undefined> {
  return promisify(sftp.stat.bind(sftp))(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

function unreadable(path: string, error: unknown): Error {
  return cassandraError('FILE_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, error);
}

function lost(path: string, error: unknown): Error {
  return cassandraError('FILE_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, Object.assign(new Error('the connection to the node is lost', { cause: error }), { code: 'ENOTCONN' }));
}
