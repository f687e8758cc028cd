import { describeSSTable, localFiles } from '@aeneas/cassandra';
import { Output } from '../output.ts';

/** `aeneas sstable describe`: one JSON object an SSTable. */
export async function describe(paths: readonly string[]): Promise<void> {
  const output = new Output();
  for (const path of paths) await output.write(`${JSON.stringify(await describeSSTable(localFiles, path), null, 2)}\n`);
}
