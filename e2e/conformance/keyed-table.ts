// Tables of a given shape: so many partitions of such a size in so many SSTables.

import { END, PARTITION, PENDING, comparePartitions, partitionOfKey } from '@aeneas/cassandra';
import type { Partitioner, TableMetadata, TableReader, TokenRange } from '@aeneas/cassandra';
import { LegacySSTableWriter } from '../../fixtures/legacy-sstable-writer.ts';
import { SSTableWriter } from '../../fixtures/sstable-writer.ts';
import { formatOf } from '../../fixtures/sstable-writer/format.ts';
import type { Version } from '../../fixtures/sstable-writer/format.ts';
import type { SSTableShape } from '../../fixtures/sstable-writer/shape.ts';
import { randomOf } from './damaged-files.ts';

export interface KeyedTable {
  /** mc by default. */
  readonly version?: Version;
  /** True by default. */
  readonly compressed?: boolean;
  readonly chunkBytes?: number;
  readonly partitioner?: 'Murmur3Partitioner' | 'RandomPartitioner' | 'ByteOrderedPartitioner';
  /** Keys are "key 0" and so on, so SSTables share them; `bytesOf` says how large each partition is. */
  readonly sstables: readonly { readonly keys: number; readonly bytesOf: (key: number) => number }[];
}

const BASE_MICROS = 1_600_000_000_000_000n;
const BODY_BYTES = 2_000;
const PARTITIONERS: Readonly<Record<string, Partitioner>> = { Murmur3Partitioner: 'murmur3', RandomPartitioner: 'random', ByteOrderedPartitioner: 'byte-ordered' };

const column = (name: string, kind: 'partition_key' | 'clustering' | 'regular', type: 'text' | 'int', position = -1) =>
  ({ name, kind, type: { kind: type }, position, reversed: false }) as const;

export const TABLE: TableMetadata = {
  keyspace: 'k', name: 't', partitionKey: [column('id', 'partition_key', 'text', 0)], clustering: [column('n', 'clustering', 'int', 0)],
  staticColumns: [], regularColumns: [column('body', 'regular', 'text')], dropped: [], isStaticCompact: false, isCompact: false, isDense: false,
  isCompound: true, isCounter: false, isView: false, enforcesStrictLiveness: false, defaultTtlSeconds: 0,
};

/** Returns the Data.db files. */
export function writeTable(directory: string, { version = 'mc', compressed = true, chunkBytes, partitioner = 'Murmur3Partitioner', sstables }: KeyedTable): string[] {
  const random = randomOf(7);
  const text = Buffer.from(Array.from({ length: 1 << 18 }, (_, at) => (at % 2 === 0 ? 97 + random(26) : 32)));
  return sstables.map(({ keys, bytesOf }, s) => {
    const shape: SSTableShape = {
      version, directory, generation: s + 1, partitioner, partitionKeyType: 'UTF8Type', clusteringTypes: ['Int32Type'], regularColumns: [['body', 'UTF8Type']],
      compressed, ...(chunkBytes === undefined ? {} : { chunkBytes }), minTimestamp: BASE_MICROS, minLocalDeletionTime: 1_600_000_000,
    };
    const writer = formatOf(version).storesAtoms ? new LegacySSTableWriter(shape) : new SSTableWriter(shape);
    const partitions = Array.from({ length: keys }, (_, i) => ({ i, partition: partitionOfKey(PARTITIONERS[partitioner]!, Buffer.from(`key ${i}`)) }));
    partitions.sort((a, b) => comparePartitions(a.partition, b.partition));
    for (const { i, partition } of partitions) {
      writer.startPartition(partition.key);
      for (let left = bytesOf(i), n = 0; left > 0; left -= BODY_BYTES, n++) {
        const at = random(text.length - BODY_BYTES);
        const timestamp = BASE_MICROS + BigInt(s);
        const body = text.subarray(at, at + Math.min(left, BODY_BYTES));
        writer.rowOf({ clustering: [Buffer.of(0, 0, n >> 8, n)], liveness: { timestamp }, cells: [{ column: 0, timestamp, value: body }] });
      }
      writer.endPartition();
    }
    return writer.finish();
  });
}

/** The keys of a range's partitions, in the order of the ring. */
export async function keysOf(reader: TableReader, range: TokenRange): Promise<string[]> {
  const cursor = await reader.liveRows({ nowSeconds: 1_700_000_000, range });
  const keys: string[] = [];
  try {
    for (;;) {
      const fragment = cursor.advance();
      if (fragment === END) return keys;
      if (fragment === PENDING) await cursor.fill();
      else if (fragment === PARTITION) keys.push(Buffer.from(cursor.partition.key.subarray(0, cursor.partition.keyLength)).toString());
    }
  } finally {
    await cursor.close();
  }
}
