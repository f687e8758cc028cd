// Assessments that go on in the server, one for a project and one at a time: they read on all threads. What comes of one is a file.

import { createHash } from 'node:crypto';
import type { AssessmentAsked, AssessmentRun, AssessmentStatus } from '@aeneas/protocol';
import { CodedError, parseSelects } from '@aeneas/cassandra';
import { refusalOf } from '../control/refusal.ts';
import { serverError } from '../errors.ts';
import { mappingOf } from '../migration.ts';
import { readAssessable, workspaceOf } from '../project.ts';
import type { AssessableProject } from '../project.ts';
import type { StoredProject } from '../projects/project-store.ts';
import { assess } from './assess.ts';
import type { AssessProgress } from './assess.ts';
import { AssessmentStore } from './assessment-store.ts';
import type { StoredReport } from './assessment-store.ts';

const BYTES_PER_MEGABYTE = 1024 * 1024;

interface Options {
  /** Throws PROJECT_UNKNOWN, PROJECT_UNREADABLE. */
  readonly projectFile: (name: string) => Promise<StoredProject>;
  readonly workers: number;
  readonly log: (kind: string, text: string) => void;
}

interface LiveRun {
  readonly control: AbortController;
  readonly startedMillis: number;
  readonly asked: AssessmentAsked;
  state: 'waiting' | 'running';
  progress: AssessProgress | undefined;
  ended: Promise<void>;
}

export class AssessmentRuns {
  readonly #options: Options;
  readonly #store = new AssessmentStore();
  readonly #live = new Map<string, LiveRun>();
  #turn: Promise<void> = Promise.resolve();
  #isClosing = false;

  constructor(options: Options) {
    this.#options = options;
  }

  async status(name: string): Promise<AssessmentStatus> {
    const { workspace, fingerprint } = await this.#place(name);
    const [run, report] = await Promise.all([this.#run(name, workspace), this.#store.report(workspace)]);
    return { ...(run === undefined ? {} : { run }), ...(report === undefined ? {} : { report: madeOf(report, fingerprint) }) };
  }

  /** The last report and what is to be known of it. Throws ASSESSMENT_NONE. */
  async report(name: string): Promise<{ readonly stored: StoredReport; readonly made: ReturnType<typeof madeOf> }> {
    const { workspace, fingerprint } = await this.#place(name);
    const stored = await this.#store.report(workspace);
    if (stored === undefined) throw serverError('ASSESSMENT_NONE', `Project ${name} has no assessment report`);
    return { stored, made: madeOf(stored, fingerprint) };
  }

  /** Refuses at once what can be seen at once. Throws ASSESSMENT_RUNNING, PROJECT_INVALID, MAPPING_*, SCHEMA_INVALID (the queries), FILE_UNWRITABLE, DISK_FULL. */
  async start(name: string, asked: AssessmentAsked): Promise<AssessmentStatus> {
    if (this.#live.has(name)) throw serverError('ASSESSMENT_RUNNING', `Project ${name} is being assessed`);
    const run: LiveRun = { control: new AbortController(), startedMillis: Date.now(), asked, state: 'waiting', progress: undefined, ended: Promise.resolve() };
    this.#live.set(name, run);
    try {
      const { path, workspace, fingerprint } = await this.#place(name);
      const project = await readAssessable(path);
      mappingOf(project);
      parseSelects(asked.queries);
      await this.#store.writeRun(workspace, { state: 'running', startedMillis: run.startedMillis, asked });
      const title = project.name === 'project' ? name : project.name;
      run.ended = this.#turn.then(() => this.#work(name, { ...project, name: title }, fingerprint, run));
      this.#turn = run.ended;
    } catch (error) {
      this.#live.delete(name);
      throw error;
    }
    return this.status(name);
  }

  /** Ends the run, if there is one. */
  async cancel(name: string): Promise<AssessmentStatus> {
    await this.end(name);
    return this.status(name);
  }

  /** Before the project goes. */
  async end(name: string): Promise<void> {
    const run = this.#live.get(name);
    run?.control.abort();
    await run?.ended;
  }

  /** With the server: a run is cut off, and its file says so. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const { control } of this.#live.values()) control.abort();
    await this.#turn;
  }

  async #work(name: string, project: AssessableProject, fingerprint: string, run: LiveRun): Promise<void> {
    const { asked, startedMillis, control: { signal } } = run;
    let ended: Pick<AssessmentRun, 'state' | 'problem'>;
    try {
      run.state = 'running';
      const assessment = await assess(project, {
        queries: asked.queries, seed: asked.seed, sampleBytes: asked.sampleMegabytes * BYTES_PER_MEGABYTE, workers: this.#options.workers, signal,
        onProgress: (progress) => {
          run.progress = progress;
        },
      });
      signal.throwIfAborted();
      const madeMillis = Date.now();
      await this.#store.writeReport(project.workspace, { madeMillis, tookMillis: madeMillis - startedMillis, asked, fingerprint, assessment });
      ended = { state: 'done' };
      this.#options.log('assessment-made', `Project ${name}, ${assessment.tables.length} tables`);
    } catch (error) {
      ended = signal.aborted ? { state: 'cancelled' } : { state: 'failed', problem: refusalOf(error) };
      this.#options.log(signal.aborted ? 'assessment-cancelled' : 'assessment-failed', `Project ${name}${signal.aborted ? '' : `: ${refusalOf(error).code}`}`);
    }
    try {
      if (!this.#isClosing) await this.#store.writeRun(project.workspace, { ...ended, startedMillis, endedMillis: Date.now(), asked });
    } catch (error) {
      this.#options.log('assessment-failed', `Project ${name}: ${refusalOf(error).code}`);
    }
    this.#live.delete(name);
  }

  async #run(name: string, workspace: string): Promise<AssessmentRun | undefined> {
    const live = this.#live.get(name);
    if (live !== undefined) {
      const { state, startedMillis, asked, progress } = live;
      return { state, startedMillis, asked, ...(progress === undefined ? {} : { progress }) };
    }
    const last = await this.#store.run(workspace);
    return last?.state === 'running' ? { ...last, state: 'interrupted' } : last;
  }

  /** Where a project keeps its assessment, and what it is now. */
  async #place(name: string): Promise<{ readonly path: string; readonly workspace: string; readonly fingerprint: string }> {
    const { path, text, draft } = await this.#options.projectFile(name);
    if (draft instanceof CodedError) throw draft;
    // A mapping in a file of its own changes without the project file; one that cannot be read is another one, too.
    const mapping = typeof draft.mapping === 'string' ? await readAssessable(path).then((project) => JSON.stringify(project.mapping?.content), () => '') : '';
    return { path, workspace: workspaceOf(draft, path), fingerprint: createHash('sha256').update(`${text}\0${mapping}`).digest('hex').slice(0, 16) };
  }
}

function madeOf({ madeMillis, tookMillis, asked, fingerprint, assessment: { nowSeconds, tables } }: StoredReport, current: string) {
  return { madeMillis, tookMillis, asked, nowSeconds, sstables: tables.reduce((sum, { sstables }) => sum + sstables, 0), isOutdated: fingerprint !== current };
}
