// Marshal class strings, the names of types in serialization headers and in schemas before 3.0:
//
//   type       := class | class '(' arguments ')'
//   arguments  := type, type...                         ListType, TupleType, CompositeType, FrozenType, ReversedType...
//               | keyspace, hex name, hex field:type... UserType
//               | type, dimension                       VectorType
//               | c=>type...                            DynamicCompositeType: c is one character
//               | hex name:type...                      ColumnToCollectionType
//               | reversed=true                         any class without parameters of its own
//
// The rules are those of org.apache.cassandra.db.marshal.TypeParser. An unknown class is an error, never an opaque value: only the
// class itself knows whether its values have a fixed length, so that even skipping over them would be a guess.

import { cassandraError } from '../errors.ts';
import { frozen } from './cql-type.ts';
import type { CqlType, LegacyOrder, OrderedType, ScalarName, UdtField } from './cql-type.ts';

const PACKAGE = 'org.apache.cassandra.db.marshal.';
/** Deeper types do not come from CQL; the limit keeps recursion off the end of the stack. */
const MAX_DEPTH = 64;
/** A user type is written out in full wherever it is used, so real strings reach some 10 kB. */
const MAX_LENGTH = 1 << 20;

const SCALARS: ReadonlyMap<string, ScalarName> = new Map<string, ScalarName>([
  ['AsciiType', 'ascii'], ['LongType', 'bigint'], ['BytesType', 'blob'], ['BooleanType', 'boolean'], ['CounterColumnType', 'counter'],
  ['SimpleDateType', 'date'], ['DecimalType', 'decimal'], ['DoubleType', 'double'], ['DurationType', 'duration'], ['FloatType', 'float'],
  ['InetAddressType', 'inet'], ['Int32Type', 'int'], ['ShortType', 'smallint'], ['UTF8Type', 'text'], ['TimeType', 'time'],
  ['TimestampType', 'timestamp'], ['DateType', 'timestamp'], ['TimeUUIDType', 'timeuuid'], ['LegacyTimeUUIDType', 'timeuuid'],
  ['ByteType', 'tinyint'], ['UUIDType', 'uuid'], ['LexicalUUIDType', 'uuid'], ['IntegerType', 'varint'], ['EmptyType', 'empty'],
]);
const LEGACY_ORDERS: ReadonlySet<string> = new Set<LegacyOrder>(['DateType', 'LexicalUUIDType']);
const CLASS_NAMES = new Map([...SCALARS].reverse().map(([className, kind]) => [kind, className]));

/**
 * A marshal class string as a type, and whether it sorts in reverse. Classes without a package are Cassandra's own.
 * Throws SCHEMA_INVALID for text that is not a type, SSTABLE_UNSUPPORTED for a class that is not known.
 */
export function parseMarshalType(text: string): OrderedType {
  if (text.length > MAX_LENGTH) throw cassandraError('SCHEMA_INVALID', `A type name of ${text.length} characters`);
  return new MarshalParser(text).parseWhole();
}

/** The number of elements that a vector's type says: 0 where it is not one. */
export function dimensionOf(text: string): number {
  return /^\d{1,10}$/.test(text) && Number(text) <= 0x7fffffff ? Number(text) : 0;
}

