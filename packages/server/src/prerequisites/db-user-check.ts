// Logs in by CQL, as the user itself, and looks: whether logins are asked for at all, what the user may read, and whether it may more.

import { CodedError } from '@aeneas/cassandra';
import type { DbUserCheck, Finding } from '@aeneas/protocol';
import cassandra from 'cassandra-driver';
import type { Client, ClientOptions } from 'cassandra-driver';
import { reachCassandra } from '../projects/cassandra-connection.ts';
import { quotedName, userName } from './db-user.ts';

const { AllowListPolicy, RoundRobinPolicy } = cassandra.policies.loadBalancing;
const CONNECT_MILLIS = 5_000;
const READ_MILLIS = 12_000;
/** Each costs a query; a cluster with more tables has its keyspaces looked at by these. */
const MAX_TABLES = 500;
const UNAUTHORIZED = cassandra.types.responseErrorCodes.unauthorized;

interface Login {
  readonly user: string;
  readonly password: string;
}

/** Findings in the order in which they were looked for; after a login that failed there are no others. */
export async function checkDbUser(order: DbUserCheck): Promise<Finding[]> {
  const findings: Finding[] = [];
  let client: Client | undefined;
  try {
    const tls = await tlsOf(order);
    findings.push(await anonymous(order, tls));
    client = await connected(order, tls, order);
    findings.push({ name: 'Login', state: 'ok', text: `${order.user} gets in${tls === undefined ? '' : ', by TLS'}` });
    findings.push(...await wellKnown(order, tls));
    await look(client, order, findings);
  } catch (error) {
    findings.push(failure(error, findings.length === 0 ? 'Connection' : client === undefined ? 'Login' : 'Looking', order));
  } finally {
    await client?.shutdown();
  }
  return findings;
}

/** Throws as reachCassandra does. */
function tlsOf({ host, port, trustStore, trustStorePassword = '', keyStore, keyStorePassword = '' }: DbUserCheck): Promise<ClientOptions['sslOptions']> {
  const ssl = trustStore === undefined && keyStore === undefined ? {} : {
    ssl: { ...(trustStore === undefined ? {} : { trustStore }), ...(keyStore === undefined ? {} : { keyStore }), verifyHostName: true },
  };
  return reachCassandra({ serverName: host, serverPort: port, ...ssl }, { trustStorePassword, keyStorePassword });
}

