// `aeneas source` and `aeneas target`: add, test and look into the connections of a project.

import { resolve } from 'node:path';
import type { ConnectionSecrets, ConnectionSide, SecretName, SourceConnection, TargetConnection } from '@aeneas/protocol';
import { cliError } from '../errors.ts';
import { DONE, UNUSABLE } from '../exit.ts';
import { readSecret } from '../secret.ts';
import { askServer } from '../server-client.ts';
import { show } from './projects.ts';
import type { ServerFlags } from './projects.ts';

const SECRETS: Readonly<Record<SecretName, { readonly what: string; readonly variable: string }>> = {
  password: { what: 'Password of Cassandra', variable: 'CASSANDRA_PASSWORD' },
  trustStorePassword: { what: 'Password of the trust store', variable: 'TRUST_STORE_PASSWORD' },
  keyStorePassword: { what: 'Password of the key store', variable: 'KEY_STORE_PASSWORD' },
  secretKey: { what: 'AWS secret key', variable: 'AENEAS_SECRET_KEY' },
};

export interface SourceFlags extends ServerFlags {
  readonly serverName?: string;
  readonly serverPort: number;
  readonly userName?: string;
  readonly passwordFile?: string;
  readonly useSsl?: boolean;
  readonly trustStore?: string;
  readonly trustStorePasswordFile?: string;
  readonly keyStore?: string;
  readonly keyStorePasswordFile?: string;
  readonly verifyHostName: boolean;
  readonly storePassword?: boolean;
  readonly directory?: readonly string[];
  readonly schema?: string;
}

export async function addSource(name: string, connection: string, flags: SourceFlags): Promise<number> {
  if ((flags.serverName === undefined) === (flags.directory === undefined)) throw cliError('USAGE', 'give either --server-name or --directory');
  const source = flags.directory === undefined ? clusterOf(connection, flags) : directoriesOf(connection, flags.directory, flags.schema);
  const secrets: ConnectionSecrets = {};
  if (source.kind === 'cassandra') {
    if (source.userName !== undefined) secrets.password = await read('password', flags.passwordFile);
    if (source.ssl?.trustStore !== undefined) secrets.trustStorePassword = await read('trustStorePassword', flags.trustStorePasswordFile);
    if (source.ssl?.keyStore !== undefined) secrets.keyStorePassword = await read('keyStorePassword', flags.keyStorePasswordFile);
  }
  const project = await askServer(flags.server, async (api) => api.projects.saveSource({ name, version: (await api.projects.get({ name })).version, connection: source, secrets }));
  show(flags, project, `${connection} added to ${name}\n`);
  return DONE;
}

function clusterOf(name: string, flags: SourceFlags): SourceConnection {
  const path = (key: string, file: string | undefined): object => (file === undefined ? {} : { [key]: resolve(file) });
  return {
    kind: 'cassandra', name, serverName: flags.serverName!, serverPort: flags.serverPort, storePassword: flags.storePassword === true,
    ...(flags.userName === undefined ? {} : { userName: flags.userName }),
    ...(flags.useSsl === true ? { ssl: { ...path('trustStore', flags.trustStore), ...path('keyStore', flags.keyStore), verifyHostName: flags.verifyHostName } } : {}),
  };
}

function directoriesOf(name: string, directories: readonly string[], schema: string | undefined): SourceConnection {
  return { kind: 'sstables', name, directories: directories.map((directory) => resolve(directory)), ...(schema === undefined ? {} : { schema: resolve(schema) }) };
}

export interface TargetFlags extends ServerFlags {
  readonly region: string;
  readonly endpoint?: string;
  readonly profile?: string;
  readonly awsServiceProfile?: string;
  readonly accessKey?: string;
  readonly secretKeyFile?: string;
  readonly storePassword?: boolean;
}

export async function addTarget(name: string, connection: string, { region, endpoint, profile, awsServiceProfile, accessKey, secretKeyFile, storePassword, ...flags }: TargetFlags): Promise<number> {
  const target: TargetConnection = {
    name: connection, region, storePassword: storePassword === true,
    ...(endpoint === undefined ? {} : { endpoint }), ...(profile === undefined ? {} : { profile }), ...(accessKey === undefined ? {} : { accessKey }),
    ...(awsServiceProfile === undefined ? {} : { awsServiceProfile }),
  };
  const secrets = accessKey === undefined ? {} : { secretKey: await read('secretKey', secretKeyFile) };
  const project = await askServer(flags.server, async (api) => api.projects.saveTarget({ name, version: (await api.projects.get({ name })).version, connection: target, secrets }));
  show(flags, project, `${connection} added to ${name}\n`);
  return DONE;
}

export async function testConnection(side: ConnectionSide, name: string, connection: string, flags: ServerFlags): Promise<number> {
  const { needs, source, target } = await stateOf(side, name, connection, flags);
  const secrets = await asked(needs);
  const result = await askServer(flags.server, (api) => (source === undefined ? api.projects.testTarget({ name, connection: target!, secrets }) : api.projects.testSource({ name, connection: source, secrets })));
  show(flags, result, result.steps.map(({ step, state, said, problem }) => `${state.padEnd(8)} ${step.padEnd(12)} ${said}\n${problem === undefined ? '' : `         ${problem.code}: ${problem.remedy}\n`}`).join(''));
  return result.isOk ? DONE : UNUSABLE;
}

/** Of a table: what is in it. */
export async function printTree(side: ConnectionSide, name: string, connection: string, flags: ServerFlags & { readonly table?: string }): Promise<number> {
  const { needs } = await stateOf(side, name, connection, flags);
  const secrets = await asked(needs);
  const { table } = flags;
  const nodes = await askServer(flags.server, async (api) => {
    const tree = await api.projects.connect({ name, side, connection, secrets });
    if (table === undefined) return tree.nodes;
    const dot = side === 'sources' ? table.indexOf('.') : -1;
    return api.projects.describe({ name, side, connection, kind: 'table', item: table.slice(dot + 1), ...(dot < 0 ? {} : { keyspace: table.slice(0, dot) }) });
  });
  show(flags, nodes, nodes.map(({ depth, name: text, detail }) => `${'  '.repeat(depth)}${text}${detail === undefined ? '' : `  ${detail}`}\n`).join(''));
  return DONE;
}

async function stateOf(side: ConnectionSide, name: string, connection: string, { server }: ServerFlags): Promise<{ readonly needs: readonly SecretName[]; readonly source?: SourceConnection; readonly target?: TargetConnection }> {
  const project = await askServer(server, (api) => api.projects.get({ name }));
  const source = side === 'sources' ? project.sources.find((one) => one.connection.name === connection) : undefined;
  const target = side === 'targets' ? project.targets.find((one) => one.connection.name === connection) : undefined;
  if (source === undefined && target === undefined) throw cliError('USAGE', `project ${name} has no ${side === 'sources' ? 'source' : 'target'} ${connection}`);
  return source === undefined ? { needs: target!.needs, target: target!.connection } : { needs: source.needs, source: source.connection };
}

async function asked(needs: readonly SecretName[]): Promise<ConnectionSecrets> {
  const secrets: ConnectionSecrets = {};
  for (const need of needs) secrets[need] = await read(need, undefined);
  return secrets;
}

function read(name: SecretName, file: string | undefined): Promise<string> {
  return readSecret({ ...SECRETS[name], file });
}
