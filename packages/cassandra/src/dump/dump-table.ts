// What `aeneas sstable dump` does, without and with --raw.

import type { FileSystem } from '../bytes/byte-source.ts';
import type { TableReader } from '../merge/table-reader.ts';
import { cqlView } from '../schema/table-builder.ts';
import { SSTable } from '../sstable/sstable.ts';
import { writeNeutralRows } from './neutral-rows.ts';
import { writeRawPartitions } from './raw.ts';
import type { ByteSink } from './chunked-output.ts';

/** Writes the live rows of a table at a moment (seconds since the epoch) as neutral rows. Returns their number. Throws SSTABLE_* and VALUE_INVALID. */
export async function dumpTable(reader: TableReader, nowSeconds: number, sink: ByteSink): Promise<number> {
  const rows = await reader.liveRows({ nowSeconds });
  try {
    return await writeNeutralRows(cqlView(reader.table), rows, {
      nowSeconds,
      // The servers that know the field are the ones whose CQL tells write times of frozen collections.
      frozenCollectionsHaveTimes: reader.sstables.some(({ descriptor }) => descriptor.version.hasOriginatingHostId),
    }, sink);
  } finally {
    await rows.close();
  }
}

/** Writes one SSTable (its Data.db) as it is, a partition a line; "expired" is judged at a moment. Throws FILE_UNREADABLE, SSTABLE_* and VALUE_INVALID. */
export async function dumpSSTable(files: FileSystem, dataFile: string, nowSeconds: number, sink: ByteSink): Promise<void> {
  const sstable = await SSTable.open(files, dataFile);
  const cursor = await sstable.scan();
  try {
    await writeRawPartitions(sstable.layout.table, cursor, { nowSeconds, dataLength: sstable.dataLength }, sink);
  } finally {
    await cursor.close();
  }
}