async function connected({ host, port }: DbUserCheck, tls: ClientOptions['sslOptions'], login: Login | undefined): Promise<Client> {
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const client = new cassandra.Client({
    contactPoints: [at],
    protocolOptions: { port },
    // This node and no other: it is the one that is asked about.
    policies: { loadBalancing: new AllowListPolicy(new RoundRobinPolicy(), [at]) },
    pooling: { warmup: false }, refreshSchemaDelay: READ_MILLIS, isMetadataSyncEnabled: false,
    socketOptions: { connectTimeout: CONNECT_MILLIS, readTimeout: READ_MILLIS },
    ...(login === undefined ? {} : { credentials: { username: login.user, password: login.password } }),
    ...(tls === undefined ? {} : { sslOptions: tls }),
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.shutdown();
    throw error;
  }
}

/** The innermost reason: the driver wraps those of its hosts. */
function reasonOf(error: unknown): Error {
  const { innerErrors } = error as { readonly innerErrors?: Readonly<Record<string, unknown>> };
  const [first] = Object.values(innerErrors ?? {});
  return first === undefined ? error as Error : reasonOf(first);
}

function isLoginRefusal(error: unknown): boolean {
  return reasonOf(error) instanceof cassandra.errors.AuthenticationError || (reasonOf(error) as { readonly code?: number }).code === cassandra.types.responseErrorCodes.badCredentials;
}

async function anonymous(order: DbUserCheck, tls: ClientOptions['sslOptions']): Promise<Finding> {
  const name = 'Authentication';
  try {
    await (await connected(order, tls, undefined)).shutdown();
  } catch (error) {
    if (isLoginRefusal(error)) return { name, state: 'ok', text: 'the node asks who one is' };
    throw error;
  }
  return { name, state: 'failed', text: 'the node lets everybody in (AllowAllAuthenticator): users and grants mean nothing', remedy: 'Set authenticator and authorizer in its cassandra.yaml, and restart it.' };
}

/** Passwords that stand in guides. */
async function wellKnown(order: DbUserCheck, tls: ClientOptions['sslOptions']): Promise<Finding[]> {
  const own: Finding[] = order.password === order.user
    ? [{ name: 'Password', state: 'warning', text: 'it is the name of the user, as in the guide', remedy: `Set another: ALTER ROLE ${order.user} WITH PASSWORD = '...' (ALTER USER in 2.1).` }] : [];
  if (order.user === 'cassandra') return own;
  try {
    await (await connected(order, tls, { user: 'cassandra', password: 'cassandra' })).shutdown();
  } catch (error) {
    if (isLoginRefusal(error)) return own;
    throw error;
  }
  return [...own, { name: 'Default superuser', state: 'warning', text: 'cassandra still gets in with the password cassandra', remedy: 'Give it another password: ALTER ROLE cassandra WITH PASSWORD = \'...\' (ALTER USER in 2.1).' }];
}

/** Adds what it finds at once: an error later on takes nothing of it away. */
async function look(client: Client, order: DbUserCheck, findings: Finding[]): Promise<void> {
  const local = (await rowsOf(client, 'SELECT release_version, data_center FROM system.local'))[0]!;
  const version = String(local['release_version']);
  const is21 = version.startsWith('2.1.');
  const isBefore3 = version.startsWith('2.');
  const tables = await tablesOf(client, isBefore3);
  findings.push(
    { name: 'Version', state: 'ok', text: `Cassandra ${version}, datacenter ${String(local['data_center'])}` },
    { name: 'Schema', state: 'ok', text: `${tables.length} tables in ${new Set(tables.map(([keyspace]) => keyspace)).size} keyspaces can be seen` },
  );
  const isSystem = (keyspace: string): boolean => /^(?:system(?:_.*)?|dse_.*|solr_admin)$/.test(keyspace);
  const there = [...new Set(tables.map(([keyspace]) => keyspace))].filter((keyspace) => !isSystem(keyspace));
  const wanted = order.keyspaces.length === 0 ? there : order.keyspaces;
  for (const keyspace of wanted) findings.push(await selects(client, keyspace, tables.filter(([of]) => of === keyspace).map(([, table]) => table), userName(order.user, is21)));
  findings.push(...await rights(client, is21, wanted, order));
}

/** A list that is empty comes without rows (LIST PERMISSIONS where nothing is granted). */
async function rowsOf(client: Client, query: string): Promise<Readonly<Record<string, unknown>>[]> {
  const { rows } = await client.execute(query) as { readonly rows?: unknown };
  return (rows ?? []) as Readonly<Record<string, unknown>>[];
}

async function tablesOf(client: Client, isBefore3: boolean): Promise<(readonly [keyspace: string, table: string])[]> {
  const query = isBefore3 ? 'SELECT keyspace_name, columnfamily_name AS table_name FROM system.schema_columnfamilies' : 'SELECT keyspace_name, table_name FROM system_schema.tables';
  const found: (readonly [string, string])[] = [];
  for await (const row of client.stream(query, [], { autoPage: true }) as unknown as AsyncIterable<Readonly<Record<string, unknown>>>) found.push([String(row['keyspace_name']), String(row['table_name'])]);
  return found;
}

/** Whether rows can be read, asked of the node itself: each table for one row. */
async function selects(client: Client, keyspace: string, tables: readonly string[], user: string): Promise<Finding> {
  const name = `SELECT in ${keyspace}`;
  if (tables.length === 0) return { name, state: 'warning', text: 'there is no such keyspace, or it has no table' };
  const refused: string[] = [];
  const unanswered: string[] = [];
  for (const table of tables.slice(0, MAX_TABLES)) {
    try {
      await client.execute(`SELECT * FROM "${keyspace}"."${table}" LIMIT 1`);
    } catch (error) {
      ((reasonOf(error) as { readonly code?: number }).code === UNAUTHORIZED ? refused : unanswered).push(table);
    }
  }
  if (refused.length > 0) return { name, state: 'failed', text: `not granted for ${listed(refused)}`, remedy: `GRANT SELECT ON KEYSPACE ${quotedName(keyspace)} TO ${user};` };
  if (unanswered.length > 0) return { name, state: 'warning', text: `no answer in time from ${listed(unanswered)}; nothing was refused`, remedy: 'See how the node is (nodetool status, tpstats).' };
  return { name, state: 'ok', text: tables.length > MAX_TABLES ? `one row asked of each of the first ${MAX_TABLES} of ${tables.length} tables` : `one row asked of each of ${tables.length} tables` };
}

function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} others`;
}

/** Whether there is more than needed, and, for a clone, enough. */
async function rights(client: Client, is21: boolean, keyspaces: readonly string[], { user, purpose }: DbUserCheck): Promise<Finding[]> {
  const name = 'No more than needed';
  const quoted = userName(user, is21);
  const [roles, permissions] = [
    await rowsOf(client, is21 ? 'LIST USERS' : `LIST ROLES OF ${quoted}`),
    await rowsOf(client, `LIST ALL PERMISSIONS OF ${quoted}`),
  ];
  const isSuper = roles.some((row) => row['super'] === true && (!is21 || row['name'] === user));
  if (isSuper) return [{ name, state: 'warning', text: `${user} is a superuser, or has a role that is one`, remedy: 'Use a user of its own without SUPERUSER, with SELECT on the keyspaces alone.' }];
  const held = permissions.map((row) => ({ permission: String(row['permission']), resource: String(row['resource']) }));
  const keyspaceOf = (resource: string): string | undefined => /^<(?:keyspace|table) ([^.>]+)/.exec(resource)?.[1];
  const isNeeded = ({ permission, resource }: typeof held[number]): boolean => {
    const keyspace = keyspaceOf(resource);
    if (keyspace === undefined) return false;
    if (permission === 'SELECT') return keyspaces.includes(keyspace);
    return permission === 'ALTER' && purpose === 'clone' && (keyspaces.includes(keyspace) || /^system_(?:auth|traces|distributed)$/.test(keyspace));
  };
  const more = held.filter((one) => !isNeeded(one)).map(({ permission, resource }) => `${permission} on ${resource}`);
  const lacking = purpose === 'clone' ? keyspaces.filter((keyspace) => !held.some(({ permission, resource }) => permission === 'ALTER' && (resource === '<all keyspaces>' || resource === `<keyspace ${keyspace}>`))) : [];
  return [
    ...lacking.map((keyspace): Finding => ({ name: `ALTER of ${keyspace}`, state: 'failed', text: 'not granted', remedy: `Cloning changes its replication: GRANT ALTER ON KEYSPACE ${quotedName(keyspace)} TO ${quoted};` })),
    more.length === 0 ? { name, state: 'ok', text: held.length === 0 ? 'nothing is granted' : held.map(({ permission, resource }) => `${permission} on ${resource}`).join('; ') }
      : { name, state: 'warning', text: `it also has ${listed(more)}`, remedy: `REVOKE what is not needed from ${quoted}.` },
  ];
}

function failure(error: unknown, name: string, { host, port, user }: DbUserCheck): Finding {
  if (error instanceof CodedError) return { name: error.code === 'SOURCE_TLS_FAILED' ? 'TLS' : name, state: 'failed', text: `${error.code}: ${error.message}`, remedy: error.remedy };
  const { message } = reasonOf(error);
  if (isLoginRefusal(error)) return { name: 'Login', state: 'failed', text: `the node does not let ${user} in`, remedy: 'Check name and password: the user is made in cqlsh, by a superuser, after authentication was switched on.' };
  if (name === 'Looking') return { name, state: 'failed', text: message, remedy: 'See the log of the node.' };
  return { name, state: 'failed', text: `${host}, port ${port}: ${message}`, remedy: 'Check address, port and firewall; rpc_address in cassandra.yaml says where the node listens.' };
}
