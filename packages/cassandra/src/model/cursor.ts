// The one shape of every stage between a file and an item: a cursor over sorted fragments. `advance` is synchronous, so a stage
// costs no promise per row; only when bytes are missing does it answer PENDING, and the caller awaits `fill` once per chunk.
//
//   fragments := (PARTITION (ROW | MARKER)*)* END
//
// The reusable objects that a cursor exposes (partition, row, marker) are valid until its next `advance`, the partition and its
// static row until the next PARTITION.

import { DeletionTime, Row } from './row.ts';

export const PENDING = 0;
export const PARTITION = 1;
export const ROW = 2;
export const MARKER = 3;
export const END = 4;
export type Fragment = typeof PENDING | typeof PARTITION | typeof ROW | typeof MARKER | typeof END;

/** The partition that a cursor is in. Owned and reused by the cursor. */
export class Partition {
  /** Serialized partition key, as in the files (composite for several key columns). A private copy, `keyLength` bytes long. */
  key: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  keyLength = 0;
  /**
   * The token in 32-bit words, compared word by word as numbers. Murmur3: a signed tokenHi and tokenLo. RandomPartitioner: all four words,
   * unsigned. Partitioners that order by the key itself leave them 0.
   */
  tokenHi = 0;
  tokenLo = 0;
  tokenExtraHi = 0;
  tokenExtraLo = 0;
  readonly deletion = new DeletionTime();
  readonly staticRow = new Row();
  hasStaticRow = false;
  /** Offset of the partition in the uncompressed Data.db; 0 after a merge. */
  position = 0;
}

/** A bound or boundary of range tombstones. Kinds are Cassandra's ClusteringPrefix.Kind ordinals. */
export class Marker {
  bytes: Uint8Array = new Uint8Array(0);
  /** Offsets in the uncompressed Data.db at which the marker starts and ends. */
  position = 0;
  endPosition = 0;
  kind = 0;
  clusteringCount = 0;
  clusteringStart = new Int32Array(8);
  clusteringEnd = new Int32Array(8);
  /** The range that ends here (end bounds and boundaries). */
  readonly closes = new DeletionTime();
  /** The range that starts here (start bounds and boundaries). */
  readonly opens = new DeletionTime();
}

/** Cassandra's ClusteringPrefix.Kind: ordinals as they are in the files. */
export const BOUND_EXCL_END = 0;
export const BOUND_INCL_START = 1;
export const BOUND_EXCL_END_INCL_START = 2;
export const BOUND_STATIC_CLUSTERING = 3;
export const BOUND_CLUSTERING = 4;
export const BOUND_INCL_END_EXCL_START = 5;
export const BOUND_INCL_END = 6;
export const BOUND_EXCL_START = 7;

export interface UnfilteredCursor {
  /** The file that is read, for error messages; absent after a merge. */
  readonly file?: string;
  readonly partition: Partition;
  readonly row: Row;
  readonly marker: Marker;
  /** The next fragment. After PENDING call `fill` and then `advance` again. */
  advance(): Fragment;
  fill(): Promise<void>;
  close(): Promise<void>;
}
