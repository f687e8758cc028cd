import { existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localFiles, loadTable } from '@aeneas/cassandra';
import { DEFAULT_MAPPING } from '@aeneas/dynamodb';
import { afterAll, afterEach, expect, test } from 'vitest';
import { unpackedDemo } from '../../../fixtures/unpack.ts';
import type { ExtractJob, JobEvent } from './job.ts';
import { WorkerPool } from './worker-pool.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-pool-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const pools: WorkerPool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.stop();
});

function poolOf(size: number): WorkerPool {
  const pool = new WorkerPool(size);
  pools.push(pool);
  return pool;
}

let jobs = 0;
async function extractJob(table: string, fileBytes = 1e9): Promise<ExtractJob> {
  const [keyspace, name] = table.split('.');
  const source = { ...await loadTable({ files: localFiles, directories: [await unpackedDemo()], keyspace, name }), nowSeconds: 1_795_380_787, mapping: DEFAULT_MAPPING };
  const namePrefix = `job${++jobs}`;
  return {
    kind: 'extract', source, range: {}, after: undefined, rejectedFile: join(scratch, `${namePrefix}.jsonl`),
    destination: { kind: 'files', staging: { kind: 'folder', folder: scratch }, namePrefix, compression: 'zstd', fileBytes },
  };
}

test('runs more jobs than it has threads, and tells their events', async () => {
  const pool = poolOf(2);
  const tables = ['shop.carts', 'shop.page_views', 'sensor.devices', 'shop.carts'];
  const items = await Promise.all(tables.map(async (table) => {
    const events: JobEvent[] = [];
    await pool.run(await extractJob(table), (event) => events.push(event));
    return events.reduce((sum, event) => sum + (event.type === 'segment' ? event.segment.items : 0), 0);
  }));
  expect(items).toEqual([836, 656, 72, 836]);
});

test('an error keeps its code across the thread, and the thread takes the next job', async () => {
  const pool = poolOf(1);
  const job = await extractJob('shop.carts');
  const broken = { ...job, source: { ...job.source, dataFiles: [join(scratch, 'mc-1-big-Data.db')] } };
  await expect(pool.run(broken, () => {})).rejects.toThrow(expect.objectContaining({ code: 'SSTABLE_COMPONENT_MISSING', remedy: expect.stringContaining('Copy') }));
  await pool.run(job, () => {});
});

test('a listener that throws stops its job, which fails with that error', async () => {
  const pool = poolOf(1);
  const refuse = (event: JobEvent): void => {
    if (event.type === 'segment') throw new Error('refused');
  };
  await expect(pool.run(await extractJob('shop.orders', 20_000), refuse)).rejects.toThrow('refused');
});

test('stopping ends what runs and refuses what waits', async () => {
  const pool = poolOf(1);
  const running = pool.run(await extractJob('sensor.readings', 50_000), () => void pool.stop());
  const waiting = pool.run(await extractJob('shop.carts'), () => {});
  const stopped = expect.objectContaining({ code: 'JOB_STOPPED' });
  await Promise.all([expect(running).rejects.toThrow(stopped), expect(waiting).rejects.toThrow(stopped)]);
  await expect(pool.run(await extractJob('shop.carts'), () => {})).rejects.toThrow(stopped);
});

test('sweeping leaves what is to be kept', async () => {
  mkdirSync(join(scratch, 'sweep/ks.t'), { recursive: true });
  for (const name of ['a', 'b']) writeFileSync(join(scratch, 'sweep/ks.t', name), name);
  const pool = poolOf(1);
  const staging = { kind: 'folder', folder: join(scratch, 'sweep') } as const;
  await pool.run({ kind: 'sweep', staging, under: 'ks.t', keep: ['ks.t/b'] }, () => {});
  expect(['a', 'b'].map((name) => existsSync(join(scratch, 'sweep/ks.t', name)))).toEqual([false, true]);
  await pool.run({ kind: 'sweep', staging, under: 'ks.t', keep: [] }, () => {});
  expect(existsSync(join(scratch, 'sweep'))).toBe(false);
  await pool.run({ kind: 'sweep', staging, under: 'ks.t', keep: [] }, () => {});
});
