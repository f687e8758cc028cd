// A connection to a live Cassandra: resolve, connect, TLS, login. One node is asked, the one that the user named; the driver is kept from
// opening connections to all the others.

import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { connect as connectPlainly, isIP } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import cassandra from 'cassandra-driver';
import { readKeyStore, readTrustStore } from '@aeneas/agent';
import { cassandraError } from '@aeneas/cassandra';
import type { CassandraSource, ConnectionSecrets, ConnectionTest } from '@aeneas/protocol';
import { serverError } from '../errors.ts';
import { CONNECT_MILLIS, expectCassandra, greet } from './cassandra-greeting.ts';
import type { Greeting } from './cassandra-greeting.ts';
import { Steps } from './steps.ts';

const READ_MILLIS = 20_000;

export interface ClusterFacts {
  readonly clusterName: string;
  readonly releaseVersion: string;
  readonly protocolVersion: number;
}

/** What is needed to speak with a node, but for a login. */
type Endpoint = Pick<CassandraSource, 'serverName' | 'serverPort' | 'ssl'>;

/** An open session. */
export interface CassandraSession extends ClusterFacts {
  readonly client: cassandra.Client;
}

/** What Test connection does; nothing stays open. */
export async function testCassandra(source: CassandraSource, secrets: ConnectionSecrets, steps = new Steps()): Promise<ConnectionTest> {
  const address = await steps.run('resolve', async () => {
    const value = await resolve(source);
    return { value, said: value === source.serverName ? 'this is an address' : `${source.serverName} is ${value}` };
  });
  await steps.run('connect', async () => {
    await knock(source, address!);
    return { value: true, said: `something listens at ${address} port ${source.serverPort}` };
  });
  const tls = source.ssl === undefined ? undefined : await steps.run('tls', async () => {
    const value = await encrypted(source, secrets, address!);
    return { value, said: value.said };
  });
  if (source.ssl === undefined) steps.skip('tls', 'Use SSL is off: the connection is not encrypted');
  let opening: Promise<CassandraSession> | undefined;
  const session = await steps.run('login', async () => {
    const value = await (opening = openSession(source, secrets, address!, tls));
    return { value, said: source.userName === undefined ? 'without a login' : `as ${source.userName}` };
  });
  await steps.run('version', async () => ({ value: true, said: `Cassandra ${session!.releaseVersion}, cluster "${session!.clusterName}", native protocol ${session!.protocolVersion}` }));
  await steps.run('datacenters', async () => {
    const names = new Set((await readNodes(session!.client)).map(({ datacenter }) => datacenter));
    return { value: true, said: [...names].join(', ') };
  });
  // Also one that came about only after the time limit.
  opening?.then(({ client }) => client.shutdown()).catch(() => {});
  return steps.result();
}

/** Tries all that needs no login; the options of TLS for a driver. Throws SOURCE_*, CONNECTION_*, KEYSTORE_*, FILE_UNREADABLE. */
export async function reachCassandra(source: Endpoint, secrets: ConnectionSecrets): Promise<ConnectionOptions | undefined> {
  const address = await resolve(source);
  await knock(source, address);
  const tls = source.ssl === undefined ? undefined : await encrypted(source, secrets, address);
  await expectAnswer(source, address, tls);
  return tls?.options;
}

/** Connects. Throws SOURCE_*, CONNECTION_TIMED_OUT, CONNECTION_SECRET_NEEDED, KEYSTORE_*, FILE_UNREADABLE. */
export async function connectCassandra(source: CassandraSource, secrets: ConnectionSecrets): Promise<CassandraSession> {
  const address = await resolve(source);
  await knock(source, address);
  const tls = source.ssl === undefined ? undefined : await encrypted(source, secrets, address);
  return openSession(source, secrets, address, tls);
}

async function resolve({ serverName }: Endpoint): Promise<string> {
  if (isIP(serverName) !== 0) return serverName;
  try {
    return (await lookup(serverName)).address;
  } catch (error) {
    throw serverError('SOURCE_HOST_UNKNOWN', `${serverName} has no address (${(error as NodeJS.ErrnoException).code})`, {}, error);
  }
}