/** The simple name of the marshal class of a type: what DynamicCompositeType sorts components of different types by. */
export function marshalClassName(type: CqlType): string {
  switch (type.kind) {
    case 'list': return 'ListType';
    case 'set': return 'SetType';
    case 'map': return 'MapType';
    case 'tuple': return 'TupleType';
    case 'vector': return 'VectorType';
    case 'udt': return 'UserType';
    case 'composite': return 'CompositeType';
    case 'custom': return type.className.replace(/\(.*/s, '').replace(/^.*\./, '');
    default: return type.legacyOrder ?? CLASS_NAMES.get(type.kind)!;
  }
}

class MarshalParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parseWhole(): OrderedType {
    if (this.#text.trim() === '') return { type: { kind: 'blob' }, reversed: false };
    const parsed = this.#parse();
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#invalid('unexpected text after the type');
    return parsed;
  }

  #parse(): OrderedType {
    if (++this.#depth > MAX_DEPTH) throw this.#invalid(`more than ${MAX_DEPTH} types inside one another`);
    this.#skipBlanks();
    const start = this.#at;
    const className = this.#identifier();
    const simpleName = className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : className;
    this.#skipBlanks();
    const parsed = SCALARS.has(simpleName) ? this.#scalar(simpleName) : this.#compound(simpleName, start);
    this.#depth--;
    return parsed;
  }

  #scalar(simpleName: string): OrderedType {
    const kind = SCALARS.get(simpleName)!;
    const type: CqlType = LEGACY_ORDERS.has(simpleName) ? { kind, legacyOrder: simpleName as LegacyOrder } : { kind };
    let reversed = false;
    this.#arguments(() => {
      const key = this.#identifier();
      const value = this.#accept('=') ? this.#identifier() : '';
      if (key === 'reversed') reversed = value === '' || value === 'true';
    });
    return { type, reversed };
  }

  #compound(simpleName: string, start: number): OrderedType {
    const plain = (type: CqlType): OrderedType => ({ type, reversed: false });
    switch (simpleName) {
      case 'ReversedType': return { ...this.#types(1)[0], reversed: true };
      case 'FrozenType': {
        const [{ type, reversed }] = this.#types(1);
        return { type: frozen(type), reversed };
      }
      case 'ListType': return plain({ kind: 'list', element: this.#inner(1)[0], frozen: false });
      case 'SetType': return plain({ kind: 'set', element: this.#inner(1)[0], frozen: false });
      case 'MapType': {
        const [key, value] = this.#inner(2);
        return plain({ kind: 'map', key, value, frozen: false });
      }
      case 'TupleType': return plain({ kind: 'tuple', elements: this.#inner() });
      case 'VectorType': return plain(this.#vector());
      case 'UserType': return plain(this.#userType());
      case 'CompositeType': {
        const components = this.#types();
        if (components.length === 0) throw this.#invalid('CompositeType needs parameters');
        return plain({
          kind: 'composite', elements: components.map(({ type }) => frozen(type)), reversed: components.map(({ reversed }) => reversed), className: this.#since(start),
        });
      }
      case 'DynamicCompositeType': {
        const aliases = this.#aliases();
        return plain({ kind: 'custom', className: this.#since(start), aliases });
      }
      case 'ColumnToCollectionType':
        this.#arguments(() => {
          this.#hexName();
          this.#expect(':');
          this.#parse();
        });
        return plain({ kind: 'custom', className: this.#since(start) });
      case 'PartitionerDefinedOrder':
        this.#arguments(() => {
          this.#identifier();
          if (this.#accept(':')) this.#parse();
        });
        return plain({ kind: 'custom', className: this.#since(start) });
      default:
        throw cassandraError('SSTABLE_UNSUPPORTED', `Values of class "${this.#since(start)}" cannot be read`);
    }
  }

  /** Type parameters, `count` of them when that is given. */
  #types(count?: number): OrderedType[] {
    const types: OrderedType[] = [];
    this.#arguments(() => types.push(this.#parse()));
    if (count !== undefined && types.length !== count) throw this.#invalid(`${count} type parameters expected, not ${types.length}`);
    return types;
  }

  #inner(count?: number): CqlType[] {
    return this.#types(count).map(({ type, reversed }) => {
      if (reversed) throw this.#invalid('ReversedType inside another type');
      return frozen(type);
    });
  }

  #vector(): CqlType {
    let element: OrderedType | undefined;
    let dimension = 0;
    this.#arguments(() => {
      if (element === undefined) element = this.#parse();
      else if (dimension === 0) dimension = dimensionOf(this.#identifier());
      else throw this.#invalid('VectorType takes a type and a dimension');
    });
    if (element === undefined || element.reversed || dimension === 0) throw this.#invalid('VectorType needs a type and a positive dimension');
    return { kind: 'vector', element: frozen(element.type), dimension };
  }

  #userType(): CqlType {
    let keyspace: string | undefined;
    let name: string | undefined;
    const fields: UdtField[] = [];
    this.#arguments(() => {
      if (keyspace === undefined) keyspace = this.#identifier();
      else if (name === undefined) name = this.#hexName();
      else {
        const field = this.#hexName();
        this.#expect(':');
        const { type, reversed } = this.#parse();
        if (reversed) throw this.#invalid('ReversedType inside UserType');
        fields.push({ name: field, type: frozen(type) });
      }
    });
    if (keyspace === undefined || name === undefined) throw this.#invalid('UserType needs a keyspace and a name');
    return { kind: 'udt', keyspace, name, fields, frozen: false };
  }

  #aliases(): Map<number, OrderedType> {
    const aliases = new Map<number, OrderedType>();
    this.#arguments(() => {
      const alias = this.#identifier();
      if (alias.length !== 1) throw this.#invalid('an alias is a single character');
      this.#expect('=');
      this.#expect('>');
      aliases.set(alias.charCodeAt(0), this.#parse());
    });
    return aliases;
  }

  /** `( item, item... )`, or nothing at all. As in Cassandra commas may be blanks. */
  #arguments(item: () => void): void {
    if (!this.#accept('(')) return;
    for (;;) {
      this.#skipBlanks();
      if (this.#accept(',')) this.#skipBlanks();
      if (this.#accept(')')) return;
      if (this.#at >= this.#text.length) throw this.#invalid('the text ends within parentheses');
      item();
    }
  }

  #identifier(): string {
    this.#skipBlanks();
    const pattern = /[-+._&0-9A-Za-z]+/y;
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#invalid('a name expected');
    this.#at += found.length;
    return found;
  }

  #hexName(): string {
    const hex = this.#identifier();
    if (!/^(?:[0-9a-fA-F]{2})+$/.test(hex)) throw this.#invalid(`"${hex}" is not a name in hexadecimal`);
    return Buffer.from(hex, 'hex').toString('utf8');
  }

  #accept(mark: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) throw this.#invalid(`"${mark}" expected`);
  }

  #skipBlanks(): void {
    while (/[ \t\n]/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #since(start: number): string {
    return this.#text.slice(start, this.#at);
  }

  #invalid(what: string): Error {
    const shown = this.#text.length > 200 ? `${this.#text.slice(0, 200)}...` : this.#text;
    return cassandraError('SCHEMA_INVALID', `Type "${shown}" at character ${this.#at + 1}: ${what}`);
  }
}
