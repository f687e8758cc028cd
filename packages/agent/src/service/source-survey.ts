// What the source looks like from here: Cassandra's version, as each node says of itself, and tables with their sizes.

import { CodedError, TableCatalogue, TableReader, dumpTable, loadTable } from '@aeneas/cassandra';
import type { FileSystem } from '@aeneas/cassandra';

export interface SurveyedTable {
  /** keyspace.table */
  readonly table: string;
  /** Of its Data.db files, of all nodes together. */
  readonly sizeBytes: number;
  /** Its code, when its files cannot be listed. */
  readonly error?: string;
}

export interface SourceSurvey {
  readonly atMillis: number;
  /** Versions of the nodes, each once; empty where their system tables are not among the directories. */
  readonly cassandraVersions: readonly string[];
  readonly tables: readonly SurveyedTable[];
}

const SYSTEM_KEYSPACES = /^system(?:_|$)|^dse/;
/** system.local of all versions from 2.1 to 5.0 together; SystemKeyspace of 2.1.20, 3.0.0, 3.11.2, 4.1, 5.0. */
const LOCAL = `CREATE TABLE system.local (key text PRIMARY KEY, bootstrapped text, broadcast_address inet, broadcast_port int, cluster_name text, cql_version text, data_center text,
  gossip_generation int, host_id uuid, listen_address inet, listen_port int, native_protocol_version text, partitioner text, rack text, release_version text, rpc_address inet,
  rpc_port int, schema_version uuid, thrift_version text, tokens set<text>, truncated_at map<uuid, blob>);`;

/** Throws SCHEMA_INVALID, SSTABLE_*, FILE_UNREADABLE. */
export async function surveySource(directories: readonly string[], files: FileSystem): Promise<SourceSurvey> {
  const catalogue = await TableCatalogue.open({ files, directories });
  const tables: SurveyedTable[] = [];
  for (const { keyspace, name } of catalogue.list()) {
    if (SYSTEM_KEYSPACES.test(keyspace)) continue;
    const table = `${keyspace}.${name}`;
    try {
      const { dataFiles } = await catalogue.load({ keyspace, name });
      let sizeBytes = 0;
      for (const file of dataFiles) sizeBytes += await sizeOf(file, files);
      tables.push({ table, sizeBytes });
    } catch (error) {
      tables.push({ table, sizeBytes: 0, error: error instanceof CodedError ? error.code : 'FILE_UNREADABLE' });
    }
  }
  const versions = new Set<string>();
  for (const directory of directories) {
    const version = await releaseVersion(directory, files).catch(() => undefined);
    if (version !== undefined) versions.add(version);
  }
  return { atMillis: Date.now(), cassandraVersions: [...versions].sort(), tables };
}

/** What a node wrote about itself; undefined where that is not in its directory. */
async function releaseVersion(directory: string, files: FileSystem): Promise<string | undefined> {
  const { table, dataFiles } = await loadTable({ files, directories: [directory], schemaText: LOCAL, keyspace: 'system', name: 'local' });
  if (dataFiles.length === 0) return undefined;
  let text = '';
  const reader = await TableReader.open(files, table, dataFiles);
  await dumpTable(reader, Math.floor(Date.now() / 1000), (bytes) => {
    text += Buffer.from(bytes).toString();
  });
  const [row] = text.split('\n');
  return row === '' ? undefined : (JSON.parse(row) as { v: { release_version?: string } }).v.release_version;
}

async function sizeOf(file: string, files: FileSystem): Promise<number> {
  const source = await files.open(file);
  await source.close();
  return source.size;
}
