import type { ErrorEntry } from '@aeneas/cassandra';

export const projectErrors = {
  PROJECT_UNKNOWN: {
    cause: 'The server has no project of this name, or its file is gone.',
    remedy: 'Look at the list of projects, or run "aeneas project list".',
  },
  PROJECT_EXISTS: {
    cause: 'The server has a project of this name already.',
    remedy: 'Choose another name; nothing was overwritten.',
  },
  PROJECT_STALE: {
    cause: 'The project was saved by somebody else, or in another tab, after it was read here. Nothing was saved.',
    remedy: 'Load the project again and make the change once more; what was typed is still here.',
  },
  PROJECT_IN_USE: {
    cause: 'A task was made of this project.',
    remedy: 'Delete the task first.',
  },
  PROJECT_PATH_REFUSED: {
    cause: 'The path is not that of a project file: not absolute, not a plain file, not ending in .yaml or .yml, or leading out of its folder by a link.',
    remedy: 'Give the absolute path of a project file on the server\'s machine.',
  },
  CONNECTION_UNKNOWN: {
    cause: 'The project has no connection of this name.',
    remedy: 'Load the project again; the connection may have been removed.',
  },
  CONNECTION_EXISTS: {
    cause: 'The project has a connection of this name already.',
    remedy: 'Choose another connection name.',
  },
  CONNECTION_CLOSED: {
    cause: 'The connection is not open: it was never connected, or the project was closed, or the server started anew.',
    remedy: 'Choose Connect.',
  },
  CONNECTION_SECRET_NEEDED: {
    cause: 'A password or secret key is not known: it is kept only where "Store Password" is on, and then while the vault is open.',
    remedy: 'Type it when it is asked for; or turn "Store Password" on.',
  },
  CONNECTION_TIMED_OUT: {
    cause: 'The other side did not answer in time.',
    remedy: 'Check host and port, and that firewalls and security groups let this server through; of Cassandra also that "Use SSL" is on where client_encryption_options are enabled. A node that is overloaded answers late, too.',
  },
  SOURCE_HOST_UNKNOWN: {
    cause: 'The name of the Cassandra server has no address.',
    remedy: 'Check the server name for typing errors, and the name service of the server\'s machine; or give an IP address.',
  },
  SOURCE_UNREACHABLE: {
    cause: 'Nothing accepts connections at this address and port.',
    remedy: 'Check the server name and port (native_transport_port in cassandra.yaml, 9042 by default), that Cassandra runs and listens there (rpc_address), and that firewalls let this server through.',
  },
  SOURCE_TLS_FAILED: {
    cause: 'No encrypted connection came about.',
    remedy: 'Check "Use SSL" against client_encryption_options in cassandra.yaml: the trust store must hold the authority of the node\'s certificate, and the key store a certificate that the node trusts, where it asks for one. For a certificate without the host\'s name turn "Check the host name" off.',
  },
  SOURCE_LOGIN_REFUSED: {
    cause: 'Cassandra does not accept user name and password.',
    remedy: 'Type them again; "cqlsh -u USER HOST" on any machine tells whether they are right.',
  },
  SOURCE_NOT_CASSANDRA: {
    cause: 'What listens there does not speak Cassandra\'s native protocol as expected.',
    remedy: 'Check the port; where client_encryption_options are enabled and not optional, turn "Use SSL" on.',
  },
  SOURCE_PROTOCOL_REFUSED: {
    cause: 'The node does not speak versions 3 and 4 of the native protocol: those are spoken by Cassandra 2.1 to 5.0, unless older versions are switched off there.',
    remedy: 'Run "nodetool enableoldprotocolversions" on the node (until it restarts), or set native_transport_allow_older_protocols: true in its cassandra.yaml; Cassandra before 2.1 is not supported.',
  },
  SOURCE_SCHEMA_REFUSED: {
    cause: 'Cassandra does not let this user read its schema, or failed at it.',
    remedy: 'Grant the user SELECT on the system keyspaces (system, system_schema), or use another one.',
  },
  TARGET_LOGIN_REFUSED: {
    cause: 'AWS does not accept the credentials, or does not allow what is asked for.',
    remedy: 'Check access key, secret key and Region; the user needs dynamodb:ListTables and dynamodb:DescribeTable.',
  },
  TARGET_NO_CREDENTIALS: {
    cause: 'No AWS credentials were found.',
    remedy: 'Choose an AWS profile or type access key and secret key; or give the server credentials in its environment, or an instance role.',
  },
  TARGET_NOT_REACHED: {
    cause: 'DynamoDB did not answer.',
    remedy: 'Check Region and endpoint, and that this server may reach them.',
  },
} as const satisfies Record<string, ErrorEntry>;
