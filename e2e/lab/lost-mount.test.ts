// A mounted node whose network is pulled, whose sshd dies, that is rebooted, in the middle of an extraction: the agent says so within ten
// seconds, nothing hangs, and once the node is back the tables become what the node answered.

import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unpackedDemo } from '../../fixtures/unpack.ts';
import { ROOT } from '../aeneas-process.ts';
import { DEMO_NOW, dynamodbClient, tableDifferences } from '../migrated-tables.ts';
import { Serving } from '../serving.ts';
import type { TaskStatus } from '../serving.ts';
import { startStandIn } from '../stand-ins.ts';
import type { StandIn } from '../stand-ins.ts';
import { AgentMachine, NodeMachine } from './machines.ts';

const ADDRESS = '10.88.1.2';
const DATA = `/mnt/cassandra-data-extractor/${ADDRESS}_node/data/data`;
const SETTINGS = '/etc/cassandra-data-extractor/agent-settings.yaml';
const TABLES = ['sensor.readings', 'shop.customers', 'shop.orders'];
const NODE = join(ROOT, 'node_modules/.bin/node');
const EXTRACTOR = [NODE, join(ROOT, 'packages/agent/src/extractor/main.ts')];
const AS_SERVICE = ['setpriv', '--reuid', 'cassandra-data-extractor', '--regid', 'cassandra-data-extractor', '--clear-groups'];
const NOTICED_MILLIS = 10_000;
const OUTAGE_MILLIS = 60_000;
const PASSWORD = 'lab-service-password';

interface Entry {
  readonly event: string;
  readonly atMillis: number;
  readonly local?: string;
}

/** A service of the agent's machine, and what its log says. */
class Service {
  readonly child: ChildProcess;
  readonly entries: Entry[] = [];
  output = '';

  constructor([program, words]: [string, string[]]) {
    this.child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stderr!.on('data', (piece: Buffer) => (this.output += piece.toString()));
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.output += `${line}\n`;
      this.entries.push({ ...JSON.parse(line) as Entry, atMillis: Date.now() });
    });
  }

  async says(event: string, sinceMillis: number, local: string, withinMillis: number): Promise<number> {
    for (;;) {
      const entry = this.entries.find((candidate) => candidate.event === event && candidate.atMillis >= sinceMillis && (candidate.local ?? local) === local);
      if (entry !== undefined) return entry.atMillis - sinceMillis;
      if (Date.now() - sinceMillis > withinMillis) throw new Error(`"${event}" was not said within ${withinMillis} ms: ${this.output}`);
      await sleep(50);
    }
  }

  async end(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    return ended;
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-lab-'));
let node: NodeMachine;
let machine: AgentMachine;
let mounts: Service;
let agent: Service;
let server: Serving;
let dynamodb: StandIn;

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', '', '-f', join(scratch, 'key')]);
  const data = await unpackedDemo();
  node = await NodeMachine.start(ADDRESS, 1, readFileSync(join(scratch, 'key.pub'), 'utf8'), `
    mkdir -p /etc/cassandra /srv/cassandra/data && cp -r ${data}/. /srv/cassandra/data
    echo 'data_file_directories: [/srv/cassandra/data]' >/etc/cassandra/cassandra.yaml`);
  machine = await AgentMachine.start();
  machine.run(['sh', '-c', 'groupadd --system cassandra-data-extractor; useradd --system -g cassandra-data-extractor -d /nonexistent -s /usr/sbin/nologin cassandra-data-extractor']);
  machine.write('/etc/ssh/ssh_known_hosts', `${ADDRESS} ${node.hostKey}\n`, 0o644);
  const answers = ['1', ADDRESS, '', 'centos', '', 'Y', join(scratch, 'key'), '', '/etc/cassandra', '', 'N', PASSWORD, PASSWORD, '/home/out_data'];
  const said = machine.run([...EXTRACTOR, '--configure'], `${answers.join('\n')}\n`);
  const [fingerprint] = /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(said)!;
  // Slow enough to be interrupted, on a port of its own.
  machine.run(['sed', '-i', 's/^port: .*/port: 18088/; $a readMegabytesPerSecond: 0.4', SETTINGS]);
  mounts = new Service(machine.command([...EXTRACTOR, 'watch-mounts']));
  agent = new Service(machine.command([...AS_SERVICE, ...EXTRACTOR, 'run']));
  dynamodb = await startStandIn('dynamodb');
  server = await Serving.start(join(scratch, 'server'));
  await agent.says('started', 0, '', 60_000 + Date.now());
  writeFileSync(join(scratch, 'password'), PASSWORD, { mode: 0o600 });
  execFileSync(join(ROOT, 'node_modules/.bin/aeneas'), ['agent', 'register', 'lab', 'https://127.0.0.1:18088', '--service-password-file', join(scratch, 'password'), '--fingerprint', fingerprint, '--server', server.url], { stdio: 'pipe' });
});
afterAll(async () => {
  await server?.stop();
  await agent?.end();
  await mounts?.end();
  await dynamodb?.stop();
  try {
    machine?.run([...EXTRACTOR, '--unmount']);
  } finally {
    await machine?.stop();
    await node?.stop();
    rmSync(scratch, { recursive: true });
  }
});

