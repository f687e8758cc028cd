// CQL type text, as in CREATE statements and system_schema:
//
//   type := name | keyspace.name | 'marshal class' | frozen<type> | list<type> | set<type> | map<type, type> | tuple<type, ...>
//       | vector<type, dimension>
//   name := bare (case folds to lower) | "quoted"

import { cassandraError } from '../errors.ts';
import { quoteIdentifier } from '../model/table-metadata.ts';
import { frozen, SCALAR_NAMES } from './cql-type.ts';
import type { CqlType, ScalarName, UdtType } from './cql-type.ts';
import { dimensionOf, parseMarshalType } from './parse-marshal-type.ts';

/** Finds a user type by its exact name in the keyspace of the table, or in the one that the text names (CQL allows no other). */
export type UdtResolver = (name: string, keyspace?: string) => UdtType | undefined;

/** Deeper types do not come from CQL; the limit keeps recursion off the end of the stack. */
const MAX_DEPTH = 64;
const MAX_LENGTH = 1 << 20;

const SCALARS: ReadonlySet<string> = new Set(SCALAR_NAMES);
const TOKEN = /\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[A-Za-z_][A-Za-z0-9_]*|\d+|[<>,.])/y;

/** CQL type text as a type. Throws SCHEMA_INVALID for other text and unknown user types, SSTABLE_UNSUPPORTED for unknown custom classes. */
export function parseCqlType(text: string, resolveUdt: UdtResolver): CqlType {
  if (text.length > MAX_LENGTH) throw cassandraError('SCHEMA_INVALID', `A type of ${text.length} characters`);
  return new CqlTypeParser(text, resolveUdt).parseWhole();
}

/** A type as Cassandra writes it in CQL (AbstractType.asCQL3Type().toString()): `frozen<map<text, frozen<list<int>>>>`. */
export function formatCqlType(type: CqlType): string {
  switch (type.kind) {
    case 'list': return frozenText(type.frozen, `list<${formatCqlType(type.element)}>`);
    case 'set': return frozenText(type.frozen, `set<${formatCqlType(type.element)}>`);
    case 'map': return frozenText(type.frozen, `map<${formatCqlType(type.key)}, ${formatCqlType(type.value)}>`);
    case 'tuple': return `frozen<tuple<${type.elements.map(formatCqlType).join(', ')}>>`;
    case 'vector': return `vector<${formatCqlType(type.element)}, ${type.dimension}>`;
    case 'udt': return frozenText(type.frozen, quoteIdentifier(type.name));
    case 'composite': case 'custom': return `'${type.className.replaceAll('\'', '\'\'')}'`;
    default: return type.kind;
  }
}

function frozenText(isFrozen: boolean, text: string): string {
  return isFrozen ? `frozen<${text}>` : text;
}

class CqlTypeParser {
  readonly #text: string;
  readonly #resolveUdt: UdtResolver;
  #at = 0;
  #depth = 0;

  constructor(text: string, resolveUdt: UdtResolver) {
    this.#text = text;
    this.#resolveUdt = resolveUdt;
  }

  parseWhole(): CqlType {
    const type = this.#parse();
    if (this.#peek() !== '') throw this.#invalid(`unexpected "${this.#peek()}"`);
    return type;
  }

  #parse(): CqlType {
    if (++this.#depth > MAX_DEPTH) throw this.#invalid(`more than ${MAX_DEPTH} types inside one another`);
    const type = this.#parseOne();
    this.#depth--;
    return type;
  }

  #parseOne(): CqlType {
    const token = this.#next();
    if (token.startsWith('\'')) return parseMarshalType(token.slice(1, -1).replaceAll('\'\'', '\'')).type;
    const name = this.#name(token);
    if (!token.startsWith('"')) {
      if (this.#peek() === '<') return this.#parameterized(name);
      if (name === 'varchar') return { kind: 'text' };
      if (SCALARS.has(name)) return { kind: name as ScalarName };
    }
    if (!this.#accept('.')) return this.#userType(name);
    return this.#userType(this.#name(this.#next()), name);
  }

  #parameterized(name: string): CqlType {
    if (name === 'vector') return this.#vector();
    const inner: CqlType[] = [];
    this.#expect('<');
    do inner.push(frozen(this.#parse())); while (this.#accept(','));
    this.#expect('>');
    const [first, second] = inner;
    const arity = (count: number): void => {
      if (inner.length !== count) throw this.#invalid(`${name} takes ${count} types, not ${inner.length}`);
    };
    for (const { kind } of name === 'frozen' ? [] : inner) {
      if (kind === 'counter') throw this.#invalid(`counters cannot be inside a ${name}`);
    }
    switch (name) {
      case 'frozen':
        arity(1);
        if (first.kind !== 'tuple' && first.kind !== 'vector' && !('frozen' in first)) throw this.#invalid(`${formatCqlType(first)} cannot be frozen`);
        return first;
      case 'list': arity(1); return { kind: 'list', element: first, frozen: false };
      case 'set': arity(1); return { kind: 'set', element: first, frozen: false };
      case 'map': arity(2); return { kind: 'map', key: first, value: second, frozen: false };
      case 'tuple': return { kind: 'tuple', elements: inner };
      default: throw this.#invalid(`"${name}" takes no types`);
    }
  }

  #vector(): CqlType {
    this.#expect('<');
    const element = frozen(this.#parse());
    this.#expect(',');
    const dimension = dimensionOf(this.#next());
    this.#expect('>');
    if (element.kind === 'counter' || dimension === 0) throw this.#invalid('a vector needs a type other than counter and a positive dimension');
    return { kind: 'vector', element, dimension };
  }

  #userType(name: string, keyspace?: string): CqlType {
    const type = this.#resolveUdt(name, keyspace);
    if (!type) throw this.#invalid(`no user type ${keyspace === undefined ? '' : `${quoteIdentifier(keyspace)}.`}${quoteIdentifier(name)} is known`);
    return type.frozen ? { ...type, frozen: false } : type;
  }

  #name(token: string): string {
    if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"');
    if (!/^[A-Za-z_]/.test(token)) throw this.#invalid(token === '' ? 'the text ends where a type is expected' : `a type expected, not "${token}"`);
    return token.toLowerCase();
  }

  #peek(): string {
    const at = this.#at;
    const token = this.#next();
    this.#at = at;
    return token;
  }

  /** The next token, '' at the end. */
  #next(): string {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match) this.#at = TOKEN.lastIndex;
    else if (this.#text.slice(this.#at).trim() !== '') throw this.#invalid(`unexpected "${this.#text.slice(this.#at).trim()[0]}"`);
    return match?.[1] ?? '';
  }

  #accept(mark: string): boolean {
    if (this.#peek() !== mark) return false;
    this.#next();
    return true;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) throw this.#invalid(`"${mark}" expected`);
  }

  #invalid(what: string): Error {
    const shown = this.#text.length > 200 ? `${this.#text.slice(0, 200)}...` : this.#text;
    return cassandraError('SCHEMA_INVALID', `Type "${shown}" at character ${this.#at + 1}: ${what}`);
  }
}
