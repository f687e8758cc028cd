// The server's API as the commands use it: typed by the contract, errors as coded ones.

import { CodedError } from '@aeneas/cassandra';
import { appContract } from '@aeneas/protocol';
import { createORPCClient, ORPCError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { cliError } from './errors.ts';
import { loginFor } from './logins.ts';

type ServerApi = ContractRouterClient<typeof appContract>;

/** Asks the server. Throws SERVER_UNREACHABLE, and the server's errors with their codes. */
export async function askServer<T>(url: string, ask: (api: ServerApi) => Promise<T>): Promise<T> {
  const { headers } = await loginFor(url);
  const link = new OpenAPILink(appContract, { url: `${url.replace(/\/$/, '')}/api`, headers });
  try {
    return await ask(createORPCClient<ServerApi>(link));
  } catch (error) {
    throw serverProblem(error, url);
  }
}

/** What asking a server threw, as a coded error. */
export function serverProblem(error: unknown, url: string): unknown {
  if (error instanceof ORPCError) {
    const { code, remedy } = (error.data ?? {}) as { readonly code?: string; readonly remedy?: string };
    return new CodedError(code ?? error.code, remedy ?? 'See docs/ERRORS.md.', error.message);
  }
  const { cause } = error as { readonly cause?: { readonly code?: string } };
  if (error instanceof TypeError && cause !== undefined) return cliError('SERVER_UNREACHABLE', `No server answers at ${url} (${cause.code ?? 'no connection'})`, {}, error);
  return error;
}
