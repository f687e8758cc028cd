// Who may import whom. docs/STYLE.md, "Arrows".

import { posix } from 'node:path';
import { isTest, matches } from './source-file.ts';
import type { Problem, Rule, SourceFile } from './source-file.ts';

/** Package -> packages that it may import. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  cassandra: [],
  dynamodb: ['cassandra'],
  agent: ['cassandra', 'dynamodb', 'protocol'],
  server: ['cassandra', 'dynamodb', 'protocol', 'agent'],
  web: ['protocol'],
  cli: ['cassandra', 'dynamodb', 'protocol', 'agent', 'server', 'web'],
};

/** `cassandra` is pure: of Node it may use what needs neither disk, network nor clock. One module opens local files. */
const PURE_MODULES = new Set(['node:zlib', 'node:buffer', 'node:crypto', 'node:path']);
const FILE_SOURCE = 'packages/cassandra/src/bytes/file-source.ts';

/** Files that must not lean on what they check or stand in for. */
const INDEPENDENT = [/^e2e\/(?:decoder|stand-ins)\/[a-z-]+\.ts$/, /^packages\/cli\/src\/stand-ins\/(?!start\.ts)[^/]*\.ts$/];

const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|(?:^|\n)import\s+'([^']+)'|\bimport\(\s*'([^']+)'|\bnew URL\(\s*'(\.[^']+\.tsx?)'/g;

export const arrows: Rule = (files) => files.filter((file) => /\.tsx?$/.test(file.path)).flatMap(importProblems);

function importProblems(file: SourceFile): Problem[] {
  return matches(file, IMPORT).flatMap(({ line, match }) => {
    const target = (match[1] ?? match[2] ?? match[3] ?? match[4])!;
    const what = importProblem(file.path, target);
    return what === undefined ? [] : [{ path: file.path, line: line + (match[0].startsWith('\n') ? 1 : 0), what }];
  });
}

function importProblem(from: string, target: string): string | undefined {
  const owner = /^packages\/([^/]+)\//.exec(from)?.[1];
  const wanted = /^@aeneas\/([^/]+)(\/.*)?$/.exec(target);
  const resolved = target.startsWith('.') ? posix.join(posix.dirname(from), target) : undefined;
  if (INDEPENDENT.some((pattern) => pattern.test(from)) && (wanted !== null || (resolved !== undefined && leaves(from, resolved)))) {
    return `imports ${target}, but must be independent of what it checks or stands in for`;
  }
  if (wanted !== null) return packageProblem(owner, wanted[1]!, wanted[2]);
  if (resolved !== undefined) return relativeProblem(from, owner, resolved);
  if (owner === 'cassandra' && target.startsWith('node:') && !isTest(from) && from !== FILE_SOURCE && !PURE_MODULES.has(target)) {
    return `imports ${target}: packages/cassandra is pure, only ${FILE_SOURCE} opens anything`;
  }
  return undefined;
}

function packageProblem(owner: string | undefined, wanted: string, inner: string | undefined): string | undefined {
  if (inner !== undefined) return `imports a file of @aeneas/${wanted}: outsiders import the index only`;
  if (owner === undefined) return undefined;
  if (owner === wanted) return 'imports its own package by name: insiders import files';
  if (ARROWS[owner] === undefined) return `package ${owner} has no arrows in tools/tidy/arrows.ts`;
  return ARROWS[owner].includes(wanted) ? undefined : `${owner} must not import ${wanted}`;
}

function relativeProblem(from: string, owner: string | undefined, resolved: string): string | undefined {
  const inPackage = /^packages\/([^/]+)\//.exec(resolved)?.[1];
  if (owner === undefined) {
    if (inPackage === undefined || from.startsWith('tools/')) return undefined;
    return `imports a file of packages/${inPackage}: outsiders import the index only`;
  }
  if (inPackage === owner) return undefined;
  if (inPackage !== undefined) return `imports a file of packages/${inPackage}: outsiders import the index only`;
  return isTest(from) && resolved.startsWith('fixtures/') ? undefined : `imports ${resolved}, outside its package`;
}

/** Whether an import of an independent file goes anywhere but to its own folder. */
function leaves(from: string, resolved: string): boolean {
  return posix.dirname(from) !== posix.dirname(resolved);
}
