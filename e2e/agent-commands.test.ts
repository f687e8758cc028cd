// Agents by command, before a real server and two real agents: registered with trust store and key store, or with a password, and a description;
// tested, changed and unregistered. At the end no password is to be found anywhere but in the vault, encrypted.

import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AgentProcess, runCommand, settingsIn, writePrivately } from '../fixtures/agent-process.ts';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas } from './aeneas-process.ts';
import { Serving } from './serving.ts';

const STORE_PASSWORD = 'planted-store-pw';
const SERVICE_PASSWORD = 'planted service password';

interface Agent { readonly name: string; readonly health: string; readonly description?: string; readonly error?: { readonly code: string }; readonly typedSecrets?: readonly { readonly secret: string; readonly place: string }[] }

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-agent-commands-'));
const workspace = join(scratch, 'server');
const stores = join(scratch, 'stores');
const said: string[] = [];
let server: Serving;
let certified: AgentProcess;
let plain: AgentProcess;
beforeAll(async () => {
  const storePasswordFile = writePrivately(join(scratch, 'store-password'), STORE_PASSWORD);
  const servicePasswordFile = writePrivately(join(scratch, 'service-password'), SERVICE_PASSWORD);
  const authority = writePrivately(join(scratch, 'authority-password'), 'planted-authority-pw');
  await expectDone(['keystore', 'generate', stores, '--agent', 'certified=127.0.0.1', '--store-password-file', storePasswordFile, '--authority-password-file', authority]);
  const data = await unpackedDemo();
  const security = { mode: 'mutual-tls', keyStore: join(stores, 'agent-certified.p12'), trustStore: join(stores, 'trust.p12'), storePasswordFile };
  const plainSettings = settingsIn(join(scratch, 'plain'), { name: 'plain', dataDirectories: [data], workers: 1, security: { mode: 'password' } });
  await expectDone(['agent', 'password', plainSettings, '--password-file', servicePasswordFile]);
  [server, certified, plain] = await Promise.all([
    Serving.start(workspace), AgentProcess.start(settingsIn(join(scratch, 'certified'), { name: 'certified', dataDirectories: [data], workers: 1, security })), AgentProcess.start(plainSettings),
  ]);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await Promise.all([certified, plain].map((agent) => agent?.end('SIGKILL')));
  rmSync(scratch, { recursive: true });
});

async function expectDone(words: readonly string[]): Promise<void> {
  const { exitCode, output } = await runCommand(words);
  expect({ words, exitCode, output }).toMatchObject({ exitCode: 0 });
}

/** Without a terminal a password comes from the environment. */
async function command(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const result = await aeneas([...words, '--server', server.url], { env: environment });
  said.push(result.stdout, result.stderr);
  return result;
}

const agent = async (name: string): Promise<Agent> => {
  const answer = await server.api<Agent>('GET', `/agents/${name}`);
  said.push(JSON.stringify(answer));
  return answer;
};
const address = (of: AgentProcess): string => `https://127.0.0.1:${of.port}`;
const storeWords = (): string[] => ['--trust-store', join(stores, 'trust.p12'), '--key-store', join(stores, 'server.p12')];
const restart = async (): Promise<void> => {
  await server.stop();
  server = await Serving.start(workspace);
};
