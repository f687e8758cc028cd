// What the rows and markers of an SSTable cover, in Statistics.db from version oa on (docs/formats/statistics.md): two bounds, and the
// clustering types that their values are encoded by.

import type { ByteCursor } from '../bytes/byte-cursor.ts';
import { cassandraError } from '../errors.ts';
import { BOUND_CLUSTERING, BOUND_EXCL_START, BOUND_STATIC_CLUSTERING } from '../model/cursor.ts';
import { fixedLengthOf } from '../types/fixed-length.ts';
import { parseMarshalType } from '../types/parse-marshal-type.ts';
import { readTypeNames } from './serialization-header.ts';

/** Values by clustering column, fewer than columns for a prefix; null where a compact table leaves one out. */
export type BoundValues = readonly (Uint8Array | null)[];

/** Start and end. Throws SSTABLE_CORRUPT, SSTABLE_UNSUPPORTED for a type that is not known. */
export function readCoveredClustering(input: ByteCursor): { readonly minClustering: BoundValues; readonly maxClustering: BoundValues } {
  const fixedLengths = readTypeNames(input).map((name) => fixedLengthOf(parseMarshalType(name).type));
  return { minClustering: readBound(input, fixedLengths), maxClustering: readBound(input, fixedLengths) };
}

function readBound(input: ByteCursor, fixedLengths: readonly number[]): BoundValues {
  const kind = input.readUnsignedByte();
  const count = input.readUnsignedShort();
  if (kind > BOUND_EXCL_START || kind === BOUND_STATIC_CLUSTERING || kind === BOUND_CLUSTERING || count > fixedLengths.length) {
    throw cassandraError('SSTABLE_CORRUPT', `A bound of kind ${kind} with ${count} of ${fixedLengths.length} values`, { offset: input.position - 3 });
  }
  let header = 0n;
  return Array.from({ length: count }, (_, i) => {
    // Two bits a value, for 32 values at a time: empty, null (docs/formats/data.md).
    if (i % 32 === 0) {
      input.readUnsignedVInt64();
      header = BigInt.asUintN(64, (BigInt(input.hi) << 32n) | BigInt(input.lo));
    }
    const bits = Number((header >> BigInt(2 * (i % 32))) & 3n);
    if (bits !== 0) return bits === 1 ? new Uint8Array(0) : null;
    const length = fixedLengths[i] >= 0 ? fixedLengths[i] : input.readUnsignedVInt();
    const at = input.take(length);
    return input.bytes.slice(at, at + length);
  });
}
