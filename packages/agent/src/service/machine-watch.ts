// An agent's eye on its machine: mounts, disk, certificate, and what the source looks like. It tells the log what changes, and health what is.

import { X509Certificate } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, hostname, loadavg, totalmem } from 'node:os';
import { MAX_SHOWN_TABLES } from '@aeneas/protocol';
import type { Machine } from '@aeneas/protocol';
import { MountWatch } from '../extractor/mount-watch.ts';
import { readingFiles } from '../reading.ts';
import type { ReadBudget, SharedReading } from '../reading.ts';
import { DiskGuard } from './disk-guard.ts';
import type { AgentLog } from './handlers.ts';
import type { AgentSettings } from './settings.ts';
import { surveySource } from './source-survey.ts';
import type { SourceSurvey } from './source-survey.ts';

const BYTES_PER_MB = 1024 * 1024;
const DAY_MILLIS = 86_400_000;
const EXPIRY_WARNING_DAYS = 30;
const SURVEY_MILLIS = 3_600_000;

export interface MachineParts {
  readonly settings: AgentSettings;
  /** As workers read, over SFTP too. */
  readonly reading: SharedReading;
  /** Of the service. */
  readonly certificatePem: string;
  readonly budget: ReadBudget;
  readonly log: AgentLog;
}

export class MachineWatch {
  readonly #settings: AgentSettings;
  readonly #reading: SharedReading;
  readonly #log: AgentLog;
  readonly #mounts: MountWatch;
  readonly #guard: DiskGuard;
  readonly #certificateEndsMillis: number;
  #survey: SourceSurvey | undefined;
  #surveyTimer: NodeJS.Timeout | undefined;
  readonly #stopping = new AbortController();

  constructor({ settings, reading, certificatePem, budget, log }: MachineParts) {
    this.#settings = settings;
    this.#reading = reading;
    this.#log = log;
    this.#certificateEndsMillis = Date.parse(new X509Certificate(certificatePem).validTo);
    this.#mounts = new MountWatch(settings.nodeDirectories);
    this.#mounts.on('change', ({ directory: { node, remote, local }, state }) => log(`mount ${state}`, { node, remote, local }));
    this.#guard = new DiskGuard({
      folder: settings.outputDirectory, reserveBytes: settings.diskReserveMegabytes * BYTES_PER_MB,
      onChange(isPaused, freeBytes) {
        budget.pause(isPaused);
        log(isPaused ? 'paused: the disk is nearly full' : 'resumed: there is room on the disk', { folder: settings.outputDirectory, freeBytes });
      },
    });
  }

  async start(): Promise<void> {
    const days = Math.floor((this.#certificateEndsMillis - Date.now()) / DAY_MILLIS);
    if (days < EXPIRY_WARNING_DAYS) this.#log('certificate expires soon', { days });
    this.#guard.start();
    await this.#guard.look();
    await this.#mounts.start();
    void this.#lookAtSource();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#guard.stop();
    clearTimeout(this.#surveyTimer);
    await this.#mounts.stop();
  }

  async report(): Promise<Machine> {
    const { blocks, bsize } = await statfs(this.#settings.outputDirectory);
    const survey = this.#survey;
    return {
      hostName: hostname(), cores: availableParallelism(), load: loadavg()[0], totalMemoryBytes: totalmem(), freeMemoryBytes: freemem(), diskBytes: blocks * bsize,
      diskReserveBytes: this.#settings.diskReserveMegabytes * BYTES_PER_MB, isPausedForDisk: this.#guard.isPaused, certificateEndsMillis: this.#certificateEndsMillis,
      mounts: this.#mounts.mounts.map(({ directory: { node, kind, remote, local }, state, sinceMillis }) => ({ node, kind, remote, local, state, sinceMillis })),
      ...(survey === undefined ? {} : { source: sourceOf(survey) }),
    };
  }

  /** Not while a mount is missing: that would wait, or find too little. */
  async #lookAtSource(): Promise<void> {
    if (this.#mounts.mounts.every(({ state }) => state === 'mounted')) {
      this.#survey = await surveySource(this.#reading.roots, readingFiles(this.#reading, () => this.#stopping.signal)).catch((error: Error) => {
        this.#log('source cannot be surveyed', { message: error.message });
        return undefined;
      });
    }
    if (this.#stopping.signal.aborted) return;
    this.#surveyTimer = setTimeout(() => void this.#lookAtSource(), this.#survey === undefined ? SURVEY_MILLIS / 60 : SURVEY_MILLIS);
    this.#surveyTimer.unref();
  }
}

function sourceOf({ atMillis, cassandraVersions, tables }: SourceSurvey): NonNullable<Machine['source']> {
  const shown = tables.toSorted((a, b) => Number(b.error !== undefined) - Number(a.error !== undefined) || b.sizeBytes - a.sizeBytes).slice(0, MAX_SHOWN_TABLES);
  return { atMillis, cassandraVersions: [...cassandraVersions], tables: tables.length, sizeBytes: tables.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), shown };
}
