// What `aeneas sstable dump` does, for whoever has a table open.

import type { TableReader } from '../merge/table-reader.ts';
import { cqlView } from '../schema/table-builder.ts';
import { writeNeutralRows } from './neutral-rows.ts';
import type { TextSink } from './text-sink.ts';

/** Writes the live rows of a table at a moment (seconds since the epoch) as neutral rows. Returns their number. Throws SSTABLE_* and VALUE_INVALID. */
export async function dumpTable(reader: TableReader, nowSeconds: number, sink: TextSink): Promise<number> {
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
