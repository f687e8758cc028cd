// A split that is taken up at any of its checkpoints gives what one run gives: the same items once each, the same counts.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { localFiles, loadTable } from '@aeneas/cassandra';
import { DEFAULT_MAPPING, parseMapping } from '@aeneas/dynamodb';
import { afterAll, describe, expect, test } from 'vitest';
import { unpackedDemo } from '../../../fixtures/unpack.ts';
import { extractSplit } from './extract.ts';
import { localSourceFiles } from './source-files.ts';
import type { ExtractJob, JobEvent, Segment, TableSource } from './job.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-extract-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let attempts = 0;

async function sourceOf(table: string, mapping = DEFAULT_MAPPING): Promise<TableSource> {
  const [keyspace, name] = table.split('.');
  return { ...await loadTable({ files: localFiles, directories: [await unpackedDemo()], keyspace, name }), nowSeconds: 1_795_380_787, mapping };
}

interface Outcome {
  readonly segments: Segment[];
  readonly lines: string[];
  readonly rejected: string[];
  readonly progress: { rows: number; items: number; rejected: number };
}

/** One attempt, with files of so many bytes, stopped when `stopAfter` segments are reported. */
async function attempt(source: TableSource, fileBytes: number, after: ExtractJob['after'], stopAfter = Infinity): Promise<Outcome> {
  const name = `a${++attempts}`;
  const rejectedFile = join(scratch, `${name}.jsonl`);
  const stopping = new AbortController();
  const segments: Segment[] = [];
  const progress = { rows: 0, items: 0, rejected: 0 };
  const report = (event: JobEvent): void => {
    if (event.type === 'segment' && segments.length < stopAfter) segments.push(event.segment);
    if (event.type === 'progress') for (const part of ['rows', 'items', 'rejected'] as const) progress[part] += event[part];
    if (segments.length >= stopAfter) stopping.abort();
  };
  const job: ExtractJob = {
    kind: 'extract', source, range: {}, after, rejectedFile,
    destination: { kind: 'files', staging: { kind: 'folder', folder: scratch }, namePrefix: name, compression: 'gzip', fileBytes },
  };
  await extractSplit(job, { report, signal: stopping.signal, isLeaseOver: () => false, files: localSourceFiles }).catch((error: unknown) => {
    expect(error).toMatchObject({ code: 'JOB_STOPPED' });
  });
  const lines = segments.flatMap(({ file }) => (file === undefined ? [] : gunzipSync(readFileSync(join(scratch, file.name))).toString().trimEnd().split('\n')));
  const rejectedBytes = Math.max(0, ...segments.map((segment) => segment.rejectedBytes));
  const rejected = rejectedBytes === 0 ? [] : readFileSync(rejectedFile).subarray(0, rejectedBytes).toString().trimEnd().split('\n');
  return { segments, lines, rejected, progress };
}

const totals = (segments: readonly Segment[]) => ({
  rows: sum(segments, 'rows'), items: sum(segments, 'items'), rejected: sum(segments, 'rejected'), itemBytes: sum(segments, 'itemBytes'), writeUnits: sum(segments, 'writeUnits'),
});
const sum = (segments: readonly Segment[], part: 'rows' | 'items' | 'rejected' | 'itemBytes' | 'writeUnits'): number => segments.reduce((total, segment) => total + segment[part], 0);

// Static items, only-static partitions, rejected rows, one row a partition, several clusterings.
describe.each([
  ['shop.product_reviews', DEFAULT_MAPPING], ['shop.customers', DEFAULT_MAPPING], ['shop.orders', DEFAULT_MAPPING],
  ['shop.product_reviews', parseMapping('rules: [{ table: "*.*", statics: copy }]', 'copied statics')],
] as const)('%s', async (table, mapping) => {
  const source = await sourceOf(table, mapping);
  const whole = await attempt(source, 1e9, undefined);

  test('one file holds everything', () => {
    expect(whole.segments).toHaveLength(1);
    expect(whole.segments[0]).toMatchObject({ position: undefined, items: whole.lines.length, rejected: whole.rejected.length });
    expect(whole.progress).toEqual({ rows: sum(whole.segments, 'rows'), items: whole.lines.length, rejected: whole.rejected.length });
  });

  test('resumed behind each of the first items', async () => {
    const first = await attempt(source, 1, undefined, 15);
    for (const [i, { position }] of first.segments.entries()) {
      const before = first.segments.slice(0, i + 1);
      const rest = await attempt(source, 1e9, position);
      expect([...first.lines.slice(0, sum(before, 'items')), ...rest.lines]).toEqual(whole.lines);
      expect(totals([...before, ...rest.segments])).toEqual(totals(whole.segments));
    }
  });

  test('taken up again and again', async () => {
    const segments: Segment[] = [];
    const lines: string[] = [];
    const rejected: string[] = [];
    for (let after: ExtractJob['after'], stopAfter = 2; ; stopAfter *= 2) {
      const part = await attempt(source, 20_000, after, stopAfter);
      segments.push(...part.segments);
      lines.push(...part.lines);
      rejected.push(...part.rejected);
      after = segments.at(-1)!.position;
      if (after === undefined) break;
    }
    expect({ lines, rejected }).toEqual({ lines: whole.lines, rejected: whole.rejected });
    expect(totals(segments)).toEqual(totals(whole.segments));
  });
});
