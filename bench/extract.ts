// Extraction on several threads, as a process of its own to be measured: `extract.ts WORKERS SCHEMA keyspace.table DATA_FILE...`.
// The table is cut into token ranges, each read, merged and turned into items by a thread; the bytes are dropped. Prints the number of items.

import { readFileSync } from 'node:fs';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { END, PENDING, TableReader, loadTable, localFiles } from '@aeneas/cassandra';
import type { TokenRange } from '@aeneas/cassandra';
import { DEFAULT_MAPPING, ItemCursor, ItemEncoder, OutputBuffer, planTable } from '@aeneas/dynamodb';

/** Ranges a thread, so that they end together. */
const RANGES_PER_WORKER = 8;
const PIECE_BYTES = 256 * 1024;

const [workers, schemaFile, name, ...dataFiles] = (isMainThread ? process.argv.slice(2) : workerData) as [string, string, string, ...string[]];
const [keyspace, table] = name.split('.') as [string, string];
const source = await loadTable({ files: localFiles, directories: dataFiles, schemaText: readFileSync(schemaFile, 'utf8'), keyspace, name: table });
const reader = await TableReader.open(localFiles, source.table, source.dataFiles);

if (isMainThread) await extractWithThreads(Number(workers));
else parentPort!.on('message', (range: TokenRange) => void extract(range).then((items) => parentPort!.postMessage(items)));

async function extractWithThreads(count: number): Promise<void> {
  const ranges = (await reader.planSplits(count * RANGES_PER_WORKER)).map(({ range }) => range);
  let items = 0;
  await Promise.all(Array.from({ length: count }, () => new Promise<void>((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: process.argv.slice(2) });
    const next = (): void => {
      const range = ranges.shift();
      if (range === undefined) void thread.terminate().then(() => resolve());
      else thread.postMessage(range);
    };
    thread.on('message', (done: number) => {
      items += done;
      next();
    });
    thread.on('error', reject);
    next();
  })));
  process.stdout.write(`${items}\n`);
}

async function extract(range: TokenRange): Promise<number> {
  const out = new OutputBuffer();
  const encoder = new ItemEncoder(planTable(source.table, DEFAULT_MAPPING), out, { asLines: true });
  const cursor = new ItemCursor(await reader.liveRows({ nowSeconds: Math.floor(Date.now() / 1000), range }), encoder);
  try {
    for (;;) {
      const outcome = cursor.advance();
      if (outcome === PENDING) await cursor.fill();
      else if (outcome === END) return encoder.counts.items;
      if (out.length >= PIECE_BYTES) out.length = 0;
    }
  } finally {
    await cursor.close();
  }
}
