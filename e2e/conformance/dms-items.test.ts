// The tables of one version (all types are there) as items of the profile dms, decoded by the reader that was written from docs/MAPPING.md alone: strings, numbers and
// booleans only, every row an item or rejected for a reason that the row shows.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TableCatalogue, localFiles } from '@aeneas/cassandra';
import { describe, expect, test } from 'vitest';
import { putsEmptyFirst } from '../../fixtures/unpack.ts';
import { userTypesOf } from '../decoder/cql-type.ts';
import { itemDifferences } from './compare-items.ts';
import { fixtureTables } from './fixture-tables.ts';
import { readItems } from './read-items.ts';

const MAPPING = { rules: [{ table: '*.*', profile: 'dms' as const }] };

for (const label of ['5.0.2-da'] as const) {
  const tables = await fixtureTables(label);
  const { directory } = tables[0]!;
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [directory] });
  const schema = readFileSync(join(directory, 'schema.cql'), 'utf8');

  describe(`Cassandra ${label}`, () => {
    test.each(tables.map((table) => [`${table.role} (${table.keyspace}.${table.table})`, table] as const))('%s', async (_name, table) => {
      const expected = table.expected();
      const items = await readItems(localFiles, catalogue, table.keyspace, table.table, Math.floor(expected.readAtMillis / 1000), MAPPING);
      expect(items.items.flatMap((item) => Object.values(item).flatMap((attribute) => Object.keys(attribute))).filter((kind) => !['S', 'N', 'BOOL'].includes(kind))).toEqual([]);
      expect(itemDifferences(items, expected, userTypesOf(schema, table.keyspace), putsEmptyFirst(label), 'dms')).toEqual([]);
    });
  });
}
