// `npm run bench`: what extraction costs, beside Cassandra's own sstabledump on the same SSTables in the same run, and what loading costs.
//
//   npm run bench -- [--data DIR] [--work DIR] [--rounds N] [--workers N] [--json FILE]
//
//   --data DIR   tables that bench/make/make.sh made (default: made now, if --work or the variables of make.sh name a Java 8 and a Cassandra)
//   --work DIR   what "bench/make/make.sh --fetch DIR" fetched: Cassandra 3.11.2 and a Java 8

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureExtraction, measurePeer } from './extraction.ts';
import { measureLoader } from './loader.ts';
import { measure } from './measure.ts';
import { reportText } from './report.ts';
import type { BenchReport, Measured } from './report.ts';
import { findTables, writeTable } from './tables.ts';
import type { BenchTable } from './tables.ts';

const MAKE = fileURLToPath(new URL('make/make.sh', import.meta.url));
/** Rows of the table that is written when there is no Cassandra to write it. */
const OWN_ROWS = 1_200_000;

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, work: { type: 'string' }, rounds: { type: 'string' }, workers: { type: 'string' }, json: { type: 'string' } },
});
if (options.work !== undefined) process.env['WORK'] = options.work;
const rounds = Number(options.rounds ?? 2);
const workers = Number(options.workers ?? availableParallelism());
const hasJava = (process.env['JAVA8_HOME'] ?? process.env['JAVA8_ROOT'] ?? process.env['WORK']) !== undefined
  && (process.env['CASSANDRA_LIB'] ?? process.env['WORK']) !== undefined;

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-bench-'));
try {
  const tables = await tablesToMeasure();
  const measured: Measured[] = [];
  for (const table of tables) {
    if (hasJava && table.isCassandras) measured.push(...(await measurePeer(table, rounds)));
    measured.push(...(await measureExtraction(table, workers)));
  }
  measured.push(...(await measureLoader(scratch)));
  const report: BenchReport = {
    machine: `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.versions.node}`,
    notes: notes(tables), measured,
  };
  process.stdout.write(reportText(report));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
} finally {
  rmSync(scratch, { recursive: true });
}

async function tablesToMeasure(): Promise<BenchTable[]> {
  if (options.data !== undefined) return findTables(options.data);
  if (!hasJava) return writeTable(join(scratch, 'data'), OWN_ROWS);
  process.stderr.write('Writing the tables with Cassandra\'s CQLSSTableWriter (two minutes) ...\n');
  const made = join(scratch, 'data');
  await measure([MAKE, made]);
  if (!existsSync(join(made, 'schema.cql'))) throw new Error(`${MAKE} made nothing`);
  return findTables(made);
}

function notes(tables: readonly BenchTable[]): string[] {
  const units = 'MB/s: SSTables as they are on disk (compressed), or requests sent. sstabledump and the first lines of "aeneas items" read the same file.';
  if (hasJava && tables.some((table) => table.isCassandras)) return [units];
  return [
    units,
    'No Java 8 and Cassandra 3.11.2 here: sstabledump is not measured.'
    + (tables.some((table) => table.isCassandras) ? '' : ' The table was written by the tests\' SSTable writer.'),
    'To have both (Debian, root, mvn, debootstrap): bench/make/make.sh --fetch DIR, then npm run bench -- --work DIR',
  ];
}
