import { dumpTable } from '@aeneas/cassandra';
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
  await dumpTable(await openTable(paths, flags), nowOf(flags), (text) => output.write(text));
}
