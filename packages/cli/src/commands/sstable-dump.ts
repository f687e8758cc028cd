import { cqlView, writeNeutralRows } from '@aeneas/cassandra';
import { cliError } from '../errors.ts';
import { Output } from '../output.ts';
import { nowOf, openTable } from '../table-input.ts';
import type { TableFlags } from '../table-input.ts';

export interface DumpFlags extends Omit<TableFlags, 'table'> {
  readonly table?: string;
  readonly raw?: boolean;
}

/** `aeneas sstable dump`. */
export async function dump(paths: readonly string[], flags: DumpFlags): Promise<void> {
  const { table } = flags;
  if (table === undefined) throw cliError('USAGE', 'option \'-t, --table <keyspace.table>\' is needed, unless --raw is given');
  await dumpLiveRows(paths, { ...flags, table });
}

async function dumpLiveRows(paths: readonly string[], flags: TableFlags): Promise<void> {
  const output = new Output();
  const reader = await openTable(paths, flags);
  const nowSeconds = nowOf(flags);
  const rows = await reader.liveRows({ nowSeconds });
  try {
    // The servers that write such SSTables also tell write times of frozen collections.
    const frozenCollectionsHaveTimes = reader.sstables.some(({ descriptor }) => descriptor.version.hasOriginatingHostId);
    await writeNeutralRows(cqlView(reader.table), rows, { nowSeconds, frozenCollectionsHaveTimes }, (text) => output.write(text));
  } finally {
    await rows.close();
  }
}
