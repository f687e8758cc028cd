// Secondary indexes, and the WHERE of materialized views: of tables' rows they say nothing, but a target's indexes are made from them.
//
//   create := CREATE [CUSTOM] INDEX [IF NOT EXISTS] [name] ON name '(' targets ')' [USING class] [WITH OPTIONS = ...]
//   target := column | (KEYS | VALUES | ENTRIES | FULL) '(' column ')'
//   drop   := DROP INDEX [IF EXISTS] name

import type { IndexMetadata } from '../model/table-metadata.ts';
import type { CqlToken } from './cql-lexer.ts';
import type { CqlReader } from './cql-reader.ts';
import type { CqlScript } from './cql-script.ts';

/** The class of an index that is none of its own. */
const BUILT_IN_CLASS = 'legacy_local_table';

/** Behind CREATE [CUSTOM] INDEX. An index of a table that the text does not create is passed over. */
export function createIndex(script: CqlScript, isCustomStatement: boolean): void {
  const { reader } = script;
  reader.accept('if', 'not', 'exists');
  const given = reader.sees('on') ? undefined : reader.name('an index');
  reader.expect('on');
  const tableName = reader.qualifiedName('a table');
  reader.expectSymbol('(');
  const columns = reader.seesSymbol(')') ? [] : indexTargets(reader);
  reader.expectSymbol(')');
  const className = reader.accept('using') ? reader.next().value : BUILT_IN_CLASS;
  reader.skipStatement();
  const { tables } = script.keyspaceOf(tableName);
  const table = tables.get(tableName.name);
  if (table === undefined) return;
  const isTaken = (name: string): boolean => [...tables.values()].some(({ indexes }) => indexes.has(name));
  const name = given ?? freeName(`${`${table.name}_${columns.join('_')}`.replaceAll(/\W/g, '')}_idx`, isTaken);
  if (!isTaken(name)) table.indexes.set(name, { name, columns, isCustom: isCustomStatement || className.toLowerCase() !== BUILT_IN_CLASS });
}

/** As a node names an index that was given no name: Indexes.getAvailableIndexName. */
function freeName(base: string, isTaken: (name: string) => boolean): string {
  let name = base;
  for (let i = 0; isTaken(name); i++) name = `${base}_${i}`;
  return name;
}

/** Behind DROP INDEX. */
export function dropIndex(script: CqlScript): void {
  const { reader } = script;
  reader.accept('if', 'exists');
  const name = reader.qualifiedName('an index');
  for (const { indexes } of script.keyspaceOf(name).tables.values()) indexes.delete(name.name);
}

/** The columns that an index is on. */
export function indexTargets(reader: CqlReader): string[] {
  return reader.list(() => {
    const first = reader.name('a column');
    if (!reader.acceptSymbol('(')) return first;
    const column = reader.name('a column');
    reader.expectSymbol(')');
    return column;
  });
}

/** The conditions of a view's WHERE but for `column IS NOT NULL`, which its key columns always have; undefined without others. */
export function viewFilter(tokens: readonly CqlToken[]): string | undefined {
  const conditions: string[][] = [[]];
  for (const { kind, value, text } of tokens) {
    if (kind === 'word' && value === 'where') continue;
    if (kind === 'word' && value === 'and') conditions.push([]);
    else conditions.at(-1)!.push(text);
  }
  const filters = conditions.map((words) => words.join(' ')).filter((condition) => condition !== '' && !/ is not null$/i.test(condition));
  return filters.length === 0 ? undefined : filters.join(' AND ');
}

/** Sorted by name, as an optional part of a table. */
export function sortedByName<Key extends string, One extends IndexMetadata | { readonly name: string }>(key: Key, list: readonly One[]): { readonly [K in Key]?: readonly One[] } {
  return list.length === 0 ? {} : { [key]: list.toSorted((a, b) => (a.name < b.name ? -1 : 1)) } as never;
}
