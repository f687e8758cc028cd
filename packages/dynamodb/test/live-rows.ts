// Live rows made by hand, as the merge would give them: for tests of what comes after it.

import { CELL_EXPIRING, END, Marker, PARTITION, Partition, ROW, Row } from '@aeneas/cassandra';
import type { ColumnMetadata, CqlType, Fragment, TableMetadata, UnfilteredCursor } from '@aeneas/cassandra';

/** A cell: its column's ordinal, its value, and perhaps its path and the second at which it expires. */
export interface TestCell { readonly column: number; readonly value: Uint8Array; readonly path?: Uint8Array; readonly expiry?: number }
export interface TestRow { readonly clustering?: readonly (Uint8Array | undefined)[]; readonly cells: readonly TestCell[]; readonly liveness?: 'permanent' | number | 'none' }
export interface TestPartition { readonly key: Uint8Array; readonly statics?: readonly TestCell[]; readonly rows: readonly TestRow[] }

type Columns = readonly (readonly [string, CqlType, 'desc'?])[];

/** A table with these columns; regular and static ones in the order of their ordinals. */
export function tableOf(columns: { partition: Columns; clustering?: Columns; statics?: Columns; regular?: Columns }, name = 'things'): TableMetadata {
  const make = (list: Columns | undefined, kind: ColumnMetadata['kind']): ColumnMetadata[] => (list ?? []).map(([column, type, desc], i) =>
    ({ name: column, kind, type, position: kind === 'partition_key' || kind === 'clustering' ? i : -1, reversed: desc === 'desc' }));
  return {
    keyspace: 'ks', name, partitionKey: make(columns.partition, 'partition_key'), clustering: make(columns.clustering, 'clustering'),
    staticColumns: make(columns.statics, 'static'), regularColumns: make(columns.regular, 'regular'), dropped: [], isStaticCompact: false, isCompact: false, isDense: false,
    isCompound: true, isCounter: false, isView: false, enforcesStrictLiveness: false, defaultTtlSeconds: 0,
  };
}

export function fillRow(row: Row, from: TestRow, isStatic = false): Row {
  const values: Uint8Array[] = [];
  let at = 0;
  const place = (value: Uint8Array): [number, number] => {
    values.push(value);
    at += value.length;
    return [at - value.length, at];
  };
  row.reset(new Uint8Array(0), isStatic);
  const clustering = from.clustering ?? [];
  row.ensureClustering(clustering.length);
  row.clusteringCount = clustering.length;
  clustering.forEach((value, i) => {
    [row.clusteringStart[i], row.clusteringEnd[i]] = value ? place(value) : [-1, -1];
  });
  if (!isStatic && from.liveness !== 'none') {
    row.livenessHi = 1;
    if (typeof from.liveness === 'number') {
      row.livenessTtl = 100;
      row.livenessExpiry = from.liveness;
    }
  }
  for (const cell of from.cells) {
    const i = row.addCell();
    row.cellColumn[i] = cell.column;
    row.cellFlags[i] = cell.expiry === undefined ? 0 : CELL_EXPIRING;
    row.cellFlagsUnion |= row.cellFlags[i];
    row.cellLocalDeletionTime[i] = cell.expiry ?? 0x7fffffff;
    [row.pathStart[i], row.pathEnd[i]] = cell.path ? place(cell.path) : [-1, -1];
    [row.valueStart[i], row.valueEnd[i]] = place(cell.value);
  }
  row.bytes = Uint8Array.from(Buffer.concat(values));
  return row;
}

/** Live rows as a cursor. */
export class TestRows implements UnfilteredCursor {
  readonly partition = new Partition();
  readonly row = new Row();
  readonly marker = new Marker();
  readonly #fragments: (TestPartition | TestRow)[];

  constructor(partitions: readonly TestPartition[]) {
    this.#fragments = partitions.flatMap((partition) => [partition, ...partition.rows]);
  }

  advance(): Fragment {
    const next = this.#fragments.shift();
    if (next === undefined) return END;
    if (!('key' in next)) {
      fillRow(this.row, next);
      return ROW;
    }
    this.partition.key = Uint8Array.from(next.key);
    this.partition.keyLength = next.key.length;
    this.partition.hasStaticRow = next.statics !== undefined;
    if (next.statics) fillRow(this.partition.staticRow, { cells: next.statics }, true);
    return PARTITION;
  }

  async fill(): Promise<void> {
    throw new Error('nothing to fill');
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const hex = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value.replaceAll(' ', ''), 'hex'));
export function int(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return Uint8Array.from(bytes);
}
