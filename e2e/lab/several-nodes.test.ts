// A datacenter of two nodes, one of them with two data directories; then one node fewer.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../aeneas-process.ts';
import { AgentMachine, NodeMachine } from './machines.ts';

const ADDRESSES = ['34.220.73.180', '34.220.73.190'] as const;
const MOUNTS = '/mnt/cassandra-data-extractor';
const CONFIG = '/etc/cassandra-data-extractor';
const EXTRACTOR = [join(ROOT, 'node_modules/.bin/node'), join(ROOT, 'packages/agent/src/extractor/main.ts')];
const PASSWORD = 'a service password';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-lab-'));
const nodes: NodeMachine[] = [];
let agent: AgentMachine;

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', '', '-f', join(scratch, 'key')]);
  for (const [i, address] of ADDRESSES.entries()) {
    nodes.push(await NodeMachine.start(address, 5 + i, readFileSync(join(scratch, 'key.pub'), 'utf8'), `
      mkdir -p /u01/cassandra/data/shop_${i} /u02/cassandra/data/shop_${i} /etc/cassandra/conf /opt/cassandra/bin
      printf 'data_file_directories:\\n  - /u01/cassandra/data\\n${i === 1 ? '  - /u02/cassandra/data\\n' : ''}' >/etc/cassandra/conf/cassandra.yaml
      printf '#!/bin/sh\\ncase $1 in version) echo ReleaseVersion: 3.11.2;; *) cat /opt/ring;; esac\\n' >/opt/cassandra/bin/nodetool
      printf 'Datacenter: dc1\\n===\\n${ADDRESSES.map((one) => `UN  ${one}  1 MiB  256  50.0%%  id  r1\\n`).join('')}' >/opt/ring
      chmod 755 /opt/cassandra/bin/nodetool`));
  }
  agent = await AgentMachine.start();
  agent.run(['sh', '-c', 'groupadd --system cassandra-data-extractor; useradd --system -g cassandra-data-extractor -d /nonexistent -s /usr/sbin/nologin cassandra-data-extractor; useradd -m centos']);
  agent.write('/home/centos/key', readFileSync(join(scratch, 'key')));
  agent.write('/home/centos/.ssh/known_hosts', nodes.map(({ address, hostKey }) => `${address} ${hostKey}\n`).join(''));
});
afterAll(async () => {
  try {
    agent?.run([...EXTRACTOR, '--unmount']);
  } finally {
    await agent?.stop();
    for (const node of nodes) await node.stop();
    rmSync(scratch, { recursive: true });
  }
});

/** With the defaults for ports and data directories. */
function configure(addresses: readonly string[]): string {
  const answers = [String(addresses.length), ...addresses.flatMap((address) => [address, '', 'centos', '', 'Y', '/home/centos/key', '', '/etc/cassandra/conf', '']), 'N', PASSWORD, PASSWORD, ''];
  return agent.run(['env', 'SUDO_USER=centos', ...EXTRACTOR, '--configure'], answers.map((answer) => `${answer}\n`).join(''));
}

test('every node is asked for, then all are mounted, and the ring is complete', () => {
  const output = configure(ADDRESSES);
  expect(output.match(/Enter IP for Cassandra node \d|===== Mounting process was over|Node \[.*\] mounting started|Enable SSL/g)).toEqual([
    'Enter IP for Cassandra node 1', 'Enter IP for Cassandra node 2', ...ADDRESSES.map((address) => `Node [${address}] mounting started`), '===== Mounting process was over', 'Enable SSL',
  ]);
  expect(output).toContain('The ring and the configured nodes agree (2 of 2 nodes');
  expect(agent.run(['sh', '-c', `cd ${MOUNTS} && ls -d */data/*/*`])).toBe(`${ADDRESSES[0]}_node/data/data/shop_0\n${ADDRESSES[1]}_node/data/data-2/shop_1\n${ADDRESSES[1]}_node/data/data/shop_1\n`);
  expect(agent.run(['sh', '-c', 'ls /var/log/cassandra-data-extractor'])).toBe([...ADDRESSES.flatMap((address) => [`conf_${address}.log`, `data_${address}.log`]), `data-2_${ADDRESSES[1]}.log`].sort().map((name) => `${name}\n`).join(''));
});

test('one node fewer: the other is missed by name, and neither its mounts nor its secrets stay', () => {
  const output = configure(ADDRESSES.slice(0, 1));
  expect(output).toContain(`The ring has nodes that are not configured: ${ADDRESSES[1]} (dc1). Rows that only they hold would be missing.`);
  expect(agent.run(['sh', '-c', `grep -c ${ADDRESSES[1]} /proc/mounts || true; ls ${CONFIG}/sealed | grep -c ${ADDRESSES[1]} || true; grep -c ${ADDRESSES[1]} ${CONFIG}/agent-settings.yaml || true`])).toBe('0\n0\n0\n');
  expect(agent.run(['ls', `${MOUNTS}/${ADDRESSES[0]}_node/data/data`])).toBe('shop_0\n');
});
