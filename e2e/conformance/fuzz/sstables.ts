// Writes mutations into SSTables, each into the one it goes to, as a flush of a memtable would.

import { join } from 'node:path';
import { comparePartitions, partitionOfKey } from '@aeneas/cassandra';
import { LegacySSTableWriter } from '../../../fixtures/legacy-sstable-writer.ts';
import { BOUND, SSTableWriter } from '../../../fixtures/sstable-writer.ts';
import type { Version } from '../../../fixtures/sstable-writer/format.ts';
import type { Bound, CellContent, Deletion, RowContent, SSTableShape } from '../../../fixtures/sstable-writer/shape.ts';
import { NOW, TTL, deletedAt } from './mutation.ts';
import type { CellWrite, Clustering, Mutation } from './mutation.ts';
import { compareClusterings } from './shape.ts';
import type { Column, Shape } from './shape.ts';

const BASE_SECONDS = NOW - 100_000;
/** All timestamps of files are counted from this. */
export const BASE_MICROS = BigInt(BASE_SECONDS) * 1_000_000n;

export interface FileOptions {
  readonly version: Version;
  readonly compressed: boolean;
  readonly chunkBytes: number;
}

/** Versions that store atoms. */
export function isLegacy(version: Version): boolean {
  return version === 'ka' || version === 'la' || version === 'lb';
}

/** Versions of nodes that decide ties as 4.0 does. */
export function hasTimelessTies(version: Version): boolean {
  return version >= 'na' || version === 'da';
}

export function keyBytes(key: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(0, 0, 0, key);
}

/** The Data.db files, one for each SSTable that something goes to. `options` are those of the first, the second and so on. */
export function writeSSTables(directory: string, shape: Shape, mutations: readonly Mutation[], options: readonly FileOptions[]): string[] {
  return [...Map.groupBy(mutations, ({ source }) => source)].map(([source, ofSource]) => {
    const { version, compressed, chunkBytes } = options[source % options.length]!;
    const tableShape: SSTableShape = {
      tableName: 'fuzz-t', directory: join(directory, 'fuzz/t-00000000000011e18000000000000001'), version, compressed, chunkBytes, generation: source + 1,
      partitionKeyType: 'Int32Type', clusteringTypes: shape.clustering.map(({ kind, isDescending }) => (isDescending ? `ReversedType(${kind.marshal})` : kind.marshal)),
      staticColumns: shape.statics.map(({ name, kind }) => [name, kind.marshal]), regularColumns: shape.regulars.map(({ name, kind }) => [name, kind.marshal]),
      minTimestamp: BASE_MICROS, minLocalDeletionTime: BASE_SECONDS,
    };
    const writer = isLegacy(version) ? new LegacySSTableWriter(tableShape) : new SSTableWriter(tableShape);
    const partitions = [...Map.groupBy(ofSource, ({ key }) => key)].map(([key, ofKey]) => ({ partition: partitionOfKey('murmur3', keyBytes(key)), ofKey }));
    for (const { partition, ofKey } of partitions.sort((a, b) => comparePartitions(a.partition, b.partition))) writePartition(writer, shape, partition.key, ofKey);
    return writer.finish();
  });
}

type Writer = SSTableWriter | LegacySSTableWriter;

function writePartition(writer: Writer, shape: Shape, key: Uint8Array, mutations: readonly Mutation[]): void {
  const deletion = mutations.find(({ what }) => what === 'delete partition');
  writer.startPartition(key, deletion && deletionOf(deletion));
  const statics = mutations.filter((one) => 'isStatic' in one && one.isStatic);
  if (statics.length > 0) writer.staticRow(contentOf(shape, statics, undefined));
  const ofRows = mutations.filter((one): one is Mutation & { clustering: Clustering } => 'clustering' in one && one.clustering !== undefined);
  const rows = [...Map.groupBy(ofRows, ({ clustering }) => JSON.stringify(clustering)).values()].map((ofRow) => {
    const { clustering } = ofRow[0]!;
    return { position: { prefix: clustering, side: 0 as const }, write: () => writer.rowOf(contentOf(shape, ofRow, clustering)) };
  });
  const events = [...rows, ...(writer instanceof SSTableWriter ? markersOf(writer, shape, mutations) : rangesOf(writer, shape, mutations))];
  for (const { write } of events.sort((a, b) => comparePositions(shape, a.position, b.position))) write();
  writer.endPartition();
}

function contentOf(shape: Shape, mutations: readonly Mutation[], clustering: Clustering | undefined): RowContent {
  const columns = clustering ? shape.regulars : shape.statics;
  const insert = mutations.find(({ what }) => what === 'row') as Extract<Mutation, { what: 'row' }> | undefined;
  const deletion = mutations.find(({ what }) => what === 'delete row');
  const columnDeletions = mutations.filter((one) => one.what === 'delete column');
  const writes = mutations.filter((one) => one.what === 'cell').sort((a, b) => a.column - b.column || (a.path ?? 0) - (b.path ?? 0));
  return {
    ...(clustering ? { clustering: clusteringBytes(shape, clustering) } : {}),
    ...(insert ? { liveness: { timestamp: microsOf(insert.timestamp), ...(insert.state === 'live' ? {} : { ttl: TTL, expiry: insert.goesAt }) } } : {}),
    ...(deletion ? { deletion: deletionOf(deletion) } : {}),
    complexDeletions: new Map(columnDeletions.map((one) => [one.column, deletionOf(one)])),
    cells: writes.map((write) => cellOf(columns[write.column]!, shape.isCounter, write)),
  };
}

