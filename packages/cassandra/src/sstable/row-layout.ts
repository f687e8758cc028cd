// How the rows of one SSTable map onto a table: for every column of the serialization header the ordinal it has in the table, and
// what reading its cells needs to know. Without a table (raw dumps) the header describes itself.

import { cassandraError } from '../errors.ts';
import { NO_TIMESTAMP_HI, NO_TIMESTAMP_LO } from '../model/row.ts';
import { compareColumnNames, qualifiedName } from '../model/table-metadata.ts';
import type { ColumnKind, ColumnMetadata, Partitioner, TableMetadata } from '../model/table-metadata.ts';
import { isMultiCell } from '../types/cql-type.ts';
import type { CqlType } from '../types/cql-type.ts';
import { fixedLengthOf } from '../types/fixed-length.ts';
import { parseMarshalType } from '../types/parse-marshal-type.ts';
import { isUnmarkedUserType } from './serialization-header.ts';
import type { HeaderColumn, SerializationHeader } from './serialization-header.ts';
import { canRead } from './type-compatibility.ts';

export interface ColumnLayout {
  /** The column's index in the table's static or regular columns; -1 when its cells are read over. */
  readonly ordinal: number;
  readonly isComplex: boolean;
  /** Bytes of a value, or -1 when its length is written before it. */
  readonly fixedLength: number;
  /** Cells with a timestamp up to this one are void, since the column was dropped then. NO_TIMESTAMP when it was not. */
  readonly droppedHi: number;
  readonly droppedLo: number;
}

export interface RowLayout {
  readonly table: TableMetadata;
  readonly partitioner: Partitioner;
  readonly clusteringFixedLengths: readonly number[];
  readonly staticColumns: readonly ColumnLayout[];
  readonly regularColumns: readonly ColumnLayout[];
}

/**
 * Fits a header to a table's schema. Throws SCHEMA_MISMATCH when keys differ or a column is neither in the schema nor dropped.
 * Without a schema, a table is made from the header alone, with invented key names.
 */
export function layoutOf(header: SerializationHeader, partitioner: Partitioner, file: string, schema: TableMetadata | undefined): RowLayout {
  const clustering = header.clusteringTypes.map((type) => parseMarshalType(type));
  const table = schema ?? tableOfHeader(header);
  if (schema) requireKeysFit(header, schema, file);
  return {
    table,
    partitioner,
    clusteringFixedLengths: clustering.map(({ type }) => fixedLengthOf(type)),
    staticColumns: fitColumns(header.staticColumns, 'static', table, table.staticColumns, file),
    regularColumns: fitColumns(header.regularColumns, 'regular', table, table.regularColumns, file),
  };
}

function fitColumns(columns: readonly HeaderColumn[], kind: ColumnKind, table: TableMetadata, ofTable: readonly ColumnMetadata[], file: string): ColumnLayout[] {
  let last = -1;
  return inStorageOrder(columns, ofTable, table).map((column) => {
    const type = parseMarshalType(column.type).type;
    const ordinal = ofTable.findIndex((candidate) => candidate.name === column.name);
    const dropped = table.dropped.find((candidate) => candidate.name === column.name);
    if (ordinal < 0 && !dropped && !table.isPartial) {
      throw cassandraError('SCHEMA_MISMATCH', `Column "${column.name}" of the SSTable is neither in ${qualifiedName(table)} nor was it dropped from it`, { file });
    }
    const target = ordinal < 0 ? dropped?.type ?? type : ofTable[ordinal].type;
    const isComplex = isMultiCell(storedType(type, target));
    // Cells of a dropped column are read over: system_schema keeps its type only roughly, user types as tuples.
    if (ordinal >= 0 && (!canRead(type, target) || isComplex !== isMultiCell(target))) {
      throw cassandraError('SCHEMA_MISMATCH', `${kind} column "${column.name}" is ${column.type} in the SSTable, which is no ${target.kind}`, { file });
    }
    if (ordinal >= 0 && ordinal <= last) throw cassandraError('SCHEMA_MISMATCH', `Column "${column.name}" is stored in another order than the schema's`, { file });
    if (ordinal >= 0) last = ordinal;
    return {
      ordinal,
      isComplex,
      fixedLength: fixedLengthOf(type),
      droppedHi: dropped ? Number(dropped.droppedTimeMicros >> 32n) : NO_TIMESTAMP_HI,
      droppedLo: dropped ? Number(dropped.droppedTimeMicros & 0xffff_ffffn) : NO_TIMESTAMP_LO,
    };
  });
}

/** Up to 3.5 user types were frozen without being marked, so for them the schema decides; elements of others have always been marked. */
function storedType(inHeader: CqlType, inSchema: CqlType | undefined): CqlType {
  return inHeader.kind === 'udt' && inSchema?.kind === 'udt' ? inSchema : inHeader;
}

