// The schema that nodes from 3.0 on keep in their own tables, system_schema.*: the one source that knows when a column was dropped.
//
// Rows of several nodes are merged like the replicas of any table. That is what Cassandra does itself: nodes exchange schema as
// mutations of these tables, and per cell the newest wins. So a node that missed a change does no harm.
//
// A type is CQL text. Types of dropped columns have their user types expanded to tuples, since those may be dropped after them.
// Source: SchemaKeyspace of Cassandra 3.0.0 to 3.11.19.

import { CodedError, cassandraError } from '../errors.ts';
import { qualifiedName, quoteIdentifier } from '../model/table-metadata.ts';
import type { ColumnKind, ColumnMetadata, DroppedColumn, IndexMetadata, TableMetadata, ViewMetadata } from '../model/table-metadata.ts';
import type { CqlType } from '../types/cql-type.ts';
import { indexTargets, sortedByName, viewFilter } from './cql-index.ts';
import { tokenizeCql } from './cql-lexer.ts';
import { CqlReader } from './cql-reader.ts';
import { SchemaRow } from './schema-row.ts';
import type { NeutralRow } from './schema-row.ts';
import { SCHEMA_TABLES, SYSTEM_SCHEMA, schemaTableMetadata } from './system-tables.ts';
import { buildTable, isKeyKind } from './table-builder.ts';
import { typeResolver } from './type-resolver.ts';
import type { TypeResolver, UserTypeText } from './type-resolver.ts';

/** Reads all live rows of a table. */
export type ReadRows = (table: TableMetadata) => AsyncIterable<NeutralRow>;

const KINDS: ReadonlySet<string> = new Set<ColumnKind>(['partition_key', 'clustering', 'static', 'regular']);

/** What the schema tables say of one table or view. */
interface TableRows {
  table: SchemaRow | undefined;
  readonly columns: SchemaRow[];
  readonly dropped: SchemaRow[];
  readonly indexes: SchemaRow[];
  /** Names of the materialized views of the table. */
  readonly views: string[];
}

/** The rows of the schema tables; understood only when a table is asked for, so that a damaged one does not hide the others. */
export class SystemSchema {
  readonly #tables = new Map<string, TableRows>();
  readonly #types = new Map<string, SchemaRow[]>();

  static async read(readRows: ReadRows): Promise<SystemSchema> {
    const schema = new SystemSchema();
    for (const name of SCHEMA_TABLES) {
      for await (const row of readRows(schemaTableMetadata(name))) schema.#add(new SchemaRow(SYSTEM_SCHEMA, name, row));
    }
    return schema;
  }

