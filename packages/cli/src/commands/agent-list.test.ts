import { expect, test } from 'vitest';
import type { AgentDetail } from '@aeneas/protocol';
import { agentListText } from './agent-list.ts';

const GB = 1024 ** 3;
const machine: AgentDetail['machine'] = {
  hostName: 'node-1', cores: 4, load: 1.25, totalMemoryBytes: 16 * GB, freeMemoryBytes: 3.5 * GB, diskBytes: 100 * GB, diskReserveBytes: GB, isPausedForDisk: false, certificateEndsMillis: 0,
  mounts: [{ node: 'n', kind: 'data', remote: '/d', local: '/m', state: 'mounted', sinceMillis: 0 }, { node: 'n', kind: 'conf', remote: '/d', local: '/m', state: 'lost', sinceMillis: 0 }],
  source: { atMillis: 0, cassandraVersions: ['3.11.2'], tables: 7, sizeBytes: 2.5 * GB, shown: [] },
};

test('agents with what they tell, and what is to be looked at below them', () => {
  const text = agentListText([
    { name: 'built-in', health: 'healthy', workers: 2, runningJobs: 0, version: '0.1.0' },
    {
      name: 'one', url: 'https://10.0.0.5:8080', health: 'healthy', workers: 4, readMegabytesPerSecond: 50, runningJobs: 3, version: '0.1.0', machine, freeDiskBytes: 20 * GB,
      notices: [{ level: 'warning', text: 'The mount of conf of node n is lost' }, { level: 'advice', text: 'small' }],
    },
    { name: 'two', url: 'https://10.0.0.6:8080', health: 'unreachable', workers: 1, runningJobs: 0, error: { code: 'AGENT_UNREACHABLE', message: 'no answer', remedy: '' } },
  ]);
  expect(text.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
    'AGENT | HEALTH | JOBS | VERSION | HOST | LOAD | FREE MEMORY | FREE DISK | MOUNTS | CASSANDRA | TABLES | ADDRESS',
    'built-in | healthy | 0 on 2 workers | 0.1.0 | - | - | - | - | - | - | - | within the server',
    'one | healthy | 3 on 4 workers, 50 MB/s | 0.1.0 | node-1 | 1.25 on 4 CPUs | 3.5 GB of 16.0 GB | 20.0 GB of 100.0 GB | 1 of 2 | 3.11.2 | 7, 2.5 GB | https://10.0.0.5:8080',
    ' | warning: The mount of conf of node n is lost', ' | advice: small',
    'two | unreachable | 0 on 1 workers | - | - | - | - | - | - | - | - | https://10.0.0.6:8080',
    ' | AGENT_UNREACHABLE: no answer', '',
  ]);
});
