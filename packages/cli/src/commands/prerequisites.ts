// `aeneas prerequisites ...`: the users on the source's machines and in its database, said and checked without a server.

import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { dbUserCheckSchema, dbUserScopeSchema, osUserCheckSchema, osUserScopeSchema } from '@aeneas/protocol';
import type { Finding, PrerequisiteStep, Repair } from '@aeneas/protocol';
import { checkDbUser, checkOsUser, dbUserCommands, generateKeyPair, osUserCommands, shownHostKey } from '@aeneas/server';
import { checkedInput } from '../checked-input.ts';
import { confirm } from '../confirm.ts';
import { cliError } from '../errors.ts';
import { DONE, FINISHED_WITH_FINDINGS } from '../exit.ts';
import { readSecret } from '../secret.ts';

interface PrintFlags {
  readonly json?: boolean;
  readonly repairs?: boolean;
}
interface OsUserFlags extends PrintFlags {
  readonly form: string;
  readonly install: string;
  readonly login: string;
  readonly user: string;
  readonly for: string;
  readonly data?: readonly string[];
  readonly configuration: string;
  readonly home: string;
  readonly publicKey?: string;
}

/** The script to be run on a node; what else has to be done is in its comments. */
export async function printOsUser({ json, repairs, data, publicKey, for: purpose, ...flags }: OsUserFlags): Promise<void> {
  const { form, install, login, user, configuration, home } = flags;
  const key = publicKey === undefined ? undefined : (await readPublicKey(publicKey)).trim();
  const commands = osUserCommands(checkedInput(osUserScopeSchema, { form, install, login, user, configuration, home, purpose, dataDirectories: data, publicKey: key }));
  const after = commands.steps.filter(({ where }) => where !== 'on each Cassandra node');
  process.stdout.write(json === true ? `${JSON.stringify(commands)}\n` : `${commands.script}${commented(after)}${repairs === true ? repairsText(commands.repairs) : ''}`);
}

async function readPublicKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw cliError('USAGE', `--public-key: ${(error as Error).message}`, {}, error);
  }
}

