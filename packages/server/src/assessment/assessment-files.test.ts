// The report as PDF and CSV, of made-up figures and awkward names, read by readers that are not ours.

import { extractText, getDocumentProxy } from 'unpdf';
import { expect, test } from 'vitest';
import type { AssessedTable, Assessment } from './assess.ts';
import { assessmentCsv, csvCell } from './assessment-csv.ts';
import { assessmentPdf } from './assessment-pdf.ts';
import { partitionHeat, trafficLimit } from './heat.ts';

const cost = { ways: [{ name: 'S3 import', dollars: 0.25, note: 'n' }, { name: 'built-in, on-demand', dollars: 12.5, note: 'n' }], basis: 'list prices' };
const volume = { rows: 1_234_567, items: 1_234_560, rejected: 7, itemBytes: 5_000_000, writeUnits: 2_345_678, indexWriteUnits: 0, mixedExpiry: 0, decimalScales: 0, negativeZeros: 0, isWhole: true, share: 1, relativeError: 0 };

function tableOf(name: string, key: string): AssessedTable {
  const partition = partitionHeat({ partitionKey: key, sizeBytes: 1_000_000, sstables: 2 }, 10_000_000, volume, false);
  return {
    table: name, target: name, sstables: 1, sizeBytes: 4_000_000, uncompressedBytes: 10_000_000, partitions: 10, rows: 1_234_567, volume, sampledRows: 10, sampledSeconds: 1, rejected: [], ttlAttribute: undefined, cost,
    largestPartitions: [partition], trafficLimit: trafficLimit([partition]), largestItems: [{ partitionKey: key, sizeBytes: 300_000, writeUnits: 293 }], queries: [],
  };
}

function assessmentOf(tables: readonly AssessedTable[]): Assessment {
  return { project: 'shop', nowSeconds: 1_700_000_000, seed: 1, tables, actionItems: [{ severity: 'high', table: tables[0].table, what: 'It does not fit', remedy: 'Make it fit' }], cost, times: [] };
}

async function pagesOf(assessment: Assessment): Promise<string[]> {
  return (await extractText(await getDocumentProxy(new Uint8Array(await assessmentPdf(assessment, 1_700_000_000_000))))).text;
}

test('a long table has its header on each page, and pages have numbers', async () => {
  const pages = await pagesOf(assessmentOf(Array.from({ length: 300 }, (_, i) => tableOf(`ks.table_${i}`, `{"id":${i}}`))));
  expect(pages.length).toBeGreaterThan(10);
  for (const [i, text] of pages.entries()) expect(text).toContain(`Page ${i + 1} of ${pages.length}`);
  const ofTables = pages.filter((text) => /ks\.table_\d+ 3\.8 MB 1,234,567 1,234,560/.test(text));
  expect(ofTables.length).toBeGreaterThan(5);
  for (const text of ofTables) expect(text).toMatch(/in\s+Cassandra\s+Rows\s+Items/);
  const named = new Set(pages.flatMap((text) => [...text.matchAll(/ks\.table_\d+/g)].map(([name]) => name)));
  expect(named.size).toBe(300);
});

test('names of other scripts are there, or escaped where the font has no sign for them; long ones wrap', async () => {
  const long = 'x'.repeat(400);
  const text = (await pagesOf(assessmentOf([tableOf('ks.a', '{"id":"Ελληνικά Кириллица ćžş"}'), tableOf('ks.b', '{"id":"中文 🙂 שלום"}'), tableOf('ks.c', `{"id":"${long}"}`), tableOf('ks.d', '{"id":"a\u0000\u202Eb"}')]))).join('\n');
  expect(text).toContain('Ελληνικά Кириллица ćžş');
  expect(text.replaceAll(/\s/g, '')).toContain('\\u{4E2D}\\u{6587}\\u{1F642}\\u{5E9}\\u{5DC}\\u{5D5}\\u{5DD}');
  expect(text.replaceAll(/\s/g, '')).toContain('{"id":"a\\u{0}\\u{202E}b"}');
  expect(text.replaceAll(/\s/g, '')).toContain(`{"id":"${long}"}`);
});

test('a cell that a spreadsheet would take for a formula is text', () => {
  expect(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '  =1', '＝1'].map((text) => csvCell(text).replace(/^"/, '')[0])).toEqual(Array.from({ length: 7 }, () => '\''));
  expect([csvCell('a,b'), csvCell('say "x"'), csvCell('a\r\nb'), csvCell('plain'), csvCell(-5), csvCell(true)]).toEqual(['"a,b"', '"say ""x"""', '"a\r\nb"', 'plain', '-5', 'true']);
  const csv = assessmentCsv(assessmentOf([tableOf('=cmd|calc!A1', '@evil')]));
  expect(csv.split('\r\n')[1]).toMatch(/^"'=cmd\|calc!A1","'=cmd\|calc!A1",1,4000000,/);
});

test('what falls to a partition: by its share, or one item where there is no sort key', () => {
  expect(partitionHeat({ partitionKey: 'k', sizeBytes: 2_500_000, sstables: 1 }, 10_000_000, volume, false)).toMatchObject({ share: 0.25, items: 308_640, writeUnits: 586_420, readUnits: 306, loadSeconds: 586.42, isHot: false });
  expect(partitionHeat({ partitionKey: 'k', sizeBytes: 2_500_000, sstables: 1 }, 10_000_000, volume, true)).toMatchObject({ items: 1, itemBytes: 409_600, writeUnits: 400, readUnits: 100 });
  expect(partitionHeat({ partitionKey: 'k', sizeBytes: 20_000_000, sstables: 1 }, 200_000_000, volume, false)).toMatchObject({ share: 0.1, isHot: true });
  expect(partitionHeat({ partitionKey: 'k', sizeBytes: 11 * 1024 ** 3, sstables: 1 }, 1024 ** 4, volume, false).isHot).toBe(true);
  expect(trafficLimit([partitionHeat({ partitionKey: 'k', sizeBytes: 2_500_000, sstables: 1 }, 10_000_000, volume, false)])).toEqual({ writeUnits: 4_000, readUnits: 12_000 });
  expect(trafficLimit([])).toBeUndefined();
  expect(partitionHeat({ partitionKey: 'k', sizeBytes: 2_500_000, sstables: 1 }, 10_000_000, { ...volume, indexWriteUnits: 345_678 }, false).writeUnits).toBe(500_000);
});
