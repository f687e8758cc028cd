// A task pins its inputs once. SSTables never change once they are written, so size and a digest of both ends (which hold the header of
// the first and the last chunk) tell another file of the same name; their own checksums prove every byte as it is read.

import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { cassandraError } from '@aeneas/cassandra';
import { serverError } from './errors.ts';
import type { PinnedInput } from './ledger.ts';

const END_BYTES = 64 * 1024;
const PARALLEL_FILES = 16;

/** What the files are now. Throws FILE_UNREADABLE. */
export function pinInputs(paths: readonly string[]): Promise<PinnedInput[]> {
  return forEachLimited(paths, async (path) => {
    try {
      const { size, mtimeMs } = await stat(path);
      return { path, sizeBytes: size, mtimeMillis: Math.floor(mtimeMs), digest: await digestEnds(path, size) };
    } catch (error) {
      throw cassandraError('FILE_UNREADABLE', `Cannot read: ${(error as Error).message}`, { file: path }, error);
    }
  });
}

/** Throws INPUT_CHANGED when a pinned file is gone or another. A copy of the same content with another time is the same file. */
export async function checkInputs(pinned: readonly PinnedInput[]): Promise<void> {
  const changes = await forEachLimited(pinned, changeOf);
  const changed = changes.filter((change) => change !== undefined);
  if (changed.length === 0) return;
  const others = changed.length === 1 ? '' : ` (and ${changed.length - 1} more files)`;
  throw serverError('INPUT_CHANGED', `${changed[0]!.what}${others}`, { file: changed[0]!.path });
}

async function changeOf(pin: PinnedInput): Promise<{ readonly path: string; readonly what: string } | undefined> {
  const { path } = pin;
  try {
    const { size, mtimeMs } = await stat(path);
    if (size !== pin.sizeBytes) return { path, what: `A pinned file had ${pin.sizeBytes} bytes and now has ${size}` };
    if (Math.floor(mtimeMs) === pin.mtimeMillis || (await digestEnds(path, size)) === pin.digest) return undefined;
    return { path, what: 'A pinned file has other content' };
  } catch (error) {
    return { path, what: `A pinned file cannot be read any more: ${(error as Error).message}` };
  }
}

async function digestEnds(path: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(size, END_BYTES));
    for (const position of size > END_BYTES ? [0, size - END_BYTES] : [0]) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex').slice(0, 32);
}

async function forEachLimited<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let i = 0; i < items.length; i += PARALLEL_FILES) results.push(...await Promise.all(items.slice(i, i + PARALLEL_FILES).map(work)));
  return results;
}
