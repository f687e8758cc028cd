import { expect, test } from 'vitest';
import { besides, missingNodes, readCassandraYaml, ringOf } from './inspect-node.ts';
import type { NodeFiles } from './inspect-node.ts';

function filesOf(content: Readonly<Record<string, string>>): NodeFiles {
  const isFolder = (path: string): boolean => Object.keys(content).some((file) => file.startsWith(`${path.replace(/\/$/, '')}/`));
  return {
    stat: async (path) => (isFolder(path) || content[path] !== undefined ? { isDirectory: () => isFolder(path) } : undefined),
    list: async () => [],
    read: async (path) => content[path]!,
  };
}

test('the location of cassandra.yaml may be its directory or itself', async () => {
  const files = filesOf({ '/etc/cassandra/conf/cassandra.yaml': 'cluster_name: \'Test Cluster\'\ndata_file_directories:\n    - /u01/data/\n    - /u02/data\ncommitlog_directory: /u01/commitlog\ncdc_raw_directory:\n' });
  const expected = { confDirectory: '/etc/cassandra/conf', clusterName: 'Test Cluster', dataDirectories: ['/u01/data', '/u02/data'], commitlogDirectory: '/u01/commitlog', cdcRawDirectory: undefined };
  for (const location of ['/etc/cassandra/conf', '/etc/cassandra/conf/', '/etc/cassandra/conf/cassandra.yaml']) expect(await readCassandraYaml(files, location)).toEqual(expected);
  await expect(readCassandraYaml(files, '/etc/cassandra')).rejects.toMatchObject({ code: 'NODE_PATH_UNUSABLE' });
  await expect(readCassandraYaml(files, '/nowhere')).rejects.toMatchObject({ code: 'NODE_PATH_UNUSABLE' });
});

test('a yaml without directories, with one as text, with a key twice, and none at all', async () => {
  const read = (text: string): Promise<unknown> => readCassandraYaml(filesOf({ '/c/cassandra.yaml': text }), '/c');
  expect(await read('num_tokens: 256\n')).toMatchObject({ dataDirectories: [], commitlogDirectory: undefined });
  expect(await read('data_file_directories: /one\n')).toMatchObject({ dataDirectories: ['/one'] });
  expect(await read('data_file_directories: [/shipped]\ndata_file_directories: [/own]\n')).toMatchObject({ dataDirectories: ['/own'] });
  await expect(read('')).rejects.toMatchObject({ code: 'CASSANDRA_YAML_INVALID' });
  await expect(read('a: [')).rejects.toMatchObject({ code: 'CASSANDRA_YAML_INVALID' });
});

test('directories beside the data are used only if they are there', async () => {
  const files = filesOf({ '/var/lib/cassandra/commitlog/x': '' });
  expect(await besides(files, '/var/lib/cassandra/data', 'commitlog')).toBe('/var/lib/cassandra/commitlog');
  expect(await besides(files, '/var/lib/cassandra/data', 'cdc_raw')).toBeUndefined();
});

/** nodetool status of 3.11.2, two datacenters. */
const STATUS = `Datacenter: datacenter1
=======================
Status=Up/Down
|/ State=Normal/Leaving/Joining/Moving
--  Address    Load       Tokens       Owns (effective)  Host ID                               Rack
UN  10.99.0.1  104.41 KiB  32           100.0%            0e5e4a4e-41c7-4a4d-9f0e-6f2b3f5ad3f1  rack1
DN  10.99.0.2  98.5 KiB    32           100.0%            7b1d2a0c-6c48-4f0a-b6a3-1d6ab2f5b6b0  rack1
Datacenter: datacenter1_tgt
===========================
--  Address    Load       Tokens       Owns (effective)  Host ID                               Rack
UN  10.99.0.4  ?          32           100.0%            66a0c8e2-9fd7-45f6-8f34-6a50f5b2ad10  rack1
`;

test('nodes of a datacenter that were not named are missing; other datacenters do not matter', () => {
  const ring = ringOf(STATUS);
  expect(ring).toEqual([
    { address: '10.99.0.1', datacenter: 'datacenter1', isUp: true }, { address: '10.99.0.2', datacenter: 'datacenter1', isUp: false },
    { address: '10.99.0.4', datacenter: 'datacenter1_tgt', isUp: true },
  ]);
  expect(missingNodes(ring, ['10.99.0.4'])).toEqual([]);
  expect(missingNodes(ring, ['10.99.0.1']).map(({ address }) => address)).toEqual(['10.99.0.2']);
  expect(missingNodes(ring, ['cassandra.example.com'])).toHaveLength(3);
  expect(ringOf('nodetool: Failed to connect to \'127.0.0.1:7199\'')).toEqual([]);
});
