// Any cut of the ring gives the table's rows once, in order: splits lose nothing and double nothing. And a scan that resumes behind any
// row gives exactly the rest, partitions of many SSTables included.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { END, PENDING, ROW, TableCatalogue, TableReader, localFiles, partitionOfKey, rangesOfCuts, tokenToBigInt } from '@aeneas/cassandra';
import type { LiveRowsQuery, Position, Row } from '@aeneas/cassandra';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixtureTables } from './fixture-tables.ts';
import { TABLE, keysOf, writeTable } from './keyed-table.ts';

const NOW_SECONDS = 1_900_000_000;
const LABELS = ['2.1.20', '3.11.2', '5.0.2-da'] as const;
const ROLES = ['fuzz-3-clusterings', 'fuzz-statics', 'three-clusterings-mixed', 'single-pk', 'compact-sparse', 'compression-None-0', 'static-counter', 'range-tombstones'];

/** Every live row as text, and the place to resume behind it. */
async function rowsOf(reader: TableReader, query: Omit<LiveRowsQuery, 'nowSeconds'> = {}): Promise<{ text: string; position: Position }[]> {
  const cursor = await reader.liveRows({ nowSeconds: NOW_SECONDS, ...query });
  const rows: { text: string; position: Position }[] = [];
  try {
    for (;;) {
      const fragment = cursor.advance();
      if (fragment === END) return rows;
      if (fragment === PENDING) await cursor.fill();
      else if (fragment === ROW) {
        const partitionKey = cursor.partition.key.slice(0, cursor.partition.keyLength);
        const clustering = clusteringOf(cursor.row);
        const cells = Array.from({ length: cursor.row.cellCount }, (_, i) => hex(cursor.row.bytes, cursor.row.valueStart[i]!, cursor.row.valueEnd[i]!));
        rows.push({ text: [hex(partitionKey, 0, partitionKey.length), ...clustering.map((value) => value && hex(value, 0, value.length)), ...cells].join(' '), position: { partitionKey, clustering } });
      }
    }
  } finally {
    await cursor.close();
  }
}

function clusteringOf(row: Row): (Uint8Array | null)[] {
  if (row.isStatic) return [];
  return Array.from({ length: row.clusteringCount }, (_, i) => (row.clusteringStart[i]! < 0 ? null : row.bytes.slice(row.clusteringStart[i], row.clusteringEnd[i])));
}

function hex(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');
}

function tokenOf({ partitioner }: TableReader, { position }: { position: Position }): bigint {
  return tokenToBigInt(partitioner, partitionOfKey(partitioner, position.partitionKey));
}

function tokensOf(reader: TableReader, rows: readonly { position: Position }[]): bigint[] {
  return [...new Set(rows.map((row) => tokenOf(reader, row)))];
}

