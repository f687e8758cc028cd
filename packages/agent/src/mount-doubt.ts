// Whether a verdict about a source's files may be believed. A mount that is about to be lost can show files as shorter than they are, for a
// moment and to every reader: what looks like damage then is none, and must not end a table for good.

import { setTimeout } from 'node:timers/promises';
import { CodedError } from '@aeneas/cassandra';
import { extractorError } from './extractor/errors.ts';
import { mountedAt } from './extractor/mount-table.ts';
import { ReadBudget } from './reading.ts';
import type { SharedReading } from './reading.ts';

/** An sshfs whose connection is gone ends within moments; only when the mount is still the same after this is it believed. */
const SETTLE_MILLIS = 3_000;
const LOOK_MILLIS = 200;
/** Errors that speak of the source itself, which a server does not try again. */
const OF_THE_SOURCE = /^(?:SSTABLE|SCHEMA|TABLE|VALUE|INPUT)_/;

type DeviceAt = (path: string) => string | undefined;

/** Begins to watch: the returned function tells, for an error that came since, what is to be believed: the error itself, or MOUNT_LOST. */
export function doubtMounts(
  { budget, mounts = [] }: Pick<SharedReading, 'budget' | 'mounts'>, signal: AbortSignal, deviceAt: DeviceAt = (path) => mountedAt(path)?.device,
): (error: unknown) => Promise<unknown> {
  const shared = new ReadBudget(budget);
  const devices = (): string => mounts.map(deviceAt).join(' ');
  const [doubts, before] = [shared.doubts, devices()];
  const isSame = (): boolean => shared.doubts === doubts && devices() === before;

  return async (error) => {
    if (mounts.length === 0 || !(error instanceof CodedError) || !OF_THE_SOURCE.test(error.code)) return error;
    const deadline = Date.now() + SETTLE_MILLIS;
    while (isSame() && Date.now() < deadline && !signal.aborted) await setTimeout(LOOK_MILLIS);
    if (isSame()) return error;
    return extractorError('MOUNT_LOST', `The mount of a node was lost; before that it seemed that: ${error.message}`, { file: mounts.find((mount) => error.message.includes(mount)) ?? mounts[0] }, error);
  };
}
