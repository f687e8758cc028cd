// Commands that make the source database user: authentication in every node, a restart one node at a time, and no more than the grants needed.

import type { DbUserCommands, DbUserScope, PrerequisiteStep, Repair } from '@aeneas/protocol';

/** Keyspaces of Cassandra's own that a clone's datacenter is added to (docs/PREREQUISITES.md). */
const CLONED_SYSTEM_KEYSPACES = ['system_auth', 'system_traces', 'system_distributed'];

export const DB_USER_REPAIRS: readonly Repair[] = [
  {
    seed: 'authorizer : CassandraAuthorizer authenticator : PasswordAuthenticator',
    problem: 'Both in one line: YAML reads one key whose value is the rest.', repair: 'A line for each, where the file has them.',
  },
  {
    seed: 'sudo service cassandra restart',
    problem: '"Restart your Cassandra cluster" read as all nodes at once is an outage, and with one replica of system_auth nobody can log in while its node is down.',
    repair: 'system_auth is given more replicas first; then one node after the other is drained and restarted, and waited for.',
  },
  {
    seed: 'cqlsh -p cassandra -u cassandra', problem: 'A password in the arguments is seen by everybody on the machine.', repair: 'cqlsh asks for it.',
  },
  {
    seed: 'CREATE USER IF NOT EXISTS min_privs WITH PASSWORD \'min_privs\' NOSUPERUSER;',
    problem: 'The password is the name; the superuser cassandra keeps its well-known password; and the user is given no right at all, so it can read the schema but no row. From 2.2 on CREATE USER is only kept for old scripts.',
    repair: 'A password of your own, SELECT on the keyspaces to be migrated, another password for cassandra, CREATE ROLE from 2.2 on.',
  },
];

export function dbUserCommands(scope: DbUserScope): DbUserCommands {
  return { steps: [replicas(scope), authentication(scope), restart(scope), user(scope), grants(scope), superuser(scope)], repairs: [...DB_USER_REPAIRS] };
}

const hasRoles = ({ version }: DbUserScope): boolean => version !== '2.1';

function step(title: string, where: string, commands: readonly string[], why: string): PrerequisiteStep {
  return { title, where, commands: commands.join('\n'), why };
}

function replicas({ version }: DbUserScope): PrerequisiteStep {
  const repair = version === '2.1' ? 'nodetool repair system_auth' : 'nodetool repair -full system_auth';
  return step('Give logins replicas', 'in cqlsh, once; then the repair on each node', [
    'ALTER KEYSPACE system_auth WITH replication = {\'class\': \'NetworkTopologyStrategy\', \'DATACENTER\': 3};', repair,
  ], 'DATACENTER: as "nodetool status" names it, an entry for each; 3, or the number of its nodes if there are fewer. As long as system_auth has one replica, the node that holds it must be up for anybody to log in.');
}

/** Only the defaults are replaced: whoever has set something else has authentication already, or knows why. From 5.0 on the class stands in a line of its own. */
function authentication({ configuration }: DbUserScope): PrerequisiteStep {
  const file = `${configuration.replace(/\/$/, '')}/cassandra.yaml`;
  return step('Switch authentication on', 'on each Cassandra node', [
    `sudo cp -p ${file} ${file}.before-login`,
    `sudo sed -i -E '/^[^#]/{s/\\bAllowAllAuthenticator\\b/PasswordAuthenticator/; s/\\bAllowAllAuthorizer\\b/CassandraAuthorizer/}' ${file}`,
    `grep -E -A1 '^(authenticator|authorizer)' ${file}`,
  ], 'It must then say authenticator: PasswordAuthenticator and authorizer: CassandraAuthorizer. From the restart on every client needs a user: give your applications theirs first, since a node that asks nobody ignores it.');
}

function restart({ install }: DbUserScope): PrerequisiteStep {
  const again = install === 'package' ? ['sudo service cassandra restart'] : ['pkill -f CassandraDaemon; while pgrep -f CassandraDaemon >/dev/null; do sleep 1; done', 'bin/cassandra'];
  return step('Restart', 'on one Cassandra node after the other', ['nodetool drain', ...again, 'until nodetool statusbinary 2>/dev/null | grep -qx running; do sleep 2; done', 'nodetool status'], 'Go on with the next when all of them are UN again.');
}

function user(scope: DbUserScope): PrerequisiteStep {
  const name = userName(scope.user, !hasRoles(scope));
  const create = hasRoles(scope) ? `CREATE ROLE IF NOT EXISTS ${name} WITH PASSWORD = 'PASSWORD' AND LOGIN = true AND SUPERUSER = false;`
    : `CREATE USER IF NOT EXISTS ${name} WITH PASSWORD 'PASSWORD' NOSUPERUSER;`;
  return step(`Create ${scope.user}`, 'in cqlsh -u cassandra', [create], 'PASSWORD: one of your own. cqlsh asks for that of the default superuser: cassandra.');
}

function grants(scope: DbUserScope): PrerequisiteStep {
  const { keyspaces, purpose } = scope;
  const name = userName(scope.user, !hasRoles(scope));
  const own = CLONED_SYSTEM_KEYSPACES.filter((keyspace) => keyspace !== 'system_distributed' || !scope.version.startsWith('2'));
  const chosen = keyspaces.length === 0 ? ['KEYSPACE'] : keyspaces.map(quotedName);
  const select = chosen.map((keyspace) => `GRANT SELECT ON KEYSPACE ${keyspace} TO ${name};`);
  const alter = purpose === 'clone' ? [...chosen, ...own].map((keyspace) => `GRANT ALTER ON KEYSPACE ${keyspace} TO ${name};`) : [];
  return step('Grant what is needed', 'in cqlsh -u cassandra', [...select, ...alter],
    `${keyspaces.length === 0 ? 'KEYSPACE: a line for each that is migrated, not ALL KEYSPACES, which would show the hashes of all passwords. ' : ''}SELECT reads sample rows; the schema may be read by everybody who is logged in.`
    + (purpose === 'clone' ? ' ALTER adds the clone\'s datacenter to the replication, and takes it away again.' : ''));
}

function superuser(scope: DbUserScope): PrerequisiteStep {
  const alter = hasRoles(scope) ? 'ALTER ROLE cassandra WITH PASSWORD = \'ANOTHER-PASSWORD\';' : 'ALTER USER cassandra WITH PASSWORD \'ANOTHER-PASSWORD\';';
  return step('Change the password of the default superuser', 'in cqlsh -u cassandra', [alter], 'Everybody knows cassandra/cassandra.');
}

/** Users of 2.1 are quoted like texts, roles of later versions like other names. */
export function userName(name: string, is21: boolean): string {
  return is21 && quotedName(name) !== name ? `'${name}'` : quotedName(name);
}

/** Names with capitals are quoted in CQL. */
export function quotedName(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) ? name : `"${name}"`;
}
