// The JSON of partitions, rows and range tombstones, piece by piece, in the shape of sstabledump (tools/JsonTransformer of 3.11.2).

import { BOUND_EXCL_END_INCL_START, BOUND_EXCL_START, BOUND_INCL_END, BOUND_INCL_END_EXCL_START, BOUND_INCL_START } from '../model/cursor.ts';
import type { Marker, Partition } from '../model/cursor.ts';
import { CELL_DELETED } from '../model/row.ts';
import type { DeletionTime, Row } from '../model/row.ts';
import { quoteIdentifier } from '../model/table-metadata.ts';
import type { ColumnMetadata, TableMetadata } from '../model/table-metadata.ts';
import { isMultiCell } from '../types/cql-type.ts';
import type { CqlType } from '../types/cql-type.ts';
import { fieldOfPath } from '../types/neutral.ts';
import { instantOfMicros, instantOfSeconds } from '../types/java-time.ts';
import { rawJsonOf, rawPlainOf } from '../types/raw.ts';
import type { RawText } from '../types/raw.ts';
import { forEachKeyComponent } from './key-components.ts';

interface RawColumn {
  /** `{"name":"..."` */
  readonly head: string;
  /** `,"path":[...]` of a multi-cell column's cell, else nothing. */
  readonly path: (row: Row, cell: number) => string;
  readonly value: (row: Row, cell: number) => string;
}

export class RawWriter {
  readonly #nowSeconds: number;
  readonly #keys: readonly RawText[];
  readonly #clustering: readonly RawText[];
  readonly #static: readonly RawColumn[];
  readonly #regular: readonly RawColumn[];

  constructor(table: TableMetadata, nowSeconds: number) {
    this.#nowSeconds = nowSeconds;
    this.#keys = table.partitionKey.map(({ type }) => rawPlainOf(type));
    this.#clustering = table.clustering.map(({ type }) => rawJsonOf(type));
    this.#static = table.staticColumns.map(rawColumn);
    this.#regular = table.regularColumns.map(rawColumn);
  }

  /** The partition's own object. */
  partition(partition: Partition): string {
    const values: string[] = [];
    forEachKeyComponent(partition.key, partition.keyLength, this.#keys.length, (i, start, end) => {
      values.push(JSON.stringify(this.#keys[i](partition.key, start, end)));
    });
    return `{"key":[${values.join(',')}],"position":${partition.position}${deletionInfo(partition.deletion)}}`;
  }

  /** What of a row's object comes after its type and position, up to the closing brace. A piece is not larger than a cell. */
  rowAfterPosition(row: Row, add: (text: string) => void): void {
    let head = row.isStatic ? '' : this.#clusteringOf(row);
    if (row.hasLiveness()) head += `,"liveness_info":{"tstamp":"${instantOfMicros(row.livenessHi, row.livenessLo)}"${this.#livenessExpiry(row)}}`;
    add(`${head}${deletionInfo(row.deletion)},"cells":[`);
    const columns = row.isStatic ? this.#static : this.#regular;
    let separator = '';
    let complex = 0;
    for (let cell = 0; cell <= row.cellCount; cell++) {
      const limit = cell < row.cellCount ? row.cellColumn[cell] : columns.length - 1;
      // The deletion of a multi-cell column comes before its cells, and may come without any.
      for (; complex < row.complexCount && row.complexColumn[complex] <= limit; complex++) {
        add(separator + columns[row.complexColumn[complex]].head + complexDeletion(row, complex));
        separator = ',';
      }
      if (cell === row.cellCount) break;
      add(separator + this.#cell(row, cell, columns[row.cellColumn[cell]]));
      separator = ',';
    }
    add(']}');
  }

  /** The whole object of a range tombstone's bound, or boundary between two. */
  marker(marker: Marker): string {
    const { kind } = marker;
    const isBoundary = kind === BOUND_EXCL_END_INCL_START || kind === BOUND_INCL_END_EXCL_START;
    const clustering = this.#clusteringOf(marker);
    const bound = (side: string, isInclusive: boolean, deletion: DeletionTime): string =>
      `,"${side}":{"type":"${isInclusive ? 'inclusive' : 'exclusive'}"${clustering}${deletionInfo(deletion)}}`;
    let text = `{"type":"range_tombstone_${isBoundary ? 'boundary' : 'bound'}"`;
    if (isBoundary || kind === BOUND_INCL_START || kind === BOUND_EXCL_START) {
      text += bound('start', kind === BOUND_INCL_START || kind === BOUND_EXCL_END_INCL_START, marker.opens);
    }
    if (isBoundary || (kind !== BOUND_INCL_START && kind !== BOUND_EXCL_START)) {
      text += bound('end', kind === BOUND_INCL_END || kind === BOUND_INCL_END_EXCL_START, marker.closes);
    }
    return `${text}}`;
  }

  /** `,"clustering":[...]`, filled up with "*" when it is only the start of one; nothing when there are no values. */
  #clusteringOf({ bytes, clusteringCount, clusteringStart, clusteringEnd }: Row | Marker): string {
    if (clusteringCount === 0) return '';
    const values = this.#clustering.map((write, i) => {
      if (i >= clusteringCount) return '"*"';
      return clusteringStart[i] < 0 ? 'null' : write(bytes, clusteringStart[i], clusteringEnd[i]);
    });
    return `,"clustering":[${values.join(',')}]`;
  }

  #livenessExpiry(row: Row): string {
    if (row.livenessTtl === 0) return '';
    return `,"ttl":${row.livenessTtl},"expires_at":"${instantOfSeconds(row.livenessExpiry)}","expired":${row.livenessExpiry < this.#nowSeconds}`;
  }

  /** A cell does not repeat the timestamp and TTL that it has in common with the row's liveness. */
  #cell(row: Row, cell: number, column: RawColumn): string {
    let text = column.head + column.path(row, cell);
    const localDeletionTime = row.cellLocalDeletionTime[cell];
    if ((row.cellFlags[cell] & CELL_DELETED) !== 0) text += `,"deletion_info":{"local_delete_time":"${instantOfSeconds(localDeletionTime)}"}`;
    else text += `,"value":${column.value(row, cell)}`;
    const hi = row.cellHi[cell];
    const lo = row.cellLo[cell];
    const hasLiveness = row.hasLiveness();
    if (!hasLiveness || hi !== row.livenessHi || lo !== row.livenessLo) text += `,"tstamp":"${instantOfMicros(hi, lo)}"`;
    const ttl = row.cellTtl[cell];
    if (ttl !== 0 && (!hasLiveness || ttl !== row.livenessTtl)) {
      text += `,"ttl":${ttl},"expires_at":"${instantOfSeconds(localDeletionTime)}","expired":${this.#nowSeconds >= localDeletionTime}`;
    }
    return `${text}}`;
  }
}

