// Agents for tests: the real command as processes of their own, in a folder that goes away with the test.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const AENEAS = fileURLToPath(new URL('../../../../node_modules/.bin/aeneas', import.meta.url));

export class AgentProcess {
  /** Everything that it printed. */
  output = '';
  port = 0;
  fingerprint = '';
  readonly child: ChildProcess;
  readonly #exited: Promise<number | NodeJS.Signals>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.#exited = new Promise((resolve) => {
      child.on('exit', (code, signal) => resolve(signal ?? code ?? -1));
    });
  }

  /** Starts an agent and waits until it listens. */
  static async start(settings: string): Promise<AgentProcess> {
    const agent = new AgentProcess(spawn(AENEAS, ['agent', 'run', settings], { stdio: ['ignore', 'pipe', 'pipe'] }));
    agent.child.stderr!.on('data', (piece: Buffer) => (agent.output += piece.toString()));
    const started = new Promise<void>((resolve, reject) => {
      createInterface({ input: agent.child.stdout! }).on('line', (line) => {
        agent.output += `${line}\n`;
        const entry = JSON.parse(line) as { readonly event: string; readonly port: number; readonly fingerprint: string };
        if (entry.event !== 'started') return;
        agent.port = entry.port;
        agent.fingerprint = entry.fingerprint;
        resolve();
      });
      void agent.#exited.then((end) => reject(new Error(`The agent ended with ${end}: ${agent.output}`)));
    });
    await started;
    return agent;
  }

  /** Sends a signal and waits for the end: the exit code, or the signal that ended it. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.#exited;
  }
}

/** Runs the command to its end with a secret in a file; what it printed. */
export async function runCommand(words: readonly string[]): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const child = spawn(AENEAS, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()));
  return new Promise((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });
}

/** Writes a file that its owner alone can read. */
export function writePrivately(file: string, text: string): string {
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** A folder for an agent with its settings file, in JSON, which is YAML. */
export function settingsIn(folder: string, settings: object): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'agent-settings.yaml');
  writeFileSync(file, JSON.stringify({ host: '127.0.0.1', port: 0, outputDirectory: 'out', ...settings }));
  return file;
}
