import { errorFactory } from '@aeneas/cassandra';
import type { ErrorEntry } from '@aeneas/cassandra';

export const extractorErrors = {
  EXTRACTOR_USAGE: {
    cause: 'The command line of cassandra-data-extractor could not be understood.',
    remedy: 'See "cassandra-data-extractor --help".',
  },
  EXTRACTOR_NOT_ROOT: {
    cause: 'Configuring and mounting change files of the system, which only root may; the settings are for root and the service alone.',
    remedy: 'Put "sudo" before the command.',
  },
  EXTRACTOR_FAILED: {
    cause: 'Something happened that the agent did not foresee: a bug.',
    remedy: 'Run it again with AENEAS_DEBUG=1 to see the stack, and report it.',
  },
  ANSWER_INVALID: {
    cause: 'An answer of the configuration is of another form than the question wants.',
    remedy: 'Give an answer of the form that the message names; docs/AGENT.md goes through all questions.',
  },
  ANSWER_MISSING: {
    cause: 'The answers came from a pipe or file and ended before the questions did, or the terminal was closed.',
    remedy: 'Nothing was changed. Give one answer a line, in the order of the questions, an empty line for what is optional.',
  },
  CONFIGURE_ABORTED: {
    cause: 'The configuration was ended with Ctrl-C.',
    remedy: 'Nothing was written to the settings. Start it again when you like.',
  },
  SSH_UNREACHABLE: {
    cause: 'No SSH server answers at the node\'s address and port.',
    remedy: 'Check address, port, security groups and firewalls between this machine and the node, and that sshd runs there.',
  },
  SSH_HOST_UNKNOWN: {
    cause: 'The node\'s host key is not known here, so nobody can tell whether it is the node that answers.',
    remedy: 'Compare the fingerprint with "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" on the node; then give it with --host-key NODE=SHA256:..., or connect once with ssh so that it is in known_hosts.',
  },
  SSH_HOST_CHANGED: {
    cause: 'What answers at the node\'s address shows another host key than the one that is known.',
    remedy: 'If the node was installed anew, remove the old key ("ssh-keygen -R NODE", also with -f and the known_hosts file of /etc/cassandra-data-extractor); else somebody may be in between.',
  },
  SSH_LOGIN_REFUSED: {
    cause: 'The node refused login, password and key.',
    remedy: 'Try "ssh -i KEY LOGIN@NODE" by hand: the public key must be in authorized_keys there, or passwords be allowed by its sshd.',
  },
  SSH_KEY_UNUSABLE: {
    cause: 'The private key cannot be read, is of an unknown kind, or its passphrase is wrong or missing.',
    remedy: 'Give an OpenSSH or PEM private key (not the .pub file, not PuTTY\'s), with its passphrase if it has one.',
  },
  NODE_PATH_UNUSABLE: {
    cause: 'A directory or file that was named is not there on the node, or may not be read by the login.',
    remedy: 'Check the path on the node, and that the login is in the group of Cassandra\'s files ("sudo usermod -aG cassandra LOGIN").',
  },
  CASSANDRA_YAML_INVALID: {
    cause: 'The cassandra.yaml of a node could not be read as YAML.',
    remedy: 'Check the file on the node: Cassandra itself would not start with it.',
  },
  MOUNT_FAILED: {
    cause: 'A directory of the node could not be mounted by sshfs.',
    remedy: 'The log that the message names says why. Once it is mended, run "sudo cassandra-data-extractor -mnt".',
  },
  MOUNT_LOST: {
    cause: 'The mount of a node was lost while its files were read, and did not come back in time.',
    remedy: 'Look at "cassandra-data-extractor status". The work is taken up again by itself, where it was.',
  },
  FUSE_MISSING: {
    cause: 'This machine cannot mount file systems of users: sshfs is not installed, or there is no /dev/fuse.',
    remedy: 'Install sshfs ("apt-get install sshfs", "yum install fuse-sshfs"); in a container give it /dev/fuse. Without it the agent reads over SFTP (--sftp).',
  },
  SEALED_UNREADABLE: {
    cause: 'A sealed secret cannot be opened: it was changed, or the sealing key is gone or another one.',
    remedy: 'Bring the sealing key back, or run "sudo cassandra-data-extractor --configure" and give the secrets again.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** Makes an error of the installed agent. */
export const extractorError = errorFactory<keyof typeof extractorErrors>(extractorErrors);
