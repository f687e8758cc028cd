// The oracle is the node: what it keeps in system_schema is compared with the text that it executed, or printed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LABELS, unpackedFixture, unpackedSchemas } from '../../../../fixtures/unpack.ts';
import { localFiles } from '../bytes/file-source.ts';
import { CodedError } from '../errors.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import { parseCqlSchema } from './cql-parser.ts';
import { DROPPED_FOR_EVER, tableOfCql } from './cql-schema.ts';
import type { CqlSchema } from './cql-schema.ts';
import { TableCatalogue } from './load-schema.ts';
import type { ListedTable } from './load-schema.ts';
import { SystemSchema } from './system-schema.ts';
import type { NeutralRow } from './schema-row.ts';
import { cqlView } from './table-builder.ts';

/** Everything but what text cannot know: ids, times of drops, and kinds of dropped columns, which older nodes do not keep. */
function knownToText(table: TableMetadata): unknown {
  return { ...table, id: undefined, dropped: table.dropped.map(({ name }) => name) };
}

/** A table of the text; undefined where only the node can know. */
function ofText(schema: CqlSchema, { keyspace, name }: ListedTable): TableMetadata | undefined {
  try {
    return tableOfCql(schema, keyspace, name)!;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'SCHEMA_AMBIGUOUS') return undefined;
    throw error;
  }
}

/** A table of a snapshot's text; undefined where that is broken: field names without quotes, user types that are not there. */
function ofSnapshot(text: string, keyspace: string, name: string): TableMetadata | undefined {
  try {
    return tableOfCql(parseCqlSchema(text, keyspace), keyspace, name);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'SCHEMA_INVALID') return undefined;
    throw error;
  }
}

/** Views are written as tables, often indexes are not, user types of dropped columns and the case of fields are lost. */
function knownToSnapshot(table: TableMetadata): unknown {
  const plain = JSON.stringify({ ...table, dropped: [], indexes: [], views: [] }).replaceAll('Quoted', 'quoted');
  const dropped = table.dropped.map(({ name, droppedTimeMicros }) => [name, droppedTimeMicros]);
  return { ...JSON.parse(plain) as object, dropped, isView: false, enforcesStrictLiveness: false, isCounter: false };
}

async function userTables(catalogue: TableCatalogue): Promise<{ listed: ListedTable; node: TableMetadata }[]> {
  const listed = catalogue.list().filter((table) => !table.keyspace.startsWith('system'));
  return Promise.all(listed.map(async (one) => ({ listed: one, node: (await catalogue.load(one)).table })));
}

describe.each(LABELS)('system_schema of %s', (label) => {
  it('is what the executed statements say', async () => {
    const directory = await unpackedFixture(label);
    const text = parseCqlSchema(readFileSync(join(directory, 'schema.cql'), 'utf8'));
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as { tables: { keyspace: string; table: string; role: string }[] };
    const catalogue = await TableCatalogue.open({ files: localFiles, directories: [directory] });
    const tables = await userTables(catalogue);
    expect(tables.length).toBeGreaterThan(60);
    for (const { listed, node } of tables) {
      const fromText = ofText(text, listed);
      const role = manifest.tables.find((one) => one.keyspace === listed.keyspace && one.table === listed.name)?.role;
      expect(fromText === undefined).toBe(role === 'dropped-and-added');
      expect(knownToText(node)).toEqual(knownToText(fromText ?? node));
      for (const { droppedTimeMicros } of node.dropped) expect(new Date(Number(droppedTimeMicros / 1000n)).getUTCFullYear()).toBe(2026);
    }
  });
});

describe('random DDL', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await unpackedSchemas();
  });

  it.each(['3.0.0', '3.0.24', '3.11.2', '3.11.19'])('on %s gives one schema by all sources', async (version) => {
    const home = join(directory, version);
    const executed = parseCqlSchema(readFileSync(join(home, 'executed.cql'), 'utf8'));
    const described = parseCqlSchema(readFileSync(join(home, 'describe.cql'), 'utf8'));
    const tables = await userTables(await TableCatalogue.open({ files: localFiles, directories: [join(home, 'data')] }));
    expect(tables.length).toBeGreaterThan(100);
    const names = [...executed.values()].flatMap((keyspace) => Array.from(keyspace.tables.keys()));
    expect(names.sort()).toEqual(tables.map(({ listed }) => listed.name).sort());
    for (const { listed, node } of tables) {
      const fromText = ofText(executed, listed);
      expect(knownToText(node)).toEqual(knownToText(fromText ?? node));
      for (const { name, droppedTimeMicros } of fromText?.dropped ?? []) {
        const { droppedTimeMicros: byNode } = node.dropped.find((column) => column.name === name)!;
        expect(droppedTimeMicros === DROPPED_FOR_EVER ? byNode : droppedTimeMicros).toBe(byNode);
      }
      // DESCRIBE knows no dropped columns, nor that a table without counters once had some, nor the names that made way for hidden ones.
      const withoutHistory = (table: TableMetadata) => ({ ...cqlView(table), id: undefined, dropped: [], isCounter: false });
      expect(withoutHistory(tableOfCql(described, listed.keyspace, listed.name)!)).toEqual(withoutHistory(node));
    }
  });

  it.each(['3.0.24', '3.11.2', '3.11.19'])('on %s leaves a schema.cql in snapshots that is the same or not understood', async (version) => {
    const data = join(directory, version, 'data');
    const tables = await userTables(await TableCatalogue.open({ files: localFiles, directories: [data] }));
    let same = 0;
    for (const { listed: { keyspace, name }, node } of tables) {
      const text = readFileSync(join(data, keyspace, `${name}-${node.id}`, 'snapshots/snap/schema.cql'), 'utf8');
      const table = ofSnapshot(text, keyspace, name);
      if (table !== undefined) same++;
      expect(knownToSnapshot(table ?? node)).toEqual(knownToSnapshot(node));
    }
    expect(same / tables.length).toBeGreaterThan(0.4);
  });
});