async function task(name: string): Promise<string> {
  const projectFile = join(scratch, `${name}.yaml`);
  writeFileSync(projectFile, JSON.stringify({
    source: { directories: [DATA] }, tables: TABLES, mapping: { rules: [{ table: '*.*', name: `${name}-{keyspace}.{table}` }] },
    target: { region: 'us-east-1', endpoint: dynamodb.endpoint }, loader: 'direct', splitSizeMB: 0.2, workspace: `work-${name}`,
  }));
  const { id } = await server.api<TaskStatus>('POST', '/tasks', { projectFile, nowSeconds: DEMO_NOW });
  await server.api('POST', `/tasks/${id}/start`);
  return id;
}

async function reached(id: string, isReached: (status: TaskStatus) => boolean): Promise<TaskStatus> {
  const deadline = Date.now() + 240_000;
  for (;;) {
    const status = await server.task(id);
    if (isReached(status)) return status;
    if (Date.now() > deadline) throw new Error(`The task does not get there: ${JSON.stringify(status)} ${agent.output}`);
    await sleep(100);
  }
}

test.each([
  ['the network is pulled', async () => node.cutNetwork(), async () => node.joinNetwork()],
  ['sshd and all its sessions are killed, as by a reboot', () => node.powerOff(), () => node.boot()],
] as const)('%s: the agent says so, and goes on afterwards with equal rows', async (what, lose, restore) => {
  const name = what.includes('network') ? 'cut' : 'reboot';
  const id = await task(name);
  await reached(id, ({ totals }) => totals.committedSplits >= 2);
  const lostAt = Date.now();
  await lose();
  const noticed = await agent.says('mount lost', lostAt, DATA, NOTICED_MILLIS).catch(() => agent.says('mount missing', lostAt, DATA, NOTICED_MILLIS));
  // A look at the state is not hung on either.
  const asked = Date.now();
  const agents = await server.api<readonly { name: string; health: string }[]>('GET', '/agents');
  expect(agents.find((one) => one.name === 'lab')).toMatchObject({ health: 'healthy' });
  expect(() => machine.run([...EXTRACTOR, 'status'])).toThrow('Command failed');
  expect(Date.now() - asked).toBeLessThan(NOTICED_MILLIS);
  await sleep(OUTAGE_MILLIS);
  expect((await server.task(id)).state).toBe('running');
  const backAt = Date.now();
  await restore();
  const mended = await agent.says('mount mounted', backAt, DATA, 60_000);
  process.stderr.write(`${what}: noticed after ${noticed} ms, mounted again ${mended} ms after the node was back\n`);
  const { state, tables } = await reached(id, (status) => status.state !== 'running');
  expect([state, tables.map(({ isEqual, failure }) => failure ?? isEqual)]).toEqual(['done', TABLES.map(() => true)]);
  const client = dynamodbClient(dynamodb.endpoint);
  for (const table of TABLES) expect([table, ...await tableDifferences(client, `${name}-${table}`, table, join(scratch, `work-${name}`))]).toEqual([table]);
  client.destroy();
});

test('no password is in the logs of the services', () => {
  expect(agent.output + mounts.output).not.toContain(PASSWORD);
});
