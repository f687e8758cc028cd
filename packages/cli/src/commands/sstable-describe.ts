import { describeSSTable, describeTable, localFiles } from '@aeneas/cassandra';
import { Output } from '../output.ts';

/** How many of the largest partitions an estimate names. */
const LARGEST_PARTITIONS = 10;

/** `aeneas sstable describe`: one JSON object an SSTable, or one estimate of them all. */
export async function describe(paths: readonly string[], { estimate = false }: { readonly estimate?: boolean }): Promise<void> {
  const output = new Output();
  const write = async (described: Record<string, unknown>): Promise<void> => output.write(`${JSON.stringify(described, null, 2)}\n`);
  if (estimate) await write(await describeTable(localFiles, paths, LARGEST_PARTITIONS));
  else for (const path of paths) await write(await describeSSTable(localFiles, path));
}
