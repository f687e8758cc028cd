// Every table of every version as DynamoDB items, decoded by a reader that was written from docs/MAPPING.md alone, against what
// the server answered: values, order of sort keys, no key twice, every row an item or rejected for a reason.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TableCatalogue, localFiles } from '@aeneas/cassandra';
import { describe, expect, test } from 'vitest';
import { LABELS, UPGRADED, putsEmptyFirst } from '../../fixtures/unpack.ts';
import { userTypesOf } from '../decoder/cql-type.ts';
import { itemDifferences } from './compare-items.ts';
import { fixtureTables } from './fixture-tables.ts';
import { readItems } from './read-items.ts';

for (const label of [...LABELS, UPGRADED] as const) {
  const tables = await fixtureTables(label);
  const { directory } = tables[0]!;
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [directory] });
  const schema = readFileSync(join(directory, 'schema.cql'), 'utf8');

  describe(`Cassandra ${label}`, () => {
    test.each(tables.map((table) => [`${table.role} (${table.keyspace}.${table.table})`, table] as const))('%s', async (_name, table) => {
      const expected = table.expected();
      const items = await readItems(localFiles, catalogue, table.keyspace, table.table, Math.floor(expected.readAtMillis / 1000));
      expect(itemDifferences(items, expected, userTypesOf(schema, table.keyspace), putsEmptyFirst(label))).toEqual([]);
    });
  });
}
