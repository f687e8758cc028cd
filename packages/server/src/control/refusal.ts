import { CodedError } from '@aeneas/cassandra';
import type { AgentRefusal } from '@aeneas/protocol';
import { serverError } from '../errors.ts';

/** An error as it is told to others: with its code and remedy; without one it is a bug. */
export function refusalOf(error: unknown): AgentRefusal {
  if (error instanceof CodedError) return { code: error.code, message: error.message, remedy: error.remedy };
  const bug = serverError('STEP_FAILED', error instanceof Error ? error.message : String(error));
  return { code: bug.code, message: bug.message, remedy: bug.remedy };
}
