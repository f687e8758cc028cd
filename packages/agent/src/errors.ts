import { errorFactory } from '@aeneas/cassandra';
import type { ErrorEntry } from '@aeneas/cassandra';

export const agentErrors = {
  DISK_FULL: {
    cause: 'A file could not grow: the disk, a quota or a file size limit is full.',
    remedy: 'Make room there and run the same command again: it continues from the last checkpoint.',
  },
  FILE_UNWRITABLE: {
    cause: 'The operating system refused to make, write or rename a file of ours.',
    remedy: 'Check the rights of the folder that the message names, and that its mount is alive.',
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
