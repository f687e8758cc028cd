// Where tables lie. An argument is a data directory as in cassandra.yaml, a keyspace's directory, a table's, or a Data.db file:
//
//   <data>/<keyspace>/<table>-<id>/                       live files (<table>/ alone before 2.1)
//   <data>/<keyspace>/<table>-<id>/snapshots/<name>/      a snapshot, with its own schema.cql
//   <data>/<keyspace>/<table>-<id>/backups/               incremental backups
//   <data>/<keyspace>/<table>-<id>/.<index>/              index tables
//   <data>/system_schema/...                              the schema
//   <data>/system/schema_*-<id>/                          the schema before 3.0
//
// Only what an argument names itself is read of snapshots and backups. Nothing is opened here: directories are listed.

import type { DirectoryEntry, FileSystem } from '../bytes/byte-source.ts';
import { cassandraError } from '../errors.ts';
import { descriptorOf } from '../sstable/descriptor.ts';
import { holdsSSTables } from './sstable-files.ts';
import { LEGACY_KEYSPACE, isLegacySchemaTable } from './legacy-schema.ts';
import { SYSTEM_SCHEMA } from './system-tables.ts';

export interface TableDirectory {
  readonly path: string;
  /** What the path says; undefined where it says nothing, as in `.`. */
  readonly keyspace: string | undefined;
  readonly table: string | undefined;
  /** 32 hex digits: another id is another incarnation of the table, dropped and created again. */
  readonly id: string | undefined;
  /** The argument that led here. */
  readonly argument: string;
  /** The argument is this directory: then it is meant, whatever its id. */
  readonly isGiven: boolean;
}

/** An argument that is a file, and the directory it lies in. */
export interface GivenFile {
  readonly path: string;
  readonly directory: TableDirectory;
}

export interface DataDirectories {
  readonly tables: readonly TableDirectory[];
  readonly dataFiles: readonly GivenFile[];
  /** Directories of the schema's own tables: in the data directories, or beside the tables and files that were given. */
  readonly schemaTables: readonly TableDirectory[];
}

/** Table names are word characters, so the hyphen is the id's. */
const WITH_ID = /^(\w+)-([0-9a-f]{32})$/;
const NAME = /^\w+$/;
/** From a table's directory, its backups, a snapshot: how far up the data directory is. */
const LEVELS_TO_DATA = [2, 3, 4];

/** Lists what the arguments hold. Throws FILE_UNREADABLE. */
export async function findTables(files: FileSystem, directories: readonly string[]): Promise<DataDirectories> {
  const tables: TableDirectory[] = [];
  const dataFiles: GivenFile[] = [];
  const schemaTables: TableDirectory[] = [];
  for (const argument of new Set(directories.map((directory) => directory.replace(/(?<=.)\/+$/, '')))) {
    const kind = await files.kind(argument);
    if (kind === undefined) throw cassandraError('FILE_UNREADABLE', 'There is nothing at this path', { file: argument });
    if (kind === 'file') {
      descriptorOf(argument); // throws for what is no Data.db
      dataFiles.push({ path: argument, directory: givenTable(parentOf(argument)) });
      schemaTables.push(...await schemaBeside(files, parentOf(argument), LEVELS_TO_DATA, argument));
      continue;
    }
    const found = await tablesUnder(files, argument);
    const isInside = found.some((table) => isOfSchema(table) && !table.isGiven);
    tables.push(...found);
    schemaTables.push(...found.filter(isOfSchema));
    if (!isInside) schemaTables.push(...await schemaBeside(files, argument, found.some((table) => table.isGiven) ? LEVELS_TO_DATA : [1], argument));
  }
  return { tables, dataFiles, schemaTables: distinct(schemaTables) };
}

async function tablesUnder(files: FileSystem, argument: string): Promise<TableDirectory[]> {
  const entries = await files.list(argument);
  const given = givenTable(argument);
  const isTable = holdsSSTables(fileNames(entries)) || given.id !== undefined;
  if (isTable) return [given];
  const direct = await tablesOfKeyspace(files, argument, nameOf(argument), entries, argument);
  if (direct.length > 0) return direct;
  const found: TableDirectory[] = [];
  for (const keyspace of directoryNames(entries).filter((name) => NAME.test(name))) {
    const path = `${argument}/${keyspace}`;
    found.push(...await tablesOfKeyspace(files, path, keyspace, await files.list(path), argument));
  }
  return found;
}

async function tablesOfKeyspace(files: FileSystem, path: string, keyspace: string | undefined, entries: readonly DirectoryEntry[], argument: string): Promise<TableDirectory[]> {
  const found: TableDirectory[] = [];
  for (const name of directoryNames(entries)) {
    const table = { path: `${path}/${name}`, keyspace, argument, isGiven: false };
    const [, withId, id] = WITH_ID.exec(name) ?? [];
    if (withId !== undefined) found.push({ ...table, table: withId, id });
    else if (NAME.test(name) && holdsSSTables(fileNames(await files.list(table.path)))) found.push({ ...table, table: name, id: undefined });
  }
  return found;
}

/** Names and id from the path of a table's directory, a snapshot or its backups. */
function givenTable(path: string): TableDirectory {
  const parts = path.split('/');
  if (parts.at(-1) === 'backups') parts.pop();
  else if (parts.at(-2) === 'snapshots') parts.splice(-2);
  const last = parts.at(-1) ?? '';
  const keyspace = parts.at(-2);
  const [, table, id] = WITH_ID.exec(last) ?? [];
  return { path, argument: path, isGiven: true, id, table: table ?? (NAME.test(last) ? last : undefined), keyspace: keyspace !== undefined && NAME.test(keyspace) ? keyspace : undefined };
}

async function schemaBeside(files: FileSystem, path: string, levels: readonly number[], argument: string): Promise<TableDirectory[]> {
  for (const level of levels) {
    const beside: TableDirectory[] = [];
    for (const keyspace of [SYSTEM_SCHEMA, LEGACY_KEYSPACE]) {
      const schema = `${path}${'/..'.repeat(level)}/${keyspace}`;
      if ((await files.kind(schema)) === 'directory') beside.push(...(await tablesOfKeyspace(files, schema, keyspace, await files.list(schema), argument)).filter(isOfSchema));
    }
    if (beside.length > 0) return beside;
  }
  return [];
}

/** Whether a directory is of a table that describes tables. */
export function isOfSchema({ keyspace, table }: TableDirectory): boolean {
  return keyspace === SYSTEM_SCHEMA || (keyspace === LEGACY_KEYSPACE && table !== undefined && isLegacySchemaTable(table));
}

/** One entry a path: several arguments may lie beside the same schema. */
function distinct(tables: readonly TableDirectory[]): TableDirectory[] {
  return [...new Map(tables.map((table) => [normal(table.path), table])).values()];
}

/** Resolves `name/..` in the text of a path. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '' && parts.at(-1) !== '.') parts.pop();
    else if (part !== '.' || parts.length === 0) parts.push(part);
  }
  return parts.join('/');
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, Math.max(slash, 1));
}

function nameOf(path: string): string | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return NAME.test(name) ? name : undefined;
}

function fileNames(entries: readonly DirectoryEntry[]): string[] {
  return entries.filter((entry) => !entry.isDirectory).map((entry) => entry.name);
}

function directoryNames(entries: readonly DirectoryEntry[]): string[] {
  return entries.filter((entry) => entry.isDirectory).map((entry) => entry.name);
}
