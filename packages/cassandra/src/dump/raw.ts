// `aeneas sstable dump --raw`: one SSTable as it is, tombstones included, one partition a line: the JSON objects of Cassandra 3.11.2's
// sstabledump (tools/JsonTransformer).
//
// The "position" of a partition's first row and of its static row is what that tool gives: it has read one row (or marker) ahead
// before it asks its scanner where it stands, so they get the end of that one, or of the partition when there is none.

import { CodedError, cassandraError } from '../errors.ts';
import { END, MARKER, PARTITION, PENDING, ROW } from '../model/cursor.ts';
import type { UnfilteredCursor } from '../model/cursor.ts';
import type { TableMetadata } from '../model/table-metadata.ts';
import { hexOf } from '../types/decode.ts';
import { RawWriter } from './raw-writer.ts';
import { ChunkedOutput } from './chunked-output.ts';
import type { ByteSink } from './chunked-output.ts';

export interface RawDumpOptions {
  /** The moment at which "expired" is judged: seconds since the epoch. */
  readonly nowSeconds: number;
  /** Uncompressed length of Data.db. */
  readonly dataLength: number;
}

/**
 * Writes all partitions of a cursor over one SSTable. `table` describes its rows; the names of key columns do not matter.
 * Memory: a row and a static row, however large the partition. Throws what the cursor throws, and VALUE_INVALID.
 */
export async function writeRawPartitions(table: TableMetadata, cursor: UnfilteredCursor, options: RawDumpOptions, sink: ByteSink): Promise<void> {
  const output = new ChunkedOutput(sink);
  const dump = new RawDump(table, cursor, options, output);
  for (;;) {
    const fragment = cursor.advance();
    if (fragment === PENDING) {
      await cursor.fill();
      continue;
    }
    dump.show(fragment);
    if (fragment === END) break;
    if (output.isFull) await output.flush();
  }
  await output.end();
}

class RawDump {
  readonly #cursor: UnfilteredCursor;
  readonly #dataLength: number;
  readonly #output: ChunkedOutput;
  readonly #writer: RawWriter;
  #inPartition = false;
  /** Nothing of the partition but its head and its static row was seen yet. */
  #isFirst = true;
  /** The static row but for its position, which the first row tells. */
  #heldStatic: string[] | undefined;
  #separator = '';

  constructor(table: TableMetadata, cursor: UnfilteredCursor, { nowSeconds, dataLength }: RawDumpOptions, output: ChunkedOutput) {
    this.#cursor = cursor;
    this.#dataLength = dataLength;
    this.#output = output;
    this.#writer = new RawWriter(table, nowSeconds);
  }

  show(fragment: typeof PARTITION | typeof ROW | typeof MARKER | typeof END): void {
    try {
      switch (fragment) {
        case ROW: return this.#row();
        case MARKER: return this.#marker();
        case PARTITION:
          this.#finish(this.#cursor.partition.position);
          return this.#partition();
        case END: return this.#finish(this.#dataLength);
      }
    } catch (error) {
      throw this.#located(error, fragment);
    }
  }

  #partition(): void {
    const { partition } = this.#cursor;
    this.#output.add(`{"partition":${this.#writer.partition(partition)},"rows":[`);
    this.#inPartition = true;
    this.#isFirst = true;
    this.#separator = '';
    if (!partition.hasStaticRow) return;
    const held: string[] = [];
    this.#writer.rowAfterPosition(partition.staticRow, (text) => held.push(text));
    this.#heldStatic = held;
  }

  #row(): void {
    const { row } = this.#cursor;
    const position = this.#isFirst ? row.endPosition : row.position;
    this.#settleStatic(row.endPosition);
    this.#output.add(`${this.#separator}{"type":"row","position":${position}`);
    this.#writer.rowAfterPosition(row, (text) => this.#output.add(text));
    this.#separator = ',';
  }

  #marker(): void {
    const { marker } = this.#cursor;
    this.#settleStatic(marker.endPosition);
    this.#output.add(this.#separator + this.#writer.marker(marker));
    this.#separator = ',';
  }

  /** Closes the partition, of which the next one (or the file's end) is the end. */
  #finish(end: number): void {
    if (!this.#inPartition) return;
    this.#settleStatic(end);
    this.#output.add(']}\n');
    this.#inPartition = false;
  }

  #settleStatic(position: number): void {
    this.#isFirst = false;
    if (!this.#heldStatic) return;
    this.#output.add(`{"type":"static_block","position":${position}`);
    for (const text of this.#heldStatic) this.#output.add(text);
    this.#heldStatic = undefined;
    this.#separator = ',';
  }

  #located(error: unknown, fragment: typeof PARTITION | typeof ROW | typeof MARKER | typeof END): unknown {
    if (!(error instanceof CodedError) || error.code !== 'VALUE_INVALID') return error;
    const { partition, row, marker, file } = this.#cursor;
    const offset = fragment === ROW ? row.position : fragment === MARKER ? marker.position : partition.position;
    const key = hexOf(partition.key, 0, partition.keyLength);
    return cassandraError('VALUE_INVALID', `${error.message}, partition key 0x${key}`, file === undefined ? {} : { file, offset }, error);
  }
}