describe.each(LABELS.flatMap((label) => ROLES.map((role) => [label, role] as const)))('%s %s', (label, role) => {
  let reader: TableReader;
  let whole: { text: string; position: Position }[];

  beforeAll(async () => {
    const { directory, keyspace, table } = (await fixtureTables(label)).find((one) => one.role === role)!;
    const loaded = await (await TableCatalogue.open({ files: localFiles, directories: [directory] })).load({ keyspace, name: table });
    reader = await TableReader.open(localFiles, loaded.table, loaded.dataFiles);
    whole = await rowsOf(reader);
  });

  test('the ranges of any cuts make up the whole', async () => {
    const token = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    await fc.assert(fc.asyncProperty(fc.uniqueArray(token, { maxLength: 4 }), async (tokens) => {
      const parts = [];
      for (const range of rangesOfCuts(tokens.sort((a, b) => (a < b ? -1 : 1)))) parts.push(...await rowsOf(reader, { range }));
      expect(parts.map(({ text }) => text)).toEqual(whole.map(({ text }) => text));
    }), { numRuns: 15 });
  });

  test('so do those of cuts at the tokens of partitions, and beside them', async () => {
    const atEdges = tokensOf(reader, whole).flatMap((token) => [token - 1n, token, token + 1n]).concat(-(1n << 63n), (1n << 63n) - 1n);
    await fc.assert(fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...atEdges), { maxLength: 6 }), async (tokens) => {
      const parts = [];
      for (const range of rangesOfCuts(tokens.sort((a, b) => (a < b ? -1 : 1)))) parts.push(...await rowsOf(reader, { range }));
      expect(parts.map(({ text }) => text)).toEqual(whole.map(({ text }) => text));
    }), { numRuns: 15 });
  });

  test('a range that goes round is its two ends', async () => {
    const tokens = tokensOf(reader, whole);
    for (const [start, end] of [[tokens.at(-1)!, tokens[0]!], [tokens[1] ?? 5n, tokens[0]! - 1n], [0n, 0n], [7n, -(1n << 63n)]] as const) {
      const texts = (await rowsOf(reader, { range: { start, end } })).map(({ text }) => text);
      const inside = whole.filter((row) => tokenOf(reader, row) > start || tokenOf(reader, row) <= end);
      expect(texts).toEqual(inside.map(({ text }) => text));
    }
  });

  test('so do those that are planned', async () => {
    for (const count of [1, 2, 3, 7, 50]) {
      const splits = await reader.planSplits(count);
      expect(splits.length).toBeLessThanOrEqual(count);
      const parts = [];
      for (const { range } of splits) parts.push(...await rowsOf(reader, { range }));
      expect(parts.map(({ text }) => text)).toEqual(whole.map(({ text }) => text));
    }
  });

  test('a scan resumed behind any row gives the rest', async () => {
    for (let i = 0; i < whole.length; i += Math.ceil(whole.length / 12)) {
      const rest = await rowsOf(reader, { resumeAfter: whole[i]!.position });
      expect(rest.map(({ text }) => text)).toEqual(whole.slice(i + 1).map(({ text }) => text));
    }
  });
});

describe('partitioners', () => {
  const root = mkdtempSync(join(tmpdir(), 'aeneas-partitioners-'));
  afterAll(() => rmSync(root, { recursive: true }));
  const open = async (partitioner: 'RandomPartitioner' | 'ByteOrderedPartitioner'): Promise<TableReader> => TableReader.open(localFiles, TABLE,
    writeTable(join(root, partitioner), { partitioner, chunkBytes: 4096, sstables: [{ keys: 700, bytesOf: () => 200 }, { keys: 300, bytesOf: () => 100 }] }));

  test('RandomPartitioner: the ranges of any cuts make up the whole', async () => {
    const reader = await open('RandomPartitioner');
    const whole = await keysOf(reader, {});
    expect(whole.length).toBe(700);
    const tokens = whole.map((key) => tokenToBigInt('random', partitionOfKey('random', Buffer.from(key))));
    const token = fc.oneof(fc.bigInt({ min: -1n, max: 1n << 127n }), fc.constantFrom(...tokens), fc.constantFrom(...tokens).map((edge) => edge - 1n));
    await fc.assert(fc.asyncProperty(fc.uniqueArray(token, { maxLength: 5 }), async (cuts) => {
      const parts = [];
      for (const range of rangesOfCuts(cuts.sort((a, b) => (a < b ? -1 : 1)))) parts.push(...await keysOf(reader, range));
      expect(parts).toEqual(whole);
    }), { numRuns: 15 });
    const parts = [];
    for (const { range } of await reader.planSplits(9)) parts.push(...await keysOf(reader, range));
    expect(parts).toEqual(whole);
    const start = tokens[200]!;
    expect(await keysOf(reader, { start, end: tokens[99]! })).toEqual([...whole.slice(0, 100), ...whole.slice(201)]);
  });

  test('ByteOrderedPartitioner has no tokens: one split, and a range is refused', async () => {
    const reader = await open('ByteOrderedPartitioner');
    expect((await reader.planSplits(9)).map(({ range }) => range)).toEqual([{}]);
    expect((await keysOf(reader, {})).length).toBe(700);
    await expect(keysOf(reader, { start: 0n })).rejects.toMatchObject({ code: 'SSTABLE_UNSUPPORTED' });
  });
});
