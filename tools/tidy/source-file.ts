import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** A file of the checkout as the rules see it. Paths are relative to the root, with slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What a rule found, to be printed as `path:line: what`. Line 0 speaks of the whole file. */
export interface Problem {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export type Rule = (files: readonly SourceFile[]) => Problem[];

const NOT_OURS = new Set(['node_modules', '.git', 'dist', 'unpacked', 'coverage', '.aeneas']);
const TEXT = /\.(?:ts|tsx|mts|mjs|js|css|html|json|jsonc|md|yaml|yml|sh|cql|py|java)$|(?:^|\/)(?:run|LICENSE|NOTICE|\.npmrc|\.gitignore)$/;

/** Every text file of the checkout, sorted by path. */
export function readSourceFiles(root: string): SourceFile[] {
  const found: SourceFile[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!NOT_OURS.has(entry.name)) walk(path);
      } else if (TEXT.test(path) && entry.name !== 'package-lock.json') {
        found.push({ path: relative(root, path).split(sep).join('/'), text: readFileSync(path, 'utf8') });
      }
    }
  };
  walk(root);
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function isTest(path: string): boolean {
  return /\.(?:test|fuzz|bench)\.tsx?$/.test(path) || path.startsWith('e2e/') || /\/test\//.test(path);
}

/** Every match of a global pattern, with its line number. */
export function matches(file: SourceFile, pattern: RegExp): { line: number; match: RegExpExecArray }[] {
  return [...file.text.matchAll(pattern)].map((match) => ({ line: file.text.slice(0, match.index).split('\n').length, match }));
}
