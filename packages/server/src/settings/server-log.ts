// The server's log for its operators: one JSON object a line in a file of the folder that the settings name. Level and folder can be changed
// while the server runs. It holds what happened, to what, and codes of errors; no bodies of requests, and so no secrets.

import { accessSync, appendFileSync, constants, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@aeneas/agent';
import { LOG_LEVELS } from '@aeneas/protocol';
import type { LoggingSettings, LoggingStatus } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import { checkRevision, revisionOf } from './settings-file.ts';
import type { SettingsFile } from './settings-file.ts';

export type LogLevel = (typeof LOG_LEVELS)[number];
export type ServerLog = (level: LogLevel, event: string, details?: Readonly<Record<string, string | number>>) => void;

const FILE = 'server.log';
const PRIVATE_FILE = 0o600;
const MAX_BYTES = 10 * 1_048_576;
/** server.log.1 is the youngest; older ones go. */
const MAX_OLD_FILES = 4;

export class Logging {
  readonly #settings: SettingsFile;
  readonly #defaultFolder: string;
  #level: LogLevel = 'info';
  #file: string;
  #sizeBytes = 0;
  #isFailing = false;

  private constructor(settings: SettingsFile, defaultFolder: string) {
    this.#settings = settings;
    this.#defaultFolder = defaultFolder;
    this.#file = join(defaultFolder, FILE);
  }

  /** Logs as the settings say; where they cannot be used, as without any, and says so. Throws LOG_FOLDER_UNUSABLE when not even that is possible. */
  static async open(settings: SettingsFile, defaultFolder: string): Promise<Logging> {
    const logging = new Logging(settings, defaultFolder);
    await logging.#use({ level: 'info' });
    try {
      await logging.#use((await settings.read()).logging);
    } catch (error) {
      logging.log('error', 'settings-not-used', { message: (error as Error).message });
    }
    return logging;
  }

  readonly log: ServerLog = (level, event, details = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#level)) return;
    const line = Buffer.from(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...details })}\n`);
    try {
      if (this.#sizeBytes + line.length > MAX_BYTES) this.#rotate();
      appendFileSync(this.#file, line, { mode: PRIVATE_FILE });
      this.#sizeBytes += line.length;
      this.#isFailing = false;
    } catch (error) {
      // A full disk must not stop the server. Told once.
      if (!this.#isFailing) process.stderr.write(`The log cannot be written: ${(error as Error).message}\n`);
      this.#isFailing = true;
    }
  };

  async status(): Promise<LoggingStatus> {
    return this.#status((await this.#settings.read()).logging);
  }

  /** At once, and for later starts. Throws LOG_FOLDER_UNUSABLE, SETTINGS_CHANGED. */
  save(wanted: LoggingSettings, revision: string): Promise<LoggingStatus> {
    return this.#settings.update(async (settings) => {
      checkRevision(settings.logging, revision, 'Logging');
      await this.#use(wanted);
      this.log('info', 'logging-changed', { to: wanted.level, folder: wanted.folder ?? this.#defaultFolder });
      return { settings: { ...settings, logging: wanted }, result: this.#status(wanted) };
    });
  }

  async #use({ level, folder = this.#defaultFolder }: LoggingSettings): Promise<void> {
    const file = join(folder, FILE);
    try {
      await makeFolder(folder);
      accessSync(folder, constants.W_OK | constants.X_OK);
      appendFileSync(file, '', { mode: PRIVATE_FILE });
      this.#sizeBytes = statSync(file).size;
    } catch (error) {
      throw serverError('LOG_FOLDER_UNUSABLE', `The log cannot be written there: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`, { file }, error);
    }
    this.#file = file;
    this.#level = level;
  }

  #rotate(): void {
    rmSync(`${this.#file}.${MAX_OLD_FILES}`, { force: true });
    for (let i = MAX_OLD_FILES; i > 0; i--) {
      const from = i === 1 ? this.#file : `${this.#file}.${i - 1}`;
      if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${this.#file}.${i}`);
    }
    this.#sizeBytes = 0;
  }

  #status(logging: LoggingSettings): LoggingStatus {
    return { ...logging, revision: revisionOf(logging), file: this.#file, defaultFolder: this.#defaultFolder };
  }
}
