// The assessment before a migration: what it says of small tables is exact, what it estimates of large ones lies where it says, and what it
// says of write units is what DynamoDB then counts.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unpackedDemo } from '../fixtures/unpack.ts';
import { aeneas, ROOT } from './aeneas-process.ts';
import { writeTable } from './conformance/keyed-table.ts';
import { readExpected } from './conformance/fixture-tables.ts';
import { DEMO_NOW } from './migrated-tables.ts';
import { startStandIn } from './stand-ins.ts';
import type { StandIn } from './stand-ins.ts';

interface Assessed {
  readonly tables: readonly {
    readonly table: string;
    readonly volume: { readonly rows: number; readonly items: number; readonly rejected: number; readonly itemBytes: number; readonly writeUnits: number; readonly indexWriteUnits: number; readonly isWhole: boolean; readonly share: number; readonly relativeError: number };
    readonly largestPartitions: readonly { readonly partitionKey: string; readonly sizeBytes: number }[];
    readonly queries: readonly { readonly by: string; readonly answer: string }[];
  }[];
  readonly actionItems: readonly { readonly severity: string; readonly table: string; readonly what: string; readonly remedy: string }[];
}

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-assess-'));
afterAll(() => rmSync(scratch, { recursive: true }));

function projectOf(name: string, content: object): string {
  const path = join(scratch, `${name}.yaml`);
  writeFileSync(path, JSON.stringify({ target: { region: 'us-east-1' }, ...content }));
  return path;
}

async function assessed(project: string, ...flags: readonly string[]): Promise<Assessed & { exitCode: number | null }> {
  const ended = await aeneas(['assess', project, '--format', 'json', '--now', String(DEMO_NOW), ...flags]);
  expect(ended.stderr).toBe('');
  return { ...JSON.parse(ended.stdout) as Assessed, exitCode: ended.exitCode };
}

describe('large tables', () => {
  const SHAPES = {
    // Most partitions are small, a few are hundreds of rows; two SSTables share a third of the keys.
    skewed: [{ keys: 40_000, bytesOf: (key: number) => (key % 997 === 0 ? 400_000 : 300 + (key % 13) * 150) }, { keys: 12_000, bytesOf: () => 900 }],
    even: [{ keys: 60_000, bytesOf: () => 1_100 }],
  };
  const truth = (shape: keyof typeof SHAPES): { items: number; units: number } => {
    let items = 0, units = 0;
    const sizes = SHAPES[shape];
    for (let key = 0; key < sizes[0]!.keys; key++) {
      // Rows of both SSTables that have the same key are one; the later one's text counts.
      const [first, second = 0] = sizes.map(({ keys, bytesOf }) => (key < keys ? bytesOf(key) : 0)) as [number, number?];
      for (let n = 0; n * 2_000 < Math.max(first, second); n++) {
        const body = Math.min(2_000, n * 2_000 < second ? second - n * 2_000 : first - n * 2_000);
        items++;
        units += Math.ceil((body + `key ${key}`.length + 'id'.length + 'n'.length + 'body'.length + 2) / 1024);
      }
    }
    return { items, units };
  };

  test.each(['skewed', 'even'] as const)('%s: the estimate is where it says, for several seeds', async (shape) => {
    const directory = join(scratch, shape, 'k', 't-0123456789abcdef0123456789abcdef');
    writeTable(directory, { sstables: SHAPES[shape] });
    const schema = join(scratch, `${shape}.cql`);
    writeFileSync(schema, 'CREATE KEYSPACE k WITH replication = {\'class\': \'SimpleStrategy\', \'replication_factor\': 1}; CREATE TABLE k.t (id text, n int, body text, PRIMARY KEY (id, n));');
    const project = projectOf(shape, { source: { directories: [join(scratch, shape)], schema } });
    const { items, units } = truth(shape);
    for (const seed of [1, 2, 3]) {
      const { volume, largestPartitions } = (await assessed(project, '--seed', String(seed), '--sample-mb', '32')).tables[0]!;
      expect(volume.isWhole).toBe(shape === 'skewed' && volume.share === 1);
      expect(Math.abs(volume.items / items - 1)).toBeLessThan(0.1);
      expect(Math.abs(volume.writeUnits / units - 1)).toBeLessThan(0.1);
      expect(largestPartitions.length).toBe(10);
    }
  });
});

