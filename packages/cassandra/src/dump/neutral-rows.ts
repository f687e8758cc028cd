// `aeneas sstable dump`: live rows as neutral rows, one JSON object a line (fixtures/README.md):
//
//   {"v": {column: value}, "wt": {column: "microseconds"}, "ttl": {column: seconds left}}
//
// Rows of a partition repeat its key and its static columns; a partition with nothing but static values is one row without
// clustering columns. Write time and TTL are given where the server's CQL can ask for them: not for keys and multi-cell columns.

import { CodedError, cassandraError } from '../errors.ts';
import { END, PARTITION, PENDING, ROW } from '../model/cursor.ts';
import type { Partition, UnfilteredCursor } from '../model/cursor.ts';
import type { Row } from '../model/row.ts';
import { compareColumnNames, qualifiedName } from '../model/table-metadata.ts';
import type { ColumnMetadata, TableMetadata } from '../model/table-metadata.ts';
import { isMultiCell } from '../types/cql-type.ts';
import type { CqlType } from '../types/cql-type.ts';
import { hexOf, int64Text } from '../types/decode.ts';
import { neutralCellsWriterOf, neutralWriterOf } from '../types/neutral.ts';
import type { CellsWriter, ValueWriter } from '../types/neutral.ts';
import { forEachKeyComponent } from './key-components.ts';
import { ChunkedOutput } from './chunked-output.ts';
import type { ByteSink } from './chunked-output.ts';

export interface NeutralRowsOptions {
  /** The moment at which the rows were judged to be live, and that TTLs count from: seconds since the epoch. */
  readonly nowSeconds: number;
  /**
   * False for servers whose CQL refuses writetime() of frozen collections: 3.0.24 and 3.11.2 do, 3.0.29 and 3.11.19 do not. SSTables of
   * version `me` tell the newer ones.
   */
  readonly frozenCollectionsHaveTimes: boolean;
}

/**
 * Writes every live row. `table` is the CQL view, `rows` yields PARTITION and ROW fragments of live cells only. Memory: one row.
 * Returns the number of rows. Throws what the cursor throws, and VALUE_INVALID.
 */
export async function writeNeutralRows(table: TableMetadata, rows: UnfilteredCursor, options: NeutralRowsOptions, sink: ByteSink): Promise<number> {
  const writer = new NeutralRowWriter(table, options);
  const output = new ChunkedOutput(sink);
  let count = 0;
  /** The partition's static row has not been shown by a row yet. */
  let owesStatic = false;
  const settle = (): void => {
    if (!owesStatic) return;
    output.add(writer.staticOnly());
    count++;
    owesStatic = false;
  };
  for (;;) {
    switch (rows.advance()) {
      case PENDING:
        await rows.fill();
        break;
      case PARTITION:
        settle();
        writer.enter(rows.partition);
        owesStatic = rows.partition.hasStaticRow;
        break;
      case ROW:
        output.add(writer.row(rows.row));
        count++;
        owesStatic = false;
        break;
      case END:
        settle();
        await output.end();
        return count;
    }
    if (output.isFull) await output.flush();
  }
}

interface Column {
  readonly name: string;
  /** `"name": ` */
  readonly label: string;
  readonly hasCells: boolean;
  /** A value in one piece; throws for columns that have cells. */
  readonly write: ValueWriter;
  readonly writeCells: CellsWriter;
}

function columnOf({ name, type }: ColumnMetadata): Column {
  const hasCells = isMultiCell(type);
  const never = (): never => {
    throw new Error(`Column ${name} ${hasCells ? 'has' : 'has no'} cells`);
  };
  return {
    name, label: `${JSON.stringify(name)}: `, hasCells,
    write: hasCells ? never : neutralWriterOf(type),
    writeCells: hasCells ? neutralCellsWriterOf(type) : never,
  };
}

/** The members of a row's three objects, each with a comma and a blank before it. */
interface Members { readonly values: string; readonly writeTimes: string; readonly ttls: string }

const NO_MEMBERS: Members = { values: '', writeTimes: '', ttls: '' };

/** Writes rows one by one: enter their partition first. */
export class NeutralRowWriter {
  readonly #table: TableMetadata;
  readonly #partitionKey: readonly Column[];
  readonly #clustering: readonly Column[];
  readonly #static: CellsOfRow;
  readonly #regular: CellsOfRow;
  #keyValues = '';
  #staticMembers = NO_MEMBERS;
  /** What is being written, for error messages. */
  #key = '';
  #column = '';

  constructor(table: TableMetadata, options: NeutralRowsOptions) {
    const at = (column: string) => {
      this.#column = column;
    };
    this.#table = table;
    this.#partitionKey = table.partitionKey.map(columnOf);
    this.#clustering = table.clustering.map(columnOf);
    this.#static = new CellsOfRow(table.staticColumns, options, at);
    this.#regular = new CellsOfRow(table.regularColumns, options, at);
  }

