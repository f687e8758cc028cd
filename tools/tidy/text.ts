// Rules that read files as text: sizes, names of folders, what must not be left behind, links that lead nowhere.

import { posix } from 'node:path';
import { isTest, matches } from './source-file.ts';
import type { Problem, Rule, SourceFile } from './source-file.ts';

const LINES_MAX = 400;
const isCode = (file: SourceFile): boolean => /\.(?:tsx?|mjs|js|css)$/.test(file.path);
/** This rule's own text, and that of its test, name what they forbid. */
const isRule = (file: SourceFile): boolean => file.path.startsWith('tools/tidy');

export const sizes: Rule = (files) =>
  files.filter(isCode).flatMap((file) => {
    const lines = file.text.split('\n').length - 1;
    if (lines <= LINES_MAX || /^\/\/ long because: \S/m.test(file.text.split('\n').slice(0, 12).join('\n'))) return [];
    return [{ path: file.path, line: 0, what: `has ${lines} lines: split it, or say why not ("// long because: ...") at its top` }];
  });

export const names: Rule = (files) =>
  files.flatMap(({ path }) => {
    const problems: Problem[] = [];
    if (/(?:^|\/)(?:utils?|commons?|helpers?|misc)(?:\/|\.[a-z]+$)/.test(path)) problems.push({ path, line: 0, what: 'is named after nothing: name it after what it holds' });
    if (/\.(?:tsx?|mjs|css)$/.test(path) && !/^(?:[^/]*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)+$/.test(path)) problems.push({ path, line: 0, what: 'is not in kebab-case' });
    return problems;
  });

const LEFTOVERS: readonly { readonly pattern: RegExp; readonly what: string; readonly applies: (file: SourceFile) => boolean }[] = [
  { pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/g, what: 'left to do: do it, or take it out', applies: isCode },
  { pattern: /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|todo)\b/g, what: 'a test that does not run, or keeps others from running', applies: (file) => isTest(file.path) },
  { pattern: /\bdebugger\b;|\bconsole\.log\(/g, what: 'left from debugging', applies: (file) => isCode(file) && file.path.startsWith('packages/') && !isTest(file.path) },
  { pattern: /(?<![\w.])\/(?:work|home\/\w|root|Users)\//g, what: 'a path of one machine', applies: () => true },
  { pattern: /\.\.\/shared\b/g, what: 'a path outside the repository', applies: () => true },
];

export const leftovers: Rule = (files) =>
  files.filter((file) => !isRule(file)).flatMap((file) =>
    LEFTOVERS.filter((leftover) => leftover.applies(file)).flatMap(({ pattern, what }) =>
      matches(file, pattern).map(({ line, match }) => ({ path: file.path, line, what: `${what}: ${match[0].trim()}` }))));

/** Relative links of the documentation lead to files that exist. */
export function links(files: readonly SourceFile[], exists: (path: string) => boolean): Problem[] {
  return files.filter((file) => file.path.endsWith('.md')).flatMap((file) =>
    matches(file, /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)
      .filter(({ match }) => !exists(posix.join(posix.dirname(file.path), match[1]!)))
      .map(({ line, match }) => ({ path: file.path, line, what: `a link to ${match[1]}, which does not exist` })));
}
