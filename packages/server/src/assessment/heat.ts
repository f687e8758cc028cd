// What SSTables say of hot partitions: how much of a table is in its largest ones. How often they are read and written no file tells.

import type { AssessedPartition, SampledVolume } from '@aeneas/agent';

/** One partition of DynamoDB takes at most so much a second, whatever its table has: "Best practices for designing and using partition keys effectively". */
export const PARTITION_WRITE_UNITS = 1_000;
export const PARTITION_READ_UNITS = 3_000;
/** A strongly consistent read: one unit for each started piece of this size. */
const READ_UNIT_BYTES = 4_096;
/** Above this DynamoDB needs several partitions for one key. */
export const LARGE_PARTITION_BYTES = 10 * 1024 ** 3;
/** Of an item, and of a write unit. */
const MAX_ITEM_BYTES = 409_600;
const WRITE_UNIT_BYTES = 1_024;
const HOT_SHARE = 0.05;
/** Of smaller tables one partition of DynamoDB takes all of the load within minutes. */
const LARGE_TABLE_BYTES = 128 * 1024 ** 2;

/** A partition and what falls to it. All but its size is its table's total by its share of the bytes, so an estimate. */
export interface PartitionHeat extends AssessedPartition {
  /** Of the uncompressed bytes of the table, 0 to 1. */
  readonly share: number;
  readonly items: number;
  readonly itemBytes: number;
  /** To load it, without its entries in indexes: those are in other partitions. */
  readonly writeUnits: number;
  /** To read it whole, strongly consistent. */
  readonly readUnits: number;
  /** At least: at the write units that one partition takes. */
  readonly loadSeconds: number;
  readonly isHot: boolean;
}

/** What one key's share allows of the whole table, a second, if traffic is spread as bytes are. */
export interface TrafficLimit {
  readonly writeUnits: number;
  readonly readUnits: number;
}

/** @param isOneItem the table has no sort key. */
export function partitionHeat(partition: AssessedPartition, uncompressedBytes: number, volume: Pick<SampledVolume, 'items' | 'itemBytes' | 'writeUnits' | 'indexWriteUnits'>, isOneItem: boolean): PartitionHeat {
  const share = uncompressedBytes === 0 ? 0 : Math.min(1, partition.sizeBytes / uncompressedBytes);
  const itemBytes = isOneItem ? Math.min(MAX_ITEM_BYTES, partition.sizeBytes) : Math.round(volume.itemBytes * share);
  const writeUnits = isOneItem ? Math.ceil(itemBytes / WRITE_UNIT_BYTES) : Math.round((volume.writeUnits - volume.indexWriteUnits) * share);
  return {
    ...partition, share, itemBytes, items: isOneItem ? 1 : Math.round(volume.items * share), writeUnits, readUnits: Math.ceil(itemBytes / READ_UNIT_BYTES),
    loadSeconds: writeUnits / PARTITION_WRITE_UNITS,
    isHot: (share > HOT_SHARE && uncompressedBytes > LARGE_TABLE_BYTES) || partition.sizeBytes > LARGE_PARTITION_BYTES,
  };
}

/** Undefined for a table without data. */
export function trafficLimit(partitions: readonly PartitionHeat[]): TrafficLimit | undefined {
  const largest = Math.max(0, ...partitions.map(({ share }) => share));
  return largest === 0 ? undefined : { writeUnits: Math.floor(PARTITION_WRITE_UNITS / largest), readUnits: Math.floor(PARTITION_READ_UNITS / largest) };
}
