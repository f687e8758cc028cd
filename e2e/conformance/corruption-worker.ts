// Runs cases of corruption.test.ts in a thread, so that one that hangs or eats all memory can be named and ended.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { CodedError, END, PENDING, ROW, TableCatalogue, TableReader, localFiles, rangesOfCuts } from '@aeneas/cassandra';
import type { FileSystem } from '@aeneas/cassandra';
import { damage, damagedFiles, randomOf } from './damaged-files.ts';
import { fixtureTables } from './fixture-tables.ts';
import type { FixtureTable } from './fixture-tables.ts';
import { readLines } from './read-table.ts';
import type { Label } from '../../fixtures/unpack.ts';

/** What the test gives the thread. */
export interface CorruptionCases {
  readonly seed: number;
  readonly count: number;
  readonly labels: readonly Label[];
  readonly roles: readonly string[];
}

/** What the thread tells the test: before each case what it is, after it how it went. */
export type CorruptionReport =
  | { readonly type: 'begin'; readonly name: string }
  | { readonly type: 'end'; readonly component: string; readonly outcome: 'error' | 'same' | 'different'; readonly problem?: string }
  | { readonly type: 'done' };

/** A change of these changes no row, or is noticed. Statistics.db has no checksum before 4.0: whatever it says is believed if it can be. */
const COVERED = new Set([
  'Data.db', 'CRC.db', 'CompressionInfo.db', 'Digest.sha1', 'Digest.adler32', 'Digest.crc32', 'Filter.db', 'Index.db', 'Summary.db', 'Partitions.db', 'Rows.db', 'TOC.txt',
]);
/** They matter to who asks for a token range. */
const INDEXES = new Set(['Index.db', 'Summary.db', 'Partitions.db', 'Rows.db']);
const CUTS = [-(1n << 62n), -5n, 1n << 61n];

interface Subject {
  readonly table: FixtureTable;
  readonly catalogue: TableCatalogue;
  readonly nowSeconds: number;
  readonly pristine: readonly string[];
  /** The same rows as `rowsByRange` shows them, once that was asked. */
  pristineByRange?: readonly string[];
  readonly components: readonly string[];
}

const cases = workerData as CorruptionCases;
const report = (message: CorruptionReport): void => parentPort!.postMessage(message);

const subjects: Subject[] = [];
for (const label of cases.labels) {
  report({ type: 'begin', name: `reading the undamaged tables of ${label}` });
  const all = await fixtureTables(label);
  const catalogue = await TableCatalogue.open({ files: localFiles, directories: [all[0]!.directory] });
  for (const table of all.filter(({ role }) => cases.roles.includes(role))) subjects.push(await subjectOf(table, catalogue));
}
const random = randomOf(cases.seed);
for (let i = 0; i < cases.count; i++) {
  const subject = subjects[random(subjects.length)]!;
  const path = subject.components[random(subject.components.length)]!;
  await run(subject, path, random);
}
report({ type: 'done' });

async function subjectOf(table: FixtureTable, catalogue: TableCatalogue): Promise<Subject> {
  const nowSeconds = Math.floor(table.expected().readAtMillis / 1000);
  const { dataFiles } = await catalogue.load({ keyspace: table.keyspace, name: table.table });
  const components = [...new Set(dataFiles.map(dirname))].flatMap((directory) =>
    readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(directory, entry.name)));
  return {
    table, catalogue, nowSeconds, components,
    pristine: await readLines(localFiles, catalogue, table.keyspace, table.table, nowSeconds),
  };
}

/** Keys and cells of every live row in hexadecimal, read a token range at a time. */
async function rowsByRange(files: FileSystem, catalogue: TableCatalogue, { keyspace, table: name }: FixtureTable, nowSeconds: number): Promise<string[]> {
  const { table, dataFiles } = await catalogue.load({ keyspace, name });
  const reader = await TableReader.open(files, table, dataFiles);
  const rows: string[] = [];
  for (const range of rangesOfCuts(CUTS)) {
    const cursor = await reader.liveRows({ nowSeconds, range });
    try {
      for (let fragment = cursor.advance(); fragment !== END; fragment = cursor.advance()) {
        const { partition, row } = cursor;
        const hex = (bytes: Uint8Array, start: number, end: number): string => Buffer.from(bytes.subarray(Math.max(0, start), Math.max(0, end))).toString('hex');
        if (fragment === PENDING) await cursor.fill();
        else if (fragment === ROW) {
          const clustering = Array.from({ length: row.clusteringCount }, (_, i) => hex(row.bytes, row.clusteringStart[i]!, row.clusteringEnd[i]!));
          const cells = Array.from({ length: row.cellCount }, (_, i) => hex(row.bytes, row.valueStart[i]!, row.valueEnd[i]!));
          rows.push([hex(partition.key, 0, partition.keyLength), ...clustering, ...cells].join(' '));
        }
      }
    } finally {
      await cursor.close();
    }
  }
  return rows;
}

async function byRange(subject: Subject): Promise<readonly string[]> {
  return (subject.pristineByRange ??= await rowsByRange(localFiles, subject.catalogue, subject.table, subject.nowSeconds));
}

function isSameText(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}

async function run(subject: Subject, path: string, draw: (below: number) => number): Promise<void> {
  const { table, nowSeconds, pristine } = subject;
  const { what, bytes } = damage(readFileSync(path), draw);
  const component = path.slice(path.lastIndexOf('-') + 1);
  report({ type: 'begin', name: `${table.label} ${table.role}: ${path.slice(path.lastIndexOf('/') + 1)} ${what}` });
  const files = damagedFiles(path, bytes);
  try {
    // Which files there are is a matter of their names; only where that may differ are they listed through the damage (it reads the schema again).
    const isListed = bytes === undefined || component === 'TOC.txt';
    const catalogue = isListed ? await TableCatalogue.open({ files, directories: [table.directory] }) : subject.catalogue;
    const lines = await readLines(files, catalogue, table.keyspace, table.table, nowSeconds);
    const isSame = isSameText(lines, pristine)
      && (!INDEXES.has(component) || isSameText(await rowsByRange(files, catalogue, table, nowSeconds), await byRange(subject)));
    const isWrong = !isSame && (COVERED.has(component) || (component === 'Statistics.db' && table.label >= '4'));
    report({ type: 'end', component, outcome: isSame ? 'same' : 'different', ...(isWrong ? { problem: `gave ${lines.length} other rows without an error` } : {}) });
  } catch (error) {
    const isCoded = error instanceof CodedError;
    report({ type: 'end', component, outcome: 'error', ...(isCoded ? {} : { problem: `threw ${(error as Error).stack}` }) });
  }
}
