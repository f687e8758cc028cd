// Agents for tests that kill them: each has its port for good, so that whoever knows it finds it again, and somebody starts it again.

import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../fixtures/agent-process.ts';
import type { Serving } from './serving.ts';

export class FleetAgent {
  readonly name: string;
  process: AgentProcess;
  readonly #settings: string;
  readonly #passwordFile: string;
  #restarted: Promise<void> = Promise.resolve();

  private constructor(name: string, settings: string, passwordFile: string, process: AgentProcess) {
    this.name = name;
    this.#settings = settings;
    this.#passwordFile = passwordFile;
    this.process = process;
  }

  /** Starts an agent with a service password that reads below `dataDirectory`. */
  static async start(folder: string, name: string, dataDirectory: string, root?: string): Promise<FleetAgent> {
    const settings = settingsIn(join(folder, name), { name, port: await freePort(), dataDirectories: [dataDirectory], workers: 1, security: { mode: 'password' } });
    const passwordFile = writePrivately(join(folder, name, 'service-password'), `of agent ${name}, for tests`);
    const { exitCode, output } = await runCommand(['agent', 'password', settings, '--password-file', passwordFile]);
    if (exitCode !== 0) throw new Error(output);
    return new FleetAgent(name, settings, passwordFile, await AgentProcess.start(settings, root));
  }

  async registerWith(server: Serving): Promise<void> {
    const credentials = { pinnedCertificate: this.process.fingerprint, servicePasswordFile: this.#passwordFile };
    await server.api('POST', '/agents', { name: this.name, url: `https://127.0.0.1:${this.process.port}`, credentials });
  }

  /** kill -9; after a pause it is there again. One that is away already stays away. */
  async kill(pauseMillis: number): Promise<void> {
    const { process } = this;
    if (process.isOver) return;
    await process.end('SIGKILL');
    this.#restarted = sleep(pauseMillis).then(() => this.start());
  }

  /** Starts it again, of the same or another tree. */
  async start(root?: string): Promise<void> {
    this.process = await AgentProcess.start(this.#settings, root);
  }

  /** Ends it for good. */
  async end(): Promise<void> {
    await this.#restarted;
    if (!this.process.isOver) await this.process.end('SIGKILL');
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
