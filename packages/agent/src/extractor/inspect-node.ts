// What a node says about itself: cassandra.yaml, and the ring as nodetool sees it.

import { posix } from 'node:path';
import { parse } from 'yaml';
import { extractorError } from './errors.ts';

/** How the dialogue looks at a node: over SFTP, or at this machine's own disk. */
export interface NodeFiles {
  /** Undefined where there is nothing. */
  stat(path: string): Promise<{ isDirectory(): boolean } | undefined>;
  list(path: string): Promise<string[]>;
  read(path: string): Promise<string>;
}

export interface CassandraConfiguration {
  readonly confDirectory: string;
  readonly clusterName: string | undefined;
  readonly dataDirectories: readonly string[];
  readonly commitlogDirectory: string | undefined;
  readonly cdcRawDirectory: string | undefined;
}

const YAML = 'cassandra.yaml';

/** cassandra.yaml at a location that is a directory or the file itself. Throws NODE_PATH_UNUSABLE, CASSANDRA_YAML_INVALID. */
export async function readCassandraYaml(files: NodeFiles, location: string): Promise<CassandraConfiguration> {
  const found = await files.stat(location);
  if (found === undefined) throw extractorError('NODE_PATH_UNUSABLE', 'There is nothing at this path on the node', { file: location });
  const file = found.isDirectory() ? posix.join(location, YAML) : posix.normalize(location);
  if ((await files.stat(file)) === undefined) throw extractorError('NODE_PATH_UNUSABLE', `There is no ${YAML} in this directory of the node`, { file: location });
  const confDirectory = posix.dirname(file);
  const settings = settingsOf(await files.read(file), file);
  const text = (key: string): string | undefined => (typeof settings[key] === 'string' ? cleanPath(settings[key]) : undefined);
  const data = settings.data_file_directories;
  return {
    confDirectory,
    clusterName: typeof settings.cluster_name === 'string' ? settings.cluster_name : undefined,
    // Cassandra takes a single one as a text, too.
    dataDirectories: (Array.isArray(data) ? data : [data]).filter((path): path is string => typeof path === 'string').map(cleanPath),
    commitlogDirectory: text('commitlog_directory'),
    cdcRawDirectory: text('cdc_raw_directory'),
  };
}

function settingsOf(text: string, file: string): Record<string, unknown> {
  try {
    // Shipped files have been seen with a key twice: Cassandra's parser takes the last.
    const content: unknown = parse(text, { uniqueKeys: false, strict: false });
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>;
    throw new Error('it is empty');
  } catch (error) {
    throw extractorError('CASSANDRA_YAML_INVALID', `${YAML} cannot be read: ${(error as Error).message.split('\n')[0]}`, { file }, error);
  }
}

/** As the settings have it: without a slash at the end. */
export function cleanPath(path: string): string {
  return posix.normalize(path.trim()).replace(/(?<=.)\/+$/, '');
}

/** The directories beside the data that Cassandra uses when cassandra.yaml names none, if they are there. */
export async function besides(files: NodeFiles, dataDirectory: string, name: 'commitlog' | 'cdc_raw'): Promise<string | undefined> {
  const path = posix.join(posix.dirname(dataDirectory), name);
  return (await files.stat(path).catch(() => undefined))?.isDirectory() === true ? path : undefined;
}

export interface RingNode {
  readonly address: string;
  readonly datacenter: string;
  readonly isUp: boolean;
}

/** The rows of `nodetool status`; empty when the text is something else. */
export function ringOf(text: string): RingNode[] {
  const nodes = new Map<string, RingNode>();
  let datacenter = '';
  for (const line of text.split(/\r?\n/)) {
    datacenter = /^Datacenter: *(\S+)/.exec(line)?.[1] ?? datacenter;
    const [, state, address] = /^([UD])[NLJM]\s+(\S+)/.exec(line) ?? [];
    if (address !== undefined) nodes.set(address, { address, datacenter, isUp: state === 'U' });
  }
  return [...nodes.values()];
}

/**
 * The nodes of the ring that belong to the datacenters of the given ones but are not among them: rows that only they hold would be
 * missing. A datacenter holds every row that is replicated to it, so others do not matter.
 */
export function missingNodes(ring: readonly RingNode[], given: readonly string[]): RingNode[] {
  const datacenters = new Set(ring.filter(({ address }) => given.includes(address)).map(({ datacenter }) => datacenter));
  return ring.filter(({ address, datacenter }) => !given.includes(address) && (datacenters.size === 0 || datacenters.has(datacenter)));
}
