import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { rejectedText } from './rejected-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'aeneas-rejected-'));
const file = join(folder, 'rejected.jsonl');
afterAll(() => rmSync(folder, { recursive: true }));

test('pieces of any size make up the file, whatever its lines', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 60 })), fc.integer({ min: 4, max: 40 }), async (lines, maxBytes) => {
    const content = lines.map((line) => `${line.replaceAll('\n', '')}\n`).join('');
    writeFileSync(file, content);
    const size = Buffer.byteLength(content);
    let text = '';
    for (let offset = 0; offset < size;) {
      const piece = await rejectedText(file, offset, maxBytes);
      expect(piece.nextOffset).toBeGreaterThan(offset);
      expect(Buffer.byteLength(piece.text)).toBe(piece.nextOffset - offset);
      text += piece.text;
      offset = piece.nextOffset;
    }
    expect(text).toBe(content);
  }), { numRuns: 200 });
});

test('a line that is being written is not told before its end', async () => {
  writeFileSync(file, 'one\ntwo\nthr');
  expect(await rejectedText(file, 0, 100)).toEqual({ text: 'one\ntwo\n', nextOffset: 8 });
  expect(await rejectedText(file, 8, 100)).toEqual({ text: '', nextOffset: 8 });
});
