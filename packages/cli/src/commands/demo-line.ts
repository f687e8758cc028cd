// What the demo sets up besides its data: an agent of its own process, with key stores made for this one time, and a server that knows it.

import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { generateKeyStores } from '@aeneas/agent';
import { serve } from '@aeneas/server';
import type { RunningServer } from '@aeneas/server';
import { stringify } from 'yaml';
import { cliError } from '../errors.ts';
import { askServer } from '../server-client.ts';
import { webApp } from '../web-app.ts';

const AGENT = 'demo-agent';
const LOCALHOST = '127.0.0.1';
const START_MILLIS = 30_000;
const PRIVATE_FILE = 0o600;

export interface DemoLine {
  readonly url: string;
  readonly agentUrl: string;
  stop(): Promise<void>;
}

/** Starts server, engine and agent in `folder`; the agent reads `data` and nothing else. Throws DEMO_AGENT_FAILED and what `serve` throws. */
export async function startDemoLine(folder: string, data: string): Promise<DemoLine> {
  const closing: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const stores = await makeStores(join(folder, 'stores'));
    const agent = await startAgent(await writeSettings(join(folder, 'agent'), data, stores));
    closing.push(agent.stop);
    const server = await serve({ port: 0, workspace: join(folder, 'server'), page: webApp() });
    closing.push(server.stop);
    await register(server, agent.url, stores);
    return { url: server.url, agentUrl: agent.url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Stores {
  readonly folder: string;
  readonly passwordFile: string;
}

async function makeStores(folder: string): Promise<Stores> {
  const storePassword = randomBytes(18).toString('base64url');
  await generateKeyStores({ folder, agents: [{ name: AGENT, hosts: [LOCALHOST] }], serverHosts: [LOCALHOST], days: 1, storePassword, authorityPassword: randomBytes(18).toString('base64url') });
  const passwordFile = join(folder, 'store-password');
  await writeFile(passwordFile, storePassword, { mode: PRIVATE_FILE });
  return { folder, passwordFile };
}

async function writeSettings(folder: string, data: string, { folder: stores, passwordFile }: Stores): Promise<string> {
  await mkdir(folder);
  const file = join(folder, 'agent-settings.yaml');
  await writeFile(file, stringify({
    name: AGENT, host: LOCALHOST, port: 0, dataDirectories: [data], outputDirectory: 'out_data',
    security: { mode: 'mutual-tls', keyStore: join(stores, `agent-${AGENT}.p12`), trustStore: join(stores, 'trust.p12'), storePasswordFile: passwordFile },
  }));
  return file;
}

/** `aeneas agent run`, as a process that ends with this one. */
async function startAgent(settings: string): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const child = fork(fileURLToPath(new URL('../../bin/aeneas.js', import.meta.url)), ['agent', 'run', settings], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
  let complaint = '';
  child.stderr!.on('data', (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string): void => reject(cliError('DEMO_AGENT_FAILED', `The demo's agent ${why}: ${complaint.trim()}`));
    const timer = setTimeout(() => fail(`did not start in ${START_MILLIS / 1000} s`), START_MILLIS);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const entry = JSON.parse(line) as { readonly event: string; readonly port: number };
      if (entry.event !== 'started') return;
      clearTimeout(timer);
      resolve(entry.port);
    });
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`));
  }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { url: `https://${LOCALHOST}:${port}`, stop };
}

async function register({ url: server }: RunningServer, url: string, { folder, passwordFile }: Stores): Promise<void> {
  await askServer(server, (api) => api.agents.register({
    name: AGENT, url, credentials: { keyStore: join(folder, 'server.p12'), trustStore: join(folder, 'trust.p12'), passwordFile },
  }));
}