/** A plain connection, opened and closed. */
async function knock({ serverPort }: Endpoint, address: string): Promise<void> {
  const socket = connectPlainly({ host: address, port: serverPort });
  const { promise, resolve: settle, reject } = Promise.withResolvers<void>();
  socket.setTimeout(CONNECT_MILLIS, () => reject(silence(address, serverPort)));
  socket.once('error', (error: NodeJS.ErrnoException) => reject(serverError('SOURCE_UNREACHABLE', `Cannot connect to ${address} port ${serverPort}: ${error.code ?? error.message}`, {}, error)));
  socket.once('connect', () => settle());
  return promise.finally(() => socket.destroy());
}

function silence(address: string, port: number): Error {
  return serverError('CONNECTION_TIMED_OUT', `${address} port ${port} does not answer within ${CONNECT_MILLIS / 1000} s`);
}

interface Encrypted {
  readonly options: ConnectionOptions;
  readonly greeting: Greeting;
  /** What was agreed upon. */
  readonly said: string;
}

/** With TLS 1.3 a node tells only with its first answer that it does not take the client's certificate: so the greeting belongs to it. */
async function encrypted(source: Endpoint, secrets: ConnectionSecrets, address: string): Promise<Encrypted> {
  const { serverPort } = source;
  const options = await tlsOptions(source, secrets);
  const socket = connectSecurely({ ...options, host: address, port: serverPort });
  let said = '';
  socket.once('secureConnect', () => {
    said = `${socket.getProtocol()}, ${socket.getCipher().standardName}`;
  });
  const greeting = await greet(socket, 'secureConnect');
  const { isConnected, error } = greeting;
  if (!isConnected && error === undefined) throw silence(address, serverPort);
  if (error !== undefined && (!isConnected || error.code?.startsWith('ERR_SSL_') === true)) {
    throw serverError('SOURCE_TLS_FAILED', `No encrypted connection to ${address} port ${serverPort}: ${(error as { readonly reason?: string }).reason ?? error.message}`, {}, error);
  }
  return { options, greeting, said };
}

/** Throws CONNECTION_TIMED_OUT, SOURCE_NOT_CASSANDRA, SOURCE_PROTOCOL_REFUSED. */
async function expectAnswer({ serverPort: port }: Endpoint, address: string, tls: Encrypted | undefined): Promise<void> {
  expectCassandra(tls?.greeting ?? await greet(connectPlainly({ host: address, port }), 'connect'), `${address} port ${port}`);
}

async function tlsOptions({ ssl, serverName }: Endpoint, secrets: ConnectionSecrets): Promise<ConnectionOptions> {
  const { trustStore, keyStore, verifyHostName } = ssl!;
  const trusted = trustStore === undefined ? undefined : readTrustStore(await readStore(trustStore), needed(secrets, 'trustStorePassword', 'The password of the trust store'), trustStore);
  const own = keyStore === undefined ? undefined : readKeyStore(await readStore(keyStore), needed(secrets, 'keyStorePassword', 'The password of the key store'), keyStore);
  return {
    rejectUnauthorized: true,
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(trusted === undefined ? {} : { ca: trusted }),
    ...(own === undefined ? {} : { cert: own.certificatePem, key: own.keyPem }),
    ...(verifyHostName ? {} : { checkServerIdentity: () => undefined }),
  };
}

function readStore(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw cassandraError('FILE_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file }, error);
  });
}

/** Throws CONNECTION_SECRET_NEEDED. */
function needed(secrets: ConnectionSecrets, name: keyof ConnectionSecrets, what: string): string {
  const secret = secrets[name];
  if (secret === undefined) throw serverError('CONNECTION_SECRET_NEEDED', `${what} is not known`);
  return secret;
}

