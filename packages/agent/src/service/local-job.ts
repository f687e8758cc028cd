// A job that came over the wire, as a job of the workers: its paths confined to what the settings allow, and the local ones added, which
// are of its attempt alone.

import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkMapping } from '@aeneas/dynamodb';
import type { JobAttempt, WireJob } from '@aeneas/protocol';
import { agentError } from '../errors.ts';
import type { ItemDestination, Job, TableSource } from '../job.ts';
import { confined } from '../reading.ts';
import { makeFolder } from '../local-file.ts';
import type { StagingSettings } from '../staging.ts';
import type { AgentSettings } from './settings.ts';

/** The folders of an agent, as real paths. */
export interface AgentFolders {
  readonly data: readonly string[];
  readonly staging: string;
  readonly rejected: string;
  readonly spool: string;
}

/** Makes the folders that the agent writes, and finds where all of them really are. Throws AGENT_SETTINGS_INVALID, FILE_UNWRITABLE. */
export async function openFolders({ dataDirectories, outputDirectory, stagingFolder }: AgentSettings): Promise<AgentFolders> {
  const made = async (folder: string): Promise<string> => {
    await makeFolder(folder);
    return realpath(folder);
  };
  const data = await Promise.all(dataDirectories.map((directory) => realpath(directory).catch((error: Error) => {
    throw agentError('AGENT_SETTINGS_INVALID', `A data directory cannot be used: ${error.message}`, {}, error);
  })));
  return { data, staging: await made(stagingFolder), rejected: await made(join(outputDirectory, 'rejected')), spool: await made(join(outputDirectory, 'spool')) };
}

/** Throws AGENT_PATH_REFUSED, MAPPING_INVALID. */
export async function localJob(job: WireJob, attempt: JobAttempt, folders: AgentFolders): Promise<Job> {
  const source = await localSource(job.source, folders);
  switch (job.kind) {
    case 'extract': {
      const { keyspace, name } = source.table;
      const { serverId, taskId, jobId, epoch } = attempt;
      const own = `${jobId}-${epoch}`;
      return {
        ...job, source, after: job.after, destination: await localDestination(job.destination, `${keyspace}.${name}/${own}`, folders),
        rejectedFile: join(folders.rejected, serverId, taskId, `${keyspace}.${name}-${own}.jsonl`),
      };
    }
    case 'load': return { ...job, source, staging: await localStaging(job.staging, folders), target: withCeiling(job.target) };
    case 'digest': return { ...job, source };
    case 'scan': return { ...job, source, target: withCeiling(job.target) };
    case 'compare': return { ...job, source, target: withCeiling(job.target), spool: folders.spool };
  }
}

async function localSource(source: WireJob['source'], folders: AgentFolders): Promise<TableSource> {
  const dataFiles: string[] = [];
  for (const file of source.dataFiles) dataFiles.push(await confined(file, folders.data));
  return { ...source, table: source.table as TableSource['table'], dataFiles, mapping: checkMapping(source.mapping, 'of the job') };
}

type WireDestination = Extract<WireJob, { kind: 'extract' }>['destination'];

async function localDestination(destination: WireDestination, namePrefix: string, folders: AgentFolders): Promise<ItemDestination> {
  if (destination.kind === 'table') return { kind: 'table', target: withCeiling(destination.target) };
  return { ...destination, staging: await localStaging(destination.staging, folders), namePrefix };
}

async function localStaging(staging: Extract<WireDestination, { kind: 'files' }>['staging'], { staging: root, spool }: AgentFolders): Promise<StagingSettings> {
  if (staging.kind === 's3') return { ...staging, spool };
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
