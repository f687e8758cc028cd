// A job that came over the wire, as a job of the workers: its paths confined to what the settings allow, and the local ones added, which
// are of its attempt alone.

import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { checkMapping } from '@aeneas/dynamodb';
import type { JobAttempt, WireJob } from '@aeneas/protocol';
import { newFileKey } from '../encrypted-file.ts';
import { agentError } from '../errors.ts';
import type { ExtractJob, ItemDestination, Job, TableSource } from '../job.ts';
import { confined } from '../reading.ts';
import { makeFolder } from '../local-file.ts';
import type { StagingSettings } from '../staging.ts';
import type { AgentSettings } from './settings.ts';

/** Of rejected rows that are encrypted. */
export const ENCRYPTED_SUFFIX = '.aes';

/** The folders of an agent, as real paths. */
export interface AgentFolders {
  readonly data: readonly string[];
  /** Mount points among `data`. */
  readonly mounts: readonly string[];
  readonly staging: string;
  readonly rejected: string;
  /** For rejected rows of tasks whose data is encrypted, until this process ends. Without one they are in the clear, as on the server's own machine. */
  readonly rejectedKey?: Uint8Array;
  readonly spool: string;
  /** Where uploaded files stay, of tasks that do not have them deleted. */
  readonly extracted: string;
}

/** Makes the folders that the agent writes, and finds where all of them really are. Throws AGENT_SETTINGS_INVALID, FILE_UNWRITABLE. */
export async function openFolders({ dataDirectories, nodeDirectories, outputDirectory, stagingFolder }: AgentSettings): Promise<AgentFolders> {
  const made = async (folder: string): Promise<string> => {
    await makeFolder(folder);
    return realpath(folder);
  };
  const found = (directory: string): Promise<string> => realpath(directory).catch((error: Error) => {
    throw agentError('AGENT_SETTINGS_INVALID', `A data directory cannot be used: ${error.message}`, {}, error);
  });
  const accessOf = new Map(nodeDirectories.map(({ access, local }) => [local, access]));
  const data: string[] = [];
  const mounts: string[] = [];
  for (const directory of dataDirectories) {
    const access = accessOf.get(directory);
    // A mount point is not asked: it may be lost at the moment. What is read over SFTP is not here at all.
    const real = access === 'sftp' ? directory : access === 'mount' ? join(await found(dirname(directory)), basename(directory)) : await found(directory);
    data.push(real);
    if (access === 'mount') mounts.push(real);
  }
  return { data, mounts, staging: await made(stagingFolder), rejected: await made(join(outputDirectory, 'rejected')), rejectedKey: newFileKey(), spool: await made(join(outputDirectory, 'spool')), extracted: join(outputDirectory, 'extracted') };
}

/** Throws AGENT_PATH_REFUSED, MAPPING_INVALID. */
export async function localJob(job: WireJob, attempt: JobAttempt, folders: AgentFolders): Promise<Job> {
  // Paths stay as they were written: that is how every agent of a task knows them.
  if (job.kind === 'survey' || job.kind === 'check') {
    await confinedAll(job.kind === 'survey' ? job.directories : job.pins.map(({ path }) => path), folders);
    return job;
  }
  const source = await localSource(job.source, folders);
  switch (job.kind) {
    case 'plan': return { ...job, source };
    case 'extract': {
      const { keyspace, name } = source.table;
      const { serverId, taskId, jobId, epoch } = attempt;
      const own = `${jobId}-${epoch}`;
      return {
        ...job, source, after: job.after, destination: await localDestination(job.destination, `${keyspace}.${name}/${own}`, attempt, folders),
        ...rejectedOf(join(folders.rejected, serverId, taskId, `${keyspace}.${name}-${own}.jsonl`), job.destination, folders),
      };
    }
    case 'load': return { ...job, source, staging: await localStaging(job.staging, attempt, folders), target: withCeiling(job.target) };
    case 'digest': return { ...job, source };
    case 'scan': return { ...job, source, target: withCeiling(job.target) };
    case 'compare': return { ...job, source, target: withCeiling(job.target), spool: folders.spool };
  }
}

type WireSource = Extract<WireJob, { kind: 'plan' }>['source'];

async function localSource(source: WireSource, folders: AgentFolders): Promise<TableSource> {
  const dataFiles = await confinedAll(source.dataFiles, folders);
  return { ...source, table: source.table as TableSource['table'], dataFiles, mapping: checkMapping(source.mapping, 'of the job') };
}

async function confinedAll(paths: readonly string[], { data }: AgentFolders): Promise<string[]> {
  const real: string[] = [];
  for (const path of paths) real.push(await confined(path, data));
  return real;
}

type WireDestination = Extract<WireJob, { kind: 'extract' }>['destination'];

/** What is encrypted has a name of its own: after a restart, which takes the key, it is removed. */
function rejectedOf(path: string, destination: WireDestination, { rejectedKey }: AgentFolders): Pick<ExtractJob, 'rejectedFile' | 'rejectedKey'> {
  const isEncrypted = destination.kind === 'files' && destination.staging.kind === 's3' && destination.staging.isEncrypted === true;
  return isEncrypted && rejectedKey !== undefined ? { rejectedFile: `${path}${ENCRYPTED_SUFFIX}`, rejectedKey } : { rejectedFile: path };
}

async function localDestination(destination: WireDestination, namePrefix: string, attempt: JobAttempt, folders: AgentFolders): Promise<ItemDestination> {
  if (destination.kind === 'table') return { kind: 'table', target: withCeiling(destination.target) };
  return { ...destination, staging: await localStaging(destination.staging, attempt, folders), namePrefix };
}

type WireStaging = Extract<WireDestination, { kind: 'files' }>['staging'];

async function localStaging(wire: WireStaging, { serverId, taskId }: JobAttempt, { staging: root, spool, extracted }: AgentFolders): Promise<StagingSettings> {
  if (wire.kind === 's3') {
    const { keepsLocalFiles, ...staging } = wire;
    return { ...staging, spool, ...(keepsLocalFiles === true ? { keepIn: join(extracted, serverId, taskId) } : {}) };
  }
  const staging = wire;
  // What is not there yet is judged as written, and made only then.
  const folder = resolve(staging.folder);
  if ((await realpath(folder).catch(() => undefined)) === undefined) {
    await confined(folder, [root]);
    await makeFolder(folder);
  }
  return { kind: 'folder', folder: await confined(folder, [root]) };
}

function withCeiling<Target extends { readonly writeUnitsPerSecond?: number | undefined }>(target: Target): Target & { readonly writeUnitsPerSecond: number | undefined } {
  return { ...target, writeUnitsPerSecond: target.writeUnitsPerSecond };
}
