// The error catalogues: every code is used, in one catalogue only, and explained in full sentences.

import type { Problem, SourceFile } from './source-file.ts';
import { isTest } from './source-file.ts';

export interface CatalogueEntry {
  readonly cause: string;
  readonly remedy: string;
}

/** The error catalogue of one package (or of the tools). */
export interface Catalogue {
  readonly owner: string;
  readonly path: string;
  readonly entries: Readonly<Record<string, CatalogueEntry>>;
}

export function catalogueProblems(catalogues: readonly Catalogue[], files: readonly SourceFile[]): Problem[] {
  // In its catalogue a code is a bare key, where it is thrown it is a string.
  const code = files.filter((file) => /\.(?:ts|mjs)$/.test(file.path) && !isTest(file.path)).map((file) => file.text).join('\n');
  const seen = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { path, entries, owner } of catalogues) {
    for (const [name, entry] of Object.entries(entries)) {
      const report = (what: string): void => void problems.push({ path, line: 0, what: `${name} ${what}` });
      if (!/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(name)) report('is not in capitals');
      if (seen.has(name)) report(`is in the catalogue of ${seen.get(name)} too`);
      seen.set(name, owner);
      if (!code.includes(`'${name}'`)) report('is never thrown');
      for (const text of [entry.cause, entry.remedy]) {
        if (!/^[A-Z"<].*[.!)"]$/s.test(text.trim())) report(`is not explained in a whole sentence: "${text}"`);
      }
    }
  }
  return problems;
}
