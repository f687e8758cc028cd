// Random writes, deletions and TTLs in several SSTables must read as a model says that knows nothing of files and merging. Everything on
// the way is real: the files are read, decompressed, parsed, merged.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { END, LiveRows, PARTITION, PENDING, TableReader, comparePartitions, counterTotalOf, localFiles, partitionOfKey, rangesOfCuts, timestampToBigInt } from '@aeneas/cassandra';
import type { Row } from '@aeneas/cassandra';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Version } from '../../../fixtures/sstable-writer/format.ts';
import { answerOf } from './model.ts';
import type { ModelCell, ModelPartition, ModelRow } from './model.ts';
import { NOW, mutationsOf } from './mutation.ts';
import type { Mutation } from './mutation.ts';
import { FACTOR, check } from './runs.ts';
import { shapes, tableOf } from './shape.ts';
import type { Shape } from './shape.ts';
import { BASE_MICROS, hasTimelessTies, isLegacy, keyBytes, writeSSTables } from './sstables.ts';
import type { FileOptions } from './sstables.ts';

const root = mkdtempSync(join(tmpdir(), 'aeneas-fuzz-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Versions that are written alike; one of each table's SSTables can be of another than the next. */
const GENERATIONS: readonly Version[][] = [['ka'], ['la', 'lb'], ['ma', 'mb'], ['mc', 'md', 'me'], ['na', 'nb'], ['oa'], ['da']];

interface Case {
  readonly shape: Shape;
  readonly mutations: readonly Mutation[];
  readonly files: readonly FileOptions[];
  readonly cuts: readonly bigint[];
}

/** Files of these versions, at most four of them. */
function casesOf(versions: readonly Version[]): fc.Arbitrary<Case> {
  const file = fc.record({ version: fc.constantFrom(...versions), compressed: fc.boolean(), chunkBytes: fc.constantFrom(64, 256, 4096) });
  const files = fc.array(file, { minLength: 1, maxLength: 4 });
  return shapes.chain((shape) => fc.record({
    shape: fc.constant(shape), mutations: mutationsOf(shape), files, cuts: fc.uniqueArray(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), { maxLength: 3 }),
  })).map((one) => ({ ...one, mutations: one.mutations.filter((mutation) => canHold(one.files, mutation)) }));
}

/** Before 3.0 no range can begin before everything. */
function canHold(files: readonly FileOptions[], mutation: Mutation): boolean {
  return mutation.what !== 'delete range' || mutation.from.length > 0 || !isLegacy(files[mutation.source % files.length]!.version);
}

const hexOf = (bytes: Uint8Array, start: number, end: number): string => Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');

function cellsOf(shape: Shape, row: Row): ModelCell[] {
  return Array.from({ length: row.cellCount }, (_, i) => {
    const column = row.cellColumn[i]!;
    if (shape.isCounter) return { column, value: String(counterTotalOf(row.bytes, row.valueStart[i]!, row.valueEnd[i]!)) };
    const ttl = row.cellTtl[i]!;
    return {
      column, ...(row.pathStart[i]! < 0 ? {} : { path: hexOf(row.bytes, row.pathStart[i]!, row.pathEnd[i]!) }), value: hexOf(row.bytes, row.valueStart[i]!, row.valueEnd[i]!),
      timestamp: Number(timestampToBigInt(row.cellHi[i]!, row.cellLo[i]!) - BASE_MICROS), ttl, ...(ttl === 0 ? {} : { expiry: row.cellLocalDeletionTime[i]! }),
    };
  });
}

function rowOf(shape: Shape, row: Row): ModelRow {
  const ttl = row.livenessTtl;
  return {
    clustering: Array.from({ length: row.clusteringCount }, (_, i) => hexOf(row.bytes, row.clusteringStart[i]!, row.clusteringEnd[i]!)),
    liveness: row.hasLiveness()
      ? { timestamp: Number(timestampToBigInt(row.livenessHi, row.livenessLo) - BASE_MICROS), ttl, ...(ttl === 0 ? {} : { expiry: row.livenessExpiry }) }
      : undefined,
    cells: cellsOf(shape, row),
  };
}

async function read(shape: Shape, cursor: LiveRows): Promise<ModelPartition[]> {
  const partitions: { key: number; statics: ModelCell[]; rows: ModelRow[] }[] = [];
  try {
    for (;;) {
      const fragment = cursor.advance();
      if (fragment === END) return partitions;
      if (fragment === PENDING) await cursor.fill();
      else if (fragment === PARTITION) {
        const { key, hasStaticRow, staticRow } = cursor.partition;
        partitions.push({ key: key[3]!, statics: hasStaticRow ? cellsOf(shape, staticRow) : [], rows: [] });
      } else partitions.at(-1)!.rows.push(rowOf(shape, cursor.row));
    }
  } finally {
    await cursor.close();
  }
}

async function readsAsModelled({ shape, mutations, files, cuts }: Case): Promise<void> {
  const directory = mkdtempSync(join(root, 'case-'));
  const reader = await TableReader.open(localFiles, tableOf(shape), writeSSTables(directory, shape, mutations, files));
  const order = (key: number) => partitionOfKey('murmur3', keyBytes(key));
  const versions = [...new Set(mutations.map(({ source }) => files[source % files.length]!.version))];
  const rules = { isTimeless: versions.some(hasTimelessTies), deletesCounters: versions.every(isLegacy) };
  const answer = answerOf(shape, mutations, rules).sort((a, b) => comparePartitions(order(a.key), order(b.key)));
  expect(await read(shape, await reader.liveRows({ nowSeconds: NOW }))).toEqual(answer);
  const parts = [];
  for (const range of rangesOfCuts([...cuts].sort((a, b) => (a < b ? -1 : 1)))) parts.push(...await read(shape, await reader.liveRows({ nowSeconds: NOW, range })));
  expect(parts).toEqual(answer);
  const cursors = await Promise.all(reader.sstables.map((sstable) => sstable.scan({ batchBytes: 1 })));
  const options = { nowSeconds: NOW, partitioner: reader.partitioner, hasTimelessTies: rules.isTimeless, deletesCountersForGood: rules.deletesCounters };
  expect(await read(shape, new LiveRows(cursors, tableOf(shape), options)), 'a chunk at a time').toEqual(answer);
  rmSync(directory, { recursive: true });
}

const FILE = 'e2e/conformance/fuzz/merge.fuzz.ts';

test.each(GENERATIONS.map((versions) => ({ name: versions.join(', '), versions })))('SSTables of $name read as a model of their writes says', { timeout: 120_000 * FACTOR }, async ({ versions }) => {
  await check(FILE, 50, casesOf(versions), readsAsModelled);
});

test('SSTables of all versions together, as after upgrades', { timeout: 120_000 * FACTOR }, async () => {
  await check(FILE, 50, casesOf(GENERATIONS.flat()), readsAsModelled);
});
