// What is measured: the tables that bench/make made with Cassandra's own writer, or without a Java 8 one of the tests' writer.

import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { partitionOfKey, tokenToBigInt } from '@aeneas/cassandra';
import { SSTableWriter } from '../fixtures/sstable-writer.ts';

export interface BenchTable {
  /** keyspace.table */
  readonly name: string;
  readonly schemaFile: string;
  readonly dataFiles: readonly string[];
  readonly sizeBytes: number;
  /** Made by Cassandra itself. */
  readonly isCassandras: boolean;
}

/** Every table below a directory that has a schema.cql, as bench/make/make.sh leaves it. */
export function findTables(directory: string, isCassandras = true): BenchTable[] {
  const schemaFile = join(directory, 'schema.cql');
  if (!existsSync(schemaFile)) throw new Error(`${schemaFile} is missing: make the data with bench/make/make.sh ${directory}`);
  const byDirectory = Map.groupBy(dataFilesBelow(directory), dirname);
  return [...byDirectory].map(([path, dataFiles]) => ({
    name: `${basename(dirname(path))}.${basename(path).split('-')[0]}`,
    schemaFile, dataFiles, isCassandras,
    sizeBytes: dataFiles.reduce((sum, file) => sum + statSync(file).size, 0),
  }));
}

function dataFilesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('-Data.db'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

const DEVICES = 5_000;
const COLUMNS = [
  ['online', 'BooleanType'], ['payload', 'UTF8Type'], ['received', 'TimestampType'], ['site', 'UTF8Type'], ['status', 'Int32Type'], ['temperature', 'DoubleType'],
] as const;
const WORDS = ['amber', 'basil', 'cedar', 'delta', 'ember', 'fjord', 'gable', 'harbor', 'inlet', 'jade', 'karst', 'larch', 'mesa', 'north', 'olive', 'pearl'];

/** One SSTable of eight mixed columns, written by the tests' own writer. */
export function writeTable(directory: string, rows: number): BenchTable[] {
  const writer = new SSTableWriter({
    directory: join(directory, 'bench/readings-a0000000000011e18000000000000001'),
    partitionKeyType: 'UTF8Type', clusteringTypes: ['LongType'], regularColumns: COLUMNS, compressed: true,
    minTimestamp: 1_600_000_000_000_000n, minLocalDeletionTime: 1_600_000_000,
  });
  const random = numbers(1);
  const devices = Array.from({ length: DEVICES }, (_, i) => Buffer.from(`device-${String(i).padStart(6, '0')}`))
    .map((key) => ({ key, token: tokenToBigInt('murmur3', partitionOfKey('murmur3', key)) }))
    .sort((a, b) => (a.token < b.token ? -1 : 1));
  for (const { key } of devices) {
    writer.startPartition(key);
    for (let n = 0; n < rows / DEVICES; n++) {
      const at = Buffer.alloc(8);
      at.writeBigInt64BE(1_700_000_000_000n + BigInt(n) * 1000n);
      writer.row([at], 1_600_000_000_000_000n + BigInt(n), valuesOf(at, random));
    }
    writer.endPartition();
  }
  writer.finish();
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'schema.cql'), [
    "CREATE KEYSPACE bench WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1};",
    'CREATE TABLE bench.readings (device text, at bigint, online boolean, payload text, received timestamp, site text, status int, temperature double, PRIMARY KEY (device, at));', '',
  ].join('\n'));
  return findTables(directory, false);
}

function valuesOf(at: Buffer, random: () => number): Buffer[] {
  const word = (): string => `${WORDS[random() % WORDS.length]}${random() % 1000}`;
  const temperature = Buffer.alloc(8);
  temperature.writeDoubleBE((random() % 100_000) / 1000 - 40);
  const status = Buffer.alloc(4);
  status.writeInt32BE(random() % 600);
  return [Buffer.of(random() % 2), Buffer.from(`${word()} ${word()} ${word()} ${word()}`), at, Buffer.from(word()), status, temperature];
}

/** A small linear congruential generator: the same data on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
