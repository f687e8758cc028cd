// CQL text -> tokens. Comments and blanks vanish; strings, quoted names and $$ bodies are one token each, so that nothing in them
// can be taken for syntax.
//
//   token := word | "quoted name" | 'string' | $$string$$ | number | uuid | symbol
//   blank := white space | -- to the end of the line | // to the end of the line | /* ... */

import { cassandraError } from '../errors.ts';

/** `end` closes every token list, so a parser never runs off it. */
export type CqlTokenKind = 'word' | 'quoted' | 'string' | 'number' | 'uuid' | 'symbol' | 'end';

export interface CqlToken {
  readonly kind: CqlTokenKind;
  /** As written, quotes included. */
  readonly text: string;
  /** Words in lower case, quoted names and strings without their quotes, everything else as written. */
  readonly value: string;
  /** Index in the text, UTF-16 units. */
  readonly offset: number;
}

const BLANK = /[\s\uFEFF]+|--[^\n\r]*|\/\/[^\n\r]*/y;
// A UUID may start with a letter, so it is tried before words; nothing else in CQL looks like it.
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z_])/iy;
const WORD = /[a-z][a-z0-9_]*/iy;
// Integers, floats with exponent, hexadecimal blobs, durations: all begin with a digit and none matters beyond its text.
const NUMBER = /[0-9][0-9a-z_]*(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?/iy;
const SYMBOL = /[-(){}[\]<>,;:.=+*?%/!|&@]/y;

/** Splits CQL text into tokens. Throws SCHEMA_INVALID with line and column. Linear in the length of the text. */
export function tokenizeCql(source: string): CqlToken[] {
  const tokens: CqlToken[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0];
  };
  const push = (kind: CqlTokenKind, text: string, value: string): void => {
    tokens.push({ kind, text, value, offset: at });
    at += text.length;
  };

  while (at < source.length) {
    const two = source.slice(at, at + 2);
    let text: string | undefined;
    if (two === '/*') at = closing(source, at, '*/', 'this comment');
    else if ((text = match(BLANK)) !== undefined) at += text.length;
    else if ((text = match(UUID)) !== undefined) push('uuid', text, text);
    else if ((text = match(WORD)) !== undefined) push('word', text, text.toLowerCase());
    else if ((text = match(NUMBER)) !== undefined) push('number', text, text);
    else if (two === '$$') {
      text = source.slice(at, closing(source, at, '$$', 'this $$ body'));
      push('string', text, text.slice(2, -2));
    } else if (two.startsWith('\'')) {
      text = quoted(source, at, '\'', 'this string');
      push('string', text, text.slice(1, -1).replaceAll('\'\'', '\''));
    } else if (two.startsWith('"')) {
      text = quoted(source, at, '"', 'this quoted name');
      push('quoted', text, text.slice(1, -1).replaceAll('""', '"'));
    } else if ((text = match(SYMBOL)) !== undefined) push('symbol', text, text);
    else throw invalidCql(source, at, `unexpected character ${JSON.stringify(String.fromCodePoint(source.codePointAt(at) ?? 0))}`);
  }
  push('end', '', '');
  return tokens;
}

/** Index behind the mark that closes what a mark of the same length opened at `at`. */
function closing(source: string, at: number, mark: string, what: string): number {
  const end = source.indexOf(mark, at + mark.length);
  if (end === -1) throw invalidCql(source, at, `${what} is never closed`);
  return end + mark.length;
}

/** The text of a string or name whose quotes are doubled inside it. */
function quoted(source: string, at: number, quote: string, what: string): string {
  let end = closing(source, at, quote, what);
  while (source.charAt(end) === quote) {
    const next = source.indexOf(quote, end + 1);
    if (next === -1) throw invalidCql(source, at, `${what} is never closed`);
    end = next + 1;
  }
  return source.slice(at, end);
}

/** A SCHEMA_INVALID that names the place in the text: line and column count from 1. */
export function invalidCql(source: string, offset: number, what: string): Error {
  let line = 1;
  let start = 0;
  for (let at = source.indexOf('\n'); at !== -1 && at < offset; at = source.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return cassandraError('SCHEMA_INVALID', `CQL line ${line}, column ${offset - start + 1}: ${what}`);
}
