// Every table of every version as DynamoDB items, decoded by a reader that was written from docs/MAPPING.md alone, against what
// the server answered: values, order of sort keys, no key twice, every row an item or rejected for a reason. In the profile dms the
// tables of one version, which has all types.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TableCatalogue, localFiles } from '@aeneas/cassandra';
import { describe, expect, test } from 'vitest';
import { LABELS, UPGRADED, putsEmptyFirst } from '../../fixtures/unpack.ts';
import { userTypesOf } from '../decoder/cql-type.ts';
import { itemDifferences } from './compare-items.ts';
import { fixtureTables } from './fixture-tables.ts';
import { readItems } from './read-items.ts';

const CASES = [...[...LABELS, UPGRADED].map((label) => ({ label, profile: 'native' as const })), { label: '5.0.2-da' as const, profile: 'dms' as const }];
const KINDS_OF_DMS = ['S', 'N', 'BOOL'];

for (const { label, profile } of CASES) {
  const tables = await fixtureTables(label);
  const { directory } = tables[0]!;
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [directory] });
  const schema = readFileSync(join(directory, 'schema.cql'), 'utf8');

  describe(`Cassandra ${label}, profile ${profile}`, () => {
    test.each(tables.map((table) => [`${table.role} (${table.keyspace}.${table.table})`, table] as const))('%s', async (_name, table) => {
      const expected = table.expected();
      const mapping = { rules: profile === 'dms' ? [{ table: '*.*', profile }] : [] };
      const items = await readItems(localFiles, catalogue, table.keyspace, table.table, Math.floor(expected.readAtMillis / 1000), mapping);
      if (profile === 'dms') expect(items.items.flatMap((item) => Object.values(item).flatMap((attribute) => Object.keys(attribute))).filter((kind) => !KINDS_OF_DMS.includes(kind))).toEqual([]);
      expect(itemDifferences(items, expected, userTypesOf(schema, table.keyspace), putsEmptyFirst(label), profile)).toEqual([]);
    });
  });
}