/** Everything as a comment, so that the output can be given to a shell. */
function commented(steps: readonly PrerequisiteStep[]): string {
  return steps.map(({ title, where, commands }) => `\n# ${title}, ${where}:\n${commands.split('\n').map((line) => `#   ${line}\n`).join('')}`).join('');
}

function repairsText(repairs: readonly Repair[]): string {
  return `\n# What was garbled in the guide:\n${repairs.map(({ seed, problem, repair }) => `#\n#   ${seed}\n#     ${problem}\n#     Here: ${repair}\n`).join('')}`;
}

/** FILE of mode 0600, and FILE.pub. */
export async function generateKey(file: string, { passphraseFile }: { readonly passphraseFile?: string }): Promise<void> {
  const isWanted = passphraseFile !== undefined || process.env.AENEAS_SSH_PASSPHRASE !== undefined;
  const passphrase = isWanted ? await readSecret({ what: 'Passphrase of the key', file: passphraseFile, variable: 'AENEAS_SSH_PASSPHRASE' }) : undefined;
  const { publicKey, fingerprint } = await generateKeyPair({ comment: '', passphrase, saveTo: resolve(file) });
  await writeFile(`${file}.pub`, `${publicKey}\n`);
  process.stdout.write(`${file} and ${file}.pub: RSA, 4096 bits, ${fingerprint}\n`);
}

interface CheckOsUserFlags {
  readonly port: number;
  readonly user: string;
  readonly for: string;
  readonly fingerprint?: string;
  readonly key?: string;
  readonly passwordFile?: string;
  readonly data?: readonly string[];
  readonly configuration: string;
  readonly json?: boolean;
}

export async function checkOsUserCommand(host: string, { port, user, for: purpose, fingerprint, key, passwordFile, data, configuration, json }: CheckOsUserFlags): Promise<number> {
  const confirmed = fingerprint ?? await confirmedHostKey(host, port);
  // A key may go without a passphrase, a login without a key needs a password.
  const needsSecret = key === undefined || passwordFile !== undefined || process.env.AENEAS_SSH_PASSWORD !== undefined;
  const secret = needsSecret ? await readSecret({ what: key === undefined ? `Password of ${user}` : 'Passphrase of the key', file: passwordFile, variable: 'AENEAS_SSH_PASSWORD' }) : undefined;
  const credentials = key === undefined ? { password: secret } : { keyFile: resolve(key), ...(secret === undefined ? {} : { passphrase: secret }) };
  return told(await checkOsUser(checkedInput(osUserCheckSchema, { host, port, user, fingerprint: confirmed, purpose, dataDirectories: data, configuration, ...credentials })), json);
}

async function confirmedHostKey(host: string, port: number): Promise<string> {
  const { type, fingerprint } = await shownHostKey(host, port);
  if (await confirm(`${host} shows the host key ${fingerprint} (${type}). Is that the node's?`, `${host} shows ${fingerprint}; if that is the node's, give --fingerprint`)) return fingerprint;
  throw cliError('CONFIRMATION_MISSING', 'The host key was not confirmed');
}

interface DbUserFlags extends PrintFlags {
  readonly cassandra: string;
  readonly install: string;
  readonly user: string;
  readonly for: string;
  readonly keyspace?: readonly string[];
  readonly configuration: string;
}

export function printDbUser({ cassandra: version, install, user, for: purpose, keyspace, configuration, json, repairs }: DbUserFlags): void {
  const commands = dbUserCommands(checkedInput(dbUserScopeSchema, { version, install, user, purpose, keyspaces: keyspace, configuration }));
  const text = commands.steps.map(({ title, where, commands: lines, why }, i) => `${i === 0 ? '' : '\n'}# ${title}: ${where}\n# ${why ?? ''}\n${lines}\n`).join('');
  process.stdout.write(json === true ? `${JSON.stringify(commands)}\n` : `${text}${repairs === true ? repairsText(commands.repairs) : ''}`);
}

interface CheckDbUserFlags {
  readonly port: number;
  readonly user: string;
  readonly for: string;
  readonly keyspace?: readonly string[];
  readonly passwordFile?: string;
  readonly trustStore?: string;
  readonly trustStorePasswordFile?: string;
  readonly keyStore?: string;
  readonly keyStorePasswordFile?: string;
  readonly json?: boolean;
}

export async function checkDbUserCommand(host: string, flags: CheckDbUserFlags): Promise<number> {
  const { port, user, for: purpose, keyspace, passwordFile, trustStore, trustStorePasswordFile, keyStore, keyStorePasswordFile, json } = flags;
  const password = await readSecret({ what: `Password of ${user}`, file: passwordFile, variable: 'AENEAS_CQL_PASSWORD' });
  const trust = trustStore === undefined ? {} : {
    trustStore: resolve(trustStore), trustStorePassword: await readSecret({ what: 'Password of the trust store', file: trustStorePasswordFile, variable: 'AENEAS_STORE_PASSWORD' }),
  };
  const key = keyStore === undefined ? {} : {
    keyStore: resolve(keyStore), keyStorePassword: await readSecret({ what: 'Password of the key store', file: keyStorePasswordFile, variable: 'AENEAS_KEY_STORE_PASSWORD' }),
  };
  return told(await checkDbUser(checkedInput(dbUserCheckSchema, { host, port, user, password, purpose, keyspaces: keyspace, ...trust, ...key })), json);
}

/** 1 when something is not as it should be. */
function told(findings: readonly Finding[], json: boolean | undefined): number {
  const text = findings.map(({ name, state, text: what, remedy }) => `${state.padEnd(8)} ${name}: ${what}${remedy === undefined ? '' : `\n         ${remedy}`}\n`).join('');
  process.stdout.write(json === true ? `${JSON.stringify(findings)}\n` : text);
  return findings.some(({ state }) => state === 'failed') ? FINISHED_WITH_FINDINGS : DONE;
}