function cellOf({ kind }: Column, isCounter: boolean, { column, path, timestamp, value, shard, state, goesAt }: CellWrite): CellContent {
  const written = state === 'deleted' ? undefined : isCounter ? counterContext(shard) : kind.values[value]!;
  return {
    column, timestamp: microsOf(timestamp), ...(written ? { value: written } : {}), ...(path === undefined ? {} : { path: kind.paths![path]! }),
    ...(state === 'live' ? {} : { localDeletionTime: goesAt }), ...(state === 'expiring' || state === 'expired' ? { ttl: TTL } : {}),
  };
}

/** One global shard. */
function counterContext({ node, clock, count }: CellWrite['shard']): Uint8Array {
  const context = Buffer.alloc(4 + 32);
  context.writeInt16BE(1, 0);
  context.writeInt16BE(-32768, 2);
  context[19] = node;
  context.writeBigInt64BE(BigInt(clock), 20);
  context.writeBigInt64BE(BigInt(count), 28);
  return context;
}

/** A place between or at clusterings: before (-1) or behind (1) everything that begins with the prefix, or the row itself (0). */
interface Position {
  readonly prefix: Clustering;
  readonly side: -1 | 0 | 1;
}

function comparePositions(shape: Shape, a: Position, b: Position): number {
  const byValues = compareClusterings(shape, a.prefix, b.prefix);
  if (byValues !== 0) return byValues;
  if (a.prefix.length === b.prefix.length) return a.side - b.side;
  return a.prefix.length < b.prefix.length ? a.side : -b.side;
}

interface Range {
  readonly deletion: Extract<Mutation, { what: 'delete range' }>;
  readonly start: Position;
  readonly end: Position;
}

/** Those that are not empty. */
function spansOf(shape: Shape, mutations: readonly Mutation[]): Range[] {
  return mutations.filter((one) => one.what === 'delete range').map((one): Range => ({
    deletion: one,
    start: { prefix: one.from, side: one.fromInclusive || one.from.length === 0 ? -1 : 1 },
    end: { prefix: one.to, side: one.toInclusive || one.to.length === 0 ? 1 : -1 },
  })).filter(({ start, end }) => comparePositions(shape, start, end) < 0);
}

/** Before 3.0 ranges stay as they are, where they start. */
function rangesOf(writer: LegacySSTableWriter, shape: Shape, mutations: readonly Mutation[]): { position: Position; write: () => void }[] {
  return spansOf(shape, mutations).map(({ deletion, start, end }) => {
    const bound = ({ prefix }: Position, inclusive: boolean): Bound => ({ prefix: clusteringBytes(shape, prefix), inclusive });
    return { position: start, write: () => writer.range(bound(start, deletion.fromInclusive), bound(end, deletion.toInclusive), deletionOf(deletion)) };
  });
}

/** Since 3.0 markers may not overlap: between two neighbouring bounds the latest deletion counts. */
function markersOf(writer: SSTableWriter, shape: Shape, mutations: readonly Mutation[]): { position: Position; write: () => void }[] {
  const ranges = spansOf(shape, mutations);
  const bounds: Position[] = ranges.flatMap(({ start, end }) => [start, end]).sort((a, b) => comparePositions(shape, a, b));
  const distinct = bounds.filter((bound, i) => i === 0 || comparePositions(shape, bounds[i - 1]!, bound) !== 0);
  let open: Mutation | undefined;
  return distinct.flatMap((position) => {
    const covering = ranges.filter(({ start, end }) => comparePositions(shape, start, position) <= 0 && comparePositions(shape, position, end) < 0);
    const [next] = covering.map(({ deletion }) => deletion).sort((a, b) => b.timestamp - a.timestamp);
    const closes = open;
    open = next;
    if (closes?.timestamp === next?.timestamp) return [];
    const isBefore = position.side < 0;
    const prefix = clusteringBytes(shape, position.prefix);
    if (closes && next) {
      const kind = isBefore ? BOUND.exclusiveEndInclusiveStart : BOUND.inclusiveEndExclusiveStart;
      return [{ position, write: () => writer.marker(kind, prefix, deletionOf(closes), deletionOf(next)) }];
    }
    const kind = closes ? (isBefore ? BOUND.exclusiveEnd : BOUND.inclusiveEnd) : isBefore ? BOUND.inclusiveStart : BOUND.exclusiveStart;
    return [{ position, write: () => writer.marker(kind, prefix, deletionOf(closes ?? next!)) }];
  });
}

function deletionOf(mutation: Mutation): Deletion {
  return { timestamp: microsOf(mutation.timestamp), localDeletionTime: deletedAt(mutation) };
}

function clusteringBytes(shape: Shape, clustering: Clustering): Uint8Array[] {
  return clustering.map((value, i) => shape.clustering[i]!.kind.values[value]!);
}

function microsOf(timestamp: number): bigint {
  return BASE_MICROS + BigInt(timestamp);
}
