// Random writes, deletions and expiries, spread over several sources, against a model that knows nothing of merging: it asks of every
// cell what was written to it and what deleted it.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BOUND_EXCL_END, BOUND_EXCL_START, BOUND_INCL_END, BOUND_INCL_START, END, MARKER, Marker, PARTITION, PENDING, ROW } from '../model/cursor.ts';
import type { Fragment, UnfilteredCursor } from '../model/cursor.ts';
import { CELL_DELETED, CELL_EXPIRING, NO_DELETION_TIME, Row } from '../model/row.ts';
import type { ColumnMetadata, TableMetadata } from '../model/table-metadata.ts';
import { partitionOfKey } from '../model/token.ts';
import type { CqlType } from '../types/cql-type.ts';
import { LiveRows } from './live-rows.ts';

const NOW = 1000;

function column(name: string, kind: ColumnMetadata['kind'], type: CqlType, position = -1): ColumnMetadata {
  return { name, kind, type, position, reversed: false };
}

const INT: CqlType = { kind: 'int' };
const TABLE: TableMetadata = {
  keyspace: 'ks', name: 't',
  partitionKey: [column('k', 'partition_key', INT, 0)],
  clustering: [column('c', 'clustering', INT, 0)],
  staticColumns: [column('s', 'static', INT)],
  regularColumns: [column('v', 'regular', INT), column('m', 'regular', { kind: 'map', key: INT, value: INT, frozen: false })],
  dropped: [], isStaticCompact: false, isCompact: false, isDense: false, isCompound: true, isCounter: false, isView: false, enforcesStrictLiveness: false, defaultTtlSeconds: 0,
};
const [V, M] = [0, 1];

interface Write { timestamp: number; value: number; state: 'live' | 'deleted' | 'expiring' | 'expired' }
interface Span { from: number; to: number; fromInclusive: boolean; toInclusive: boolean; timestamp: number }
interface RowWrites { liveness?: Write; deletion?: number; v?: Write; mapDeletion?: number; m: Record<number, Write> }
interface Source { partitionDeletion?: number; static?: Write; rows: Record<number, RowWrites>; span?: Span }

const timestamp = fc.integer({ min: 1, max: 6 });
const write = fc.record({ timestamp, value: fc.integer({ min: -2, max: 2 }), state: fc.constantFrom('live' as const, 'live' as const, 'deleted' as const, 'expiring' as const, 'expired' as const) });
const keys = (values: fc.Arbitrary<unknown>, max: number) => fc.dictionary(fc.integer({ min: 0, max }).map(String), values, { maxKeys: 3 });
const rowWrites = fc.record({ liveness: write, deletion: timestamp, v: write, mapDeletion: timestamp, m: keys(write, 2) }, { requiredKeys: ['m'] });
const span = fc.record({ from: fc.integer({ min: 0, max: 3 }), length: fc.integer({ min: 0, max: 3 }), fromInclusive: fc.boolean(), toInclusive: fc.boolean(), timestamp })
  .map(({ from, length, ...rest }): Span => ({ from, to: from + length, ...rest, ...(length === 0 ? { fromInclusive: true, toInclusive: true } : {}) }));
const source = fc.record({ partitionDeletion: timestamp, static: write, rows: keys(rowWrites, 4), span }, { requiredKeys: ['rows'] }) as fc.Arbitrary<Source>;

/** What one source holds of one partition, as fragments. Every third `advance` says PENDING first, as a file may. */
class MemoryCursor implements UnfilteredCursor {
  readonly partition = partitionOfKey('murmur3', int(7));
  readonly row = new Row();
  readonly marker = new Marker();
  readonly #steps: (() => Fragment)[] = [];
  #calls = 0;

