import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readKeyStore, writePrivately } from '@aeneas/agent';
import { exposureOf, serve } from '@aeneas/server';
import { DONE } from '../exit.ts';
import { webApp } from '../web-app.ts';
import { cliError } from '../errors.ts';
import { readSecret } from '../secret.ts';
import { stopOnSignal } from './migrate.ts';

export interface ServeFlags {
  readonly port: number;
  readonly host: string;
  readonly hostName?: readonly string[];
  readonly loginPasswordFile?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly tlsKeyStore?: string;
  readonly tlsPasswordFile?: string;
  readonly workspace: string;
  readonly workers?: number;
  readonly leaseSeconds?: number;
}

/** `aeneas serve`: until a signal. */
export async function serveCommand({ port, workspace, workers, leaseSeconds, ...flags }: ServeFlags): Promise<number> {
  const exposure = exposureOf({ host: flags.host, hostNames: flags.hostName ?? [], tls: await tlsOf(flags), password: await loginPassword(flags.loginPasswordFile) });
  const server = await serve({ port, exposure, workspace: resolve(workspace), workers, leaseSeconds, page: webApp() });
  const reach = exposure.password === undefined ? 'this machine only' : 'a login is needed';
  process.stdout.write(`Aeneas serves at ${server.url} (${reach}); its files are in ${resolve(workspace)}. Open that address in a browser. Ctrl-C stops it in order; tasks go on at the next start.\n`);
  const { signal, dispose } = stopOnSignal((name) => process.stderr.write(`Stopping in order (${name}); once more to stop at once.\n`));
  if (!signal.aborted) await new Promise((ended) => signal.addEventListener('abort', ended));
  await server.stop();
  dispose();
  return DONE;
}

const GENERATED_BYTES = 18;

/** Of the login; a file that is not there is made with a new one. Without a file the variable, or none. */
async function loginPassword(file: string | undefined): Promise<string | undefined> {
  if (file !== undefined && !existsSync(file)) {
    await writePrivately(file, `${randomBytes(GENERATED_BYTES).toString('base64url')}\n`);
    process.stdout.write(`The password of the login was made: it is in ${resolve(file)}.\n`);
  }
  const variable = 'AENEAS_LOGIN_PASSWORD';
  if (file === undefined && process.env[variable] === undefined) return undefined;
  return readSecret({ what: 'Password of the login', file, variable });
}

async function tlsOf({ tlsCertificate, tlsKey, tlsKeyStore, tlsPasswordFile }: Omit<ServeFlags, 'port' | 'workspace'>): Promise<{ readonly key: string; readonly cert: string } | undefined> {
  if ((tlsCertificate === undefined) !== (tlsKey === undefined)) throw cliError('USAGE', '--tls-certificate and --tls-key belong together');
  if (tlsKeyStore !== undefined && tlsKey !== undefined) throw cliError('USAGE', 'give either --tls-key-store or --tls-certificate and --tls-key');
  if (tlsKey !== undefined) return { key: await readText(tlsKey), cert: await readText(tlsCertificate!) };
  if (tlsKeyStore === undefined) return undefined;
  const password = await readSecret({ what: 'Password of the key store', file: tlsPasswordFile, variable: 'AENEAS_STORE_PASSWORD' });
  const { keyPem, certificatePem } = readKeyStore(await readBytes(tlsKeyStore), password, tlsKeyStore);
  return { key: keyPem, cert: certificatePem };
}

async function readText(file: string): Promise<string> {
  return (await readBytes(file)).toString('utf8');
}

async function readBytes(file: string): Promise<Buffer> {
  return readFile(file).catch((error: Error) => {
    throw cliError('USAGE', `${file} cannot be read: ${error.message}`);
  });
}
