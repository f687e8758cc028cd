// Summary.db: every 128th (or so) key of Index.db with its offset there, so that a search need not read Index.db from the start
// (docs/formats/index.md). Written from native memory: offsets and positions are little-endian.

import { ByteCursor } from '../bytes/byte-cursor.ts';
import { cassandraError } from '../errors.ts';

export interface Summary {
  readonly minIndexInterval: number;
  readonly samplingLevel: number;
  readonly fullSamplingSize: number;
  /** Sampled keys with their offset in Index.db, in token order. */
  readonly entries: readonly { readonly key: Uint8Array; readonly indexPosition: number }[];
  readonly firstKey: Uint8Array;
  readonly lastKey: Uint8Array;
}

/** Throws SSTABLE_CORRUPT or SSTABLE_TRUNCATED. */
export function parseSummary(bytes: Uint8Array, file: string): Summary {
  const corrupt = (message: string) => cassandraError('SSTABLE_CORRUPT', message, { file });
  const input = new ByteCursor(bytes);
  const minIndexInterval = input.readInt32();
  const count = input.readInt32();
  const memorySize = input.readLength64('The size of the summary');
  const samplingLevel = input.readInt32();
  const fullSamplingSize = input.readInt32();
  if (count < 0 || memorySize < count * 4 || memorySize > input.remaining()) throw corrupt(`${count} entries in ${memorySize} bytes`);
  const start = input.take(memorySize);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, memorySize);
  const offsets = Array.from({ length: count }, (_, i) => view.getUint32(i * 4, true));
  const entries = offsets.map((offset, i) => {
    const end = (i + 1 < count ? offsets[i + 1] : memorySize) - 8;
    if (offset < count * 4 || end < offset || end + 8 > memorySize) throw corrupt(`Entry ${i} lies at ${offset}`);
    const indexPosition = Number(view.getBigUint64(end, true));
    return { key: bytes.slice(start + offset, start + end), indexPosition };
  });
  return { minIndexInterval, samplingLevel, fullSamplingSize, entries, firstKey: readKey(input), lastKey: readKey(input) };
}

function readKey(input: ByteCursor): Uint8Array {
  const length = input.readInt32();
  if (length < 0 || length > 0xffff) throw cassandraError('SSTABLE_CORRUPT', `A key of ${length} bytes`, { offset: input.position - 4 });
  const at = input.take(length);
  return input.bytes.slice(at, at + length);
}
