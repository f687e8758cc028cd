// The same sources make the same bytes, and the release has the packages in it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runTool } from '../../tools/packaging/run-tool.ts';
import { writeChecksums, zipRelease } from '../../tools/packaging/release.ts';
import { thisArchitecture } from '../../tools/packaging/architecture.ts';
import { layOutTree } from '../../tools/packaging/tree.ts';
import { builtPackage, NEW, packTree, treeOf } from './packages.ts';

const ROOT = join(import.meta.dirname, '../..');

const scratch = mkdtempSync(join(tmpdir(), 'aeneas-release-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('files laid out twice are the same, and so are packages made of them', async () => {
  const tree = join(scratch, 'tree');
  await layOutTree({ root: ROOT, version: NEW, architecture: thisArchitecture(), tree, cache: join(scratch, 'parts') });
  expect(await runTool('diff', ['-r', '--no-dereference', tree, treeOf(process.env['AENEAS_PACKAGES']!, NEW)])).toBe('');
  // The runtime is most of the time that packing takes, and no different from other files.
  rmSync(join(tree, 'usr/share/cassandra-data-extractor/bin/node'));
  const [deb, rpm] = await packTree(NEW, tree, join(scratch, 'once'));
  const [debAgain, rpmAgain] = await packTree(NEW, tree, join(scratch, 'again'));
  expect(readFileSync(deb!).equals(readFileSync(debAgain!))).toBe(true);
  expect(readFileSync(rpm!).equals(readFileSync(rpmAgain!))).toBe(true);
});

test('the release has the app and, in agents/, the packages with checksums that hold', async () => {
  const sums = writeChecksums(process.env['AENEAS_PACKAGES']!, [builtPackage('deb', NEW), builtPackage('rpm', NEW)]);
  expect(await runTool('sha256sum', ['-c', 'SHA256SUMS'], { cwd: process.env['AENEAS_PACKAGES']! })).toMatch(/^.*\.rpm: OK\n.*\.deb: OK\n$/);
  const zip = readFileSync(await zipRelease(ROOT, NEW, [sums], scratch)).toString('latin1');
  for (const path of ['package-lock.json', 'packages/cli/bin/aeneas', 'agents/SHA256SUMS']) expect(zip).toContain(`aeneas-${NEW}/${path}`);
});
