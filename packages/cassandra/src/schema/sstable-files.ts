// The live SSTables of one table directory. What lies in its subdirectories (snapshots, backups, `.index` ones) is not the table.
//
// Cassandra takes an SSTable without TOC.txt as it is, and deletes what is left of one without Data.db; a copy that lacks Data.db is
// a hole in the data, so here it is an error.
// Source: Directories, LogAwareFileLister, ColumnFamilyStore.scrubDataDirectories of Cassandra 3.11.

import type { FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';
import { isTransactionLog, readTransactionLog } from './transaction-log.ts';
import type { TransactionLog } from './transaction-log.ts';

const DATA = 'Data.db';
const COMPONENT = /^(.+-)((?:Data|Index|Partitions|Rows|Statistics|CompressionInfo|Summary|Filter|CRC)\.db|TOC\.txt|Digest\.[a-z0-9]+)$/;
/** A compaction of 2.x that was under way: `tmp-` or `tmplink-`, in 2.1 behind keyspace and table. */
const TEMPORARY = /^(?:[^-]+-[^-]+-)?tmp(?:link)?-/;
/** Components that are never left over: Cassandra removes Data.db first, and may write Summary and Filter again later. */
const ESSENTIAL: ReadonlySet<string> = new Set(['TOC.txt', 'Index.db', 'Partitions.db', 'Statistics.db', 'CompressionInfo.db']);
const byGeneration = new Intl.Collator('en', { numeric: true });

/** True when a directory with these files is a table's: it holds components of SSTables, or a transaction log. */
export function holdsSSTables(names: readonly string[]): boolean {
  return names.some((name) => name.endsWith(`-${DATA}`) || isTransactionLog(name));
}

/**
 * The Data.db paths of a directory, by generation, without files of transactions that were not finished.
 * Throws SSTABLE_COMPONENT_MISSING when Data.db of an SSTable is not there, SSTABLE_CORRUPT for a damaged transaction log.
 */
export async function liveSSTables(files: FileSystem, directory: string): Promise<string[]> {
  const names = (await files.list(directory)).filter((entry) => !entry.isDirectory).map((entry) => entry.name);
  const components = componentsByPrefix(names);
  for (const name of names.filter(isTransactionLog)) {
    const path = `${directory}/${name}`;
    const log = await readTransactionLog(files, path);
    if (!log.isCommitted) requireRemovedFiles(log, components, path);
    for (const { prefix } of log.isCommitted ? log.removed : log.added) components.delete(prefix);
  }
  const live: string[] = [];
  for (const [prefix, present] of components) {
    if (present.has(DATA)) live.push(`${directory}/${prefix}${DATA}`);
    else if ([...present].some((component) => ESSENTIAL.has(component))) {
      throw cassandraError('SSTABLE_COMPONENT_MISSING', `${DATA} is not there, ${[...present].sort().join(', ')} ${present.size === 1 ? 'is' : 'are'}`, { file: `${directory}/${prefix}${DATA}` });
    }
  }
  return live.sort(byGeneration.compare);
}

function componentsByPrefix(names: readonly string[]): Map<string, Set<string>> {
  const components = new Map<string, Set<string>>();
  for (const name of names) {
    const [, prefix, component] = COMPONENT.exec(name) ?? [];
    // A dot is only in the names of 2.1's index SSTables: <keyspace>-<table>.<index>-ka-1-Data.db.
    if (prefix === undefined || prefix.includes('.') || TEMPORARY.test(name)) continue;
    const present = components.get(prefix);
    if (present === undefined) components.set(prefix, new Set([component]));
    else present.add(component);
  }
  return components;
}

/**
 * What an unfinished transaction reads must be there: else it ended, and took its input away, while the files were being copied.
 * With several data directories on a node the log names files of all of them, and only the node knows which are this directory's.
 */
function requireRemovedFiles(log: TransactionLog, components: ReadonlyMap<string, ReadonlySet<string>>, path: string): void {
  const directories = new Set([...log.added, ...log.removed].map((sstable) => sstable.directory));
  const missing = directories.size === 1 ? log.removed.find(({ prefix }) => components.get(prefix)?.has(DATA) !== true) : undefined;
  if (missing === undefined) return;
  throw cassandraError('SSTABLE_COMPONENT_MISSING', `${missing.prefix}${DATA} is not there, but the transaction that replaces it is not finished`, { file: path });
}
