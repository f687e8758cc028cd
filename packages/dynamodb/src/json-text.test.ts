import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeJsonText } from './json-text.ts';

const out = new Uint8Array(4096);
const view = new DataView(out.buffer);
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

test('text comes back through JSON, and only UTF-8 passes', () => {
  const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 50 }).map((s) => new TextEncoder().encode(s)),
    fc.array(fc.constantFrom(0x41, 0xc0, 0x80, 0xc2, 0xe0, 0xa0, 0x9f, 0xed, 0xef, 0xbf, 0xf0, 0x90, 0x8f, 0xf4, 0xf5, 0xff), { maxLength: 6 }).map((a) => Uint8Array.from(a)));
  fc.assert(fc.property(anyBytes, (bytes) => {
    const end = writeJsonText(out, view, 0, bytes, 0, bytes.length, false);
    const expected = decoded(bytes);
    if (expected === undefined) return end === -1;
    return JSON.parse(`"${strict.decode(out.subarray(0, end))}"`) === expected;
  }), { numRuns: 5000 });
});

test('ascii ends at 7F', () => {
  expect(writeJsonText(out, view, 0, Uint8Array.of(0x41, 0xc3, 0xa9), 0, 3, true)).toBe(-1);
  expect(writeJsonText(out, view, 0, Uint8Array.of(0x41, 0x7f), 0, 2, true)).toBe(2);
});
