// From directories and perhaps CQL text to a table's schema and files: the one entry for everybody outside.
//
// Sources of a schema, the first that knows the table:
//   1. system_schema in or beside the directories, of all nodes together (see system-schema.ts: per cell the newest wins); where there is none,
//      the tables of versions before 3.0 (legacy-schema.ts);
//   2. the CQL text that was passed;
//   3. schema.cql in a snapshot that was passed. Several nodes' snapshots must agree: text has no times to choose by.

import { readWhole } from '../bytes/byte-source.ts';
import type { FileSystem } from '../bytes/byte-source.ts';
import { CodedError, cassandraError } from '../errors.ts';
import { qualifiedName } from '../model/table-metadata.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import { closestName } from './closest-name.ts';
import { parseCqlSchema } from './cql-parser.ts';
import { tableOfCql } from './cql-schema.ts';
import type { CqlSchema } from './cql-schema.ts';
import { findTables, isOfSchema } from './data-directory.ts';
import type { DataDirectories, TableDirectory } from './data-directory.ts';
import { readSchemaRows } from './schema-rows.ts';
import { liveSSTables } from './sstable-files.ts';
import { LegacySchema, isLegacySchemaTable } from './legacy-schema.ts';
import type { ReadRows } from './system-schema.ts';
import { SystemSchema } from './system-schema.ts';
import { SYSTEM_SCHEMA, isSchemaTable } from './system-tables.ts';

export interface TableSources {
  readonly files: FileSystem;
  /** Data directories, keyspaces', tables' or snapshots' directories, Data.db files; those of several nodes together are replicas. */
  readonly directories: readonly string[];
  /** CQL DDL text. */
  readonly schemaText?: string;
}

export interface TableName {
  readonly keyspace: string;
  readonly name: string;
}

export interface ListedTable extends TableName {
  /** False for a view too, where no schema is known. */
  readonly isView: boolean;
}

export interface LoadedTable {
  /** In storage form: see `cqlView`. */
  readonly table: TableMetadata;
  /** Data.db of every live SSTable in all directories; empty for a table that holds nothing. */
  readonly dataFiles: readonly string[];
}

/** What nodes keep of their schema, whatever their version. */
type NodeSchema = SystemSchema | LegacySchema;

/** A schema.cql has every table of a keyspace at most; a megabyte holds some thousand. */
const MAX_SCHEMA_BYTES = 64 << 20;

/** One table. Throws TABLE_NOT_FOUND, TABLE_AMBIGUOUS, SCHEMA_MISSING, SCHEMA_AMBIGUOUS, SCHEMA_INVALID, SCHEMA_CONFLICT, SSTABLE_*, FILE_UNREADABLE. */
export async function loadTable(sources: TableSources & TableName): Promise<LoadedTable> {
  return (await TableCatalogue.open(sources)).load(sources);
}

/** Every table and view that the directories hold, system tables too. Throws SCHEMA_INVALID, SSTABLE_*, FILE_UNREADABLE. */
export async function listTables(sources: TableSources): Promise<ListedTable[]> {
  return (await TableCatalogue.open(sources)).list();
}

/** The tables of a set of directories, listed once: for who loads many of them. */
export class TableCatalogue {
  readonly #sources: TableSources;
  readonly #found: DataDirectories;
  /** Undefined without the schema's own tables; an error when it is there but cannot be read, kept until a table needs it. */
  readonly #nodes: NodeSchema | CodedError | undefined;
  /** The text, by the keyspace that names without one belong to. */
  readonly #texts = new Map<string | undefined, CqlSchema>();

  private constructor(sources: TableSources, found: DataDirectories, nodes: NodeSchema | CodedError | undefined) {
    this.#sources = sources;
    this.#found = found;
    this.#nodes = nodes;
  }

  static async open(sources: TableSources): Promise<TableCatalogue> {
    const found = await findTables(sources.files, sources.directories);
    return new TableCatalogue(sources, found, await readNodeSchema(sources.files, found.schemaTables));
  }

