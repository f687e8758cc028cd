// What CQL DDL text says, after its last statement. Types stay text until a table is asked for: only then do they matter, and an
// ALTER TYPE further down changes every column of that type.

import { cassandraError } from '../errors.ts';
import { qualifiedName, quoteIdentifier } from '../model/table-metadata.ts';
import type { ColumnKind, ColumnMetadata, DroppedColumn, IndexMetadata, TableMetadata, ViewMetadata } from '../model/table-metadata.ts';
import { sortedByName } from './cql-index.ts';
import type { CqlTypeText } from './cql-reader.ts';
import { buildTable, isKeyKind } from './table-builder.ts';
import type { StorageFlags } from './table-builder.ts';
import { typeResolver } from './type-resolver.ts';
import type { UserTypes } from './type-resolver.ts';

export interface CqlColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly type: CqlTypeText;
  readonly position: number;
  readonly reversed: boolean;
}

/** ALTER TABLE ... DROP, and the user types as they were then: they may be dropped after it. */
export interface CqlDrop {
  readonly column: CqlColumn;
  readonly types: UserTypes;
  /** USING TIMESTAMP; undefined when the node's clock decided. */
  readonly timeMicros: bigint | undefined;
}

/** A table or view as storage has it, hidden columns of compact tables included. */
export interface CqlTable {
  readonly keyspace: string;
  readonly name: string;
  readonly id: string | undefined;
  readonly columns: Map<string, CqlColumn>;
  readonly drops: Map<string, CqlDrop>;
  flags: StorageFlags;
  /** Set for a materialized view: its base table, whether it selects all columns (then ALTER TABLE ... ADD reaches it too), and see ViewMetadata. */
  readonly view: { readonly base: string; readonly includesAll: boolean; readonly filter: string | undefined } | undefined;
  /** By name. */
  readonly indexes: Map<string, IndexMetadata>;
  defaultTtlSeconds: number;
}

export interface CqlKeyspace {
  readonly name: string;
  /** Replaced, never changed, so that a drop can keep the types of its time. */
  types: UserTypes;
  readonly tables: Map<string, CqlTable>;
}

export type CqlSchema = ReadonlyMap<string, CqlKeyspace>;

/**
 * A dropped column that was not added again: no time is known, and none is needed. CQL shows no cell of it, whenever it was
 * written, so all of them are void. The one thing lost: a row without liveness of its own (only ever UPDATEd) whose single
 * remaining cell is of that column and carries a timestamp later than the drop would still be listed by Cassandra, with nothing
 * but its key. Such a cell takes a client's clock in the future, or a write during schema disagreement.
 */
export const DROPPED_FOR_EVER = 0x7fff_ffff_ffff_ffffn;

/**
 * One table of the text, or undefined. Throws SCHEMA_AMBIGUOUS when a column was dropped without a time and added again,
 * SCHEMA_INVALID when a type is unknown or the columns cannot be a table.
 */
export function tableOfCql(schema: CqlSchema, keyspace: string, name: string): TableMetadata | undefined {
  const home = schema.get(keyspace);
  const table = home?.tables.get(name);
  if (home === undefined || table === undefined) return undefined;
  const parse = typeResolver(keyspace, home.types);
  const typeOf = (column: CqlColumn, resolve: typeof parse): ColumnMetadata['type'] => resolve(column.type.text, `Column ${quoteIdentifier(column.name)} of ${qualifiedName(table)}`);
  const built = buildTable({
    keyspace,
    name,
    id: table.id,
    columns: [...table.columns.values()].map((column) => ({ name: column.name, kind: column.kind, type: typeOf(column, parse), position: column.position, reversed: column.reversed })),
    dropped: [...table.drops.values()].map(({ column, types, timeMicros }): DroppedColumn => ({
      name: column.name,
      kind: column.kind,
      type: typeOf(column, typeResolver(keyspace, types)),
      droppedTimeMicros: timeMicros ?? timeOfTextDrop(table, column.name),
    })),
    flags: table.flags,
    baseKey: table.view && keyNamesOf(home.tables.get(table.view.base)),
    defaultTtlSeconds: table.defaultTtlSeconds,
  });
  const views = [...home.tables.values()].filter(({ view }) => view?.base === name);
  return { ...built, ...sortedByName('indexes', [...table.indexes.values()]), ...sortedByName('views', views.map(viewOf)) };
}

function viewOf({ name, columns, view }: CqlTable): ViewMetadata {
  const ofKind = (kind: ColumnKind): CqlColumn[] => [...columns.values()].filter((column) => column.kind === kind).sort((a, b) => a.position - b.position);
  return {
    name, partitionKey: ofKind('partition_key').map((column) => column.name),
    clustering: ofKind('clustering').map((column) => ({ name: column.name, reversed: column.reversed })),
    columns: view!.includesAll ? undefined : ofKind('regular').map((column) => column.name).sort(),
    filter: view!.filter,
  };
}

function keyNamesOf(table: CqlTable | undefined): ReadonlySet<string> {
  return new Set([...(table?.columns.values() ?? [])].filter(({ kind }) => isKeyKind(kind)).map(({ name }) => name));
}

function timeOfTextDrop(table: CqlTable, column: string): bigint {
  if (!table.columns.has(column)) return DROPPED_FOR_EVER;
  throw cassandraError('SCHEMA_AMBIGUOUS', `Column ${quoteIdentifier(column)} of ${qualifiedName(table)} was dropped and added again`);
}
