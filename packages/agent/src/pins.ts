// A task pins its inputs once. SSTables never change once they are written, so size and a digest of both ends (which hold the header of
// the first and the last chunk) tell another file of the same name; their own checksums prove every byte as it is read.

import { createHash } from 'node:crypto';
import { agentError } from './errors.ts';
import type { CheckJob, JobContext } from './job.ts';
import type { SourceFiles } from './source-files.ts';

const END_BYTES = 64 * 1024;
const PARALLEL_FILES = 16;

/** A file of the source as it was when the task began. */
export interface PinnedInput {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeMillis: number;
  /** Of both ends. */
  readonly digest: string;
}

/** What the files are now. Throws FILE_UNREADABLE. */
export function pinFiles(paths: readonly string[], { files, signal }: Pick<JobContext, 'files' | 'signal'>): Promise<PinnedInput[]> {
  return forEachLimited(paths, signal, async (path) => {
    const mtimeMillis = await files.modifiedMillis(path);
    return { path, mtimeMillis, ...await lookAt(files, path) };
  });
}

/** Throws INPUT_CHANGED when a pinned file is gone or another. A copy of the same content with another time is the same file. */
export async function checkPins({ pins, trustTimes }: CheckJob, { files, signal }: Pick<JobContext, 'files' | 'signal'>): Promise<void> {
  const changes = await forEachLimited(pins, signal, (pin) => changeOf(pin, files, trustTimes));
  const changed = changes.filter((change) => change !== undefined);
  if (changed.length === 0) return;
  const others = changed.length === 1 ? '' : ` (and ${changed.length - 1} more files)`;
  throw agentError('INPUT_CHANGED', `${changed[0]!.what}${others}`, { file: changed[0]!.path });
}

async function changeOf(pin: PinnedInput, files: SourceFiles, trustTimes: boolean): Promise<{ readonly path: string; readonly what: string } | undefined> {
  const { path } = pin;
  try {
    const isOfThatTime = (await files.modifiedMillis(path)) === pin.mtimeMillis;
    const { sizeBytes, digest } = await lookAt(files, path, isOfThatTime && trustTimes ? pin.digest : undefined);
    if (sizeBytes !== pin.sizeBytes) return { path, what: `A pinned file had ${pin.sizeBytes} bytes and now has ${sizeBytes}` };
    return digest === pin.digest ? undefined : { path, what: 'A pinned file has other content' };
  } catch (error) {
    return { path, what: `A pinned file cannot be read any more: ${(error as Error).message}` };
  }
}

/** Size and digest of a file; a digest that is known is not made again. */
async function lookAt(files: SourceFiles, path: string, known?: string): Promise<Pick<PinnedInput, 'sizeBytes' | 'digest'>> {
  const source = await files.open(path);
  try {
    const { size } = source;
    if (known !== undefined) return { sizeBytes: size, digest: known };
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(Math.min(size, END_BYTES));
    for (const position of size > END_BYTES ? [0, size - END_BYTES] : [0]) hash.update(buffer.subarray(0, await source.read(buffer, 0, buffer.length, position)));
    return { sizeBytes: size, digest: hash.digest('hex').slice(0, 32) };
  } finally {
    await source.close();
  }
}

async function forEachLimited<T, R>(items: readonly T[], signal: AbortSignal, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += PARALLEL_FILES) {
    if (signal.aborted) throw agentError('JOB_STOPPED', 'Looking at the files of the source was stopped');
    results.push(...await Promise.all(items.slice(i, i + PARALLEL_FILES).map(work)));
  }
  return results;
}
