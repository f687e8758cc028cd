// `aeneas login` and `aeneas logout`.

import { readFile } from 'node:fs/promises';
import { readTrustStore } from '@aeneas/agent';
import { CodedError } from '@aeneas/cassandra';
import { cliError } from '../errors.ts';
import { DONE } from '../exit.ts';
import { loginFor, saveLogin, trust } from '../logins.ts';
import { readSecret } from '../secret.ts';
import { serverProblem } from '../server-client.ts';

export interface LoginFlags {
  readonly server: string;
  readonly passwordFile?: string;
  readonly trust?: string;
  readonly trustPasswordFile?: string;
}

export async function logIn({ server, passwordFile, trust: trustFile, trustPasswordFile }: LoginFlags): Promise<number> {
  const trusted = trustFile === undefined ? [] : await certificatesIn(trustFile, trustPasswordFile);
  trust(trusted);
  const { isNeeded } = await ask<{ readonly isNeeded: boolean }>(server, 'GET', 'login');
  if (!isNeeded) {
    process.stdout.write(`${server} asks for no login\n`);
    return DONE;
  }
  // A password goes to no one who could be anybody.
  if (!server.startsWith('https:')) throw cliError('USAGE', 'a login needs the address of the server with https://');
  const password = await readSecret({ what: 'Password of the login', file: passwordFile, variable: 'AENEAS_LOGIN_PASSWORD' });
  const { token } = await ask<{ readonly token: string }>(server, 'POST', 'login', { password, as: 'token' });
  await saveLogin(server, { token, ...(trusted.length === 0 ? {} : { trusted }) });
  process.stdout.write(`Logged in at ${server}\n`);
  return DONE;
}

export async function logOut({ server }: LoginFlags): Promise<number> {
  const { headers } = await loginFor(server);
  if (headers['authorization'] !== undefined) await ask(server, 'POST', 'logout', {}, headers);
  await saveLogin(server, undefined);
  process.stdout.write(`Logged out at ${server}\n`);
  return DONE;
}

async function certificatesIn(file: string, passwordFile: string | undefined): Promise<readonly string[]> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw cliError('USAGE', `${file} cannot be read: ${error.message}`);
  });
  const pems = bytes.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  return pems ?? readTrustStore(bytes, await readSecret({ what: 'Password of the trust store', file: passwordFile, variable: 'TRUST_STORE_PASSWORD' }), file);
}

async function ask<T>(server: string, method: string, path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<T> {
  const response = await fetch(`${server.replace(/\/$/, '')}/api/${path}`, { method, headers: { 'content-type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }).catch((error: unknown) => {
    throw serverProblem(error, server);
  });
  const answer = await response.json() as { readonly code?: string; readonly message?: string; readonly data?: { readonly remedy?: string } };
  if (!response.ok) throw new CodedError(answer.code ?? 'INTERNAL_ERROR', answer.data?.remedy ?? 'See docs/ERRORS.md.', answer.message ?? '');
  return answer as T;
}
