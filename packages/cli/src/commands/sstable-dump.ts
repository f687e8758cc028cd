import { resolve } from 'node:path';
import { dumpSSTable, dumpTable, localFiles } from '@aeneas/cassandra';
import { cliError } from '../errors.ts';
import { Output } from '../output.ts';
import { nowOf, openTable, readSchema } from '../table-input.ts';
import { parseTableName } from '../table-name.ts';
import type { TableFlags } from '../table-input.ts';

export interface DumpFlags extends Omit<TableFlags, 'table'> {
  readonly table?: string;
  readonly raw?: boolean;
}

/** `aeneas sstable dump`. */
export async function dump(paths: readonly string[], flags: DumpFlags): Promise<void> {
  const output = new Output();
  const write = (bytes: Uint8Array) => output.write(bytes);
  if (flags.raw) {
    const source = {
      ...(flags.table === undefined ? {} : { name: parseTableName(flags.table)! }),
      ...(flags.schema === undefined ? {} : { schemaText: await readSchema(flags.schema) }),
    };
    for (const path of paths) await dumpSSTable(localFiles, resolve(path), nowOf(flags), write, source);
    return;
  }
  const { table } = flags;
  if (table === undefined) throw cliError('USAGE', 'option \'-t, --table <keyspace.table>\' is needed, unless --raw is given');
  await dumpTable(await openTable(paths, { ...flags, table }), nowOf(flags), write);
}
