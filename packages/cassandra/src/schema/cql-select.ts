// CQL SELECT statements -> which rows they ask for: what an application reads by, to judge keys with. Values are not looked at.
//
//   script := (select ';')* ; other statements are passed over

import { CqlReader } from './cql-reader.ts';

export type Restriction =
  | { readonly column: string; readonly kind: 'equal' | 'in' | 'range' | 'contains' | 'like' | 'other' }
  /** token(...) and tuples of clustering columns. */
  | { readonly columns: readonly string[]; readonly kind: 'token' | 'tuple-range' | 'tuple-in' | 'equal' };

export interface SelectStatement {
  /** As written, blanks made one. */
  readonly text: string;
  readonly keyspace: string | undefined;
  readonly table: string;
  readonly restrictions: readonly Restriction[];
  readonly order: readonly { readonly column: string; readonly isDescending: boolean }[];
}

const CLAUSES = ['and', 'order', 'group', 'per', 'limit', 'allow', 'bypass', 'using'];
const RANGE_SYMBOLS = new Set(['<', '>']);

/** All SELECT statements of a text. Throws SCHEMA_INVALID with line and column. */
export function parseSelects(text: string): SelectStatement[] {
  const reader = new CqlReader(text);
  const statements: SelectStatement[] = [];
  while (reader.peek().kind !== 'end') {
    if (reader.acceptSymbol(';')) continue;
    const { offset } = reader.peek();
    if (reader.accept('select')) {
      const statement = select(reader);
      statements.push({ ...statement, text: text.slice(offset, reader.peek().offset).replace(/;\s*$/, '').replaceAll(/\s+/g, ' ').trim() });
    } else {
      reader.skipStatement(true);
    }
  }
  return statements;
}

function select(reader: CqlReader): Omit<SelectStatement, 'text'> {
  for (let depth = 0; depth > 0 || !reader.sees('from');) {
    const token = reader.next();
    if (token.kind === 'end' || (token.kind === 'symbol' && token.value === ';')) reader.fail('a SELECT needs FROM', token.offset);
    if (token.kind === 'symbol') depth += token.value === '(' ? 1 : token.value === ')' ? -1 : 0;
  }
  reader.expect('from');
  const { keyspace, name } = reader.qualifiedName('a table');
  const restrictions: Restriction[] = [];
  if (reader.accept('where')) {
    do restrictions.push(restriction(reader));
    while (reader.accept('and'));
  }
  const order: { column: string; isDescending: boolean }[] = [];
  while (reader.peek().kind !== 'end' && !reader.seesSymbol(';')) {
    if (reader.accept('order', 'by')) order.push(...reader.list(() => ordering(reader)));
    else reader.next();
  }
  return { keyspace, table: name, restrictions, order };
}

function ordering(reader: CqlReader): { column: string; isDescending: boolean } {
  const column = reader.name('a column');
  // ORDER BY embedding ANN OF ...: by nearness.
  passValue(reader, ['asc', 'desc', ...CLAUSES], true);
  const isDescending = reader.accept('desc');
  if (!isDescending) reader.accept('asc');
  return { column, isDescending };
}

function restriction(reader: CqlReader): Restriction {
  if (reader.accept('token')) {
    const columns = names(reader);
    passValue(reader);
    return { columns, kind: 'token' };
  }
  if (reader.seesSymbol('(')) {
    const columns = names(reader);
    const isIn = reader.accept('in');
    const isRange = RANGE_SYMBOLS.has(reader.peek().value);
    passValue(reader);
    return { columns, kind: isIn ? 'tuple-in' : isRange ? 'tuple-range' : 'equal' };
  }
  const column = reader.name('a column');
  if (reader.seesSymbol('[')) {
    passValue(reader);
    return { column, kind: 'contains' };
  }
  const kind = kindOf(reader);
  passValue(reader);
  return { column, kind };
}

function kindOf(reader: CqlReader): 'equal' | 'in' | 'range' | 'contains' | 'like' | 'other' {
  if (reader.accept('in')) return 'in';
  if (reader.accept('contains')) return 'contains';
  if (reader.accept('like')) return 'like';
  if (reader.accept('between')) return between(reader);
  if (RANGE_SYMBOLS.has(reader.peek().value)) return 'range';
  if (reader.seesSymbol('=')) return 'equal';
  if (reader.sees('is') || reader.seesSymbol('!') || reader.sees('not') || reader.seesSymbol(':')) return 'other';
  return reader.fail('expected a comparison');
}

/** Its own AND is none between restrictions. */
function between(reader: CqlReader): 'range' {
  passValue(reader);
  reader.expect('and');
  return 'range';
}

function names(reader: CqlReader): string[] {
  reader.expectSymbol('(');
  const columns = reader.list(() => reader.name('a column'));
  reader.expectSymbol(')');
  return columns;
}

/** Operators and values, up to the next clause. */
function passValue(reader: CqlReader, until: readonly string[] = CLAUSES, mayBeNone = false): void {
  let passed = 0;
  for (let depth = 0; ; passed++) {
    const token = reader.peek();
    const isEnd = token.kind === 'end' || (token.kind === 'symbol' && (token.value === ';' || (mayBeNone && token.value === ',')));
    if (depth === 0 && (isEnd || (token.kind === 'word' && until.includes(token.value)))) break;
    if (token.kind === 'end') reader.fail('the brackets of this value do not match');
    if (token.kind === 'symbol') depth += '([{'.includes(token.value) ? 1 : ')]}'.includes(token.value) ? -1 : 0;
    reader.next();
  }
  if (passed === 0 && !mayBeNone) reader.fail('expected a value');
}
