// The agent's settings file: what it may read, where it writes, who may ask. No secret is in it.

import { readFile } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { AGENT_DEFAULT_PORT } from '@aeneas/protocol';
import { agentError } from '../errors.ts';
import { DEFAULT_MOUNT_DIRECTORY, nodeDirectories, nodeSchema } from '../extractor/nodes.ts';
import type { NodeDirectory } from '../extractor/nodes.ts';

const path = z.string().min(1);

const settingsSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be letters, digits, dots, dashes and underscores').optional().describe('How the server shows this agent; default: the host\'s name.'),
  host: z.string().min(1).default('0.0.0.0').describe('Address to listen on.'),
  port: z.int().min(0).max(65_535).default(AGENT_DEFAULT_PORT).describe('0: any that is free.'),
  dataDirectories: z.array(path).default([]).describe('Data directories of Cassandra that this machine has. Nothing else is read but these and those of `nodes`.'),
  nodes: z.array(nodeSchema).default([]).describe('Nodes whose directories are mounted, or read over SFTP.'),
  mountDirectory: path.default(DEFAULT_MOUNT_DIRECTORY).describe('Under it are <ip>_node/conf, data/<name>, commitlog and cdc_raw.'),
  outputDirectory: path.describe('Folder for state, rejected rows and files until they are uploaded; of this agent alone.'),
  stagingFolder: path.optional().describe('For projects that stage in a folder instead of S3: one that all agents and the server share. Default: staging in outputDirectory.'),
  workers: z.int().min(1).max(256).optional().describe('Jobs at the same time; default: one for each core. The server can change it.'),
  readMegabytesPerSecond: z.number().min(0.1).optional().describe('How fast all workers together may read; default: no limit. The server can change it.'),
  diskReserveMegabytes: z.number().min(0).default(1024).describe('Reading pauses while there is less room than this on the disk of outputDirectory.'),
  security: z.discriminatedUnion('mode', [
    z.strictObject({
      mode: z.literal('mutual-tls'),
      keyStore: path.describe('PKCS#12 or JKS with the agent\'s key and certificate.'),
      trustStore: path.describe('PKCS#12 or JKS with the authority that signed the server\'s certificate.'),
      storePasswordFile: path.optional().describe('File with the password of both stores, readable for its owner alone; else AENEAS_STORE_PASSWORD or the terminal.'),
      storePasswords: z.literal('sealed').optional().describe('The passwords of the stores were sealed by --configure.'),
    }),
    z.strictObject({ mode: z.literal('password') }).describe('A service password, over TLS with a self-made certificate that the server pins.'),
  ]),
}).refine(({ dataDirectories, nodes }) => dataDirectories.length + nodes.length > 0, { path: ['dataDirectories'], message: 'without nodes, at least one is needed' });

type SettingsFile = z.output<typeof settingsSchema>;
/** With every path absolute and every default in place. */
export type AgentSettings = SettingsFile & Required<Pick<SettingsFile, 'name' | 'stagingFolder' | 'workers'>> & {
  /** As the file has it. */
  readonly given: SettingsFile;
  /** What is seen of the nodes; their data directories are among `dataDirectories`. */
  readonly nodeDirectories: readonly NodeDirectory[];
};

/** Reads a settings file; paths in it are relative to it. Throws AGENT_SETTINGS_INVALID. */
export async function readAgentSettings(file: string): Promise<AgentSettings> {
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw agentError('AGENT_SETTINGS_INVALID', (error as Error).message.split('\n')[0].replace(/:$/, ''), { file }, error);
  }
  const checked = settingsSchema.safeParse(content ?? {});
  if (!checked.success) {
    throw agentError('AGENT_SETTINGS_INVALID', checked.error.issues.map(({ path: place, message }) => `"${place.join('.')}": ${message}`).join('; '), { file });
  }
  return completed(checked.data, dirname(resolve(file)));
}

function completed(settings: SettingsFile, folder: string): AgentSettings {
  const { security } = settings;
  const outputDirectory = resolve(folder, settings.outputDirectory);
  const mountDirectory = resolve(folder, settings.mountDirectory);
  const ofNodes = settings.nodes.flatMap((node) => nodeDirectories(node, mountDirectory));
  return {
    ...settings,
    name: settings.name ?? hostname(),
    given: settings,
    mountDirectory,
    nodeDirectories: ofNodes,
    dataDirectories: [...settings.dataDirectories.map((directory) => resolve(folder, directory)), ...ofNodes.flatMap(({ kind, local }) => (kind === 'data' ? [local] : []))],
    outputDirectory,
    stagingFolder: resolve(settings.stagingFolder === undefined ? outputDirectory : folder, settings.stagingFolder ?? 'staging'),
    workers: settings.workers ?? availableParallelism(),
    security: security.mode === 'password' ? security : {
      ...security,
      keyStore: resolve(folder, security.keyStore),
      trustStore: resolve(folder, security.trustStore),
      ...(security.storePasswordFile === undefined ? {} : { storePasswordFile: resolve(folder, security.storePasswordFile) }),
    },
  };
}