describe('the demo\'s tables', () => {
  let data: string;
  let dynamodb: StandIn;
  let counter: Server;
  let consumed = 0;
  beforeAll(async () => {
    [dynamodb, data] = await Promise.all([startStandIn('dynamodb'), unpackedDemo()]);
    const target = new URL(dynamodb.endpoint);
    // Between the loader and DynamoDB: adds up what DynamoDB says that writing took.
    counter = createServer((incoming, outgoing) => {
      const forwarded = request({ host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          const body = Buffer.concat(pieces);
          if (String(incoming.headers['x-amz-target']).endsWith('BatchWriteItem')) {
            const { ConsumedCapacity = [] } = JSON.parse(body.toString()) as { ConsumedCapacity?: { CapacityUnits: number }[] };
            for (const { CapacityUnits } of ConsumedCapacity) consumed += CapacityUnits;
          }
          outgoing.writeHead(answer.statusCode!, answer.headers).end(body);
        });
      });
      incoming.pipe(forwarded);
    });
    await new Promise<void>((resolve) => counter.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    counter.closeAllConnections();
    counter.close();
    await dynamodb.stop();
  });

  test('write units are what DynamoDB counts when they are loaded', async () => {
    const endpoint = `http://127.0.0.1:${(counter.address() as AddressInfo).port}`;
    const project = projectOf('demo', { source: { directories: [data] }, tables: ['shop.*'], target: { region: 'us-east-1', endpoint }, validation: 'off', workspace: join(scratch, 'work') });
    const { tables } = await assessed(project);
    const estimated = tables.reduce((sum, { volume }) => sum + volume.writeUnits, 0);
    expect((await aeneas(['migrate', project, '--now', String(DEMO_NOW)])).exitCode).toBe(1);
    expect(consumed).toBeGreaterThan(5_000);
    expect(Math.abs(estimated / consumed - 1)).toBeLessThan(0.1);
  });

  test('what does not fit, queries, and CSV', async () => {
    const mapping = { rules: [{ table: 'shop.customers', indexes: [{ name: 'by_email', partitionKey: 'email' }] }] };
    const project = projectOf('asked', { source: { directories: [data] }, tables: ['shop.*'], mapping });
    const queries = join(scratch, 'queries.cql');
    writeFileSync(queries, 'SELECT * FROM orders WHERE customer_id = ?; SELECT * FROM shop.customers WHERE email = ?; SELECT * FROM shop.customers WHERE name = ?; SELECT * FROM lost WHERE a = 1;');
    const { exitCode, actionItems, tables } = await assessed(project, '--queries', queries);
    expect(exitCode).toBe(1);
    expect(actionItems.filter(({ severity }) => severity === 'high').map(({ table }) => table)).toEqual(['shop.customers', 'shop.customers', 'shop.customers', 'shop.orders']);
    expect(actionItems.every(({ what, remedy }) => what !== '' && remedy !== '')).toBe(true);
    expect(tables.flatMap((table) => table.queries.map(({ by, answer }) => `${table.table} ${by} ${answer}`)).sort()).toEqual([
      'shop.customers index Query of a global secondary index: partition key name, sort key id',
      'shop.customers index Query of index by_email with email of email', 'shop.orders keys Query with pk of customer_id',
    ]);
    expect(actionItems.some(({ what }) => what.includes('by_email'))).toBe(false);
    // Each of its items is in the index, as a whole, but for those (of a unit) without an address.
    const withoutAddress = readExpected(join(ROOT, 'fixtures/demo/expected/shop.customers.json')).rows.filter(({ v }) => v['email'] === undefined).length;
    const { volume } = tables.find(({ table }) => table === 'shop.customers')!;
    const notInIndex = volume.writeUnits - volume.indexWriteUnits * 2;
    expect([notInIndex > 0, notInIndex <= withoutAddress]).toEqual([true, true]);
    expect(actionItems.some(({ what }) => what.includes('could not be judged: SELECT * FROM lost'))).toBe(true);
    // A report without a file to be written to is refused before anything is read.
    expect(await aeneas(['assess', project, '--format', 'pdf'])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--output') as string });
    const pdf = join(scratch, 'assessment.pdf');
    expect((await aeneas(['assess', project, '--queries', queries, '--format', 'pdf', '--output', pdf, '--now', String(DEMO_NOW)])).exitCode).toBe(1);
    const { text } = await extractText(await getDocumentProxy(new Uint8Array(readFileSync(pdf))), { mergePages: true });
    for (const [label, figure] of [['Rows', 'rows'], ['Items', 'items'], ['Write units to load them', 'writeUnits'], ['Rows that cannot become items', 'rejected']] as const) {
      expect(text).toContain(`${label} ${tables.reduce((sum, one) => sum + one.volume[figure], 0).toLocaleString('en-US')}`);
    }
    expect(text).toContain('SELECT * FROM shop.customers WHERE email = ?');
    const csv = await aeneas(['assess', project, '--format', 'csv']);
    expect(csv.stdout.split('\r\n')[0]).toMatch(/^table,target,sstables,/);
    expect(csv.stdout.trimEnd().split('\r\n').length).toBe(tables.length + 1);
  });

  test('queries that are no CQL, and files that are not there, are told', async () => {
    const project = projectOf('wrong', { source: { directories: [data] } });
    const queries = join(scratch, 'wrong.cql');
    writeFileSync(queries, 'SELECT a FROM t WHERE');
    expect(await aeneas(['assess', project, '--queries', queries])).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^SCHEMA_INVALID: CQL line 1, column \d+/) as string });
    expect(await aeneas(['assess', project, '--queries', join(scratch, 'none.cql')])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('the queries cannot be read') as string });
  });
});
