// Who an agent does not speak with, and whom a server does not trust: over real TLS on the loopback.

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateKeyStores, readAgentSettings, readTrustStore, setServicePassword, startAgent } from '@aeneas/agent';
import type { AgentSettings, RunningAgent } from '@aeneas/agent';
import { AGENT_PROTOCOL_VERSION } from '@aeneas/protocol';
import { fingerprintAt } from './agent-connection.ts';
import type { AgentLogin } from './agent-connection.ts';
import { RemoteAgent } from './remote-agent.ts';

const storePassword = 'store password of the test';
const servicePassword = 'planted-service-password-7391';

let folder: string;
let tlsAgent: RunningAgent;
let passwordAgent: RunningAgent;
const logged: string[] = [];
const log = (event: string, details: object): void => void logged.push(JSON.stringify({ event, ...details }));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aeneas-refusals-'));
  mkdirSync(join(folder, 'data'));
  const order = { agents: [{ name: 'one', hosts: ['127.0.0.1'] }], serverHosts: ['server.test'], days: 30, storePassword, authorityPassword: storePassword, modulusBits: 2048 };
  await generateKeyStores({ ...order, folder: join(folder, 'ours') });
  await generateKeyStores({ ...order, folder: join(folder, 'theirs') });
  // An authority's second run makes what is missing: here a server that has expired, and an agent of another name.
  const ours = readFileSync(join(folder, 'ours/server.p12'));
  rmSync(join(folder, 'ours/server.p12'));
  await generateKeyStores({ ...order, folder: join(folder, 'ours'), days: 0, agents: [{ name: 'elsewhere', hosts: ['elsewhere.test'] }] });
  stores = { ours, expired: readFileSync(join(folder, 'ours/server.p12')), theirs: readFileSync(join(folder, 'theirs/server.p12')), agents: readFileSync(join(folder, 'ours/agent-one.p12')) };
  tlsAgent = await startAgent(settings('tls', { mode: 'mutual-tls', keyStore: join(folder, 'ours/agent-one.p12'), trustStore: join(folder, 'ours/trust.p12') }), { storePassword, log });
  const withPassword = settings('password', { mode: 'password' });
  await setServicePassword(withPassword, servicePassword);
  passwordAgent = await startAgent(withPassword, { log });
}, 60_000);
afterAll(async () => {
  await tlsAgent?.stop();
  await passwordAgent?.stop();
  rmSync(folder, { recursive: true });
});

let stores: Record<'ours' | 'expired' | 'theirs' | 'agents', Buffer>;

function settings(name: string, security: AgentSettings['security']): AgentSettings {
  const outputDirectory = join(folder, `out-${name}`);
  const given = { name, host: '127.0.0.1', port: 0, dataDirectories: [join(folder, 'data')], outputDirectory, security, nodes: [], mountDirectory: folder, diskReserveMegabytes: 1 };
  return { ...given, given, stagingFolder: join(outputDirectory, 'staging'), workers: 1, nodeDirectories: [] };
}

const trust = (whose = 'ours'): Buffer => readFileSync(join(folder, whose, 'trust.p12'));
const certificateLogin = (keyStore: Buffer, trustStore = trust()): AgentLogin => ({ kind: 'mutual-tls', keyStore, trustStore, storePassword });
const passwordLogin = (password: string, fingerprint = passwordAgent.fingerprint): AgentLogin => ({ kind: 'password', password, fingerprint });

async function health(agent: RunningAgent, login: AgentLogin, host = '127.0.0.1'): Promise<unknown> {
  const client = new RemoteAgent({ host, port: agent.port }, login);
  try {
    return await client.health();
  } finally {
    await client.close();
  }
}

test('the right certificate, and the right password with the right fingerprint, are let in', async () => {
  expect(await health(tlsAgent, certificateLogin(stores.ours))).toMatchObject({ agentId: tlsAgent.agentId, state: 'ready', protocolVersion: AGENT_PROTOCOL_VERSION });
  expect(await health(passwordAgent, passwordLogin(servicePassword))).toMatchObject({ agentId: passwordAgent.agentId });
  // The fingerprint that was shown is that of what answers there.
  expect(await fingerprintAt('127.0.0.1', passwordAgent.port)).toBe(passwordAgent.fingerprint);
});

