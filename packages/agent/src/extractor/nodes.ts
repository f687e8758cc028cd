// The nodes of the settings file, and which of their directories are seen where on this machine.

import { basename, join } from 'node:path';
import { z } from 'zod';

export const DEFAULT_MOUNT_DIRECTORY = '/mnt/cassandra-data-extractor';

// These become arguments of ssh and sshfs: nothing that could be taken for an option or for a second line.
const address = z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}$/, 'must be a host name or an IP address');
const loginName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._@\\-]{0,127}$/, 'must be the name of a user');
// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const directory = z.string().regex(/^\/(?!(?:.*\/)?\.\.?(?:\/|$))[^\u0000-\u001f]*$/, 'must be an absolute path without . and ..');

export const nodeSchema = z.strictObject({
  ip: address.describe('IP or host name of the node.'),
  port: z.int().min(1).max(65_535).default(22).describe('Of its SSH server.'),
  login: loginName.optional().describe('User on the node; not with access: local.'),
  access: z.enum(['mount', 'sftp', 'local']).default('mount')
    .describe('mount: by sshfs. sftp: read over SFTP, where FUSE is not to be had. local: the directories are on this machine.'),
  confDirectory: directory.describe('Where cassandra.yaml is.'),
  dataDirectories: z.array(directory).min(1).describe('data_file_directories of cassandra.yaml, or directories of snapshots.'),
  commitlogDirectory: directory.optional(),
  cdcRawDirectory: directory.optional(),
});

export type NodeSettings = z.output<typeof nodeSchema>;

export type DirectoryKind = 'conf' | 'data' | 'commitlog' | 'cdc_raw';

/** A directory of a node, as this machine sees it. */
export interface NodeDirectory {
  readonly node: string;
  readonly kind: DirectoryKind;
  /** Part of the log file's name; of several data directories each has its own. */
  readonly name: string;
  /** On the node. */
  readonly remote: string;
  /** Here: the mount point, or what SFTP is read as; of a local node the directory itself. */
  readonly local: string;
  readonly access: NodeSettings['access'];
}

/** `<ip>_node/{conf,data/<name>,commitlog,cdc_raw}` under the mount directory. */
export function nodeDirectories({ ip, access, confDirectory, dataDirectories, commitlogDirectory, cdcRawDirectory }: NodeSettings, mountDirectory: string): NodeDirectory[] {
  const names = uniqueNames(dataDirectories);
  const wanted: readonly (readonly [kind: DirectoryKind, remote: string | undefined, name: string])[] = [
    ['conf', confDirectory, 'conf'],
    ...dataDirectories.map((remote, i) => ['data', remote, names[i]] as const),
    ['commitlog', commitlogDirectory, 'commitlog'],
    ['cdc_raw', cdcRawDirectory, 'cdc_raw'],
  ];
  return wanted.flatMap(([kind, remote, name]) => (remote === undefined ? [] : [{
    node: ip, kind, name, remote, access,
    local: access === 'local' ? remote : join(mountDirectory, `${ip}_node`, ...(kind === 'data' ? ['data', name] : [kind])),
  }]));
}

/** The last part of each path; a second one of the same name gets a number. */
function uniqueNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const own = basename(path) || 'data';
    let name = own;
    for (let n = 2; taken.has(name); n++) name = `${own}-${n}`;
    taken.add(name);
    return name;
  });
}

/** Names of what is sealed for a node. */
export function secretNames(ip: string): { readonly key: string; readonly passphrase: string; readonly password: string } {
  return { key: `node-${ip}-key`, passphrase: `node-${ip}-passphrase`, password: `node-${ip}-password` };
}

export const STORE_SECRETS = { keyStore: 'key-store-password', trustStore: 'trust-store-password' } as const;
