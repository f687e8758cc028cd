import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackedFixture } from '../../../../fixtures/unpack.ts';
import { localFiles } from '../bytes/file-source.ts';
import { findTables } from './data-directory.ts';
import { listTables, loadTable } from './load-schema.ts';
import { memoryFiles } from './memory-files.ts';

const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const CQL = 'CREATE TABLE ks.t (p int PRIMARY KEY, v text);';
const WITH_A = `${CQL.slice(0, -1)} WITH ID = aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa;`;

const coded = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) });
const load = (contents: Record<string, string>, directories: string[], schemaText?: string) =>
  loadTable({ files: memoryFiles(contents), directories, keyspace: 'ks', name: 't', ...(schemaText === undefined ? {} : { schemaText }) });

describe('findTables', () => {
  const contents = {
    [`data/ks/t-${A}/mc-1-big-Data.db`]: '', [`data/ks/t-${A}/snapshots/s/mc-2-big-Data.db`]: '', [`data/ks/t-${A}/backups/mc-3-big-Data.db`]: '', [`data/ks/t-${A}/.i/mc-4-big-Data.db`]: '',
    [`data/ks/empty-${B}/`]: '', 'data/Ks2/old/mc-5-big-Data.db': '', 'data/lost+found/x': '', [`data/system_schema/tables-${A}/mc-6-big-Data.db`]: '', 'data/notes/readme.txt': '',
  };
  const find = async (...directories: string[]): Promise<string[]> =>
    (await findTables(memoryFiles(contents), directories)).tables.map(({ path, keyspace, table, id, isGiven }) => `${path} ${keyspace}.${table} ${id?.[0]} ${isGiven}`);

  it('knows a data directory, a keyspace\'s, a table\'s, a snapshot and backups', async () => {
    expect(await find('data/')).toEqual([
      'data/Ks2/old Ks2.old undefined false', `data/ks/empty-${B} ks.empty b false`, `data/ks/t-${A} ks.t a false`, `data/system_schema/tables-${A} system_schema.tables a false`,
    ]);
    expect(await find('data/ks')).toEqual([`data/ks/empty-${B} ks.empty b false`, `data/ks/t-${A} ks.t a false`]);
    expect(await find('data/Ks2')).toEqual(['data/Ks2/old Ks2.old undefined false']);
    for (const inside of ['', '/snapshots/s', '/backups']) expect(await find(`data/ks/t-${A}${inside}`)).toEqual([`data/ks/t-${A}${inside} ks.t a true`]);
    expect(await find('data/Ks2/old')).toEqual(['data/Ks2/old Ks2.old undefined true']);
    expect(await find('data/notes')).toEqual([]);
    await expect(find('nowhere')).rejects.toThrow(coded('FILE_UNREADABLE', 'There is nothing at this path'));
  });

  it('finds system_schema in or beside what it was given, once', async () => {
    const given = ['data', 'data/ks', `data/ks/t-${A}`, `data/ks/t-${A}/snapshots/s`, `data/ks/t-${A}/backups`, `data/ks/t-${A}/mc-1-big-Data.db`];
    for (const one of given) expect((await findTables(memoryFiles(contents), [one])).schemaTables.map(({ table }) => table)).toEqual(['tables']);
    expect((await findTables(memoryFiles(contents), given)).schemaTables).toHaveLength(1);
  });
});

describe('loadTable', () => {
  it('takes live files of all nodes, and files that are given', async () => {
    const contents = { [`1/ks/t-${A}/mc-2-big-Data.db`]: '', [`1/ks/t-${A}/mc-1-big-Data.db`]: '', [`2/ks/t-${A}/mc-1-big-Data.db`]: '', [`3/mc-7-big-Data.db`]: '', [`1/ks/u-${A}/mc-1-big-Data.db`]: '' };
    const { table, dataFiles } = await load(contents, ['1', '2', '3/mc-7-big-Data.db', `1/ks/t-${A}`, `1/ks/u-${A}`], CQL);
    expect(table).toMatchObject({ keyspace: 'ks', name: 't' });
    expect(dataFiles).toEqual(['3/mc-7-big-Data.db', `1/ks/t-${A}/mc-1-big-Data.db`, `1/ks/t-${A}/mc-2-big-Data.db`, `2/ks/t-${A}/mc-1-big-Data.db`]);
  });

  it('takes the incarnation that the schema names', async () => {
    const contents = { [`1/ks/t-${A}/mc-1-big-Data.db`]: '', [`1/ks/t-${B}/mc-9-big-Data.db`]: '' };
    expect((await load(contents, ['1'], WITH_A)).dataFiles).toEqual([`1/ks/t-${A}/mc-1-big-Data.db`]);
    await expect(load(contents, ['1'], CQL)).rejects.toThrow(coded('TABLE_AMBIGUOUS', `1/ks/t-${A}, 1/ks/t-${B}`));
    expect((await load(contents, [`1/ks/t-${B}`], CQL)).dataFiles).toEqual([`1/ks/t-${B}/mc-9-big-Data.db`]);
  });

  it('does not pass over a node that holds another incarnation only', async () => {
    const contents = { [`1/ks/t-${A}/mc-1-big-Data.db`]: '', [`2/ks/t-${B}/mc-9-big-Data.db`]: '' };
    await expect(load(contents, ['1', '2'], WITH_A)).rejects.toThrow(coded('TABLE_AMBIGUOUS', `The id of ks.t is ${A} in the schema (2/ks/t-${B})`));
    expect((await load({ ...contents, [`2/ks/t-${A}/`]: '' }, ['1', '2'], WITH_A)).dataFiles).toEqual([`1/ks/t-${A}/mc-1-big-Data.db`]);
  });

  it('takes the schema.cql of snapshots, when they agree', async () => {
    const snapshot = (node: number, schema: string) => ({ [`${node}/ks/t-${A}/snapshots/s/mc-1-big-Data.db`]: '', [`${node}/ks/t-${A}/snapshots/s/schema.cql`]: schema });
    const directories = [1, 2].map((node) => `${node}/ks/t-${A}/snapshots/s`);
    expect((await load({ ...snapshot(1, WITH_A), ...snapshot(2, WITH_A) }, directories)).table.id).toBe(A);
    await expect(load({ ...snapshot(1, WITH_A), ...snapshot(2, WITH_A.replace('text', 'blob')) }, directories)).rejects.toThrow(coded('SCHEMA_CONFLICT', directories[1]));
  });

  it('says what is missing', async () => {
    const contents = { [`1/ks/t-${A}/mc-1-big-Data.db`]: '', [`1/ks/tables-${A}/mc-1-big-Data.db`]: '' };
    await expect(load(contents, ['1'])).rejects.toThrow(coded('SCHEMA_MISSING', 'ks.t has files in 1, but no schema there describes it'));
    const other = { files: memoryFiles(contents), directories: ['1'], keyspace: 'KS', name: 'table' };
    await expect(loadTable(other)).rejects.toThrow(coded('TABLE_NOT_FOUND', 'There is no "KS"."table" in 1; did you mean ks.tables?'));
    await expect(loadTable({ ...other, directories: [`1/ks/t-${A}`] })).rejects.toThrow(coded('TABLE_NOT_FOUND', 'There is no "KS"."table"'));
  });
});