  /** Tables and views that the directories hold, and what the schema of a data directory among them knows; sorted by name. */
  list(keyspaceOfText?: string): ListedTable[] {
    const nodes = this.#fromNodes((schema) => schema.list());
    const text = this.#text(keyspaceOfText);
    const known = [...nodes ?? [], ...[...text?.values() ?? []].flatMap(({ tables }) => [...tables.values()].map(({ keyspace, name, view }) => ({ keyspace, name, isView: view !== undefined })))];
    const isView = new Map(known.map((table) => [qualifiedName(table), table.isView]));
    const isSchemaKnown = nodes !== undefined || text !== undefined;
    const listed = new Map<string, TableName>(this.#hasDataDirectory() ? nodes?.map((table) => [qualifiedName(table), table]) : []);
    for (const { keyspace, table, isGiven } of [...this.#found.tables, ...this.#found.dataFiles.map((file) => file.directory)]) {
      if (keyspace === undefined || table === undefined) continue;
      const qualified = qualifiedName({ keyspace, name: table });
      // Directories of dropped tables stay behind, often with a last snapshot.
      if (isGiven || !isSchemaKnown || isView.has(qualified)) listed.set(qualified, { keyspace, name: table });
    }
    return [...listed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([qualified, { keyspace, name }]) => ({ keyspace, name, isView: isView.get(qualified) ?? false }));
  }

  /** User types of a keyspace as system_schema has them; before 3.0, and in CQL text, they are known only within the columns of their tables. */
  types(keyspace: string): { name: string; fields: { name: string; type: string }[] }[] {
    return this.#nodes instanceof SystemSchema ? this.#nodes.types(keyspace) : [];
  }

  /** See `loadTable`. */
  async load(name: TableName): Promise<LoadedTable> {
    const directories = this.#found.tables.filter((directory) => isOf(directory, name) && !this.#isOfNamesake(directory, name));
    const files = this.#found.dataFiles.filter((file) => isOf(file.directory, name));
    const given = [...directories.filter((directory) => directory.isGiven), ...files.map((file) => file.directory)];
    const table = await this.#schemaOf(name, given);
    if (table === undefined) throw this.#unknown(name, given.length > 0 || await this.#hasFiles(directories));
    const isEmpty = this.#hasDataDirectory() && this.#fromNodes((schema) => schema.has(name.keyspace, name.name)) === true;
    if (directories.length + files.length === 0 && !isEmpty) throw this.#unknown(name, false);
    return { table, dataFiles: [...new Set([...files.map((file) => file.path), ...await this.#liveFiles(table, directories)])] };
  }

  /** A directory that was given may be of a table of the same name in another keyspace: of that one for sure when it has its id. */
  #isOfNamesake({ isGiven, keyspace, id }: TableDirectory, name: TableName): boolean {
    if (!isGiven || id === undefined || keyspace === undefined || keyspace === name.keyspace) return false;
    return this.#fromNodes((schema) => schema.has(keyspace, name.name) && schema.table(keyspace, name.name)?.id === id) === true;
  }

  async #schemaOf(name: TableName, given: readonly TableDirectory[]): Promise<TableMetadata | undefined> {
    const fromNodes = this.#fromNodes((schema) => schema.table(name.keyspace, name.name));
    const other = given.find((directory) => directory.id !== undefined && directory.id !== fromNodes?.id);
    if (fromNodes !== undefined && other === undefined) return fromNodes;
    const fromText = this.#sources.schemaText === undefined
      ? await this.#fromSnapshots(name, given)
      : tableOfCql(this.#text(name.keyspace)!, name.keyspace, name.name);
    if (fromText !== undefined || fromNodes === undefined || other === undefined) return fromText;
    throw cassandraError('TABLE_AMBIGUOUS', `The id of ${qualifiedName(name)} is ${fromNodes.id} in system_schema`, { file: other.path });
  }

  /** What the nodes' own schema says. It may be unreadable where text is given in its place. */
  #fromNodes<T>(ask: (schema: NodeSchema) => T): T | undefined {
    if (this.#nodes !== undefined && !(this.#nodes instanceof CodedError)) return ask(this.#nodes);
    if (this.#nodes !== undefined && this.#sources.schemaText === undefined) throw this.#nodes;
    return undefined;
  }

  #text(keyspace: string | undefined): CqlSchema | undefined {
    const { schemaText } = this.#sources;
    let schema = this.#texts.get(keyspace);
    if (schema === undefined && schemaText !== undefined) this.#texts.set(keyspace, schema = parseCqlSchema(schemaText, keyspace));
    return schema;
  }

  async #fromSnapshots({ keyspace, name }: TableName, given: readonly TableDirectory[]): Promise<TableMetadata | undefined> {
    const { files } = this.#sources;
    let first: { table: TableMetadata; path: string } | undefined;
    for (const directory of new Set(given.map(({ path }) => path))) {
      const path = `${directory}/schema.cql`;
      if ((await files.kind(path)) !== 'file') continue;
      const text = new TextDecoder().decode(await readWhole(files, path, MAX_SCHEMA_BYTES));
      const table = tableOfCql(parseCqlSchema(text, keyspace), keyspace, name);
      if (table !== undefined && first !== undefined && fingerprint(table) !== fingerprint(first.table)) {
        throw cassandraError('SCHEMA_CONFLICT', `${first.path} and ${path} describe ${qualifiedName(table)} differently`);
      }
      if (table !== undefined) first ??= { table, path };
    }
    return first?.table;
  }

  /** Then its schema counts: a table without a directory there holds nothing. */
  #hasDataDirectory(): boolean {
    return this.#found.tables.some((directory) => isOfSchema(directory) && !directory.isGiven);
  }

  /** The files of the incarnation that the schema names; when it names none, there must be only one that has any. */
  async #liveFiles(table: TableMetadata, directories: readonly TableDirectory[]): Promise<string[]> {
    const isCurrent = ({ isGiven, id }: TableDirectory): boolean => isGiven || id === undefined || table.id === undefined || id === table.id;
    const live: string[] = [];
    const byId = new Map<string, string>();
    for (const directory of directories) {
      const dataFiles = await liveSSTables(this.#sources.files, directory.path);
      if (isCurrent(directory)) live.push(...dataFiles);
      else if (dataFiles.length > 0 && !directories.some((other) => other.argument === directory.argument && isCurrent(other))) {
        throw cassandraError('TABLE_AMBIGUOUS', `The id of ${qualifiedName(table)} is ${table.id} in the schema`, { file: directory.path });
      }
      if (!directory.isGiven && directory.id !== undefined && dataFiles.length > 0) byId.set(directory.id, directory.path);
    }
    if (table.id === undefined && byId.size > 1) {
      throw cassandraError('TABLE_AMBIGUOUS', `${qualifiedName(table)} was dropped and created again: ${[...byId.values()].join(', ')}`);
    }
    return live;
  }

  async #hasFiles(directories: readonly TableDirectory[]): Promise<boolean> {
    for (const { path } of directories) {
      if ((await liveSSTables(this.#sources.files, path)).length > 0) return true;
    }
    return false;
  }

  #unknown(name: TableName, hasFiles: boolean): Error {
    const shown = qualifiedName(name);
    const where = this.#sources.directories.join(', ');
    if (hasFiles) return cassandraError('SCHEMA_MISSING', `${shown} has files in ${where}, but no schema there describes it`);
    // Without quotes: they are easily forgotten, and count as edits.
    const byPlainName = new Map(this.list(name.keyspace).map((table) => [`${table.keyspace}.${table.name}`, qualifiedName(table)]));
    const meant = byPlainName.get(closestName(`${name.keyspace}.${name.name}`, byPlainName.keys()) ?? '');
    return cassandraError('TABLE_NOT_FOUND', `There is no ${shown} in ${where}${meant === undefined || meant === shown ? '' : `; did you mean ${meant}?`}`);
  }
}

/** A directory that was given counts for any table, unless its name has an id and so says which it is. */
function isOf(directory: TableDirectory, { keyspace, name }: TableName): boolean {
  if (directory.isGiven) return directory.id === undefined || directory.table === name;
  return directory.keyspace === keyspace && directory.table === name;
}

/** Of what its rows depend on: not on indexes. */
function fingerprint({ indexes: _indexes, views: _views, ...table }: TableMetadata): string {
  return JSON.stringify(table, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

async function readNodeSchema(files: FileSystem, directories: readonly TableDirectory[]): Promise<NodeSchema | CodedError | undefined> {
  try {
    const dataFiles = new Map<string, string[]>();
    for (const { keyspace, table, path } of directories) {
      const isKnown = table !== undefined && (keyspace === SYSTEM_SCHEMA ? isSchemaTable(table) : isLegacySchemaTable(table));
      if (isKnown) dataFiles.set(table, [...(dataFiles.get(table) ?? []), ...await liveSSTables(files, path)]);
    }
    const read: ReadRows = (table) => readSchemaRows(files, table, dataFiles.get(table.name) ?? []);
    if ((dataFiles.get('tables') ?? []).length > 0) return await SystemSchema.read(read);
    return (dataFiles.get('schema_columnfamilies') ?? []).length > 0 ? await LegacySchema.read(read) : undefined;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}
