// Addresses as users write them.

import { expect, test } from 'vitest';
import type { AgentEntry } from '../control/catalog.ts';
import { AgentLogins } from './agent-logins.ts';
import { waysToAgents } from './connect.ts';
import type { RemoteAgent } from './remote-agent.ts';

test.each([
  ['https://10.0.0.5', { host: '10.0.0.5', port: 8080 }],
  ['https://10.0.0.5:9000/', { host: '10.0.0.5', port: 9000 }],
  ['https://agent.example:443', { host: 'agent.example', port: 443 }],
  ['https://[fd00::5]:8080', { host: 'fd00::5', port: 8080 }],
])('%s', (url, address) => {
  const secrets = { get: () => undefined, placeOf: () => undefined, set: async () => {}, delete: async () => {}, forget: () => {} };
  const entry: AgentEntry = { name: 'one', url, description: '', credentials: {} };
  expect((waysToAgents(new AgentLogins(secrets, { inUse: async () => undefined })).connect(entry) as RemoteAgent).address).toEqual(address);
});
