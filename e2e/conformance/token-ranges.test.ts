// Any cut of the ring gives the table's rows once, in order: splits lose nothing and double nothing. And a scan that resumes behind any
// row gives exactly the rest, partitions of many SSTables included.

import { END, PENDING, ROW, TableCatalogue, TableReader, localFiles, rangesOfCuts } from '@aeneas/cassandra';
import type { LiveRowsQuery, Position, Row } from '@aeneas/cassandra';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { fixtureTables } from './fixture-tables.ts';

const NOW_SECONDS = 1_900_000_000;
const tables = await fixtureTables('3.11.2');
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

describe.each(ROLES)('%s', (role) => {
  let reader: TableReader;
  let whole: { text: string; position: Position }[];

  beforeAll(async () => {
    const { directory, keyspace, table } = tables.find((one) => one.role === role)!;
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

  test('so do those that are planned', async () => {
    for (const count of [1, 2, 3, 7, 50]) {
      const ranges = await reader.planRanges(count);
      expect(ranges.length).toBeLessThanOrEqual(count);
      const parts = [];
      for (const range of ranges) parts.push(...await rowsOf(reader, { range }));
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
