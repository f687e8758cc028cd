// What is connected now, by project, side and name of the connection. A connection holds what was read when it was made; it is made again to
// read anew.

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LoadedTable, TableCatalogue } from '@aeneas/cassandra';
import type { ConnectionSecrets, ConnectionTree, SourceConnection, TargetConnection, TreeNode } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import type { FindServiceProfile } from '../service-profile.ts';
import { connectCassandra } from './cassandra-connection.ts';
import type { CassandraSession } from './cassandra-connection.ts';
import { loadCassandraTable } from './cassandra-table.ts';
import { cassandraTree, describeCassandra } from './cassandra-tree.ts';
import { describeDynamo, dynamoClient, dynamoTree } from './dynamodb-target.ts';
import { describeSSTables, openDirectories, sstableTree } from './sstable-tree.ts';
import { within } from './steps.ts';

/** A schema of tens of thousands of tables takes its time. */
const CONNECT_MILLIS = 60_000;

export type ItemKind = 'table' | 'view' | 'type';

interface Connected {
  readonly tree: ConnectionTree;
  describe(kind: ItemKind, keyspace: string, item: string): Promise<TreeNode[]>;
  /** The schema of a table of a source; of files, its SSTables too. */
  load?(keyspace: string, name: string): Promise<LoadedTable>;
  close(): void;
}

export class Connections {
  readonly #connected = new Map<string, Connected>();

  /** Throws SOURCE_*, CONNECTION_*, KEYSTORE_*, SCHEMA_*, SSTABLE_*, FILE_UNREADABLE. */
  async connectSource(key: string, source: SourceConnection, secrets: ConnectionSecrets): Promise<ConnectionTree> {
    return this.#keep(key, await (source.kind === 'sstables' ? ofFiles(source.name, await openDirectories(source)) : within(CONNECT_MILLIS, ofCluster(source.name, connectCassandra(source, secrets)))));
  }

  /** Throws TARGET_*, CONNECTION_*, AWS_PROFILE_UNKNOWN, AWS_KEYS_MISSING. */
  async connectTarget(key: string, target: TargetConnection, secrets: ConnectionSecrets, find: FindServiceProfile): Promise<ConnectionTree> {
    return this.#keep(key, await within(CONNECT_MILLIS, ofDynamo(target, await dynamoClient(target, secrets, find))));
  }

  isConnected(key: string): boolean {
    return this.#connected.has(key);
  }

  /** Throws CONNECTION_CLOSED. */
  get(key: string): Connected {
    const connected = this.#connected.get(key);
    if (connected === undefined) throw serverError('CONNECTION_CLOSED', 'The connection is not open');
    return connected;
  }

  /** All whose keys begin so. */
  close(prefix: string): void {
    for (const [key, connected] of this.#connected) {
      if (!key.startsWith(prefix)) continue;
      connected.close();
      this.#connected.delete(key);
    }
  }

  #keep(key: string, connected: Connected): ConnectionTree {
    this.#connected.get(key)?.close();
    this.#connected.set(key, connected);
    return connected.tree;
  }
}

async function ofCluster(connection: string, opening: Promise<CassandraSession>): Promise<Connected> {
  const session = await opening;
  const close = (): void => void session.client.shutdown().catch(() => {});
  try {
    const nodes = await cassandraTree(session);
    const said = `Cassandra ${session.releaseVersion}, cluster "${session.clusterName}"`;
    return { tree: { connection, said, readMillis: Date.now(), nodes }, describe: (kind, keyspace, item) => describeCassandra(session, kind, keyspace, item), load: (keyspace, name) => loadCassandraTable(session, nodes, keyspace, name), close };
  } catch (error) {
    close();
    throw error;
  }
}

function ofFiles(connection: string, catalogue: TableCatalogue): Connected {
  return {
    tree: { connection, said: 'SSTable directory', readMillis: Date.now(), nodes: sstableTree(catalogue) },
    describe: (kind, keyspace, item) => describeSSTables(catalogue, kind, keyspace, item),
    load: (keyspace, name) => catalogue.load({ keyspace, name }),
    close: () => {},
  };
}

async function ofDynamo(target: TargetConnection, client: DynamoDBClient): Promise<Connected> {
  const close = (): void => client.destroy();
  try {
    const nodes = await dynamoTree(target, client);
    return { tree: { connection: target.name, said: `Amazon DynamoDB in ${target.region}`, readMillis: Date.now(), nodes }, describe: (_kind, _keyspace, item) => describeDynamo(target, client, item), close };
  } catch (error) {
    close();
    throw error;
  }
}
