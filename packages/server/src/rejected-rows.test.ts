import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gatherRejectedRows } from './rejected-rows.ts';

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-rejected-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const line = (reason: string, column: string | undefined, key: number): string => `${JSON.stringify({ table: 'a.b', reason, column, detail: `d${key}`, key: { id: String(key) } })}\n`;

test('gathers what the ledger vouches for, and counts by reason and column', async () => {
  const [one, two] = [join(scratch, 'one'), join(scratch, 'two')];
  const vouched = line('NUMBER_UNREPRESENTABLE', 'price', 1) + line('ITEM_TOO_LARGE', undefined, 2);
  writeFileSync(one, `${vouched}${line('ITEM_TOO_LARGE', undefined, 3)}{"half`);
  const all = [4, 5, 6, 7].map((key) => line('NUMBER_UNREPRESENTABLE', 'price', key)).join('');
  writeFileSync(two, all);
  const gathered = join(scratch, 'all.jsonl');
  const kinds = await gatherRejectedRows([{ path: one, sizeBytes: vouched.length }, { path: join(scratch, 'none'), sizeBytes: 0 }, { path: two, sizeBytes: all.length }], gathered);
  expect(readFileSync(gathered, 'utf8')).toBe(vouched + all);
  expect(kinds.map(({ reason, column, rows, examples }) => [reason, column, rows, examples.map((example) => example.detail)])).toEqual([
    ['NUMBER_UNREPRESENTABLE', 'price', 5, ['d1', 'd4', 'd5']], ['ITEM_TOO_LARGE', undefined, 1, ['d2']],
  ]);
});

test('keys may hold what some take for the end of a line', async () => {
  const path = join(scratch, 'separators');
  const text = [`a\u2028b`, `a\u2029b`, `a\r\nb`, `\u0085`].map((id) => `${JSON.stringify({ table: 'a.b', reason: 'KEY_TOO_LONG', detail: '', key: { id } })}\n`).join('');
  writeFileSync(path, text);
  const gathered = join(scratch, 'gathered.jsonl');
  expect(await gatherRejectedRows([{ path, sizeBytes: Buffer.byteLength(text) }], gathered)).toMatchObject([{ reason: 'KEY_TOO_LONG', rows: 4 }]);
  expect(readFileSync(gathered, 'utf8')).toBe(text);
});
