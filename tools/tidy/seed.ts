// docs/SEED.md maps every label of the AWS guide to a page, a command and a test. What it names must be there, and no label may be missing.

import type { Problem, Rule } from './source-file.ts';

const TABLE = 'docs/SEED.md';
const LABELS = 'docs/seed-labels.json';
const APP = 'packages/web/src/app.tsx';
/** Where commands are said to the parser. */
const COMMAND_FILES = /^packages\/(?:cli\/src|agent\/src\/extractor)\/[a-z-]+\.ts$/;

/** Path -> content. */
type Texts = ReadonlyMap<string, string>;

interface Row {
  readonly line: number;
  readonly label: string;
  readonly page: string;
  readonly command: string;
  readonly test: string;
}

export const seed: Rule = (files) => {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const labels = JSON.parse(texts.get(LABELS) ?? '[]') as string[];
  const rows = rowsOf(texts.get(TABLE) ?? '');
  const known = new Set(rows.map(({ label }) => label));
  const listed = new Set(labels);
  const missing = labels.filter((label) => !known.has(label)).map((label) => ({ path: TABLE, line: 0, what: `has no row for "${label}"` }));
  const parser = [...texts].filter(([path]) => COMMAND_FILES.test(path)).map(([, text]) => text).join('\n');
  return [...missing, ...rows.flatMap((row, i) => rowProblems(row, rows.slice(0, i), listed, texts, parser).map((what): Problem => ({ path: TABLE, line: row.line, what })))];
};

function rowsOf(table: string): Row[] {
  return table.split('\n').flatMap((text, i) => {
    const cells = /^\| (.*) \|$/.exec(text)?.[1]?.split(' | ').map((cell) => cell.trim());
    if (cells === undefined || cells[0] === 'Label') return [];
    const [label = '', page = '', command = '', test = ''] = cells;
    return [{ line: i + 1, label, page: page.replaceAll('`', ''), command: command.replaceAll('`', ''), test }];
  });
}

function rowProblems({ label, page, command, test }: Row, before: readonly Row[], listed: ReadonlySet<string>, texts: Texts, parser: string): string[] {
  const problems: string[] = [];
  if (!listed.has(label)) problems.push(`"${label}" is not in ${LABELS}`);
  if (before.some((row) => row.label === label)) problems.push(`"${label}" has two rows`);
  if (page !== '' && !(texts.get(APP) ?? '').includes(page.split('?')[0]!.slice(1))) problems.push(`"${label}": ${APP} has no page ${page}`);
  for (const word of command.split(' ').slice(1)) if (!isKnown(word, parser)) problems.push(`"${label}": there is no "${word}" for "${command}"`);
  if (/^later: \S/.test(test)) return problems;
  const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(test) ?? [];
  const text = texts.get(file);
  if (text === undefined) problems.push(`"${label}": there is no test ${file === '' ? test : file}`);
  else if (title.length < 10 || !text.includes(title)) problems.push(`"${label}": ${file} has no test "${title}"`);
  return problems;
}

/** A word of a command line as the parser is told of it: command('word') or .command('word <argument>'), --option. */
function isKnown(word: string, parser: string): boolean {
  const literal = word.replaceAll(/[.+*?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(word.startsWith('-') ? `['",/ ]${literal}['" ,<]` : `(?:command\\('|\\['|\\('|, ')${literal}['" ]`).test(parser);
}
