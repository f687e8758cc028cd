// How the cell names of versions before 3.0 map onto a table (docs/formats/legacy-data.md). The files say nothing of it: whether names are
// composites, and which of their parts is a column's name, only the schema knows.

import { cassandraError } from '../../errors.ts';
import { clusteringOrderOf } from '../../merge/clustering-order.ts';
import type { ClusteringOrder } from '../../merge/clustering-order.ts';
import { NO_TIMESTAMP_HI, NO_TIMESTAMP_LO } from '../../model/row.ts';
import { qualifiedName } from '../../model/table-metadata.ts';
import type { ColumnMetadata, Partitioner, TableMetadata } from '../../model/table-metadata.ts';
import { isMultiCell } from '../../types/cql-type.ts';
import type { CqlType } from '../../types/cql-type.ts';
import { fixedLengthOf } from '../../types/fixed-length.ts';

export interface LegacyColumn {
  /** As it stands in cell names. */
  readonly name: Uint8Array;
  /** The column's index in the table's static or regular columns; -1 when its cells are read over. */
  readonly ordinal: number;
  readonly isStatic: boolean;
  readonly isComplex: boolean;
  /** Bytes of a value, or -1 when they vary; of a collection, of its values. */
  readonly fixedLength: number;
  /** Cells and deletions with a timestamp up to this one are void, since the column was dropped then. NO_TIMESTAMP when it was not. */
  readonly droppedHi: number;
  readonly droppedLo: number;
}

export interface LegacyLayout {
  readonly table: TableMetadata;
  readonly partitioner: Partitioner;
  /** Names are composites; else a single value. */
  readonly isCompound: boolean;
  /** Names are clusterings; else they have a column's name. */
  readonly isDense: boolean;
  /** Names are columns, or where no column is declared by a name, hidden rows. */
  readonly isStaticCompact: boolean;
  readonly clusteringCount: number;
  /** Bytes of each clustering value, or -1 when they vary. */
  readonly clusteringLengths: readonly number[];
  /** Columns that names tell, in the order of their bytes; empty when dense. */
  readonly columns: readonly LegacyColumn[];
  /** Of the value column where no name tells it. */
  readonly valueLength: number;
  readonly staticCount: number;
  readonly regularCount: number;
  readonly order: ClusteringOrder;
  /** Different bytes can be the same clustering (a decimal 1.0 and 1.00): the cells of one row then have names that differ. */
  readonly hasLooseClustering: boolean;
  /** Names that are in no schema are read over. */
  readonly ignoresUnknown: boolean;
}

/** Types whose values are equal only if their bytes are. */
const EXACT: ReadonlySet<CqlType['kind']> = new Set<CqlType['kind']>([
  'ascii', 'bigint', 'blob', 'date', 'inet', 'int', 'smallint', 'text', 'time', 'timestamp', 'timeuuid', 'tinyint', 'uuid',
]);

/** Throws SSTABLE_UNSUPPORTED for what Thrift alone could make: super columns, column names that are not text. */
export function legacyLayoutOf(table: TableMetadata, partitioner: Partitioner, putsEmptyFirstInDesc: boolean): LegacyLayout {
  const layout = {
    table, partitioner,
    isCompound: table.isCompound,
    isDense: table.isDense,
    isStaticCompact: table.isStaticCompact,
    clusteringCount: table.clustering.length,
    clusteringLengths: table.clustering.map(({ type }) => fixedLengthOf(type)),
    valueLength: table.isCompact && table.regularColumns.length > 0 ? fixedLengthOf(table.regularColumns[0].type) : -1,
    staticCount: table.staticColumns.length,
    regularCount: table.regularColumns.length,
    order: clusteringOrderOf(table, putsEmptyFirstInDesc ? 'first' : 'last'),
    hasLooseClustering: table.clustering.some(({ type }) => !EXACT.has(type.kind)),
    // Columns of system tables were removed without a note of it.
    ignoresUnknown: table.keyspace === 'system',
  };
  if (table.isCompact && table.regularColumns.some(({ type }) => isMultiCell(type))) throw cassandraError('SSTABLE_UNSUPPORTED', `${qualifiedName(table)} has super columns`);
  if (table.isDense || table.isStaticCompact) {
    // A node of 3.0 to 3.11.2 without assertions let ALTER TABLE add more; then no cell tells which of them it is.
    if (table.regularColumns.length !== 1) throw cassandraError('SSTABLE_UNSUPPORTED', `${qualifiedName(table)} is compact with ${table.regularColumns.length} value columns`);
  }
  return { ...layout, columns: table.isDense ? [] : columnsOf(table) };
}

function columnsOf(table: TableMetadata): LegacyColumn[] {
  const nameType = table.isStaticCompact ? table.clustering[0].type : undefined;
  const dropTimes = new Map(table.dropped.map(({ name, droppedTimeMicros }) => [name, droppedTimeMicros]));
  const legacy = (name: string, ordinal: number, isStatic: boolean, type: CqlType): LegacyColumn => {
    const dropped = dropTimes.get(name);
    return {
      name: nameBytes(name, nameType, table), ordinal, isStatic, isComplex: isMultiCell(type), fixedLength: fixedLengthOf(cellTypeOf(type)),
      droppedHi: dropped === undefined ? NO_TIMESTAMP_HI : Number(dropped >> 32n),
      droppedLo: dropped === undefined ? NO_TIMESTAMP_LO : Number(dropped & 0xffff_ffffn),
    };
  };
  const live = (list: readonly ColumnMetadata[], isStatic: boolean) => list.map(({ name, type }, ordinal) => legacy(name, ordinal, isStatic, type));
  // The value column of a static compact table has no name in its cells.
  const columns = [...live(table.staticColumns, true), ...(table.isStaticCompact ? [] : live(table.regularColumns, false))];
  const names = new Set([...table.staticColumns, ...table.regularColumns].map(({ name }) => name));
  const gone = [...dropTimes.keys()].filter((name) => !names.has(name)).map((name) => legacy(name, -1, false, { kind: 'blob' }));
  return [...columns, ...gone].sort((a, b) => Buffer.compare(a.name, b.name));
}

function cellTypeOf(type: CqlType): CqlType {
  if (!isMultiCell(type)) return type;
  return type.kind === 'list' ? type.element : type.kind === 'map' ? type.value : { kind: 'blob' };
}

/** A column's name in CQL as the comparator's bytes. */
function nameBytes(name: string, type: CqlType | undefined, table: TableMetadata): Uint8Array {
  switch (type?.kind) {
    case undefined: case 'text': case 'ascii': return Buffer.from(name);
    case 'blob':
      if (/^(?:[0-9a-f]{2})*$/i.test(name)) return Buffer.from(name, 'hex');
  }
  throw cassandraError('SSTABLE_UNSUPPORTED', `Column "${name}" of ${qualifiedName(table)} has a name of type ${type!.kind}`);
}
