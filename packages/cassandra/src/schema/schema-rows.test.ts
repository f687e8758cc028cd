import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackedSchemas } from '../../../../fixtures/unpack.ts';
import { localFiles } from '../bytes/file-source.ts';
import { loadTable } from './load-schema.ts';
import { readSchemaRows } from './schema-rows.ts';

describe('readSchemaRows', () => {
  // Their types are tuples in system_schema, and neither there nor in headers of 3.0 does it say which were frozen.
  it.each(['3.0.0', '3.0.24', '3.11.2', '3.11.19'])('passes over columns of user types that were dropped, on %s', async (version) => {
    const home = join(await unpackedSchemas(), version);
    const { table, dataFiles } = await loadTable({ files: localFiles, directories: [join(home, 'data')], keyspace: 'drops', name: 't' });
    const rows = [];
    for await (const { p, c, z } of readSchemaRows(localFiles, table, dataFiles)) rows.push([Number(p), Number(c), z]);
    expect(table.dropped.map(({ name }) => name)).toEqual(['f', 'l', 'n', 's', 'tu']);
    expect(rows).toEqual(JSON.parse(readFileSync(join(home, 'drops.json'), 'utf8')));
  });
});