describe('a real data directory', () => {
  let fixture: string;
  let copy: string;
  let dropped: { keyspace: string; name: string };
  beforeAll(async () => {
    fixture = await unpackedFixture('3.11.2');
    const manifest = JSON.parse(readFileSync(join(fixture, 'manifest.json'), 'utf8')) as { tables: { keyspace: string; table: string; role: string }[] };
    const { keyspace, table } = manifest.tables.find(({ role }) => role === 'dropped-and-added')!;
    dropped = { keyspace, name: table };
    copy = mkdtempSync(join(tmpdir(), 'aeneas-schema-'));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it('gives the same table by the directory, the keyspace, the table or the files', async () => {
    const whole = await loadTable({ files: localFiles, directories: [fixture], ...dropped });
    expect(whole.table.dropped.length).toBeGreaterThan(2);
    expect(whole.dataFiles.length).toBeGreaterThan(1);
    const directory = `${fixture}/${dropped.keyspace}/${dropped.name}-${whole.table.id}`;
    for (const directories of [[`${fixture}/${dropped.keyspace}`], [directory], [...whole.dataFiles], [fixture, directory]]) {
      expect(await loadTable({ files: localFiles, directories, ...dropped })).toEqual(whole);
    }
  });

  it('lists tables and views', async () => {
    const tables = await listTables({ files: localFiles, directories: [fixture] });
    expect(tables.filter(({ isView }) => isView)).toHaveLength(2);
    expect(tables).toContainEqual({ keyspace: 'CamelSpace', name: 'MixedCase7', isView: false });
    expect(tables).toContainEqual({ keyspace: 'system_schema', name: 'tables', isView: false });
    expect(await listTables({ files: localFiles, directories: [`${fixture}/${dropped.keyspace}`] })).toEqual(tables.filter(({ keyspace }) => keyspace === dropped.keyspace));
  });

  it('leaves a directory that was given to the table whose id it has, not to one of the same name in another keyspace', async () => {
    const namesake = `${fixture}/system_schema/${readdirSync(`${fixture}/system_schema`).find((name) => name.startsWith('tables-'))}`;
    const own = `${copy}/elsewhere/tables-${A}`;
    cpSync(namesake, own, { recursive: true });
    const { dataFiles } = await loadTable({ files: localFiles, directories: [namesake, own], keyspace: 'ks', name: 'tables', schemaText: 'CREATE TABLE ks.tables (p int PRIMARY KEY);' });
    expect(dataFiles.length).toBeGreaterThan(0);
    expect(dataFiles.filter((path) => !path.startsWith(own))).toEqual([]);
  });

  it('counts as one with other nodes, and a table without files on them as empty', async () => {
    cpSync(`${fixture}/system_schema`, `${copy}/system_schema`, { recursive: true });
    expect((await loadTable({ files: localFiles, directories: [copy], ...dropped })).dataFiles).toEqual([]);
    const both = await loadTable({ files: localFiles, directories: [copy, fixture], ...dropped });
    expect(both).toEqual(await loadTable({ files: localFiles, directories: [fixture], ...dropped }));
  });

  it('falls back on text where its schema is damaged, and says so where there is none', async () => {
    const directory = `${copy}/damaged`;
    cpSync(fixture, directory, { recursive: true, filter: (path) => !/commitlog|expected/.test(path.slice(fixture.length)) });
    const { dataFiles } = await loadTable({ files: localFiles, directories: [directory], keyspace: 'system_schema', name: 'columns' });
    writeFileSync(dataFiles[0], readFileSync(dataFiles[0]).subarray(0, 100));
    await expect(loadTable({ files: localFiles, directories: [directory], ...dropped })).rejects.toThrow(expect.objectContaining({ place: expect.objectContaining({ file: expect.stringContaining('columns-') }) }));
    const schemaText = `CREATE TABLE ${dropped.keyspace}.${dropped.name} (a int PRIMARY KEY)`;
    expect((await loadTable({ files: localFiles, directories: [directory], ...dropped, schemaText })).table.partitionKey[0].name).toBe('a');
  });
});
