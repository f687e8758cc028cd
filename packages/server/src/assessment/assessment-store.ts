// What a project's workspace keeps of its assessments: the last run, and the last report that came of one.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writePrivately } from '@aeneas/agent';
import type { AssessmentAsked, AssessmentRun } from '@aeneas/protocol';
import type { Assessment } from './assess.ts';

/** Goes up when an older report cannot be shown any more. */
const VERSION = 1;

export interface StoredReport {
  readonly version: number;
  readonly madeMillis: number;
  readonly tookMillis: number;
  readonly asked: AssessmentAsked;
  /** Of the project file and its mapping, when the run began. */
  readonly fingerprint: string;
  readonly assessment: Assessment;
}

export class AssessmentStore {
  /** Pages ask for one report again and again, table by table; of many projects only one is kept in memory. */
  #latest: { readonly path: string; readonly modifiedMillis: number; readonly report: StoredReport } | undefined;

  /** Of the run that was last written; undefined where there was none, or its file is not what we wrote. */
  async run(workspace: string): Promise<AssessmentRun | undefined> {
    return parsed<AssessmentRun>(await readFile(runPath(workspace), 'utf8').catch(() => ''));
  }

  /** Throws FILE_UNWRITABLE, DISK_FULL. */
  async writeRun(workspace: string, run: AssessmentRun): Promise<void> {
    await makeFolder(folderOf(workspace));
    await writePrivately(runPath(workspace), JSON.stringify(run));
  }

  async report(workspace: string): Promise<StoredReport | undefined> {
    const path = reportPath(workspace);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    if (this.#latest?.path === path && this.#latest.modifiedMillis === found.mtimeMs) return this.#latest.report;
    const report = parsed<StoredReport>(await readFile(path, 'utf8'));
    if (report?.version !== VERSION) return undefined;
    this.#latest = { path, modifiedMillis: found.mtimeMs, report };
    return report;
  }

  /** Whole, or the one before stays. Its keys are data: nobody else may read it, and no repository should take it. Throws FILE_UNWRITABLE, DISK_FULL. */
  async writeReport(workspace: string, report: Omit<StoredReport, 'version'>): Promise<void> {
    await makeFolder(folderOf(workspace));
    await writePrivately(join(folderOf(workspace), '.gitignore'), '*\n');
    await writePrivately(reportPath(workspace), JSON.stringify({ version: VERSION, ...report }));
  }
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function folderOf(workspace: string): string {
  return join(workspace, 'assessment');
}

function runPath(workspace: string): string {
  return join(folderOf(workspace), 'run.json');
}

function reportPath(workspace: string): string {
  return join(folderOf(workspace), 'report.json');
}
