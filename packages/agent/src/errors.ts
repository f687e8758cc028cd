import { errorFactory } from '@aeneas/cassandra';
import type { ErrorEntry } from '@aeneas/cassandra';

export { extractorErrors } from './extractor/errors.ts';

export const agentErrors = {
  INPUT_CHANGED: {
    cause: 'A file that this migration pinned at its start is gone or has other content: compaction removes files of a live node.',
    remedy: 'Put the pinned files back (from the snapshot that they came from) to continue, or start anew with --restart; migrate from a snapshot or a clone.',
  },
  NO_TABLES: {
    cause: 'No table of the source matches the patterns under "tables".',
    remedy: 'Patterns are keyspace.table with * and ?, a leading ! excludes; the message lists what the source has.',
  },
  DISK_FULL: {
    cause: 'A file could not grow: the disk, a quota or a file size limit is full.',
    remedy: 'Make room there and run the same command again: it continues from the last checkpoint.',
  },
  FILE_UNWRITABLE: {
    cause: 'The operating system refused to make, write or rename a file of ours.',
    remedy: 'Check the rights of the folder that the message names, and that its mount is alive.',
  },
  LOCAL_FILE_DAMAGED: {
    cause: 'An encrypted file in the output folder is not what the agent wrote: the disk is damaged, or somebody changed the file.',
    remedy: 'The work is done again by itself. If it repeats, check the disk, and that nobody else writes to the output folder.',
  },
  STAGING_UNREACHABLE: {
    cause: 'S3 did not answer, or answered with errors of its own, also after several tries.',
    remedy: 'Check network, endpoint and region of "staging"; then run the same command again: it continues.',
  },
  STAGING_REFUSED: {
    cause: 'S3 refused a request: no such bucket, missing rights, or credentials that are wrong or expired.',
    remedy: 'Check bucket, prefix and credentials (environment or profile); reading, writing, listing and deleting under the prefix are needed.',
  },
  STAGING_CORRUPT: {
    cause: 'A staged file is gone, or its bytes are not those that were committed.',
    remedy: 'Somebody changed the staging area. Start anew with --restart, and keep others away from the prefix.',
  },
  WORKER_FAILED: {
    cause: 'A worker thread ended by itself, most often because one row needs more memory than a worker may use.',
    remedy: 'Run the same command again with fewer "workers"; if it repeats, report it with the message.',
  },
  JOB_STOPPED: {
    cause: 'The work was stopped before its end, because the command was interrupted or another part failed.',
    remedy: 'Run the same command again: it continues from the last checkpoint.',
  },
  KEYSTORE_UNUSABLE: {
    cause: 'A key store or trust store cannot be opened: the password is wrong, it is damaged, or what it should hold is not in it.',
    remedy: 'Check file and password; a key store must hold one RSA key with its certificate, a trust store at least one certificate. "aeneas keystore generate" makes both.',
  },
  KEYSTORE_FORMAT: {
    cause: 'A file that should be a key store or trust store is neither PKCS#12 nor JKS. Its content counts, whatever its name.',
    remedy: 'Java\'s keytool makes PKCS#12 of its other formats, such as JCEKS: "keytool -importkeystore -srckeystore FILE -srcstoretype JCEKS -destkeystore FILE.p12 -deststoretype PKCS12".',
  },
  KEYSTORE_KEY_PASSWORD: {
    cause: 'The key in a JKS store has a password of its own, other than that of the store.',
    remedy: 'Give both the same one: "keytool -keypasswd -keystore FILE -alias ALIAS" asks for the old and the new one; or make PKCS#12 of it with "keytool -importkeystore".',
  },
  KEYSTORE_EXISTS: {
    cause: 'Stores of an earlier run are in the folder, but not the authority that could sign more like them.',
    remedy: 'Bring authority.p12 back to the folder, or generate all stores anew in another folder and replace them on every machine.',
  },
  KEYSTORE_PASSWORD_UNFIT: {
    cause: 'The password is too short for Java\'s keytool, or has characters that programs encode differently.',
    remedy: 'Choose a password of six or more ASCII characters; long and random is best, since nobody has to remember it.',
  },
  KEYSTORE_NAME_UNFIT: {
    cause: 'An agent\'s name or a host name cannot be in a file name or a certificate.',
    remedy: 'Give host names as DNS has them, or IP addresses; an agent\'s name has letters, digits, dots, dashes and underscores.',
  },
  AGENT_NOT_CONFIGURED: {
    cause: 'The agent of this machine has no settings yet.',
    remedy: 'Run "sudo cassandra-data-extractor --configure"; after it, start the service.',
  },
  AGENT_SETTINGS_INVALID: {
    cause: 'The settings file of the agent cannot be read, is not YAML, or has a key that does not exist or a value of another type.',
    remedy: 'Correct what the message names; docs/AGENT.md has an example of every key.',
  },
  AGENT_LOCKED: {
    cause: 'Another agent works with the same output folder: both would write the same state.',
    remedy: 'Stop the other one, or give each agent an output folder of its own.',
  },
  AGENT_STATE_UNUSABLE: {
    cause: 'The folder where the agent keeps its identity, password and throttles cannot be used, or its content is damaged.',
    remedy: 'Check rights and room of the folder that the message names; without its content the agent starts as a new one and must be registered again.',
  },
  AGENT_PORT_UNUSABLE: {
    cause: 'The agent cannot listen on its address and port: another program does, or the address is not one of this machine.',
    remedy: 'Change host or port in the settings, or stop the other program.',
  },
  AGENT_PASSWORD_MISSING: {
    cause: 'The agent is set to be used with a service password, but none was set; or a store cannot be opened, since its password was not given.',
    remedy: 'Set the service password with "aeneas agent password SETTINGS". A store\'s password comes from the terminal, from storePasswordFile of the settings or from AENEAS_STORE_PASSWORD.',
  },
  AGENT_PASSWORD_UNFIT: {
    cause: 'The service password is too short: it guards all data that the agent can read.',
    remedy: 'Choose one of twelve characters or more, for example with "openssl rand -base64 24".',
  },
  AGENT_CERTIFICATE_MISSING: {
    cause: 'Who asked showed no client certificate, but this agent speaks only with servers that have one.',
    remedy: 'Give the server its key store (server.p12 of "aeneas keystore generate"); with a service password this agent cannot be used as it is set.',
  },
  AGENT_CERTIFICATE_FOREIGN: {
    cause: 'The client certificate was not signed by an authority in the agent\'s trust store.',
    remedy: 'Server and agent need stores of one run of "aeneas keystore generate": compare their trust stores.',
  },
  AGENT_CERTIFICATE_EXPIRED: {
    cause: 'The client certificate is not valid at this time: it has expired, or its time has not come.',
    remedy: 'Make a new one with "aeneas keystore generate" (move the old file away first), and check the clocks of both machines.',
  },
  AGENT_CERTIFICATE_UNFIT: {
    cause: 'The client certificate is of a known authority, but was made for something else, such as being an agent.',
    remedy: 'Give the server its own key store (server.p12), not that of an agent.',
  },
  AGENT_LOGIN_MISSING: {
    cause: 'Who asked gave no password, but this agent speaks only with servers that do.',
    remedy: 'Register the agent with its service password.',
  },
  AGENT_LOGIN_WRONG: {
    cause: 'The password is not the service password of this agent.',
    remedy: 'Check it; it was set with "aeneas agent password SETTINGS" on the agent\'s machine and can be set anew there.',
  },
  AGENT_LOGIN_LIMITED: {
    cause: 'Too many wrong passwords came from this address.',
    remedy: 'Wait a minute, then try with the right one.',
  },
  AGENT_REQUEST_INVALID: {
    cause: 'A request is not of the agent\'s protocol, or too large.',
    remedy: 'Check that server and agent are of the same version.',
  },
  AGENT_VERSION_MISMATCH: {
    cause: 'Server and agent speak different versions of the protocol.',
    remedy: 'Bring both to the same version of Aeneas.',
  },
  AGENT_NOT_REGISTERED: {
    cause: 'A server that this agent does not know asked it to work.',
    remedy: 'Register the agent with that server: "aeneas agent register".',
  },
  AGENT_JOB_UNKNOWN: {
    cause: 'The agent has no such job: it was started anew since, or the job ended long ago.',
    remedy: 'Nothing to do: the server leases the split again.',
  },
  AGENT_JOB_FENCED: {
    cause: 'The agent has worked for a later attempt at the same split.',
    remedy: 'Nothing to do: the later attempt continues from the last checkpoint.',
  },
  AGENT_PATH_REFUSED: {
    cause: 'A request names a file outside the folders that the agent may read or write.',
    remedy: 'Check the data directories and the staging folder in the agent\'s settings; paths are those of the agent\'s machine.',
  },
  AGENT_UNREACHABLE: {
    cause: 'An agent does not answer: it does not run, the network is down, or a firewall is in between.',
    remedy: 'Check that the agent runs and that its port can be reached from the server. Its work goes on by itself once it is back, or on other agents.',
  },
  AGENT_NOT_TRUSTED: {
    cause: 'What answers at the agent\'s address cannot prove to be that agent: its certificate is of another authority or for another name, has expired, or is not the pinned one.',
    remedy: 'Check the address, the names that its certificate was made for, and the trust store; or compare the fingerprint with the one that the agent shows when it starts.',
  },
  AGENT_ANSWER_INVALID: {
    cause: 'What answers at the agent\'s address does not speak the agent\'s protocol, or another version of it.',
    remedy: 'Check address and port, and that server and agent are of the same version.',
  },
  AGENT_FAILED: {
    cause: 'The agent met something that it did not foresee: a bug.',
    remedy: 'Look into the agent\'s log for the stack and report it. Nothing that was acknowledged is lost.',
  },
  AGENT_STOPPING: {
    cause: 'The agent is being stopped and takes no more work.',
    remedy: 'Nothing to do: the server gives the split to another agent, or to this one once it is back.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** Makes an error of this package. */
export const agentError = errorFactory<keyof typeof agentErrors>(agentErrors);

const SQLITE_FULL = 13;

/** An error of writing local files, as a coded one; others stay as they are. */
export function writeError(path: string, error: unknown): unknown {
  const { code, message, errcode } = error as NodeJS.ErrnoException & { readonly errcode?: number };
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG' || errcode === SQLITE_FULL) return agentError('DISK_FULL', `Cannot write: ${message}`, { file: path }, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'EIO' || code === 'ENOENT' || code === 'ENOTDIR' || code === 'EEXIST') {
    return agentError('FILE_UNWRITABLE', `Cannot write: ${message}`, { file: path }, error);
  }
  return error;
}