describe('SystemSchema', () => {
  const ROWS: Record<string, NeutralRow[]> = {
    tables: [{ keyspace_name: 'k', table_name: 't', flags: ['compound'], id: 'AFDDFB9D-bc1e-3068-8056-eed6c302ba09' }],
    views: [{ keyspace_name: 'k', view_name: 'v', base_table_name: 't', include_all_columns: false, where_clause: 'b IS NOT NULL AND x = 1' }],
    indexes: [{ keyspace_name: 'k', table_name: 't', index_name: 'i', kind: 'COMPOSITES', options: [['target', 'b']] }, { keyspace_name: 'k', table_name: 't', index_name: 'h', kind: 'CUSTOM', options: [['class_name', 'x'], ['target', 'values("x")']] }],
    columns: [
      { keyspace_name: 'k', table_name: 't', column_name: 'a', kind: 'PARTITION_KEY', position: '0', clustering_order: 'none', type: 'int' },
      { keyspace_name: 'k', table_name: 't', column_name: 'b', kind: 'clustering', position: '0', clustering_order: 'desc', type: 'text' },
      { keyspace_name: 'k', table_name: 't', column_name: 'x', kind: 'static', position: '-1', clustering_order: 'none', type: 'frozen<u>' },
    ],
    dropped_columns: [
      { keyspace_name: 'k', table_name: 't', column_name: 'x', dropped_time: '1700000000123', type: 'text' },
      { keyspace_name: 'k', table_name: 't', column_name: 'y', dropped_time: '-1', kind: 'static', type: 'frozen<gone>' },
      { keyspace_name: 'k', table_name: 't', column_name: 'z', dropped_time: '0' },
    ],
    types: [
      { keyspace_name: 'k', type_name: 'u', field_names: ['f'], field_types: ['frozen<"V">'] },
      { keyspace_name: 'k', type_name: 'V', field_names: ['g'], field_types: ['int'] },
    ],
  };
  const read = (changes: Record<string, NeutralRow[]> = {}): Promise<SystemSchema> => SystemSchema.read(async function* ({ name }) {
    yield* { ...ROWS, ...changes }[name]!;
  });

  it('resolves types, and takes what older versions did not keep as they meant it', async () => {
    const table = (await read()).table('k', 't')!;
    expect(table).toMatchObject({ id: 'afddfb9dbc1e30688056eed6c302ba09', defaultTtlSeconds: 0, isCompact: false, clustering: [{ reversed: true }] });
    expect(table.staticColumns[0].type).toMatchObject({ kind: 'udt', frozen: true, fields: [{ type: { kind: 'udt', name: 'V', frozen: true } }] });
    expect(table.indexes).toEqual([{ name: 'h', columns: ['x'], isCustom: true }, { name: 'i', columns: ['b'], isCustom: false }]);
    // The view's columns are missing.
    expect(table.views).toBeUndefined();
    expect(table.dropped).toEqual([
      { name: 'x', kind: 'static', type: { kind: 'text' }, droppedTimeMicros: 1700000000123000n },
      { name: 'y', kind: 'static', type: { kind: 'blob' }, droppedTimeMicros: -1000n },
      { name: 'z', kind: 'regular', type: { kind: 'blob' }, droppedTimeMicros: 0n },
    ]);
  });

  it('refuses rows that contradict each other', async () => {
    const [a, b] = ROWS['columns'] as [NeutralRow, NeutralRow];
    for (const [changes, what] of [
      [{ columns: [] }, 'system_schema.columns has no column of k.t'],
      [{ columns: [b] }, 'Table k.t has no partition key column'],
      [{ columns: [a, { ...b, position: '1' }] }, 'Table k.t has key columns at positions 1'],
      [{ columns: [a, { ...b, kind: 'odd' }] }, 'system_schema.columns has kind "odd" for k, t, b'],
      [{ columns: [a, { ...b, type: 'frozen<gone>' }] }, 'Column b of k.t: Type "frozen<gone>"'],
      [{ types: [{ ...ROWS['types']![0], field_names: [] }] }, '0 field names for 1 types'],
      [{ dropped_columns: [{ ...ROWS['dropped_columns']![0], dropped_time: 'x' }] }, 'no dropped_time'],
    ] as const) {
      const schema = await read(changes as unknown as Record<string, NeutralRow[]>);
      expect(() => schema.table('k', 't')).toThrow(what);
    }
    expect((await read()).table('k', 'nothing')).toBeUndefined();
  });
});
