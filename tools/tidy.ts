// Checks what compiler and linter do not: the arrows between packages, sizes and names of files, the error catalogues, what must
// not be left behind. Prints `path:line: what` for each problem; ends with 1 if there is one.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCatalogues } from './catalogues.ts';
import { staleDocuments } from './documents.ts';
import { arrows } from './tidy/arrows.ts';
import { catalogueProblems } from './tidy/catalogue.ts';
import { lockProblems } from './tidy/lock.ts';
import { seed } from './tidy/seed.ts';
import { readSourceFiles } from './tidy/source-file.ts';
import { leftovers, links, names, sizes } from './tidy/text.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = readSourceFiles(root);
const problems = [
  ...[arrows, sizes, names, leftovers, seed].flatMap((rule) => rule(files)),
  ...links(files, (path) => existsSync(join(root, path))),
  ...lockProblems(readFileSync(join(root, 'package-lock.json'), 'utf8')),
  ...catalogueProblems(await readCatalogues(root), files),
  ...(await staleDocuments(root)).map((path) => ({ path, line: 0, what: 'is not what the code says: run "npm run docs" and commit it' })),
];
for (const { path, line, what } of problems) process.stderr.write(`${path}${line === 0 ? '' : `:${line}`}: ${what}\n`);
if (problems.length > 0) {
  process.stderr.write(`tidy: ${problems.length} problem${problems.length === 1 ? '' : 's'} in ${files.length} files\n`);
  process.exitCode = 1;
}
