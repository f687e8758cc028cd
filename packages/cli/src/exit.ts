// Exit codes are a contract (docs/USAGE.md): scripts branch on them.

import { CodedError } from '@aeneas/cassandra';
import { cliError } from './errors.ts';

export const DONE = 0;
/** Finished, but rows were rejected or items differ. */
export const FINISHED_WITH_FINDINGS = 1;
export const UNUSABLE = 2;
/** Stopped before the end; the same command continues. */
export const INTERRUPTED = 3;

/** Errors of the world around us, not of the arguments or the input: run the same command again once the cause is gone. */
const RESUMABLE_CODES: ReadonlySet<string> = new Set([
  'JOB_STOPPED', 'DISK_FULL', 'STAGING_UNREACHABLE', 'TARGET_UNREACHABLE', 'TARGET_THROTTLED', 'WORKER_FAILED',
]);

export function exitCodeOf(error: unknown): number {
  return error instanceof CodedError && RESUMABLE_CODES.has(error.code) ? INTERRUPTED : UNUSABLE;
}

/** What an error prints on stderr: one line, and the stack of a bug only when asked for. */
export function errorText(error: unknown): string {
  if (error instanceof CodedError) return `${error.line()}\n`;
  const bug = cliError('INTERNAL_ERROR', error instanceof Error ? error.message : String(error));
  const stack = process.env.AENEAS_DEBUG !== undefined && error instanceof Error ? `${error.stack}\n` : '';
  return `${bug.line()}\n${stack}`;
}
