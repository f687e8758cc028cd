// A partition of 3 GB with a million range tombstones, half of them among the rows, half in a second SSTable.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOUND, SSTableWriter } from '../fixtures/sstable-writer.ts';

export const LARGE = { keyspace: 'large', table: 'events' } as const;

export interface LargePartition {
  readonly directory: string;
  readonly schemaFile: string;
  readonly uncompressedBytes: number;
  readonly rangeTombstones: number;
  readonly rows: number;
  /** Rows that no range tombstone covers, or only an older one. */
  readonly liveRows: number;
  /** Sum of `n` over the live rows. */
  readonly liveSum: number;
}

const ROW_BYTES = 2_960;
const BASE_MICROS = 1_600_000_000_000_000n;
const BASE_SECONDS = 1_600_000_000;
/** One row in so many survives: its tombstone is older than it, and does not count as a change of the row. */
const SURVIVOR = 101;
/** One row in so many has no tombstone at all. */
const UNTOUCHED = 47;

/** Makes the data directory; 12 seconds and 50 MB of disk for a million tombstones. */
export function makeLargePartition(root: string, rangeTombstones: number): LargePartition {
  const directory = join(root, 'data');
  const writerOf = (generation: number): SSTableWriter => new SSTableWriter({
    directory: join(directory, LARGE.keyspace, `${LARGE.table}-0123456789abcdef0123456789abcdef`), generation,
    partitionKeyType: 'UTF8Type', clusteringTypes: ['Int32Type', 'UTF8Type'], regularColumns: [['body', 'UTF8Type'], ['n', 'Int32Type']],
    compressed: true, minTimestamp: BASE_MICROS, minLocalDeletionTime: BASE_SECONDS,
  });
  const writer = writerOf(1);
  const deletions = writerOf(2);
  const body = Buffer.alloc(ROW_BYTES, 'the same words again and again ');
  const step = Buffer.from('step');
  const number = Buffer.alloc(4);
  let rows = 0;
  let tombstones = 0;
  let liveRows = 0;
  let liveSum = 0;
  for (const each of [writer, deletions]) each.startPartition(Buffer.from('the one'));
  while (tombstones < rangeTombstones) {
    const n = rows++;
    number.writeInt32BE(n);
    body.writeUInt32LE(0x20202020 + (n % 64), 0);
    const isUntouched = n % UNTOUCHED === 0;
    const isSurvivor = n % SURVIVOR === 0;
    const deletion = { timestamp: BASE_MICROS + (isSurvivor ? 1n : 10n), localDeletionTime: BASE_SECONDS + (n % 1000) };
    if (isUntouched || isSurvivor) {
      liveRows++;
      liveSum += n;
    }
    const tombstoneWriter = n % 2 === 0 ? writer : deletions;
    if (!isUntouched) {
      tombstoneWriter.marker(BOUND.inclusiveStart, [number], deletion);
      tombstones++;
    }
    writer.row([number, step], BASE_MICROS + 5n, [body, number]);
    if (!isUntouched) tombstoneWriter.marker(BOUND.inclusiveEnd, [number], deletion);
  }
  for (const each of [writer, deletions]) {
    each.endPartition();
    each.finish();
  }
  mkdirSync(directory, { recursive: true });
  const schemaFile = join(root, 'schema.cql');
  writeFileSync(schemaFile, [
    "CREATE KEYSPACE large WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};",
    'CREATE TABLE large.events (id text, at int, kind text, body text, n int, PRIMARY KEY (id, at, kind));', '',
  ].join('\n'));
  return { directory, schemaFile, uncompressedBytes: writer.uncompressedBytes, rangeTombstones: tombstones, rows, liveRows, liveSum };
}
