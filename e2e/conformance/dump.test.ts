// Every table of every version, row by row, against what the server that wrote the files answered: values, write times, TTLs, order.

import { TableCatalogue, localFiles } from '@aeneas/cassandra';
import { describe, expect, test } from 'vitest';
import { LABELS, UPGRADED } from '../../fixtures/unpack.ts';
import { rowDifferences } from './compare-rows.ts';
import { fixtureTables } from './fixture-tables.ts';
import { readLines, rowsOf } from './read-table.ts';

for (const label of [...LABELS, UPGRADED] as const) {
  const tables = await fixtureTables(label);
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [tables[0]!.directory] });

  describe(`Cassandra ${label}`, () => {
    test.each(tables.map((table) => [`${table.role} (${table.keyspace}.${table.table})`, table] as const))('%s', async (_name, table) => {
      const expected = table.expected();
      // The fixtures have no table that the node could not read back; one that had would have nothing to compare with.
      expect(expected.readError).toBeUndefined();
      const lines = await readLines(localFiles, catalogue, table.keyspace, table.table, Math.floor(expected.readAtMillis / 1000));
      expect(rowDifferences(rowsOf(lines), expected)).toEqual([]);
    });
  });
}