test.each([
  ['of another authority', 'theirs', 'AGENT_CERTIFICATE_FOREIGN', /not of an authority in the agent's trust store/],
  ['that has expired', 'expired', 'AGENT_CERTIFICATE_EXPIRED', /is valid from .* to/],
  ['that was made for an agent', 'agents', 'AGENT_CERTIFICATE_UNFIT', /not for servers/],
] as const)('a client certificate %s is refused, and told so', async (_what, name, code, message) => {
  await expect(health(tlsAgent, certificateLogin(stores[name]))).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('no client certificate is refused, and told so; a password does not help there', async () => {
  for (const headers of [{} as Record<string, string>, { authorization: `Basic ${Buffer.from(`aeneas:${servicePassword}`).toString('base64')}` }]) {
    expect(await plainRequest(tlsAgent, 'POST', '/v1/health', headers)).toEqual({ status: 403, body: expect.objectContaining({ code: 'AGENT_CERTIFICATE_MISSING', remedy: expect.stringContaining('server.p12') }) });
  }
});

test('nothing else answers without login, whatever is asked', async () => {
  for (const [method, path] of [['GET', '/'], ['GET', '/v1/health'], ['POST', '/v1/listJobs'], ['OPTIONS', '*'], ['POST', '/v1/rejectedRows'], ['GET', '/v1/../../etc/passwd']]) {
    expect((await plainRequest(tlsAgent, method, path)).body).toMatchObject({ code: 'AGENT_CERTIFICATE_MISSING' });
    expect((await plainRequest(passwordAgent, method, path)).body).toMatchObject({ code: 'AGENT_LOGIN_MISSING' });
  }
});

test('an agent that cannot prove who it is gets no request at all', async () => {
  await expect(health(tlsAgent, certificateLogin(stores.theirs, trust('theirs')))).rejects.toMatchObject({ code: 'AGENT_NOT_TRUSTED' });
  await expect(health(tlsAgent, certificateLogin(stores.ours), 'localhost')).rejects.toMatchObject({ code: 'AGENT_NOT_TRUSTED', message: expect.stringContaining('altnames') });
  logged.length = 0;
  await expect(health(passwordAgent, passwordLogin(servicePassword, tlsAgent.fingerprint))).rejects.toMatchObject({ code: 'AGENT_NOT_TRUSTED', message: expect.stringContaining('another one was pinned') });
  // The password was not even sent.
  expect(logged).toEqual([]);
});

test('TLS before 1.2 is refused', async () => {
  await expect(new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: tlsAgent.port, rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, () => resolve(socket.destroy()));
    socket.on('error', reject);
  })).rejects.toThrow(/protocol version|alert/i);
});

test('a wrong password is refused, and after some of them every password for a while', async () => {
  const codes: string[] = [];
  for (let i = 0; i < 7; i++) {
    await health(passwordAgent, passwordLogin(`guess number ${i}, not it`)).catch((error: { code: string }) => codes.push(error.code));
  }
  expect(codes).toEqual([...Array<string>(5).fill('AGENT_LOGIN_WRONG'), 'AGENT_LOGIN_LIMITED', 'AGENT_LOGIN_LIMITED']);
  await expect(health(passwordAgent, passwordLogin(servicePassword))).rejects.toMatchObject({ code: 'AGENT_LOGIN_LIMITED' });
});

test('nobody listening is a code of its own', async () => {
  const client = new RemoteAgent({ host: '127.0.0.1', port: 1 }, certificateLogin(stores.ours));
  await expect(client.health()).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE' });
});

test('passwords and guesses are in no log line', () => {
  expect(logged.length).toBeGreaterThan(5);
  expect(logged.filter((line) => line.includes(servicePassword) || line.includes(storePassword) || line.includes('guess number'))).toEqual([]);
});

test('an agent without its password, with a wrong one, or with the folder of another does not start', async () => {
  const tls = settings('third', { mode: 'mutual-tls', keyStore: join(folder, 'ours/agent-one.p12'), trustStore: join(folder, 'ours/trust.p12') });
  await expect(startAgent(tls)).rejects.toMatchObject({ code: 'AGENT_PASSWORD_MISSING' });
  await expect(startAgent(tls, { storePassword: 'another one' })).rejects.toMatchObject({ code: 'KEYSTORE_UNUSABLE' });
  await expect(startAgent(settings('fourth', { mode: 'password' }))).rejects.toMatchObject({ code: 'AGENT_PASSWORD_MISSING' });
  await expect(startAgent({ ...tls, port: tlsAgent.port }, { storePassword })).rejects.toMatchObject({ code: 'AGENT_PORT_UNUSABLE' });
  await expect(setServicePassword(settings('fourth', { mode: 'password' }), 'too short')).rejects.toMatchObject({ code: 'AGENT_PASSWORD_UNFIT' });
  await expect(startAgent({ ...tls, outputDirectory: join(folder, 'out-tls') }, { storePassword })).rejects.toMatchObject({ code: 'AGENT_LOCKED' });
  await expect(readAgentSettings(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'AGENT_SETTINGS_INVALID' });
});

function plainRequest(agent: RunningAgent, method: string, path: string, headers: Record<string, string> = {}): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: agent.port, method, path, headers, agent: false, ...(agent === tlsAgent ? { ca: readTrustStore(trust(), storePassword, '') } : { rejectUnauthorized: false }) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => (text += piece)).on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    });
    outgoing.on('error', reject).end();
  });
}
