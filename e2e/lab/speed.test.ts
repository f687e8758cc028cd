// Extraction over sshfs, as the agent mounts, beside the same files on the local disk: pairs of runs, turn by turn, since the machine has
// others to serve. The figures are printed; what must hold is the ratio of their medians.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measure } from '../../bench/measure.ts';
import { writeTable } from '../../bench/tables.ts';
import type { BenchTable } from '../../bench/tables.ts';
import { ROOT } from '../aeneas-process.ts';
import { AgentMachine, NodeMachine } from './machines.ts';

const ADDRESS = '10.88.4.2';
const ROWS = 200_000;
const PAIRS = 3;
const AT_LEAST = 0.6;
const TICKS_A_SECOND = 100;

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-speed-'));
const MOUNT_POINT = `/mnt/cassandra-data-extractor/${ADDRESS}_node/data/data`;
const EXTRACTOR = [process.execPath, join(ROOT, 'packages/agent/src/extractor/main.ts')];
const PASSWORD = 'lab-service-password';
let node: NodeMachine;
let machine: AgentMachine;
let table: BenchTable;

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', '', '-f', join(scratch, 'key')]);
  [table] = writeTable(join(scratch, 'data'), ROWS) as [BenchTable];
  node = await NodeMachine.start(ADDRESS, 1, readFileSync(join(scratch, 'key.pub'), 'utf8'), `
    mkdir -p /etc/cassandra /srv && cp -r ${join(scratch, 'data')} /srv/data
    echo 'data_file_directories: [/srv/data]' >/etc/cassandra/cassandra.yaml`);
  machine = await AgentMachine.start();
  machine.run(['sh', '-c', 'groupadd --system cassandra-data-extractor; useradd --system -g cassandra-data-extractor -d /nonexistent -s /usr/sbin/nologin cassandra-data-extractor']);
  machine.write('/etc/ssh/ssh_known_hosts', `${ADDRESS} ${node.hostKey}\n`, 0o644);
  const answers = ['1', ADDRESS, '', 'centos', '', 'Y', join(scratch, 'key'), '', '/etc/cassandra', '', 'N', PASSWORD, PASSWORD, '/home/out_data'];
  machine.run([...EXTRACTOR, '--configure', '--allow-other'], `${answers.join('\n')}\n`);
});
afterAll(async () => {
  try {
    machine?.run([...EXTRACTOR, '--unmount']);
  } finally {
    await machine?.stop();
    await node?.stop();
    rmSync(scratch, { recursive: true });
  }
});

interface Run {
  readonly wallSeconds: number;
  /** Of the extraction alone. */
  readonly cpuSeconds: number;
  /** Of sshfs, ssh and the node's sshd together. */
  readonly transportSeconds: number;
}

async function extraction(files: readonly string[]): Promise<Run> {
  const [program, words] = machine.command([process.execPath, join(ROOT, 'bench/extract.ts'), '1', table.schemaFile, table.name, ...files]);
  const before = transportSeconds();
  const { wallSeconds, cpuSeconds } = await measure([program, ...words], { env: { MALLOC_ARENA_MAX: '1' } });
  return { wallSeconds, cpuSeconds, transportSeconds: transportSeconds() - before };
}

/** Mounted anew for each run, so that nothing is in the page cache. */
async function overSshfs(): Promise<Run> {
  machine.run([...EXTRACTOR, '--unmount']);
  machine.run([...EXTRACTOR, '-mnt']);
  return extraction(table.dataFiles.map((file) => file.replace(join(scratch, 'data'), MOUNT_POINT)));
}

/** User and system time of the sshfs of the mounts, their ssh, and the sshd on the node. */
function transportSeconds(): number {
  const network = readlinkSync(`/proc/${node.processId}/ns/net`);
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const isClient = /^(?:\S*\/)?ssh(?:fs)?\0/.test(words) && words.includes(ADDRESS);
      const isServer = words.startsWith('sshd') && readlinkSync(`/proc/${pid}/ns/net`) === network;
      if (!isClient && !isServer) continue;
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks / TICKS_A_SECOND;
}

test(`over sshfs it reaches at least ${AT_LEAST * 100} % of the speed over local files`, async () => {
  const local: Run[] = [];
  const mounted: Run[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    // Whichever comes first is not always the same.
    for (const turn of pair % 2 === 0 ? ['local', 'mounted'] : ['mounted', 'local']) {
      if (turn === 'local') local.push(await extraction(table.dataFiles));
      else mounted.push(await overSshfs());
    }
  }
  const median = (runs: readonly Run[], of: keyof Run): number => runs.map((run) => run[of]).sort((a, b) => a - b)[runs.length >> 1]!;
  const ratio = median(local, 'wallSeconds') / median(mounted, 'wallSeconds');
  process.stderr.write(`Extraction of ${(table.sizeBytes / 1e6).toFixed(1)} MB, medians of ${PAIRS}: local ${median(local, 'wallSeconds').toFixed(2)} s (CPU ${median(local, 'cpuSeconds').toFixed(2)} s), `
    + `over sshfs ${median(mounted, 'wallSeconds').toFixed(2)} s (CPU ${median(mounted, 'cpuSeconds').toFixed(2)} s, sshfs, ssh and sshd ${median(mounted, 'transportSeconds').toFixed(2)} s): ${(ratio * 100).toFixed(0)} %; `
    + `each pair ${local.map((run, i) => `${(run.wallSeconds / mounted[i]!.wallSeconds * 100).toFixed(0)} %`).join(', ')}\n`);
  expect(ratio).toBeGreaterThan(AT_LEAST);
});