  #add(row: SchemaRow): void {
    const keyspace = row.text('keyspace_name');
    if (row.table === 'types') {
      const types = this.#types.get(keyspace);
      if (types === undefined) this.#types.set(keyspace, [row]);
      else types.push(row);
      return;
    }
    const rows = this.#rowsOf(keyspace, row.text(row.table === 'views' ? 'view_name' : 'table_name'));
    if (row.table === 'columns') rows.columns.push(row);
    else if (row.table === 'dropped_columns') rows.dropped.push(row);
    else if (row.table === 'indexes') rows.indexes.push(row);
    else rows.table = row;
    if (row.table === 'views') this.#rowsOf(keyspace, row.text('base_table_name')).views.push(row.text('view_name'));
  }

  #rowsOf(keyspace: string, name: string): TableRows {
    const key = qualifiedName({ keyspace, name });
    let rows = this.#tables.get(key);
    if (rows === undefined) this.#tables.set(key, rows = { table: undefined, columns: [], dropped: [], indexes: [], views: [] });
    return rows;
  }

  /** Tables and materialized views, those of system keyspaces too. */
  list(): { keyspace: string; name: string; isView: boolean }[] {
    const known = [...this.#tables.values()].flatMap(({ table }) => table ?? []);
    return known.map((row) => ({ keyspace: row.text('keyspace_name'), name: row.text(row.table === 'views' ? 'view_name' : 'table_name'), isView: row.table === 'views' }));
  }

  /** User types of a keyspace, their fields' types as CQL text. Throws SCHEMA_INVALID. */
  types(keyspace: string): { name: string; fields: { name: string; type: string }[] }[] {
    return [...userTypesOf(this.#types.get(keyspace) ?? [])].map(([name, { fields }]) => ({ name, fields: fields.map((field) => ({ name: field.name, type: field.type })) }));
  }

  has(keyspace: string, name: string): boolean {
    return this.#tables.get(qualifiedName({ keyspace, name }))?.table !== undefined;
  }

  #keyNames(keyspace: string, name: string): ReadonlySet<string> {
    const rows = this.#tables.get(qualifiedName({ keyspace, name }))?.columns ?? [];
    return new Set(rows.filter((row) => isKeyKind(kindOf(row))).map((row) => row.text('column_name')));
  }

  /** One table or view; undefined when there is none. Throws SCHEMA_INVALID when its rows contradict each other. */
  table(keyspace: string, name: string): TableMetadata | undefined {
    const rows = this.#tables.get(qualifiedName({ keyspace, name }));
    if (rows?.table === undefined) return undefined;
    const { table: row, columns: columnRows, dropped } = rows;
    if (columnRows.length === 0) {
      throw cassandraError('SCHEMA_INVALID', `${SYSTEM_SCHEMA}.columns has no column of ${qualifiedName({ keyspace, name })}: its SSTables are not all there`);
    }
    const resolve = typeResolver(keyspace, userTypesOf(this.#types.get(keyspace) ?? []));
    const columns = columnRows.map((one) => columnOf(one, resolve));
    const isView = row.table === 'views';
    const flags = isView ? new Set(['compound']) : new Set(row.texts('flags'));
    const built = buildTable({
      keyspace,
      name,
      id: row.text('id').replaceAll('-', '').toLowerCase(),
      columns,
      dropped: dropped.map((one) => droppedColumnOf(one, resolve, columns)),
      flags: { isDense: flags.has('dense'), isCompound: flags.has('compound'), isCounter: flags.has('counter'), isSuper: flags.has('super') },
      baseKey: isView ? this.#keyNames(keyspace, row.text('base_table_name')) : undefined,
      defaultTtlSeconds: row.has('default_time_to_live') ? Number(row.integer('default_time_to_live')) : 0,
    });
    const views = rows.views.flatMap((view) => this.#view(keyspace, view) ?? []);
    return { ...built, ...sortedByName('indexes', rows.indexes.map((one) => indexOf(one, columns))), ...sortedByName('views', views) };
  }

  /** Undefined where its columns are missing: that is found when the view itself is asked for. */
  #view(keyspace: string, name: string): ViewMetadata | undefined {
    const { table: row, columns } = this.#rowsOf(keyspace, name);
    if (row === undefined || columns.length === 0) return undefined;
    const ofKind = (kind: ColumnKind): SchemaRow[] => columns.filter((column) => kindOf(column) === kind);
    const inOrder = (kind: ColumnKind): SchemaRow[] => ofKind(kind).sort((a, b) => Number(a.integer('position') - b.integer('position')));
    return {
      name, partitionKey: inOrder('partition_key').map((column) => column.text('column_name')),
      clustering: inOrder('clustering').map((column) => ({ name: column.text('column_name'), reversed: column.text('clustering_order').toLowerCase() === 'desc' })),
      columns: row.flag('include_all_columns') === true ? undefined : ofKind('regular').map((column) => column.text('column_name')).sort(),
      filter: row.has('where_clause') ? viewFilter(tokenizeCql(row.text('where_clause')).filter(({ kind }) => kind !== 'end')) : undefined,
    };
  }
}

function userTypesOf(rows: readonly SchemaRow[]): Map<string, UserTypeText> {
  return new Map(rows.map((row) => {
    const names = row.texts('field_names');
    const types = row.texts('field_types');
    if (names.length !== types.length) throw row.invalid(`${names.length} field names for ${types.length} types`);
    return [row.text('type_name'), { fields: names.map((name, i) => ({ name, type: types[i] })) }];
  }));
}

function indexOf(row: SchemaRow, columns: readonly ColumnMetadata[]): IndexMetadata {
  const target = row.option('options', 'target') ?? '';
  const isColumn = columns.some((column) => column.name === target);
  return {
    name: row.text('index_name'), columns: isColumn ? [target] : target === '' ? [] : indexTargets(new CqlReader(target)),
    isCustom: row.text('kind').toLowerCase() === 'custom',
  };
}

function columnOf(row: SchemaRow, resolve: TypeResolver): ColumnMetadata {
  const name = row.text('column_name');
  const kind = kindOf(row);
  const isKey = kind === 'partition_key' || kind === 'clustering';
  return {
    name,
    kind,
    type: resolve(row.text('type'), describe(row)),
    position: isKey ? Number(row.integer('position')) : -1,
    reversed: kind === 'clustering' && row.text('clustering_order').toLowerCase() === 'desc',
  };
}

/** Older versions store no kind. The reader goes by name alone, so the guess serves only who wants to show it. */
function droppedColumnOf(row: SchemaRow, resolve: TypeResolver, columns: readonly ColumnMetadata[]): DroppedColumn {
  const name = row.text('column_name');
  const kind = row.has('kind') ? kindOf(row) : columns.find((column) => column.name === name)?.kind ?? 'regular';
  return { name, kind, type: droppedType(row, resolve), droppedTimeMicros: row.integer('dropped_time') * 1000n };
}

/** A column dropped before 3.0 has no type, one whose user type went with it an unknown one: its bytes are never shown. */
function droppedType(row: SchemaRow, resolve: TypeResolver): CqlType {
  if (!row.has('type')) return { kind: 'blob' };
  try {
    return resolve(row.text('type'), describe(row));
  } catch (error) {
    if (error instanceof CodedError) return { kind: 'blob' };
    throw error;
  }
}

function kindOf(row: SchemaRow): ColumnKind {
  const kind = row.text('kind').toLowerCase();
  if (!KINDS.has(kind)) throw row.invalid(`kind "${kind}"`);
  return kind as ColumnKind;
}

function describe(row: SchemaRow): string {
  return `Column ${quoteIdentifier(row.text('column_name'))} of ${qualifiedName({ keyspace: row.text('keyspace_name'), name: row.text('table_name') })}`;
}