async function openSession(source: CassandraSource, secrets: ConnectionSecrets, address: string, tls: Encrypted | undefined): Promise<CassandraSession> {
  const { userName, serverPort } = source;
  await expectAnswer(source, address, tls);
  const contact = `${isIP(address) === 6 ? `[${address}]` : address}:${serverPort}`;
  const { policies } = cassandra;
  const client = new cassandra.Client({
    contactPoints: [contact],
    protocolOptions: { port: serverPort },
    isMetadataSyncEnabled: false,
    pooling: { coreConnectionsPerHost: { [cassandra.types.distance.local]: 1 } },
    socketOptions: { connectTimeout: CONNECT_MILLIS, readTimeout: READ_MILLIS },
    policies: { loadBalancing: new policies.loadBalancing.AllowListPolicy(new policies.loadBalancing.RoundRobinPolicy(), [contact]) },
    ...(userName === undefined ? {} : { authProvider: new cassandra.auth.PlainTextAuthProvider(userName, needed(secrets, 'password', `The password of ${userName}`)) }),
    ...(tls === undefined ? {} : { sslOptions: tls.options }),
  });
  try {
    await client.connect();
    const row = (await client.execute('SELECT cluster_name, release_version FROM system.local')).first();
    return { client, clusterName: String(row['cluster_name']), releaseVersion: String(row['release_version']), protocolVersion: client.getState().getConnectedHosts().length > 0 ? protocolOf(client) : 0 };
  } catch (error) {
    void client.shutdown().catch(() => {});
    throw sessionError(error, address, source);
  }
}

function protocolOf(client: cassandra.Client): number {
  return (client as unknown as { readonly controlConnection: { readonly protocolVersion: number } }).controlConnection.protocolVersion;
}

function sessionError(error: unknown, address: string, { serverPort: port, userName }: CassandraSource): Error {
  const inner = Object.values((error as { readonly innerErrors?: Record<string, Error> }).innerErrors ?? {});
  const cause = inner[0] ?? (error as Error);
  if (inner.concat(cause).some((one) => one.name === 'AuthenticationError')) return serverError('SOURCE_LOGIN_REFUSED', `Cassandra at ${address} ${userName === undefined ? 'asks for a user name and password' : `refuses the login: ${cause.message}`}`, {}, cause);
  if (cause.name === 'OperationTimedOutError') return serverError('CONNECTION_TIMED_OUT', `Cassandra at ${address} port ${port} does not answer`, {}, cause);
  if (cause.name === 'ResponseError') return serverError('SOURCE_SCHEMA_REFUSED', `Cassandra at ${address}: ${cause.message}`, {}, cause);
  return serverError('SOURCE_NOT_CASSANDRA', `No conversation with ${address} port ${port}: ${cause.message}`, {}, cause);
}

export interface ClusterNode {
  readonly address: string;
  readonly datacenter: string;
  readonly rack: string;
  readonly releaseVersion: string;
}

/** The nodes as the one that was asked knows them, itself first. Throws SOURCE_SCHEMA_REFUSED. */
export async function readNodes(client: cassandra.Client): Promise<ClusterNode[]> {
  const nodes = async (query: string): Promise<ClusterNode[]> => (await readRows(client, query)).map((row) => ({
    address: String(row['address'] ?? row['listen_address'] ?? row['broadcast_address']), datacenter: String(row['data_center']), rack: String(row['rack']), releaseVersion: String(row['release_version']),
  }));
  const self = await nodes('SELECT rpc_address AS address, data_center, rack, release_version FROM system.local');
  return [...self, ...await nodes('SELECT rpc_address AS address, data_center, rack, release_version FROM system.peers')];
}

/** All rows, page by page. Throws SOURCE_SCHEMA_REFUSED. */
export async function readRows(client: cassandra.Client, query: string): Promise<cassandra.types.Row[]> {
  const rows: cassandra.types.Row[] = [];
  try {
    for await (const row of await client.execute(query, [], { prepare: false, autoPage: true, fetchSize: 5_000 })) rows.push(row as cassandra.types.Row);
  } catch (error) {
    throw serverError('SOURCE_SCHEMA_REFUSED', `Cassandra refuses "${query}": ${(error as Error).message}`, {}, error);
  }
  return rows;
}