function rawColumn({ name, type }: ColumnMetadata): RawColumn {
  return { head: `{"name":${JSON.stringify(quoteIdentifier(name))}`, path: pathOf(type), value: valueOf(type) };
}

function pathOf(type: CqlType): RawColumn['path'] {
  if (!isMultiCell(type)) return () => '';
  if (type.kind === 'udt') return (row, cell) => `,"path":[${JSON.stringify(type.fields[fieldOfCell(type.fields.length, row, cell)].name)}]`;
  const path = rawPlainOf(type.kind === 'map' ? type.key : type.kind === 'set' ? type.element : { kind: 'timeuuid' });
  return (row, cell) => `,"path":[${JSON.stringify(path(row.bytes, row.pathStart[cell], row.pathEnd[cell]))}]`;
}

function valueOf(type: CqlType): RawColumn['value'] {
  if (type.kind === 'udt' && !type.frozen) {
    const fields = type.fields.map((field) => rawJsonOf(field.type));
    return (row, cell) => fields[fieldOfCell(fields.length, row, cell)](row.bytes, row.valueStart[cell], row.valueEnd[cell]);
  }
  const write = rawJsonOf(cellTypeOf(type));
  return (row, cell) => write(row.bytes, row.valueStart[cell], row.valueEnd[cell]);
}

/** The type of the values of a column's cells. Elements of a set are paths: their cells have no value. */
function cellTypeOf(type: CqlType): CqlType {
  if (!isMultiCell(type)) return type;
  switch (type.kind) {
    case 'list': return type.element;
    case 'map': return type.value;
    default: return { kind: 'empty' };
  }
}

function fieldOfCell(fieldCount: number, row: Row, cell: number): number {
  return fieldOfPath(row.bytes, row.pathStart[cell], row.pathEnd[cell], fieldCount);
}

function deletionInfo(deletion: DeletionTime): string {
  if (deletion.isLive()) return '';
  return deletionObject(deletion.hi, deletion.lo, deletion.localDeletionTime);
}

function complexDeletion(row: Row, i: number): string {
  return `${deletionObject(row.complexHi[i], row.complexLo[i], row.complexLocalDeletionTime[i])}}`;
}

function deletionObject(hi: number, lo: number, localDeletionTime: number): string {
  return `,"deletion_info":{"marked_deleted":"${instantOfMicros(hi, lo)}","local_delete_time":"${instantOfSeconds(localDeletionTime)}"}`;
}
