// For tests: a cursor that plays fragments written down by hand, with PENDING before every third.

import { END, Marker, PARTITION, PENDING, Partition, ROW } from '../model/cursor.ts';
import type { Fragment, MARKER, UnfilteredCursor } from '../model/cursor.ts';
import { CELL_DELETED, NO_DELETION_TIME, Row } from '../model/row.ts';
import type { DeletionTime } from '../model/row.ts';

/** Values and paths in hexadecimal; times in microseconds and seconds. */
export interface CellStep {
  readonly column: number;
  readonly value: string;
  readonly path?: string;
  readonly timestamp?: bigint;
  readonly ttl?: number;
  /** When an expiring cell expires or a deleted one was deleted. */
  readonly localDeletionTime?: number;
  readonly isDeleted?: boolean;
}

export interface DeletionStep { readonly timestamp: bigint; readonly seconds: number }

export interface RowStep {
  readonly clustering?: readonly (string | null)[];
  readonly cells?: readonly CellStep[];
  readonly liveness?: { readonly timestamp: bigint; readonly ttl?: number; readonly expiry?: number };
  readonly deletion?: DeletionStep;
  readonly complex?: readonly (DeletionStep & { readonly column: number })[];
  readonly position?: number;
  readonly endPosition?: number;
}

export type Step =
  | { readonly fragment: typeof PARTITION; readonly key: string; readonly position?: number; readonly deletion?: DeletionStep; readonly statics?: readonly CellStep[] }
  | ({ readonly fragment: typeof ROW } & RowStep)
  | { readonly fragment: typeof MARKER; readonly kind: number; readonly clustering: readonly string[]; readonly closes?: DeletionStep; readonly opens?: DeletionStep; readonly endPosition: number };

/** 2020-09-13T12:26:40.000001Z. */
export const MICROS = 1_600_000_000_000_001n;

export class ScriptedCursor implements UnfilteredCursor {
  readonly partition = new Partition();
  readonly row = new Row();
  readonly marker = new Marker();
  readonly #steps: Step[];
  #calls = 0;

  constructor(steps: readonly Step[]) {
    this.#steps = [...steps];
  }

  advance(): Fragment {
    if (this.#calls++ % 3 === 1) return PENDING;
    const step = this.#steps.shift();
    if (!step) return END;
    if (step.fragment === ROW) fillRow(this.row, step);
    else if (step.fragment === PARTITION) this.#enter(step);
    else this.#mark(step);
    return step.fragment;
  }

  async fill(): Promise<void> {}
  async close(): Promise<void> {}

  #enter({ key, position = 0, deletion, statics = [] }: Step & { fragment: typeof PARTITION }): void {
    const { partition } = this;
    const bytes = bytesOf(key);
    partition.key.set(bytes);
    partition.keyLength = bytes.length;
    partition.position = position;
    setDeletion(partition.deletion, deletion);
    partition.hasStaticRow = statics.length > 0;
    fillRow(partition.staticRow, { cells: statics });
    partition.staticRow.isStatic = true;
  }

  #mark({ kind, clustering, closes, opens, endPosition }: Step & { fragment: typeof MARKER }): void {
    const { marker } = this;
    const values = clustering.map(bytesOf);
    marker.kind = kind;
    marker.bytes = Buffer.concat(values);
    marker.clusteringCount = values.length;
    let at = 0;
    values.forEach(({ length }, i) => {
      marker.clusteringStart[i] = at;
      marker.clusteringEnd[i] = at += length;
    });
    marker.endPosition = endPosition;
    setDeletion(marker.closes, closes);
    setDeletion(marker.opens, opens);
  }
}

function fillRow(row: Row, { clustering = [], cells = [], liveness, deletion, complex = [], position = 0, endPosition = 0 }: RowStep): void {
  const parts: Buffer[] = [];
  let length = 0;
  const add = (hex: string): [start: number, end: number] => {
    parts.push(bytesOf(hex));
    const start = length;
    length += parts[parts.length - 1].length;
    return [start, length];
  };
  row.reset(Buffer.alloc(0), false);
  row.position = position;
  row.endPosition = endPosition;
  row.clusteringCount = clustering.length;
  clustering.forEach((value, i) => {
    [row.clusteringStart[i], row.clusteringEnd[i]] = value === null ? [-1, -1] : add(value);
  });
  if (liveness) {
    [row.livenessHi, row.livenessLo] = halves(liveness.timestamp);
    row.livenessTtl = liveness.ttl ?? 0;
    row.livenessExpiry = liveness.expiry ?? NO_DELETION_TIME;
  }
  setDeletion(row.deletion, deletion);
  for (const { column, timestamp, seconds } of complex) row.addComplexDeletion(column, ...halves(timestamp), seconds);
  for (const { column, value, path, timestamp = MICROS, ttl = 0, localDeletionTime = NO_DELETION_TIME, isDeleted = false } of cells) {
    const i = row.addCell();
    row.cellColumn[i] = column;
    row.cellFlags[i] = isDeleted ? CELL_DELETED : 0;
    [row.cellHi[i], row.cellLo[i]] = halves(timestamp);
    row.cellTtl[i] = ttl;
    row.cellLocalDeletionTime[i] = localDeletionTime;
    [row.pathStart[i], row.pathEnd[i]] = path === undefined ? [-1, -1] : add(path);
    [row.valueStart[i], row.valueEnd[i]] = add(value);
  }
  row.bytes = Buffer.concat(parts);
}

function setDeletion(deletion: DeletionTime, step: DeletionStep | undefined): void {
  if (step) deletion.set(...halves(step.timestamp), step.seconds);
  else deletion.reset();
}

function halves(timestamp: bigint): [hi: number, lo: number] {
  return [Number(timestamp >> 32n), Number(timestamp & 0xffff_ffffn)];
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}
