// Runs cases of corruption.test.ts in a thread, so that one that hangs or eats all memory can be named and ended.

import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { CodedError, TableCatalogue, localFiles } from '@aeneas/cassandra';
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

/** A change of these changes no row, or is noticed. Statistics.db has no checksum: whatever it says is believed if it can be. */
const COVERED = new Set(['Data.db', 'CRC.db', 'CompressionInfo.db', 'Digest.crc32', 'Filter.db', 'Index.db', 'Summary.db', 'TOC.txt']);

interface Subject {
  readonly table: FixtureTable;
  readonly catalogue: TableCatalogue;
  readonly nowSeconds: number;
  readonly pristine: readonly string[];
  readonly components: readonly string[];
}

const cases = workerData as CorruptionCases;
const report = (message: CorruptionReport): void => parentPort!.postMessage(message);

const subjects: Subject[] = [];
for (const label of cases.labels) {
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
  return { table, catalogue, nowSeconds, components, pristine: await readLines(localFiles, catalogue, table.keyspace, table.table, nowSeconds) };
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
    const isSame = lines.length === pristine.length && lines.every((line, i) => line === pristine[i]);
    const isWrong = !isSame && COVERED.has(component);
    report({ type: 'end', component, outcome: isSame ? 'same' : 'different', ...(isWrong ? { problem: `gave ${lines.length} other rows without an error` } : {}) });
  } catch (error) {
    const isCoded = error instanceof CodedError;
    report({ type: 'end', component, outcome: 'error', ...(isCoded ? {} : { problem: `threw ${(error as Error).stack}` }) });
  }
}
