// agent-settings.yaml as the dialogue writes it: for people, with a word about each line.

import { stringify } from 'yaml';
import type { NodeSettings } from './nodes.ts';

export interface SettingsContent {
  readonly name?: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly nodes: readonly NodeSettings[];
  /** Only where it is not the usual one. */
  readonly mountDirectory: string | undefined;
  readonly outputDirectory: string;
  readonly stagingFolder?: string | undefined;
  readonly workers?: number | undefined;
  readonly readMegabytesPerSecond?: number | undefined;
  /** Directories of this machine, besides the nodes. */
  readonly dataDirectories?: readonly string[];
  readonly diskReserveMegabytes?: number | undefined;
  /** Names beside the settings; undefined without SSL. */
  readonly stores: { readonly keyStore: string; readonly trustStore: string } | undefined;
}

/** No secret is in it: those are in sealed/, see docs/AGENT.md. */
export function settingsText(content: SettingsContent): string {
  const { name, nodes, mountDirectory, outputDirectory, stagingFolder, workers, readMegabytesPerSecond, diskReserveMegabytes = 1024, stores, dataDirectories = [] } = content;
  const line = (value: Readonly<Record<string, unknown>>, comment: string): string => `${`${stringify(value, { lineWidth: 0 }).trimEnd()}`.padEnd(40)} # ${comment}\n`;
  const optional = (key: string, value: unknown, example: string, comment: string): string => (value === undefined ? `# ${example}`.padEnd(40) + ` # ${comment}\n` : line({ [key]: value }, comment));
  return [
    '# Settings of the data extraction agent, written by "cassandra-data-extractor --configure". Change it by hand, or run that again:\n',
    '# it keeps what is here as its defaults. Restart the service afterwards. Passwords and keys are sealed in the folder sealed/.\n\n',
    optional('name', name, 'name: cassandra-1', 'how servers show this agent; else the host\'s name'),
    line({ host: content.host }, 'address to listen on'),
    line({ port: content.port }, 'and port'),
    line({ outputDirectory }, 'state, rejected rows, and files until they are uploaded; of this agent alone'),
    ...(mountDirectory === undefined ? [] : [line({ mountDirectory }, 'where the nodes are mounted')]),
    optional('stagingFolder', stagingFolder, 'stagingFolder: /mnt/shared/staging', 'for projects that stage in a folder instead of S3'),
    optional('workers', workers, 'workers: 4', 'jobs at the same time; else one for each core'),
    optional('readMegabytesPerSecond', readMegabytesPerSecond, 'readMegabytesPerSecond: 50', 'all workers together; else as fast as it goes'),
    line({ diskReserveMegabytes }, 'with less room on the disk of outputDirectory reading pauses'),
    ...(dataDirectories.length === 0 ? [] : [stringify({ dataDirectories })]),
    '\n# The data providers. access: mount (sshfs), sftp (where FUSE is not to be had) or local (directories of this machine).\n',
    '# All nodes of one datacenter must be here: rows that only a missing one holds would be missing.\n',
    stringify({ nodes }, { lineWidth: 0 }),
    '\n# With mutual-tls the server needs the key store and trust store that belong to these; with password it needs the service\n',
    '# password and the fingerprint of the agent\'s certificate ("cassandra-data-extractor status" shows it).\n',
    stringify({ security: stores === undefined ? { mode: 'password' } : { mode: 'mutual-tls', ...stores, storePasswords: 'sealed' } }),
  ].join('');
}
