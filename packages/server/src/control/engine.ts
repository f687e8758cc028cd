// The embedded workflow engine (Restate): a child process that lives and dies with the server. It listens on Unix sockets in a folder
// that only we may enter, and on no port at all; its files are under the workspace; it is restarted at once when it ends by itself.

import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '@aeneas/agent';
import { serverError } from '../errors.ts';
import { requestSocket } from './engine-request.ts';

const NODE_NAME = 'aeneas';
const MEMORY = '192MiB';
/** As many as the cores of a big machine can use; each costs memory. Fixed at the first start. */
const PARTITIONS = '4';
const READY_MILLIS = 60_000;
const PROBE_MILLIS = 50;
/** A restart follows at once; when the engine does not even come up, patience grows to this. */
const MAX_PAUSE_MILLIS = 5_000;
const STOP_MILLIS = 10_000;
/** A path of a Unix socket has at most 107 bytes. */
const MAX_SOCKET_FOLDER = 80;

/** Ends the engine as soon as our end of its standard input closes, however this process ended. */
const LEASH = 'exec 3<&0; "$@" 3<&- </dev/null & engine=$!; echo $engine; { cat <&3 >/dev/null; kill -9 $engine 2>/dev/null; } & exec 3<&-; wait $engine';

export type EngineState = 'starting' | 'ready' | 'down';

export class Engine {
  state: EngineState = 'starting';
  restarts = 0;
  processId: number | undefined;
  readonly folder: string;
  readonly identityFile: string;
  readonly #onReady: (engine: Engine) => Promise<void>;
  #sockets = '';
  #leash: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isStopping = false;

  private constructor(folder: string, identityFile: string, onReady: (engine: Engine) => Promise<void>) {
    this.folder = folder;
    this.identityFile = identityFile;
    this.#onReady = onReady;
  }

  /** Starts the engine and keeps it running. `onReady` is called after each start. Throws ENGINE_FAILED when it does not come up at first. */
  static async start(folder: string, identityFile: string, onReady: (engine: Engine) => Promise<void>): Promise<Engine> {
    await makeFolder(folder);
    chmodSync(folder, 0o700);
    const engine = new Engine(folder, identityFile, onReady);
    engine.#endLeftOver();
    engine.#sockets = socketFolder(folder);
    engine.#launch();
    try {
      await engine.#becomeReady();
    } catch (error) {
      await engine.stop();
      throw error;
    }
    void engine.#keepRunning();
    return engine;
  }

