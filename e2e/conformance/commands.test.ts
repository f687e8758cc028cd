// The same through the real command: arguments, output, exit codes and the form of errors as design and --help promise them.

import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { putsEmptyFirst } from '../../fixtures/unpack.ts';
import type { Label } from '../../fixtures/unpack.ts';
import { aeneas } from '../aeneas-process.ts';
import { userTypesOf } from '../decoder/cql-type.ts';
import { itemDifferences } from './compare-items.ts';
import { rowDifferences } from './compare-rows.ts';
import { fixtureTables } from './fixture-tables.ts';
import type { FixtureTable } from './fixture-tables.ts';
import { itemsOf } from './read-items.ts';
import type { RejectedRow } from './read-items.ts';
import { linesOf, rowsOf } from './read-table.ts';

/** One of each way to store rows: what all labels have to say is in dump.test.ts and items.test.ts. */
const FAMILIES = ['2.1.20', '3.0.0', '3.11.2', '4.1.7', '5.0.2-da'] as const;
const ROLES = ['all-scalars', 'quoted-names', 'statics'];
const ERROR = /^[A-Z][A-Z_]+: [^\n]+[.!?)"] [A-Z"][^\n]*\n$/;

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-commands-'));
afterAll(() => rmSync(scratch, { recursive: true }));

async function tableOf(label: Label, role: string): Promise<FixtureTable> {
  return (await fixtureTables(label)).find((table) => table.role === role)!;
}

const flags = (table: FixtureTable): string[] => ['--table', `${table.keyspace}.${table.table}`, '--now', String(Math.floor(table.expected().readAtMillis / 1000))];

describe.each(FAMILIES)('Cassandra %s', (label) => {
  test.each(ROLES)('sstable dump and items of %s', async (role) => {
    const table = await tableOf(label, role);
    const expected = table.expected();
    const dump = await aeneas(['sstable', 'dump', ...flags(table), table.directory]);
    expect(dump).toMatchObject({ exitCode: 0, stderr: '' });
    expect(rowDifferences(rowsOf(linesOf(dump.stdout)), expected)).toEqual([]);

    const items = await aeneas(['items', ...flags(table), table.directory]);
    const rejected = linesOf(items.stderr).map((line) => JSON.parse(line) as RejectedRow);
    expect(items.exitCode).toBe(rejected.length === 0 ? 0 : 1);
    const types = userTypesOf(readFileSync(join(table.directory, 'schema.cql'), 'utf8'), table.keyspace);
    expect(itemDifferences({ items: itemsOf(items.stdout), rejected }, expected, types, putsEmptyFirst(label))).toEqual([]);
  });
});

describe('directories', () => {
  test('Data.db files with the schema as text, and a directory twice, give the same rows', async () => {
    const table = await tableOf('3.11.2', 'three-clusterings-mixed');
    const directory = join(table.directory, table.keyspace, readdirSync(join(table.directory, table.keyspace)).find((name) => name.startsWith(`${table.table}-`))!);
    const whole = await aeneas(['sstable', 'dump', ...flags(table), table.directory]);
    expect(linesOf(whole.stdout).length).toBe(table.expected().rows.length);

    const alone = join(scratch, 'alone', basename(directory));
    cpSync(directory, alone, { recursive: true });
    const files = readdirSync(alone).filter((name) => name.endsWith('-Data.db')).map((name) => join(alone, name));
    const schema = join(table.directory, 'schema.cql');
    const fromFiles = await aeneas(['sstable', 'dump', ...flags(table), '--schema', schema, ...files]);
    expect(fromFiles).toMatchObject({ exitCode: 0, stderr: '', stdout: whole.stdout });

    const twoNodes = await aeneas(['sstable', 'dump', ...flags(table), table.directory, alone]);
    expect(twoNodes).toMatchObject({ exitCode: 0, stderr: '', stdout: whole.stdout });
  });
});

test('an estimate of a table without reading its data', async () => {
  const table = await tableOf('3.11.2', 'fuzz-statics');
  const directory = join(table.directory, table.keyspace);
  const folder = join(directory, readdirSync(directory).find((entry) => entry.startsWith(`${table.table}-`))!);
  const files = readdirSync(folder).filter((file) => file.endsWith('-Data.db')).map((file) => join(folder, file));
  const { exitCode, stdout, stderr } = await aeneas(['sstable', 'describe', '--estimate', ...files]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const estimate = JSON.parse(stdout) as { sstables: number; rows: number; uncompressedBytes: number; largestPartitions: { uncompressedBytes: number }[] };
  expect(estimate.sstables).toBe(files.length);
  expect(estimate.rows).toBeGreaterThanOrEqual(table.expected().rows.length);
  // This table has fewer partitions than are named, so all of its bytes are theirs.
  expect(estimate.largestPartitions.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0)).toBe(estimate.uncompressedBytes);
});

describe('errors', () => {
  const expectUnusable = async (words: readonly string[], code: string): Promise<void> => {
    const { exitCode, stdout, stderr } = await aeneas(words);
    expect({ exitCode, stdout, code: stderr.split(':')[0] }).toEqual({ exitCode: 2, stdout: '', code });
    expect(stderr).toMatch(ERROR);
  };

  test('a table that is not there', async () => {
    const { directory } = await tableOf('3.11.2', 'statics');
    await expectUnusable(['sstable', 'dump', '--table', 'shapes.nothing', directory], 'TABLE_NOT_FOUND');
  });

  test('a directory that is not there', () => expectUnusable(['items', '--table', 'a.b', join(scratch, 'nowhere')], 'FILE_UNREADABLE'));

  test('a schema that is not there, or is none', async () => {
    const { directory } = await tableOf('3.11.2', 'statics');
    await expectUnusable(['sstable', 'dump', '--table', 'a.b', '--schema', join(scratch, 'nowhere.cql'), directory], 'FILE_UNREADABLE');
    const bad = join(scratch, 'bad.cql');
    writeFileSync(bad, 'CREATE TABLE a.b (');
    await expectUnusable(['sstable', 'dump', '--table', 'a.b', '--schema', bad, directory], 'SCHEMA_INVALID');
  });

  test('no table named, an option that does not exist', async () => {
    const { directory } = await tableOf('3.11.2', 'statics');
    await expectUnusable(['sstable', 'dump', directory], 'USAGE');
    await expectUnusable(['items', '--tabel', 'a.b', directory], 'USAGE');
  });

  test('a file of an unknown version', async () => {
    const table = await tableOf('3.11.2', 'statics');
    const source = join(table.directory, table.keyspace);
    const name = readdirSync(source).find((entry) => entry.startsWith(`${table.table}-`))!;
    const copy = join(scratch, 'unknown', table.keyspace, name);
    for (const file of readdirSync(join(source, name))) cpSync(join(source, name, file), join(copy, file.replace('mc-', 'zz-')), { recursive: true });
    cpSync(join(table.directory, 'system_schema'), join(scratch, 'unknown/system_schema'), { recursive: true });
    await expectUnusable(['sstable', 'dump', '--table', `${table.keyspace}.${table.table}`, join(scratch, 'unknown')], 'SSTABLE_VERSION_UNKNOWN');
  });
});
