// Sessions of servers that ask for a login: ~/.config/aeneas/logins.json, for its owner alone. Tokens that end after hours, never passwords.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeFolder, writePrivately } from '@aeneas/agent';

interface SavedLogin {
  readonly token?: string;
  /** Certificates that the system does not know, as PEM. */
  readonly trusted?: readonly string[];
}

type Logins = Readonly<Record<string, SavedLogin>>;

/** What a request to a server needs; from then on this process trusts its authority. */
export async function loginFor(url: string): Promise<{ readonly headers: Readonly<Record<string, string>> }> {
  const { token, trusted = [] } = (await readLogins())[originOf(url)] ?? {};
  trust(trusted);
  return { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } };
}

export function trust(pems: readonly string[]): void {
  if (pems.length > 0) setDefaultCACertificates([...getCACertificates('default'), ...pems]);
}

/** Undefined: forgets it. */
export async function saveLogin(url: string, login: SavedLogin | undefined): Promise<void> {
  const { [originOf(url)]: _before, ...others } = await readLogins();
  await makeFolder(dirname(loginsFile()));
  await writePrivately(loginsFile(), `${JSON.stringify(login === undefined ? others : { ...others, [originOf(url)]: login }, undefined, 2)}\n`);
}

async function readLogins(): Promise<Logins> {
  return existsSync(loginsFile()) ? JSON.parse(await readFile(loginsFile(), 'utf8')) as Logins : {};
}

function loginsFile(): string {
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'aeneas/logins.json');
}

/** As it was given, where it is no address: asking it says so. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
