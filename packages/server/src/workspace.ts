// The folder where a project's migration keeps what it knows: the ledger, rejected rows, files on their way to S3, the report.

import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faultPoint, makeFolder, writeError } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import { Ledger } from './ledger.ts';

export interface Workspace {
  readonly folder: string;
  readonly ledger: Ledger;
  /** Each attempt's own files of rejected rows. */
  readonly rejectedFolder: string;
  readonly spoolFolder: string;
  readonly reportPath: string;
}

/** Makes or opens the workspace, and holds it alone. Throws PROJECT_LOCKED, WORKSPACE_UNUSABLE, FILE_UNWRITABLE, DISK_FULL. */
export async function openWorkspace(folder: string, isRestart: boolean): Promise<Workspace> {
  const workspace = { folder, rejectedFolder: join(folder, 'attempts'), spoolFolder: join(folder, 'spool'), reportPath: join(folder, 'report.json') };
  for (const path of [folder, workspace.rejectedFolder]) await makeFolder(path);
  await writeAll(join(folder, '.gitignore'), '*\n');
  const ledger = await openLedger(join(folder, 'ledger.sqlite'), isRestart);
  // Nobody else runs this project now: what lies there was left by a crash.
  await rm(workspace.spoolFolder, { recursive: true, force: true });
  faultPoint('workspace-created');
  return { ...workspace, ledger };
}

/** Removes what a migration left in the workspace, but for the ledger. */
export async function clearWorkspace({ folder, rejectedFolder, reportPath }: Omit<Workspace, 'ledger'>): Promise<void> {
  const gathered = (await readdir(folder)).filter((name) => /^rejected-.*\.jsonl$/.test(name)).map((name) => join(folder, name));
  for (const path of [rejectedFolder, reportPath, ...gathered]) await rm(path, { recursive: true, force: true });
  await makeFolder(rejectedFolder);
}

/** A damaged ledger cannot be read, but it can be begun anew. */
async function openLedger(path: string, isRestart: boolean): Promise<Ledger> {
  try {
    return Ledger.open(path);
  } catch (error) {
    if (!isRestart || !(error instanceof CodedError) || error.code !== 'WORKSPACE_UNUSABLE') throw error;
    for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true });
    return Ledger.open(path);
  }
}

async function writeAll(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    throw writeError(path, error);
  });
}