  /** Sends a message to a handler of an object; resolves once the engine has made it durable. Throws ENGINE_UNREACHABLE. */
  async send(service: string, key: string, handler: string, message: unknown): Promise<void> {
    await requestSocket(join(this.#sockets, 'ingress.sock'), 'POST', `/${service}/${encodeURIComponent(key)}/${handler}/send`, message);
  }

  /** A call of the engine's own interface. Throws ENGINE_UNREACHABLE. */
  admin(method: string, path: string, body?: unknown): Promise<unknown> {
    return requestSocket(join(this.#sockets, 'admin.sock'), method, path, body);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), STOP_MILLIS);
    await this.#ended;
    clearTimeout(timer);
    rmSync(this.#pidFile, { force: true });
    this.#removeTemporary();
    if (!this.#sockets.startsWith(this.folder)) rmSync(dirname(this.#sockets), { force: true });
  }

  get #pidFile(): string {
    return join(this.folder, 'engine.pid');
  }

  /** The engine makes folders for what does not fit its memory, and leaves them behind. */
  get #temporary(): string {
    return join(this.folder, 'tmp');
  }

  #removeTemporary(): void {
    rmSync(this.#temporary, { recursive: true, force: true });
  }

  #launch(): void {
    this.state = 'starting';
    this.#removeTemporary();
    mkdirSync(this.#temporary, { mode: 0o700 });
    const log = openSync(join(this.folder, 'engine.log'), 'a', 0o600);
    const leash = spawn('/bin/sh', ['-c', LEASH, 'sh', binary(), '--no-logo'], { env: this.#environment(), stdio: ['pipe', 'pipe', log], cwd: this.folder });
    closeSync(log);
    const { stdin, stdout } = leash as ChildProcessByStdio<Writable, Readable, null>;
    stdin.on('error', () => {});
    stdout.once('data', (piece: Buffer) => {
      this.processId = Number(piece.toString().split('\n')[0]);
      writeFileSync(this.#pidFile, String(this.processId));
    });
    this.#leash = leash;
    this.#ended = new Promise((resolve) => {
      leash.once('exit', () => {
        this.state = 'down';
        // Should the leash have ended alone, the engine must not stay behind.
        this.#signal('SIGKILL');
        this.processId = undefined;
        stdin.destroy();
        stdout.destroy();
        resolve();
      });
      leash.once('error', () => resolve());
    });
  }

  #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return {
      PATH, HOME, TMPDIR: this.#temporary,
      RESTATE_BASE_DIR: dirname(this.#sockets), RESTATE_NODE_NAME: NODE_NAME, RESTATE_CLUSTER_NAME: NODE_NAME,
      RESTATE_LISTEN_MODE: 'unix', RESTATE_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: '1', RESTATE_LOG_FORMAT: 'json', RESTATE_LOG_FILTER: 'warn',
      RESTATE_DEFAULT_NUM_PARTITIONS: PARTITIONS, RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: MEMORY,
      RESTATE_ADMIN__DISABLE_WEB_UI: 'true',
      RESTATE_WORKER__INVOKER__REQUEST_IDENTITY_PRIVATE_KEY_PEM_FILE: this.identityFile,
    };
  }

  async #becomeReady(): Promise<void> {
    const deadline = Date.now() + READY_MILLIS;
    for (;;) {
      if (this.state === 'down' || this.#isStopping) throw this.#failed('It ended while it started');
      try {
        await this.admin('GET', '/health');
        await requestSocket(join(this.#sockets, 'ingress.sock'), 'GET', '/restate/health');
        break;
      } catch (error) {
        if (Date.now() > deadline) throw this.#failed((error as Error).message);
        await sleep(PROBE_MILLIS);
      }
    }
    await this.#onReady(this);
    this.state = 'ready';
  }

  async #keepRunning(): Promise<void> {
    let pause = 0;
    for (;;) {
      await this.#ended;
      if (this.#isStopping) return;
      await sleep(pause);
      if (this.#isStopping) return;
      this.restarts++;
      this.#launch();
      try {
        await this.#becomeReady();
        pause = 0;
      } catch {
        pause = Math.min(MAX_PAUSE_MILLIS, pause * 2 + 250);
        this.#signal('SIGKILL');
      }
    }
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.processId === undefined) {
      this.#leash?.kill(signal);
      return;
    }
    try {
      process.kill(this.processId, signal);
    } catch {
      // It has ended already.
    }
  }

  #failed(why: string): Error {
    return serverError('ENGINE_FAILED', `The workflow engine does not start: ${why}`, { file: join(this.folder, 'engine.log') });
  }

  /** An engine that survived its server holds the files: it is ended, if the process of that id is one of ours. */
  #endLeftOver(): void {
    try {
      const processId = Number(readFileSync(this.#pidFile, 'utf8'));
      const isOurs = readFileSync(`/proc/${processId}/environ`, 'utf8').includes(`${this.identityFile}\0`);
      if (isOurs) process.kill(processId, 'SIGKILL');
    } catch {
      // There is none.
    }
  }
}

/** Where the engine's sockets are. A folder with a long path gets a short name in a folder of our own under /tmp. */
function socketFolder(folder: string): string {
  if (Buffer.byteLength(folder) <= MAX_SOCKET_FOLDER) return join(folder, NODE_NAME);
  const short = join('/tmp', `aeneas-${process.getuid?.() ?? 0}-${process.pid}`);
  rmSync(short, { force: true });
  symlinkSync(folder, short);
  return join(short, NODE_NAME);
}

function binary(): string {
  const require = createRequire(import.meta.url);
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  try {
    const path = join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'restate-server');
    statSync(path);
    return path;
  } catch (error) {
    throw serverError('ENGINE_FAILED', `The package ${name} is not installed`, {}, error);
  }
}
