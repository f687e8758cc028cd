// Memory does not grow with the partition: 3 GB with a million range tombstones go through dump, items and migrate in under 300 MB.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aeneas } from './aeneas-process.ts';
import { LARGE, makeLargePartition } from './large-partition.ts';
import type { LargePartition } from './large-partition.ts';
import { startStandIn } from './stand-ins.ts';

const LIMIT_MEGABYTES = 300;
const RANGE_TOMBSTONES = 1_000_000;

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-large-'));
let large: LargePartition;
beforeAll(() => {
  large = makeLargePartition(scratch, RANGE_TOMBSTONES);
});
afterAll(() => rmSync(scratch, { recursive: true }));

test('it is as large as it says', () => {
  expect(large.uncompressedBytes).toBeGreaterThan(3e9);
  expect(large.rangeTombstones).toBe(RANGE_TOMBSTONES);
});

/** Counts lines and adds up what a pattern finds in them, without keeping them. */
class LineSum {
  lines = 0;
  sum = 0;
  readonly #pattern: RegExp;
  #rest = '';

  constructor(pattern: RegExp) {
    this.#pattern = pattern;
  }

  take(piece: Buffer): void {
    const lines = (this.#rest + piece.toString('latin1')).split('\n');
    this.#rest = lines.pop()!;
    this.lines += lines.length;
    for (const line of lines) this.sum += Number(this.#pattern.exec(line)![1]);
  }
}

const table = (): string[] => ['--table', `${LARGE.keyspace}.${LARGE.table}`, '--schema', large.schemaFile, large.directory];

test.each([
  ['sstable dump', ['sstable', 'dump'], /"n": "(\d+)"/],
  ['items', ['items'], /"n":\{"N":"(\d+)"\}/],
])('%s', async (_name, command, pattern) => {
  const seen = new LineSum(pattern);
  const ended = await aeneas([...command, ...table()], { onOutput: (piece) => seen.take(piece) });
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect({ lines: seen.lines, sum: seen.sum }).toEqual({ lines: large.liveRows, sum: large.liveSum });
  expect(ended.peakMegabytes).toBeLessThan(LIMIT_MEGABYTES);
});

test('migrate', async () => {
  const dynamodb = await startStandIn('dynamodb');
  try {
    const project = join(scratch, 'large.yaml');
    // JSON is YAML.
    writeFileSync(project, JSON.stringify({
      source: { directories: [large.directory], schema: large.schemaFile },
      target: { region: 'us-east-1', endpoint: dynamodb.endpoint },
      staging: { folder: join(scratch, 'staging') },
      workspace: join(scratch, 'workspace'),
    }));
    const ended = await aeneas(['migrate', '--json', project]);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const report = JSON.parse(ended.stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>;
    expect(report).toMatchObject({
      type: 'report', isClean: true,
      tables: [{ rows: large.liveRows, items: large.liveRows, rejectedRows: 0, validation: { isEqual: true, sourceItems: large.liveRows, targetItems: large.liveRows } }],
    });
    expect(ended.peakMegabytes).toBeLessThan(LIMIT_MEGABYTES);
  } finally {
    await dynamodb.stop();
  }
});
