// Extraction to DynamoDB JSON: one SSTable beside Cassandra's sstabledump, then the whole table on one thread and on several.

import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.ts';
import type { Cost } from './measure.ts';
import type { Measured } from './report.ts';
import type { BenchTable } from './tables.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const AENEAS = join(ROOT, 'node_modules/.bin/aeneas');
const NODE = process.execPath;
const SSTABLEDUMP = join(ROOT, 'bench/make/sstabledump.sh');
/** How sstabledump begins each row. */
const DUMPED_ROW = Buffer.from('"type" : "row"');

/** The first SSTable by both, turn by turn; of the rounds the cheapest counts, for the machine may have others to serve. */
export async function measurePeer(table: BenchTable, rounds: number): Promise<Measured[]> {
  const file = table.dataFiles[0]!;
  const input = `${table.name} ${basename(file)}`;
  let theirs: Cost | undefined;
  let ours: Cost | undefined;
  let rows = 0;
  for (let round = 0; round < rounds; round++) {
    const counter = new Occurrences(DUMPED_ROW);
    theirs = cheaper(theirs, await measure([SSTABLEDUMP, file], { onOutput: (chunk) => counter.take(chunk) }));
    rows = counter.count;
    ours = cheaper(ours, await measure(itemsCommand(table, [file])));
  }
  const bytes = statSync(file).size;
  return [
    { what: 'sstabledump', input, rows, bytes, ...theirs! },
    { what: 'aeneas items', input, rows, bytes, ...ours!, cpuRatio: ours!.cpuSeconds / theirs!.cpuSeconds },
  ];
}

/** All SSTables of the table, merged: one thread as a user runs it, and as many as there are cores. */
export async function measureExtraction(table: BenchTable, workers: number): Promise<Measured[]> {
  const input = `${table.name} (${table.dataFiles.length} SSTable${table.dataFiles.length === 1 ? '' : 's'})`;
  const lines = new Occurrences(Buffer.from('\n'));
  const alone = await measure(itemsCommand(table, table.dataFiles), { onOutput: (chunk) => lines.take(chunk) });
  let printed = '';
  const command = [NODE, join(ROOT, 'bench/extract.ts'), String(workers), table.schemaFile, table.name, ...table.dataFiles];
  // As the aeneas command sets it for itself.
  const together = await measure(command, { env: { MALLOC_ARENA_MAX: '1' }, onOutput: (chunk) => (printed += chunk.toString()) });
  if (Number(printed) !== lines.count) throw new Error(`${workers} threads made ${printed.trim()} items of ${input}, one thread ${lines.count}`);
  return [
    { what: 'aeneas items', input, rows: lines.count, bytes: table.sizeBytes, ...alone },
    { what: `${workers} threads`, input, rows: lines.count, bytes: table.sizeBytes, ...together },
  ];
}

function itemsCommand(table: BenchTable, files: readonly string[]): string[] {
  return [AENEAS, 'items', '--table', table.name, '--schema', table.schemaFile, ...files];
}

function cheaper(a: Cost | undefined, b: Cost): Cost {
  return a !== undefined && a.cpuSeconds <= b.cpuSeconds ? a : b;
}

/** Counts a pattern in a stream of chunks, also where it lies across two. */
class Occurrences {
  count = 0;
  readonly #pattern: Buffer;
  #tail: Buffer = Buffer.alloc(0);

  constructor(pattern: Buffer) {
    this.#pattern = pattern;
  }

  take(chunk: Buffer): void {
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    let end = 0;
    for (let at = bytes.indexOf(this.#pattern); at !== -1; at = bytes.indexOf(this.#pattern, end)) {
      this.count++;
      end = at + this.#pattern.length;
    }
    this.#tail = Buffer.from(bytes.subarray(Math.max(end, bytes.length - this.#pattern.length + 1)));
  }
}