function knownType(name: string, ofTable: readonly ColumnMetadata[], table: TableMetadata): CqlType | undefined {
  return (ofTable.find((candidate) => candidate.name === name) ?? table.dropped.find((candidate) => candidate.name === name))?.type;
}

/** Whether neither header nor schema says if some user type is frozen: there is no schema, or the column was dropped. */
export function hasUndecidedUserType(header: SerializationHeader, schema: TableMetadata | undefined): boolean {
  const isUndecided = (columns: readonly HeaderColumn[], ofTable: readonly ColumnMetadata[]): boolean =>
    columns.some(({ name, type }) => isUnmarkedUserType(type) && (schema === undefined || knownType(name, ofTable, schema)?.kind !== 'udt'));
  return isUndecided(header.staticColumns, schema?.staticColumns ?? []) || isUndecided(header.regularColumns, schema?.regularColumns ?? []);
}

/** Rows store simple columns before multi-cell ones, each by name; a header may list them otherwise. */
function inStorageOrder(columns: readonly HeaderColumn[], ofTable: readonly ColumnMetadata[], table: TableMetadata): HeaderColumn[] {
  const rank = ({ name, type }: HeaderColumn) => (isMultiCell(storedType(parseMarshalType(type).type, knownType(name, ofTable, table))) ? 1 : 0);
  return [...columns].sort((a, b) => rank(a) - rank(b) || compareColumnNames(a.name, b.name));
}

function requireKeysFit(header: SerializationHeader, table: TableMetadata, file: string): void {
  const mismatch = (what: string) => cassandraError('SCHEMA_MISMATCH', `${what} of the SSTable does not fit ${qualifiedName(table)}`, { file });
  const keyTypes = keyTypesOf(header.keyType);
  if (keyTypes.length !== table.partitionKey.length) throw mismatch(`The partition key (${header.keyType})`);
  keyTypes.forEach((type, i) => {
    if (!canRead(type, table.partitionKey[i].type)) throw mismatch(`The partition key (${header.keyType})`);
  });
  if (header.clusteringTypes.length !== table.clustering.length) throw mismatch(`The clustering (${header.clusteringTypes.join(', ')})`);
  header.clusteringTypes.forEach((name, i) => {
    const { type, reversed } = parseMarshalType(name);
    if (reversed !== table.clustering[i].reversed || !canRead(type, table.clustering[i].type)) throw mismatch(`Clustering column ${i + 1} (${name})`);
  });
}

/** The types of the partition key's columns: several are one composite. (Thrift tables can have a composite of one: that is one value.) */
export function keyTypesOf(keyType: string): CqlType[] {
  const { type } = parseMarshalType(keyType);
  return type.kind === 'composite' && type.elements.length > 1 ? [...type.elements] : [type];
}

function tableOfHeader(header: SerializationHeader): TableMetadata {
  const column = (name: string, kind: ColumnKind, type: CqlType, position: number, reversed: boolean): ColumnMetadata => ({ name, kind, type, position, reversed });
  const columns = (list: readonly HeaderColumn[], kind: ColumnKind) => list
    .map(({ name, type }) => column(name, kind, parseMarshalType(type).type, -1, false))
    .sort((a, b) => Number(isMultiCell(a.type)) - Number(isMultiCell(b.type)) || compareColumnNames(a.name, b.name));
  return {
    keyspace: '', name: '',
    partitionKey: keyTypesOf(header.keyType).map((type, i) => column(`key${i}`, 'partition_key', type, i, false)),
    clustering: header.clusteringTypes.map((name, i) => {
      const { type, reversed } = parseMarshalType(name);
      return column(`clustering${i}`, 'clustering', type, i, reversed);
    }),
    staticColumns: columns(header.staticColumns, 'static'),
    regularColumns: columns(header.regularColumns, 'regular'),
    dropped: [],
    isStaticCompact: false, isCompact: false, isDense: false, isCompound: true, isView: false, enforcesStrictLiveness: false,
    isCounter: [...header.staticColumns, ...header.regularColumns].some(({ type }) => type.includes('CounterColumnType')),
    defaultTtlSeconds: 0,
  };
}

const PARTITIONERS: Record<string, Partitioner> = {
  Murmur3Partitioner: 'murmur3', RandomPartitioner: 'random', ByteOrderedPartitioner: 'byte-ordered',
  OrderPreservingPartitioner: 'order-preserving', LocalPartitioner: 'byte-ordered',
};

/** Throws SSTABLE_UNSUPPORTED. */
export function partitionerOf(className: string, file: string): Partitioner {
  const partitioner = PARTITIONERS[className.slice(className.lastIndexOf('.') + 1)];
  if (!partitioner) throw cassandraError('SSTABLE_UNSUPPORTED', `Partitioner ${className} is not known`, { file });
  return partitioner;
}
