// The documents that are made from the code: docs/ERRORS.md from the error catalogues, docs/schema/*.json from the zod schemas.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mappingJsonSchema } from '@aeneas/dynamodb';
import { projectJsonSchema } from '@aeneas/server';
import { readCatalogues } from './catalogues.ts';
import type { Catalogue } from './tidy/catalogue.ts';

const OWNERS: Readonly<Record<string, string>> = {
  cassandra: 'Reading Cassandra\'s files',
  dynamodb: 'Mapping, items and tables',
  agent: 'Extracting and loading',
  extractor: 'The installed agent: configuring, mounts',
  server: 'Projects and migrations',
  cli: 'Command line',
  packaging: 'Building packages (`npm run package`)',
  setup: 'Set-up of a checkout (`npm run demo`, `npm test`)',
};

/** Path -> content of every generated document. */
export async function generateDocuments(root: string): Promise<ReadonlyMap<string, string>> {
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  return new Map([
    ['docs/ERRORS.md', errorsPage(await readCatalogues(root))],
    ['docs/schema/mapping.schema.json', json(mappingJsonSchema())],
    ['docs/schema/project.schema.json', json(projectJsonSchema())],
  ]);
}

/** Paths of the generated documents that are missing or differ from what the code says. */
export async function staleDocuments(root: string): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, content] of await generateDocuments(root)) {
    const file = join(root, path);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== content) stale.push(path);
  }
  return stale;
}

/** Writes the documents that changed, and returns their paths. */
export async function writeDocuments(root: string): Promise<string[]> {
  const stale = await staleDocuments(root);
  const documents = await generateDocuments(root);
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), documents.get(path)!);
  }
  return stale;
}

function errorsPage(catalogues: readonly Catalogue[]): string {
  const sections = catalogues.map(({ owner, entries }) => {
    const rows = Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, { cause, remedy }]) =>
      `### ${code}\n\n${escapeMarkdown(cause)}\n\n**What to do:** ${escapeMarkdown(remedy)}\n`);
    return `## ${OWNERS[owner] ?? owner}\n\n${rows.join('\n')}`;
  });
  return [
    '# Errors',
    '',
    'Errors go to stderr as one line: `CODE: what happened (where). What to do.` Commands end with 0 when all is done, 1 when they finished',
    'with rejected rows or mismatches, 2 when arguments or input cannot be used, 3 when they were interrupted and can be resumed.',
    '',
    'This page is generated from the catalogues in the code (`npm run docs`).',
    '',
    sections.join('\n'),
  ].join('\n');
}

function escapeMarkdown(text: string): string {
  return text.replaceAll('<', '\\<').replaceAll('*', '\\*');
}
