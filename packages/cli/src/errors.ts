import { errorFactory } from '@aeneas/cassandra';
import type { ErrorEntry } from '@aeneas/cassandra';

export const cliErrors = {
  USAGE: {
    cause: 'The command line could not be understood: an unknown command or option, or a missing or malformed argument.',
    remedy: 'See the --help of the command.',
  },
  INTERNAL_ERROR: {
    cause: 'Something happened that this program did not foresee: a bug.',
    remedy: 'Run the command again with AENEAS_DEBUG=1 to see the stack, and report it. Nothing that was acknowledged is lost; a migration can be run again.',
  },
  SECRET_MISSING: {
    cause: 'A password is needed and was not given.',
    remedy: 'Type it when asked, give a file with it (--help names the option or the setting), or set the variable that the message names.',
  },
  SECRET_FILE_UNFIT: {
    cause: 'A password file cannot be read, is empty, or others than its owner may read it.',
    remedy: 'Put the password in its first line and run "chmod 600" on it.',
  },
  OUTPUT_FAILED: {
    cause: 'The standard output could not be written, for example because the disk it is redirected to is full.',
    remedy: 'Make room, or redirect to another place, and run the command again.',
  },
  DEMO_DATA_MISSING: {
    cause: 'The sample data of the demo is not in this installation.',
    remedy: 'Run the demo in a full checkout of the repository (fixtures/demo).',
  },
  DEMO_AGENT_FAILED: {
    cause: 'The agent that the demo starts did not come up.',
    remedy: 'The message shows what it printed. Run "npm ci" in the checkout and try again.',
  },
  STAND_IN_FAILED: {
    cause: 'A local stand-in of S3 or DynamoDB did not start or ended by itself.',
    remedy: 'Run "npm ci" in the checkout and try again; the message shows what the stand-in printed.',
  },
  CONFIRMATION_MISSING: {
    cause: 'Something has to be confirmed first, and was not.',
    remedy: 'The message says what to look at and which option confirms it.',
  },
  SERVER_UNREACHABLE: {
    cause: 'The command asked a server that does not answer.',
    remedy: 'Start it with "aeneas serve", or give the address of another with --server. If its certificate is not trusted: "aeneas login --trust FILE" takes the authority\'s certificate or trust store.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** Makes an error of this package. */
export const cliError = errorFactory<keyof typeof cliErrors>(cliErrors);