  enter(partition: Partition): void {
    this.#key = hexOf(partition.key, 0, partition.keyLength);
    this.#column = 'the key';
    this.#keyValues = '';
    try {
      forEachKeyComponent(partition.key, partition.keyLength, this.#partitionKey.length, (i, start, end) => {
        const { label, write } = this.#partitionKey[i];
        this.#keyValues += `${i === 0 ? '' : ', '}${label}${write(partition.key, start, end)}`;
      });
      this.#staticMembers = partition.hasStaticRow ? this.#static.members(partition.staticRow) : NO_MEMBERS;
    } catch (error) {
      throw this.#located(error);
    }
  }

  /** The row of a partition that has no others. */
  staticOnly(): string {
    return this.#line('', NO_MEMBERS);
  }

  row(row: Row): string {
    let clustering = '';
    try {
      for (let i = 0; i < this.#clustering.length && i < row.clusteringCount; i++) {
        const { name, label, write } = this.#clustering[i];
        this.#column = name;
        if (row.clusteringStart[i] >= 0) clustering += `, ${label}${write(row.bytes, row.clusteringStart[i], row.clusteringEnd[i])}`;
      }
      return this.#line(clustering, this.#regular.members(row));
    } catch (error) {
      throw this.#located(error);
    }
  }

  #line(clustering: string, row: Members): string {
    const fixed = this.#staticMembers;
    const writeTimes = fixed.writeTimes + row.writeTimes;
    const ttls = fixed.ttls + row.ttls;
    return `{"v": {${this.#keyValues}${clustering}${fixed.values}${row.values}}${
      writeTimes === '' ? '' : `, "wt": {${writeTimes.slice(2)}}`}${ttls === '' ? '' : `, "ttl": {${ttls.slice(2)}}`}}\n`;
  }

  #located(error: unknown): unknown {
    if (!(error instanceof CodedError) || error.code !== 'VALUE_INVALID') return error;
    return cassandraError('VALUE_INVALID', `${error.message}, in ${this.#column} of ${qualifiedName(this.#table)}, partition key 0x${this.#key}`, {}, error);
  }
}

/** Writes the cells of static or of regular rows, by column in the order of `SELECT *`. */
class CellsOfRow {
  readonly #columns: readonly Column[];
  readonly #hasTimes: readonly boolean[];
  readonly #order: readonly number[];
  readonly #nowSeconds: number;
  readonly #at: (column: string) => void;
  /** By ordinal. */
  readonly #values: string[];
  readonly #writeTimes: string[];
  readonly #ttls: string[];

  constructor(columns: readonly ColumnMetadata[], { nowSeconds, frozenCollectionsHaveTimes }: NeutralRowsOptions, at: (column: string) => void) {
    this.#columns = columns.map(columnOf);
    this.#hasTimes = columns.map(({ type }) => !isMultiCell(type) && (frozenCollectionsHaveTimes || !isCollection(type)));
    this.#order = columns.map((_, ordinal) => ordinal).sort((a, b) => compareColumnNames(columns[a].name, columns[b].name));
    this.#nowSeconds = nowSeconds;
    this.#at = at;
    this.#values = columns.map(() => '');
    this.#writeTimes = [...this.#values];
    this.#ttls = [...this.#values];
  }

  members(row: Row): Members {
    let cell = 0;
    while (cell < row.cellCount) cell = this.#writeColumn(row, cell);
    let values = '';
    let writeTimes = '';
    let ttls = '';
    for (const ordinal of this.#order) {
      values += this.#values[ordinal];
      writeTimes += this.#writeTimes[ordinal];
      ttls += this.#ttls[ordinal];
      this.#values[ordinal] = this.#writeTimes[ordinal] = this.#ttls[ordinal] = '';
    }
    return { values, writeTimes, ttls };
  }

  /** Writes the column of a cell; returns the first cell after it. */
  #writeColumn(row: Row, cell: number): number {
    const ordinal = row.cellColumn[cell];
    // Dense tables may have a value column that CQL does not show.
    if (ordinal >= this.#columns.length) return cell + 1;
    const { name, label, hasCells, write, writeCells } = this.#columns[ordinal];
    this.#at(name);
    if (!hasCells) {
      this.#values[ordinal] = `, ${label}${write(row.bytes, row.valueStart[cell], row.valueEnd[cell])}`;
      if (!this.#hasTimes[ordinal]) return cell + 1;
      this.#writeTimes[ordinal] = `, ${label}"${int64Text(row.cellHi[cell], row.cellLo[cell])}"`;
      if (row.cellTtl[cell] !== 0) this.#ttls[ordinal] = `, ${label}${row.cellLocalDeletionTime[cell] - this.#nowSeconds}`;
      return cell + 1;
    }
    let end = cell + 1;
    while (end < row.cellCount && row.cellColumn[end] === ordinal) end++;
    this.#values[ordinal] = `, ${label}${writeCells(row, cell, end)}`;
    return end;
  }
}

function isCollection(type: CqlType): boolean {
  return type.kind === 'list' || type.kind === 'set' || type.kind === 'map';
}
