// What a table reads like after some writes and deletions, by the rules in words: for every cell, all that was written to it is looked at
// together with all that was deleted. Slow and plain on purpose; it shares nothing with the merge.

import type { CellWrite, Clustering, Mutation, RowWrite } from './mutation.ts';
import { TTL } from './mutation.ts';
import { compareClusterings } from './shape.ts';
import type { Column, Shape } from './shape.ts';

export interface ModelCell {
  readonly column: number;
  /** Hexadecimal; absent in simple columns. */
  readonly path?: string;
  /** Hexadecimal; of a counter its total. */
  readonly value: string;
  /** Not of counters, whose files say when a shard was written. */
  readonly timestamp?: number;
  readonly ttl?: number;
  readonly expiry?: number;
}
export interface ModelRow {
  readonly clustering: readonly string[];
  /** Of the INSERT, if the row has one that lasts. */
  readonly liveness: { readonly timestamp: number; readonly ttl: number; readonly expiry?: number } | undefined;
  readonly cells: readonly ModelCell[];
}
export interface ModelPartition {
  readonly key: number;
  readonly statics: readonly ModelCell[];
  readonly rows: readonly ModelRow[];
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString('hex');

/** What versions differ in. */
export interface Rules {
  /** Ties are decided as 4.0 and later do. */
  readonly isTimeless: boolean;
  /** A deletion of a partition, row or range takes counters with it that were counted later, as before 3.0. */
  readonly deletesCounters: boolean;
}

/** The live partitions, by key. */
export function answerOf(shape: Shape, mutations: readonly Mutation[], rules: Rules): ModelPartition[] {
  const keys = [...new Set(mutations.map(({ key }) => key))];
  return keys.map((key) => partitionOf(shape, key, mutations.filter((one) => one.key === key), rules))
    .filter(({ statics, rows }) => statics.length > 0 || rows.length > 0);
}

function partitionOf(shape: Shape, key: number, mutations: readonly Mutation[], rules: Rules): ModelPartition {
  const deletedUpTo = latest(mutations.filter(({ what }) => what === 'delete partition'));
  const clusterings = new Map<string, Clustering>();
  for (const one of mutations) if ((one.what === 'cell' || one.what === 'row') && one.clustering) clusterings.set(JSON.stringify(one.clustering), one.clustering);
  const rows = [...clusterings.values()].sort((a, b) => compareClusterings(shape, a, b)).map((clustering) => {
    const isHere = (one: Mutation): boolean => 'clustering' in one && JSON.stringify(one.clustering) === JSON.stringify(clustering);
    const deletions = mutations.filter((one) => (one.what === 'delete row' && isHere(one)) || (one.what === 'delete range' && covers(shape, one, clustering)));
    const rowDeletedUpTo = Math.max(deletedUpTo, latest(deletions));
    return {
      clustering: clustering.map((value, i) => hex(shape.clustering[i]!.kind.values[value])),
      liveness: livenessOf(mutations.filter((one) => one.what === 'row' && isHere(one)) as RowWrite[], rowDeletedUpTo),
      cells: cellsOf(shape, shape.regulars, mutations.filter(isHere), rowDeletedUpTo, rules),
    };
  });
  return {
    key,
    statics: cellsOf(shape, shape.statics, mutations.filter((one) => 'isStatic' in one && one.isStatic), deletedUpTo, rules),
    rows: rows.filter(({ liveness, cells }) => liveness !== undefined || cells.length > 0),
  };
}

function latest(mutations: readonly Mutation[]): number {
  return Math.max(0, ...mutations.map(({ timestamp }) => timestamp));
}

/** Whether a row lies in a range: a prefix stands for everything that begins with it. */
function covers(shape: Shape, { from, to, fromInclusive, toInclusive }: Extract<Mutation, { what: 'delete range' }>, clustering: Clustering): boolean {
  const afterFrom = compareClusterings(shape, clustering, from);
  const beforeTo = compareClusterings(shape, clustering, to);
  return (afterFrom > 0 || (afterFrom === 0 && (from.length === 0 || fromInclusive))) && (beforeTo < 0 || (beforeTo === 0 && (to.length === 0 || toInclusive)));
}

/** The latest INSERT counts; of equally late ones an expiring one, and of those the one that lasts longer. */
function livenessOf(writes: readonly RowWrite[], deletedUpTo: number): ModelRow['liveness'] {
  const rank = ({ timestamp, state, goesAt }: RowWrite): number[] => [timestamp, state === 'live' ? 0 : 1, state === 'live' ? 0 : goesAt];
  const [winner] = writes.filter(({ timestamp }) => timestamp > deletedUpTo).sort((a, b) => compareLists(rank(b), rank(a)));
  if (winner === undefined || winner.state === 'expired') return undefined;
  return winner.state === 'live' ? { timestamp: winner.timestamp, ttl: 0 } : { timestamp: winner.timestamp, ttl: TTL, expiry: winner.goesAt };
}

function cellsOf(shape: Shape, columns: readonly Column[], mutations: readonly Mutation[], deletedUpTo: number, { isTimeless, deletesCounters }: Rules): ModelCell[] {
  return columns.flatMap(({ kind }, column) => {
    const ofColumn = mutations.filter((one) => 'column' in one && one.column === column);
    const columnDeletedUpTo = Math.max(deletedUpTo, latest(ofColumn.filter(({ what }) => what === 'delete column')));
    const writes = ofColumn.filter((one): one is CellWrite => one.what === 'cell' && one.timestamp > columnDeletedUpTo);
    if (shape.isCounter) return deletesCounters && deletedUpTo > 0 ? [] : counterOf(column, writes);
    const paths = kind.paths ? kind.paths.map((_, i) => i) : [undefined];
    return paths.flatMap((path) => {
      const winner = (isTimeless ? timelessWinnerOf : winnerOf)(kind.values, writes.filter((one) => one.path === path));
      if (winner === undefined) return [];
      return [{
        column, ...(path === undefined ? {} : { path: hex(kind.paths![path]) }), value: hex(kind.values[winner.value]), timestamp: winner.timestamp,
        ...(winner.state === 'expiring' ? { ttl: TTL, expiry: winner.goesAt } : { ttl: 0 }),
      }];
    });
  });
}

/** The latest write; of equally late ones what is gone, then the larger value by signed bytes, then what goes last. */
function winnerOf(values: readonly Uint8Array[], writes: readonly CellWrite[]): CellWrite | undefined {
  const isGone = ({ state }: CellWrite): boolean => state === 'deleted' || state === 'expired';
  const valueOf = (one: CellWrite): number[] => (one.state === 'deleted' ? [] : [...Int8Array.from(values[one.value]!)]);
  const goesAt = (one: CellWrite): number => (one.state === 'live' ? Infinity : one.goesAt);
  const [winner] = [...writes].sort((a, b) => b.timestamp - a.timestamp || Number(isGone(b)) - Number(isGone(a)) || compareLists(valueOf(b), valueOf(a)) || goesAt(b) - goesAt(a));
  return winner && isGone(winner) ? undefined : winner;
}

/** The latest write; of equally late ones a deletion, else one that expires at some time, then what goes last, then the larger value by unsigned bytes. */
function timelessWinnerOf(values: readonly Uint8Array[], writes: readonly CellWrite[]): CellWrite | undefined {
  const rank = ({ state }: CellWrite): number => (state === 'deleted' ? 2 : state === 'live' ? 0 : 1);
  const valueOf = (one: CellWrite): number[] => (one.state === 'deleted' ? [] : [...values[one.value]!]);
  const goesAt = (one: CellWrite): number => (one.state === 'live' ? 0 : one.goesAt);
  const [winner] = [...writes].sort((a, b) => b.timestamp - a.timestamp || rank(b) - rank(a) || goesAt(b) - goesAt(a) || compareLists(valueOf(b), valueOf(a)));
  return winner === undefined || winner.state === 'deleted' || winner.state === 'expired' ? undefined : winner;
}

/** A deletion wins for good. Else each node's count of the highest clock is added up. */
function counterOf(column: number, writes: readonly CellWrite[]): ModelCell[] {
  if (writes.length === 0 || writes.some(({ state }) => state === 'deleted')) return [];
  const counts = new Map<number, { clock: number; count: number }>();
  for (const { shard: { node, clock, count } } of writes) {
    const known = counts.get(node);
    if (!known || clock > known.clock || (clock === known.clock && count > known.count)) counts.set(node, { clock, count });
  }
  return [{ column, value: String([...counts.values()].reduce((sum, { count }) => sum + count, 0)) }];
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
