// From what a user registered to an agent that can be called.

import type { AgentCredentials, AgentSecrets, ConnectionTest } from '@aeneas/protocol';
import { AGENT_DEFAULT_PORT } from '@aeneas/protocol';
import type { AgentWays } from '../control/agents.ts';
import type { AgentLogins } from './agent-logins.ts';
import { RemoteAgent } from './remote-agent.ts';
import type { AgentAddress } from './remote-agent.ts';
import { testAgent } from './test-agent.ts';

/** The ways to agents on other machines. */
export function waysToAgents(logins: AgentLogins): AgentWays {
  return {
    connect: ({ name, url, credentials }, given) => new RemoteAgent(addressOf(url), () => logins.loginOf(name, credentials, given)),
    keep: (entry, given) => logins.keep(entry.name, entry.credentials, given),
    forget: (entry) => logins.forget(entry.name, entry.credentials),
    typedSecrets: (entry) => logins.typedSecrets(entry.name, entry.credentials),
    test: (url: string, credentials: AgentCredentials, given: AgentSecrets): Promise<ConnectionTest> =>
      // No agent has this name: only what is given now counts.
      testAgent(addressOf(url), credentials, given, () => logins.loginOf('', credentials, given)),
  };
}

/** An address without a port has that of agents, and not that of https. */
function addressOf(url: string): AgentAddress {
  const { hostname, port } = new URL(url);
  const isHttps = /^https:\/\/[^/]*:443(?:\/|$)/i.test(url);
  return { host: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? isHttps ? 443 : AGENT_DEFAULT_PORT : Number(port) };
}
