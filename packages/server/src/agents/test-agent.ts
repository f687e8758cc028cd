// A test of an agent that is to be registered, step by step. Nothing is left behind on either side.

import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { agentError } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import type { AgentCredentials, AgentOutput, AgentSecrets, ConnectionTest } from '@aeneas/protocol';
import { Steps } from '../projects/steps.ts';
import { connectionsTo, fingerprintAt } from './agent-connection.ts';
import type { AgentLogin } from './agent-connection.ts';
import { RemoteAgent } from './remote-agent.ts';
import type { AgentAddress } from './remote-agent.ts';

const LIMIT_MILLIS = 15_000;
/** Errors that say that there is no such agent, before it said anything. */
const BEFORE_LOGIN = new Set(['AGENT_NOT_TRUSTED', 'AGENT_UNREACHABLE']);

export async function testAgent({ host, port }: AgentAddress, credentials: AgentCredentials, given: AgentSecrets, loginOf: () => Promise<AgentLogin>): Promise<ConnectionTest> {
  const steps = new Steps(LIMIT_MILLIS);
  const isUnpinned = credentials.pinnedCertificate === undefined && (given.servicePassword !== undefined || credentials.servicePasswordFile !== undefined);
  const login = isUnpinned ? undefined : await steps.run('files', async () => {
    const value = await loginOf();
    // Opens both stores.
    connectionsTo(value).destroy();
    return { value, said: value.kind === 'password' ? 'A service password, and the fingerprint of the agent\'s certificate' : 'Trust store and key store can be opened' };
  });
  await steps.run('resolve', async () => {
    const addresses = (await lookup(host, { all: true }).catch((error: NodeJS.ErrnoException) => {
      throw agentError('AGENT_UNREACHABLE', `The name ${host} leads nowhere: ${error.code}`, {}, error);
    })).map(({ address }) => address);
    return { value: addresses, said: addresses.join(', ') };
  });
  await steps.run('connect', async () => {
    await dial(host, port, steps.leftMillis);
    return { value: true, said: `${host}, port ${port}` };
  });
  const answer = await steps.run('tls', async () => {
    if (login === undefined) {
      throw agentError('AGENT_NOT_TRUSTED', `It shows a certificate with the fingerprint ${await fingerprintAt(host, port)}. No fingerprint was given, so the password was not sent`);
    }
    const value = await healthAt({ host, port }, login);
    return { value, said: login.kind === 'password' ? 'Its certificate is the one whose fingerprint was given' : 'Its certificate is of an authority in the trust store, and names this host' };
  });
  await steps.run('login', async () => {
    if (answer instanceof CodedError) throw answer;
    return { value: true, said: 'The agent takes this server' };
  });
  await steps.run('version', async () => {
    const { version, name } = answer as AgentOutput<'health'>;
    return { value: version, said: `Agent "${name}", version ${version}` };
  });
  return steps.result();
}

/** What the agent tells of itself; or, if it refuses, why. Throws when what answers is not the agent. */
async function healthAt(address: AgentAddress, login: AgentLogin): Promise<AgentOutput<'health'> | CodedError> {
  const client = new RemoteAgent(address, async () => login);
  try {
    return await client.health();
  } catch (error) {
    if (error instanceof CodedError && !BEFORE_LOGIN.has(error.code)) return error;
    throw error;
  } finally {
    await client.close();
  }
}

async function dial(host: string, port: number, limitMillis: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, timeout: limitMillis }, resolve);
  socket.on('error', reject).on('timeout', () => reject(new Error('no answer in time')));
  try {
    await promise;
  } catch (error) {
    throw agentError('AGENT_UNREACHABLE', `Nobody answers at ${host}, port ${port}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, {}, error);
  } finally {
    socket.destroy();
  }
}
