// The example items of docs/MAPPING.md are real.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { END, PENDING, TableCatalogue, TableReader, localFiles } from '@aeneas/cassandra';
import { unpackedDemo } from '../../../fixtures/unpack.ts';
import { ItemCursor } from './item-cursor.ts';
import { ItemEncoder } from './item-encoder.ts';
import { planTable } from './table-plan.ts';

test('the example of docs/MAPPING.md is what the demo has', async () => {
  const page = readFileSync(new URL('../../../docs/MAPPING.md', import.meta.url), 'utf8');
  const examples = /## An example[^]*?```json\n([^]*?)```/.exec(page)![1].trim().split('\n');
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [await unpackedDemo()] });
  const lines = new Set<string>();
  for (const [keyspace, name] of [['sensor', 'readings'], ['shop', 'page_views'], ['shop', 'carts']]) {
    const { table, dataFiles } = await catalogue.load({ keyspace, name });
    const reader = await TableReader.open(localFiles, table, dataFiles);
    const encoder = new ItemEncoder(planTable(table, { rules: [] }), undefined, { asLines: true });
    const cursor = new ItemCursor(await reader.liveRows({ nowSeconds: 1_790_000_000 }), encoder);
    for (let outcome = cursor.advance(); outcome !== END; outcome = cursor.advance()) if (outcome === PENDING) await cursor.fill();
    await cursor.close();
    for (const line of encoder.out.toString().split('\n')) lines.add(line);
  }
  expect(examples.length).toBe(4);
  for (const example of examples) expect([example, lines.has(example)]).toEqual([example, true]);
});
