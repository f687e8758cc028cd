// A disk of its own, in the memory of this machine, that fills while an agent works: it says so, reads nothing more, and goes on by itself.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { localFiles, TableCatalogue } from '@aeneas/cassandra';
import { AgentProcess, settingsIn, writePrivately } from '../../../../fixtures/agent-process.ts';
import { unpackedDemo } from '../../../../fixtures/unpack.ts';
import { RemoteAgent } from './remote-agent.ts';

const MB = 1024 ** 2;
const password = 'planted-service-password-5512';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'aeneas-full-disk-')));
let agent: AgentProcess | undefined;
afterAll(async () => {
  if (agent?.isOver === false) await agent.end('SIGKILL');
  rmSync(folder, { recursive: true });
});

const ownMounts = ['unshare', '--user', '--map-root-user', '--mount'];
const canMount = spawnSync(ownMounts[0]!, [...ownMounts.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', folder]).status === 0;

test.runIf(canMount)('a disk that fills pauses the agent, one with room again does not', async () => {
  const data = await unpackedDemo();
  const output = join(folder, 'out');
  mkdirSync(output);
  const settings = settingsIn(folder, { dataDirectories: [data], workers: 1, outputDirectory: output, diskReserveMegabytes: 50, security: { mode: 'password' } });
  const passwordFile = writePrivately(join(folder, 'service-password'), password);
  const onOwnDisk = [...ownMounts, 'sh', '-c', `mount -t tmpfs -o size=120m tmpfs "$0" && "$1" agent password ${settings} --password-file ${passwordFile} >&2 && exec "$@"`, output];
  agent = await AgentProcess.start(settings, undefined, onOwnDisk);
  // Its disk as it sees it.
  const seen = join('/proc', String(agent.child.pid), 'root', output);
  expect(existsSync(join(seen, 'agent.sqlite'))).toBe(true);
  const client = new RemoteAgent({ host: '127.0.0.1', port: agent.port }, { kind: 'password', password, fingerprint: agent.fingerprint });
  await client.register('server-1');
  const isPaused = async (): Promise<boolean | undefined> => (await client.health()).machine?.isPausedForDisk;
  expect(await isPaused()).toBe(false);

  writeFileSync(join(seen, 'filling'), Buffer.alloc(90 * MB));
  expect(statfsSync(seen).bavail * statfsSync(seen).bsize).toBeLessThan(50 * MB);
  await expect.poll(isPaused, { timeout: 10_000 }).toBe(true);
  const attempt = { serverId: 'server-1', taskId: 'task-1', jobId: 'waits', epoch: 1 };
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [data] });
  const table = await catalogue.load({ keyspace: 'sensor', name: 'devices' });
  const { readBytes } = await client.health();
  await client.startJob({ attempt, leaseSeconds: 60, job: { kind: 'plan', source: { table: table.table as never, dataFiles: [...table.dataFiles], nowSeconds: 1, mapping: { rules: [] } }, splitBytes: 1e9, workers: 1 } });
  const held = await client.pollJob({ attempt, after: 0, waitSeconds: 2 });
  expect([held.state, (await client.health()).readBytes]).toEqual(['running', readBytes]);

  rmSync(join(seen, 'filling'));
  await expect.poll(isPaused, { timeout: 10_000 }).toBe(false);
  await expect.poll(async () => (await client.pollJob({ attempt, after: 0, waitSeconds: 1 })).state, { timeout: 30_000 }).toBe('done');
  expect(agent.output).toMatch(/"event":"paused: the disk is nearly full"[\s\S]*"event":"resumed: there is room on the disk"/);
  await client.close();
}, 90_000);
