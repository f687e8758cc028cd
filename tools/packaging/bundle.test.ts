import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleAgent } from './bundle.ts';

const outdir = mkdtempSync(join(tmpdir(), 'aeneas-bundle-'));
beforeAll(async () => {
  await bundleAgent(fileURLToPath(new URL('../..', import.meta.url)), '1.0.0', outdir);
}, 120_000);
afterAll(() => rmSync(outdir, { recursive: true }));

test('whatever is imported when it is needed has its names there, not only `default`: the installed agent could not write to DynamoDB', () => {
  const texts = new Map(readdirSync(outdir).filter((name) => name.endsWith('.js')).map((name) => [name, readFileSync(join(outdir, name), 'utf8')]));
  const needed = new Set([...texts.values()].flatMap((text) => [...text.matchAll(/\bimport\("\.\/([^"]+)"\)/g)].map(([, name]) => name!)));
  expect(needed.size).toBeGreaterThan(20);
  expect([...needed].filter((name) => /^export default /m.test(texts.get(name)!))).toEqual([]);
});
