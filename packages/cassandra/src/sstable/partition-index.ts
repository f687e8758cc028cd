// Where the partitions of an SSTable lie, asked by token. Each way of indexing (Index.db with Summary.db; tries) is one of these.

import type { Partitioner } from '../model/table-metadata.ts';
import type { Token } from '../model/token.ts';

/** A partition that the index was asked for. */
export interface IndexedPartition {
  /** Serialized key. */
  readonly key: Uint8Array;
  /** Uncompressed offset in Data.db. */
  readonly position: number;
}

/**
 * Hears of the partitions of a walk, in their order: the offset in Data.db, and the token and the key (valid during the call). A trie has keys of
 * large partitions only, and of tokens as much as tells partitions apart: then it is a token of at
 * least this partition's and less than the next one's.
 */
export type PartitionVisitor = (position: number, token: Token, key: Uint8Array | undefined) => void;

/** Reads the key of the partition at an uncompressed offset of Data.db. */
export type KeyAt = (position: number) => Promise<Uint8Array>;

/** What an index knows of the data that it belongs to. */
export interface IndexedData {
  readonly partitioner: Partitioner;
  /** Of the uncompressed Data.db. */
  readonly dataLength: number;
  readonly keyAt: KeyAt;
}

export interface PartitionIndex {
  /** What `forEach` reads. */
  readonly sizeBytes: number;
  /** The first partition whose token is greater; undefined when there is none. Reads about as much as a search takes. */
  firstAfter(token: Token): Promise<IndexedPartition | undefined>;
  /** The same without the key, for which Data.db may have to be read. */
  positionAfter(token: Token): Promise<number | undefined>;
  /** Reads the whole index. */
  forEach(visit: PartitionVisitor): Promise<void>;
  readonly keyAt: KeyAt;
  close(): Promise<void>;
}
