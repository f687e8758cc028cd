// What other writers than Cassandra's do, and Cassandra reads.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TableReader, localFiles } from '@aeneas/cassandra';
import { afterAll, expect, test } from 'vitest';
import { TABLE, keysOf, writeTable } from './keyed-table.ts';

const root = mkdtempSync(join(tmpdir(), 'aeneas-writers-'));
afterAll(() => rmSync(root, { recursive: true }));

test('parts of Statistics.db that do not lie in the order in which they are listed', async () => {
  const dataFiles = writeTable(root, { sstables: [{ keys: 20, bytesOf: () => 50 }] });
  const whole = await keysOf(await TableReader.open(localFiles, TABLE, dataFiles), {});
  const path = dataFiles[0]!.replace('Data.db', 'Statistics.db');
  writeFileSync(path, withPartsReversed(readFileSync(path)));
  expect(await keysOf(await TableReader.open(localFiles, TABLE, dataFiles), {})).toEqual(whole);
  expect(whole.length).toBe(20);
});

/** docs/formats/statistics.md: a count, then type and offset of each part, then the parts. */
function withPartsReversed(statistics: Buffer): Buffer {
  const count = statistics.readInt32BE(0);
  const toc = Buffer.from(statistics.subarray(0, 4 + 8 * count));
  const offsets = Array.from({ length: count }, (_, i) => toc.readInt32BE(8 + 8 * i));
  const parts = offsets.map((offset, i) => ({ i, bytes: statistics.subarray(offset, offsets[i + 1]) })).reverse();
  let offset = toc.length;
  for (const { i, bytes } of parts) {
    toc.writeInt32BE(offset, 8 + 8 * i);
    offset += bytes.length;
  }
  return Buffer.concat([toc, ...parts.map(({ bytes }) => bytes)]);
}
