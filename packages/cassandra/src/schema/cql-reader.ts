// A cursor over the tokens of CQL text, with the pieces that every statement is made of: words, names, types, option values.

import { invalidCql, tokenizeCql } from './cql-lexer.ts';
import type { CqlToken } from './cql-lexer.ts';

/** A type as it stands in the text, for `parseCqlType`, and where. */
export interface CqlTypeText {
  readonly text: string;
  readonly offset: number;
}

/** `keyspace.name` or `name`. */
export interface CqlName {
  readonly keyspace: string | undefined;
  readonly name: string;
  readonly offset: number;
}

const OPENING = new Set(['(', '{', '[']);
const CLOSING = new Set([')', '}', ']']);
// Reserved in CQL, so a bare one inside a statement that is skipped can only mean that a semicolon is missing.
const STARTS_DDL = new Set(['create', 'alter', 'drop']);

export class CqlReader {
  readonly #source: string;
  readonly #tokens: readonly CqlToken[];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenizeCql(source);
  }

  peek(ahead = 0): CqlToken {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
  }

  next(): CqlToken {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  fail(what: string, offset = this.peek().offset): never {
    throw invalidCql(this.#source, offset, what);
  }

  /** True when the next tokens are these bare words; consumes nothing. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, i) => this.peek(i).kind === 'word' && this.peek(i).value === word);
  }

  /** Consumes these bare words, all or none. */
  accept(...words: readonly string[]): boolean {
    const found = this.sees(...words);
    if (found) this.#at += words.length;
    return found;
  }

  expect(...words: readonly string[]): void {
    if (!this.accept(...words)) this.fail(`expected ${words.join(' ').toUpperCase()}, found ${this.#shown()}`);
  }

  seesSymbol(symbol: string): boolean {
    return this.peek().kind === 'symbol' && this.peek().value === symbol;
  }

  acceptSymbol(symbol: string): boolean {
    const found = this.seesSymbol(symbol);
    if (found) this.#at++;
    return found;
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) this.fail(`expected "${symbol}", found ${this.#shown()}`);
  }

  /** A bare or quoted name. Reserved words pass: text that a node accepted has none, and other text is not worth refusing for it. */
  name(what: string): string {
    const { kind, value } = this.peek();
    if (kind !== 'word' && kind !== 'quoted') this.fail(`expected ${what}, found ${this.#shown()}`);
    this.#at++;
    return value;
  }

  qualifiedName(what: string): CqlName {
    const { offset } = this.peek();
    const first = this.name(what);
    return this.acceptSymbol('.') ? { keyspace: first, name: this.name(what), offset } : { keyspace: undefined, name: first, offset };
  }

  /** One or more of what `item` reads, separated by commas. */
  list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.acceptSymbol(',')) items.push(item());
    return items;
  }

  /** `name`, `keyspace.name`, `name<...>` or 'marshal class'; what is inside the brackets is left to the type parser. */
  type(): CqlTypeText {
    const first = this.next();
    if (first.kind !== 'word' && first.kind !== 'quoted' && first.kind !== 'string') this.fail(`expected a type, found ${shown(first)}`, first.offset);
    let text = first.text;
    if (this.acceptSymbol('.')) {
      const udt = this.peek();
      this.name('the name of a type');
      text += `.${udt.text}`;
    }
    for (let depth = 0; depth > 0 || this.seesSymbol('<');) {
      const token = this.next();
      if (token.kind === 'end' || (token.kind === 'symbol' && !'<>,.'.includes(token.value))) this.fail(`this type ends with ${shown(token)}, its brackets are open`, first.offset);
      if (token.kind === 'symbol') depth += token.value === '<' ? 1 : token.value === '>' ? -1 : 0;
      else if (/[^<>,.]$/.test(text)) text += ' ';
      text += token.text;
      if (depth === 0) break;
    }
    return { text, offset: first.offset };
  }

  /** The tokens of an option's value: up to AND, a semicolon or the end, outside of brackets. */
  optionValue(): readonly CqlToken[] {
    const from = this.#at;
    for (let depth = 0; ; this.#at++) {
      const token = this.peek();
      if (depth === 0 && (token.kind === 'end' || this.sees('and') || this.seesSymbol(';'))) break;
      if (token.kind === 'symbol' && OPENING.has(token.value)) depth++;
      if (token.kind === 'symbol' && CLOSING.has(token.value)) depth--;
      if (token.kind === 'end' || depth < 0) this.fail(`the brackets of this value do not match: found ${shown(token)}`);
    }
    if (this.#at === from) this.fail(`expected a value, found ${this.#shown()}`);
    return this.#tokens.slice(from, this.#at);
  }

  /** A masking function behind MASKED WITH: it changes what is shown, not what is stored. */
  passMask(): boolean {
    if (!this.accept('masked', 'with')) return false;
    this.qualifiedName('a masking function');
    if (!this.acceptSymbol('(')) return true;
    for (let depth = 1; depth > 0;) {
      const token = this.next();
      if (token.kind === 'end') this.fail('expected ")", found the end of the text');
      if (token.kind === 'symbol') depth += OPENING.has(token.value) ? 1 : CLOSING.has(token.value) ? -1 : 0;
    }
    return true;
  }

  /** The end of a statement that was understood. */
  endOfStatement(): void {
    if (this.peek().kind !== 'end' && !this.acceptSymbol(';')) this.fail(`expected the end of the statement, found ${this.#shown()}`);
  }

  /** Passes over a statement that says nothing about tables, up to its semicolon. */
  skipStatement(mayNameDdl = false): void {
    for (; this.peek().kind !== 'end' && !this.seesSymbol(';'); this.#at++) {
      const { kind, value, text } = this.peek();
      if (!mayNameDdl && kind === 'word' && STARTS_DDL.has(value)) this.fail(`${text.toUpperCase()} inside another statement: is a semicolon missing before it?`);
    }
  }

  /** Passes over a command of cqlsh: it ends with its line, or with a semicolon. */
  skipLine(): void {
    const lineEnd = this.#source.indexOf('\n', this.peek().offset);
    while (this.peek().kind !== 'end' && (lineEnd === -1 || this.peek().offset < lineEnd)) {
      if (this.acceptSymbol(';')) return;
      this.#at++;
    }
  }

  #shown(): string {
    return shown(this.peek());
  }
}

/** A token in a message, cut so that a long literal does not fill the screen. */
function shown(token: CqlToken): string {
  if (token.kind === 'end') return 'the end of the text';
  return token.text.length > 40 ? `${token.text.slice(0, 40)}...` : token.text;
}
