// What went wrong, as people are told it.

import { ORPCError } from '@orpc/client';

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** What a call of the server threw. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ORPCError) {
    const { code = error.code, remedy = '' } = (error.data ?? {}) as Partial<Problem>;
    return error.code === 'BAD_REQUEST' ? { code, message: invalidInput(error), remedy: 'Correct it and send it again.' } : { code, message: error.message, remedy };
  }
  return { code: 'SERVER_UNREACHABLE', message: 'The server did not answer.', remedy: 'See whether "aeneas serve" runs on its machine; this page connects again by itself.' };
}

/** Which field the contract refuses, and why. */
function invalidInput({ data, message }: ORPCError<string, unknown>): string {
  const { issues = [] } = (data ?? {}) as { readonly issues?: readonly { readonly message: string; readonly path?: readonly unknown[] }[] };
  return issues.length === 0 ? message : issues.map((issue) => `${(issue.path ?? []).map(String).join('.')}: ${issue.message}`).join('; ');
}