  constructor(from: Source) {
    this.#steps.push(() => {
      if (from.partitionDeletion !== undefined) this.partition.deletion.set(0, from.partitionDeletion, 500);
      if (from.static) {
        start(this.partition.staticRow, true);
        addCell(this.partition.staticRow, 0, from.static);
        this.partition.hasStaticRow = true;
      }
      return PARTITION;
    });
    const events = Object.entries(from.rows).map(([key, writes]) => ({ at: Number(key), side: 0, step: () => this.#readRow(Number(key), writes) }));
    const { span: range } = from;
    if (range) {
      events.push({ at: range.from, side: range.fromInclusive ? -1 : 1, step: () => this.#readMarker(range.from, range.fromInclusive ? BOUND_INCL_START : BOUND_EXCL_START, range) });
      events.push({ at: range.to, side: range.toInclusive ? 1 : -1, step: () => this.#readMarker(range.to, range.toInclusive ? BOUND_INCL_END : BOUND_EXCL_END, range) });
    }
    // Sorting is stable: an empty range's start stays before its end.
    events.sort((a, b) => a.at - b.at || a.side - b.side);
    this.#steps.push(...events.map(({ step }) => step));
  }

  advance(): Fragment {
    if (++this.#calls % 3 === 0) return PENDING;
    const step = this.#steps.shift();
    return step ? step() : END;
  }

  fill(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #readRow(key: number, writes: RowWrites): Fragment {
    const { row } = this;
    start(row, false);
    row.clusteringCount = 1;
    row.clusteringStart[0] = put(row, key);
    row.clusteringEnd[0] = row.clusteringStart[0] + 4;
    if (writes.liveness && writes.liveness.state !== 'deleted') {
      row.livenessHi = 0;
      row.livenessLo = writes.liveness.timestamp;
      if (writes.liveness.state !== 'live') {
        row.livenessTtl = 10;
        row.livenessExpiry = writes.liveness.state === 'expired' ? NOW : NOW + 1;
      }
    }
    if (writes.deletion !== undefined) row.deletion.set(0, writes.deletion, 500);
    if (writes.v) addCell(row, V, writes.v);
    if (writes.mapDeletion !== undefined) row.addComplexDeletion(M, 0, writes.mapDeletion, 500);
    for (const path of Object.keys(writes.m).map(Number).sort((a, b) => a - b)) addCell(row, M, writes.m[path], path);
    return ROW;
  }

  #readMarker(at: number, kind: number, range: Span): Fragment {
    const { marker } = this;
    marker.kind = kind;
    marker.bytes = int(at);
    marker.clusteringCount = 1;
    marker.clusteringStart[0] = 0;
    marker.clusteringEnd[0] = 4;
    marker.opens.reset();
    if (kind === BOUND_INCL_START || kind === BOUND_EXCL_START) marker.opens.set(0, range.timestamp, 500);
    return MARKER;
  }
}

function int(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function start(row: Row, isStatic: boolean): void {
  row.reset(new Uint8Array(256), isStatic);
  row.position = 0;
}

/** Appends a value to the row's bytes; `position` serves as the fill level. */
function put(row: Row, value: number): number {
  const at = row.position;
  row.bytes.set(int(value), at);
  row.position += 4;
  return at;
}

function addCell(row: Row, columnOrdinal: number, { timestamp: at, value, state }: Write, path?: number): void {
  const i = row.addCell();
  row.cellColumn[i] = columnOrdinal;
  row.cellHi[i] = 0;
  row.cellLo[i] = at;
  row.cellFlags[i] = state === 'deleted' ? CELL_DELETED : state === 'live' ? 0 : CELL_EXPIRING;
  row.cellFlagsUnion |= row.cellFlags[i];
  row.cellTtl[i] = state === 'expiring' || state === 'expired' ? 10 : 0;
  row.cellLocalDeletionTime[i] = state === 'live' ? NO_DELETION_TIME : state === 'deleted' ? 500 : state === 'expired' ? NOW : NOW + 1;
  row.pathStart[i] = path === undefined ? -1 : put(row, path);
  row.pathEnd[i] = path === undefined ? -1 : row.pathStart[i] + 4;
  row.valueStart[i] = state === 'deleted' ? row.position : put(row, value);
  row.valueEnd[i] = row.position;
}

/** Among all writes to one cell that no deletion covers, the one that is read: the rule in words. */
function winner(writes: (Write | undefined)[], deletedUpTo: number): number | undefined {
  const rank = ({ timestamp: at, value, state }: Write) => {
    const dead = state === 'deleted' || state === 'expired';
    return { at, dead, value, bytes: state === 'deleted' ? [] : [...int(value)].map((byte) => (byte << 24) >> 24) };
  };
  const candidates = writes.filter((one) => one !== undefined && one.timestamp > deletedUpTo).map((one) => rank(one!));
  candidates.sort((a, b) => b.at - a.at || Number(b.dead) - Number(a.dead) || compareLists(b.bytes, a.bytes));
  return candidates.length === 0 || candidates[0].dead ? undefined : candidates[0].value;
}

function compareLists(a: number[], b: number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

function model(sources: Source[]): unknown[] {
  const partitionDeletion = Math.max(0, ...sources.map((one) => one.partitionDeletion ?? 0));
  const rows = [0, 1, 2, 3, 4].flatMap((key) => {
    const versions = sources.map((one) => one.rows[key]).filter((one) => one !== undefined);
    const covers = ({ from, to, fromInclusive, toInclusive }: Span) => (key > from || (fromInclusive && key === from)) && (key < to || (toInclusive && key === to));
    const deleted = Math.max(partitionDeletion, ...versions.map((one) => one.deletion ?? 0), ...sources.map((one) => (one.span && covers(one.span) ? one.span.timestamp : 0)));
    const mapDeleted = Math.max(deleted, ...versions.map((one) => one.mapDeletion ?? 0));
    const v = winner(versions.map((one) => one.v), deleted);
    const m = [0, 1, 2].flatMap((path) => {
      const value = winner(versions.map((one) => one.m[path]), mapDeleted);
      return value === undefined ? [] : [[path, value]];
    });
    // Of livenesses the latest counts; of equally late ones an expiring one, and of those the one that lasts longer.
    const livenesses = versions.map((one) => one.liveness).filter((one) => one !== undefined && one.state !== 'deleted' && one.timestamp > deleted).map((one) => one!);
    const order = { live: 0, expired: 1, expiring: 2, deleted: -1 };
    livenesses.sort((a, b) => b.timestamp - a.timestamp || order[b.state] - order[a.state]);
    const exists = livenesses.length > 0 && livenesses[0].state !== 'expired';
    return exists || v !== undefined || m.length > 0 ? [{ key, exists, v, m }] : [];
  });
  const s = winner(sources.map((one) => one.static), partitionDeletion);
  return s === undefined && rows.length === 0 ? [] : [{ s }, ...rows];
}

async function merged(sources: Source[], resumeAfter?: number): Promise<unknown[]> {
  const cursor = new LiveRows(sources.map((one) => new MemoryCursor(one)), TABLE, {
    nowSeconds: NOW, partitioner: 'murmur3', ...(resumeAfter === undefined ? {} : { resumeAfter: { partitionKey: int(7), clustering: [int(resumeAfter)] } }),
  });
  const value = (row: Row, i: number) => Buffer.from(row.bytes).readInt32BE(row.valueStart[i]);
  const seen: unknown[] = [];
  for (;;) {
    const fragment = cursor.advance();
    if (fragment === END) return seen;
    if (fragment === PENDING) {
      await cursor.fill();
    } else if (fragment === PARTITION) {
      seen.push({ s: cursor.partition.hasStaticRow ? value(cursor.partition.staticRow, 0) : undefined });
    } else {
      const { row } = cursor;
      const cells = Array.from({ length: row.cellCount }, (_, i) => i);
      const v = cells.filter((i) => row.cellColumn[i] === V).map((i) => value(row, i))[0];
      const m = cells.filter((i) => row.cellColumn[i] === M).map((i) => [Buffer.from(row.bytes).readInt32BE(row.pathStart[i]), value(row, i)]);
      seen.push({ key: Buffer.from(row.bytes).readInt32BE(row.clusteringStart[0]), exists: row.hasLiveness(), v, m });
    }
  }
}

it('shows what a model of all writes and deletions says, however they are spread over sources', async () => {
  await fc.assert(fc.asyncProperty(fc.array(source, { minLength: 1, maxLength: 5 }), async (sources) => {
    expect(await merged(sources)).toEqual(model(sources));
  }), { numRuns: 2000 });
});

it('resumes after any row with exactly the rows that follow', async () => {
  await fc.assert(fc.asyncProperty(fc.array(source, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 4 }), async (sources, after) => {
    const all = model(sources) as { key?: number }[];
    const rest = all.slice(1).filter(({ key }) => key! > after);
    const resumed = (await merged(sources, after)) as { key?: number }[];
    expect(resumed.slice(1)).toEqual(rest);
  }), { numRuns: 500 });
});

it('takes counters that were counted after a deletion with it where the version does, and only there', async () => {
  const counted: Write = { timestamp: 9, value: 1, state: 'live' };
  const table: TableMetadata = { ...TABLE, isCounter: true, regularColumns: [column('v', 'regular', { kind: 'counter' })] };
  const shown = async (deletesCountersForGood: boolean, sources: Source[]): Promise<number> => {
    const cursor = new LiveRows(sources.map((one) => new MemoryCursor(one)), table, { nowSeconds: NOW, partitioner: 'murmur3', deletesCountersForGood });
    let rows = 0;
    for (;;) {
      const fragment = cursor.advance();
      if (fragment === END) return rows;
      if (fragment === PENDING) await cursor.fill();
      else if (fragment === ROW) rows++;
    }
  };
  const rows = { 1: { v: counted, m: {} } };
  const deletions: Source[] = [{ partitionDeletion: 5, rows: {} }, { rows: {}, span: { from: 0, to: 2, fromInclusive: true, toInclusive: true, timestamp: 5 } }, { rows: { 1: { deletion: 5, m: {} } } }];
  for (const deletion of deletions) {
    expect([await shown(true, [deletion, { rows }]), await shown(false, [deletion, { rows }])]).toEqual([0, 1]);
    expect([await shown(true, [{ ...deletion, rows: { 1: { ...deletion.rows[1], v: counted, m: {} } } }]), await shown(true, [{ rows }])]).toEqual([0, 1]);
  }
});
