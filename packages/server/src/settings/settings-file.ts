// The global settings as a file: settings.yaml in the server's workspace, for its owner alone (0600), without secrets. It is read anew for
// each question, so that what was changed by hand counts; a file that cannot be understood is an error and is never overwritten.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { writePrivately } from '@aeneas/agent';
import { awsProfileSchema, loggingSchema, securitySchema } from '@aeneas/protocol';
import { serverError } from '../errors.ts';

const VERSION = 1;
const MAX_BYTES = 4 * 1_048_576;
const HEADING = '# Global settings of this Aeneas server. Secrets are not here but in the vault. Written by the server; a change by hand counts at once.\n';

const settingsSchema = z.strictObject({
  version: z.literal(VERSION),
  awsProfiles: z.array(z.preprocess(withoutProjects, awsProfileSchema)).max(1_000).default([]),
  security: securitySchema.optional(),
  logging: loggingSchema.prefault({}),
});
export type Settings = z.output<typeof settingsSchema>;

/** Earlier versions kept names of projects with a profile; now each project names its profile. */
function withoutProjects(profile: unknown): unknown {
  if (typeof profile !== 'object' || profile === null) return profile;
  const { projects: _projects, ...rest } = profile as { readonly projects?: unknown };
  return rest;
}

export class SettingsFile {
  readonly #file: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  /** As they are; without a file, empty ones. Throws SETTINGS_INVALID, SETTINGS_NEWER. */
  async read(): Promise<Settings> {
    const file = this.#file;
    const invalid = (why: string, cause?: unknown): Error => serverError('SETTINGS_INVALID', `The settings cannot be used: ${why}`, { file }, cause);
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw invalid(error.code ?? error.message, error);
    });
    if (text === undefined) return settingsSchema.parse({ version: VERSION });
    if (text.length > MAX_BYTES) throw invalid('the file is too large');
    let content: unknown;
    try {
      content = parse(text);
    } catch (error) {
      throw invalid((error as Error).message, error);
    }
    const { version } = (content ?? {}) as { readonly version?: unknown };
    if (typeof version === 'number' && version > VERSION) throw serverError('SETTINGS_NEWER', `The settings are of version ${version}, this program knows ${VERSION}`, { file });
    const { data, error } = settingsSchema.safeParse(content);
    if (error !== undefined) throw invalid(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
    return data;
  }

  /** One change after the other: what `change` makes of the settings is on disk when this resolves. Throws what it throws, and as `read`. */
  update<T>(change: (settings: Settings) => Promise<{ readonly settings: Settings; readonly result: T }>): Promise<T> {
    const done = this.#turn.then(async () => {
      const { settings, result } = await change(await this.read());
      await writePrivately(this.#file, HEADING + stringify(settings));
      return result;
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** Of a part of the settings; a part that is not there has one too. */
export function revisionOf(part: unknown): string {
  return createHash('sha256').update(JSON.stringify(part ?? null)).digest('hex').slice(0, 16);
}

/** Throws SETTINGS_CHANGED when somebody has read another state of a part than it has now. */
export function checkRevision(part: unknown, revision: string | undefined, what: string): void {
  if (revision !== revisionOf(part)) throw serverError('SETTINGS_CHANGED', `${what} was saved by somebody else meanwhile`);
}
