// ALTER TABLE and ALTER TYPE.
//
//   table := ALTER TABLE [IF EXISTS] name
//            ( ADD [IF NOT EXISTS] columns | DROP [IF EXISTS] names [USING TIMESTAMP micros] | DROP COMPACT STORAGE
//            | RENAME [IF EXISTS] renames | ALTER name TYPE type | ALTER name (MASKED WITH ... | DROP MASKED) | WITH options )
//   type  := ALTER TYPE [IF EXISTS] name ( ADD [IF NOT EXISTS] name type | RENAME [IF EXISTS] renames | ALTER name TYPE type )
//   renames := name TO name (AND name TO name)*

import { tableOptions } from './cql-create.ts';
import type { CqlReader } from './cql-reader.ts';
import type { CqlColumn, CqlKeyspace, CqlTable } from './cql-schema.ts';
import type { CqlScript } from './cql-script.ts';

/** Behind ALTER TABLE [IF EXISTS]. */
export function alterTable(script: CqlScript, ifExists: boolean): void {
  const { reader } = script;
  const name = reader.qualifiedName('a table');
  const keyspace = script.keyspaceOf(name);
  const table = keyspace.tables.get(name.name);
  if (table === undefined) {
    // Options of a table that the text does not create (those of system keyspaces, often) say nothing about any other.
    if (ifExists || reader.sees('with')) return reader.skipStatement();
    return reader.fail(`there is no table ${name.name} at this point`, name.offset);
  }
  if (reader.sees('with')) table.defaultTtlSeconds = tableOptions(reader).defaultTtlSeconds ?? table.defaultTtlSeconds;
  else if (reader.accept('add')) addColumns(reader, keyspace, table);
  else if (reader.accept('drop', 'compact', 'storage')) table.flags = { ...table.flags, isDense: false, isCompound: true, isSuper: false };
  else if (reader.accept('drop')) dropColumns(reader, keyspace, table);
  else if (reader.accept('rename')) renameColumns(reader, keyspace, table);
  else if (reader.accept('alter')) alterColumn(reader, keyspace, table);
  else reader.fail(`ALTER TABLE ... ${reader.peek().text} is not known`);
}

function viewsOf(keyspace: CqlKeyspace, table: CqlTable): CqlTable[] {
  return [...keyspace.tables.values()].filter((view) => view.view?.base === table.name);
}

function addColumns(reader: CqlReader, keyspace: CqlKeyspace, table: CqlTable): void {
  const ifNotExists = reader.accept('if', 'not', 'exists');
  const isStaticCompact = !table.flags.isDense && !table.flags.isCompound;
  const add = (): void => {
    const { offset } = reader.peek();
    const name = reader.name('a column');
    const type = reader.type();
    const kind = reader.accept('static') || isStaticCompact ? 'static' : 'regular';
    reader.passMask();
    if (table.columns.has(name)) {
      if (!ifNotExists) reader.fail(`a second column ${name}`, offset);
      return;
    }
    const column: CqlColumn = { name, kind, type, position: -1, reversed: false };
    table.columns.set(name, column);
    if (kind === 'static') return;
    for (const view of viewsOf(keyspace, table)) {
      if (view.view?.includesAll === true) view.columns.set(name, column);
    }
  };
  listOrBracketed(reader, add);
}

/** `a, b` or `(a, b)`. */
function listOrBracketed(reader: CqlReader, item: () => void): void {
  const isBracketed = reader.acceptSymbol('(');
  reader.list(item);
  if (isBracketed) reader.expectSymbol(')');
}

function dropColumns(reader: CqlReader, keyspace: CqlKeyspace, table: CqlTable): void {
  const ifExists = reader.accept('if', 'exists');
  const columns: CqlColumn[] = [];
  const drop = (): void => {
    const { offset } = reader.peek();
    const name = reader.name('a column');
    const column = table.columns.get(name);
    if (column !== undefined && column.position < 0) columns.push(column);
    else if (column !== undefined) reader.fail(`${name} is a key column and cannot be dropped`, offset);
    else if (!ifExists) reader.fail(`there is no column ${name} to drop`, offset);
  };
  listOrBracketed(reader, drop);
  const timeMicros = reader.accept('using', 'timestamp') ? dropTime(reader) : undefined;
  for (const column of columns) {
    table.columns.delete(column.name);
    table.drops.set(column.name, { column, types: keyspace.types, timeMicros });
  }
}

/** The schema tables keep milliseconds, so a node forgets the rest of the time that it was told. */
function dropTime(reader: CqlReader): bigint {
  const { offset } = reader.peek();
  const isNegative = reader.acceptSymbol('-');
  const { kind, value } = reader.next();
  if (kind !== 'number' || !/^[0-9]{1,19}$/.test(value)) reader.fail('TIMESTAMP is not a number of microseconds', offset);
  return (BigInt(isNegative ? `-${value}` : value) / 1000n) * 1000n;
}

function renameColumns(reader: CqlReader, keyspace: CqlKeyspace, table: CqlTable): void {
  for (const [from, to] of renames(reader, (name) => table.columns.has(name))) {
    for (const renamed of [table, ...viewsOf(keyspace, table)]) {
      const column = renamed.columns.get(from);
      if (column === undefined) continue;
      renamed.columns.delete(from);
      renamed.columns.set(to, { ...column, name: to });
    }
    for (const [name, index] of table.indexes) table.indexes.set(name, { ...index, columns: index.columns.map((column) => (column === from ? to : column)) });
  }
}

/** The renames that apply. All are of the state before the statement: `a TO b AND b TO c` is refused, as there are two b in between. */
function renames(reader: CqlReader, exists: (name: string) => boolean): [from: string, to: string][] {
  const ifExists = reader.accept('if', 'exists');
  const found: [string, string][] = [];
  do {
    const { offset } = reader.peek();
    const from = reader.name('a name');
    reader.expect('to');
    const to = reader.name('a name');
    if (!exists(from)) {
      if (!ifExists) reader.fail(`there is no ${from} to rename`, offset);
    } else if (exists(to) || found.some((rename) => rename.includes(to))) reader.fail(`${to} is there already`, offset);
    else found.push([from, to]);
  } while (reader.accept('and'));
  return found;
}

/** ALTER ... TYPE was refused from 3.0.11 and 3.10 on; before, it changed the type of what is stored. Masks change nothing. */
function alterColumn(reader: CqlReader, keyspace: CqlKeyspace, table: CqlTable): void {
  const ifExists = reader.accept('if', 'exists');
  const { offset } = reader.peek();
  const name = reader.name('a column');
  if (!table.columns.has(name) && !ifExists) reader.fail(`there is no column ${name} to alter`, offset);
  if (reader.accept('drop', 'masked')) return;
  if (reader.passMask()) return;
  reader.expect('type');
  const type = reader.type();
  for (const altered of [table, ...viewsOf(keyspace, table)]) {
    const before = altered.columns.get(name);
    if (before !== undefined) altered.columns.set(name, { ...before, type });
  }
}

/** Behind ALTER TYPE [IF EXISTS]. */
export function alterType(script: CqlScript, ifExists: boolean): void {
  const { reader } = script;
  const name = reader.qualifiedName('a type');
  const keyspace = script.keyspaceOf(name);
  const definition = keyspace.types.get(name.name);
  if (definition === undefined) {
    if (ifExists) return reader.skipStatement();
    return reader.fail(`there is no type ${name.name} at this point`, name.offset);
  }
  let fields = [...definition.fields];
  const indexOf = (field: string): number => fields.findIndex((one) => one.name === field);
  if (reader.accept('add')) {
    const ifNotExists = reader.accept('if', 'not', 'exists');
    reader.list(() => {
      const { offset } = reader.peek();
      const field = { name: reader.name('a field'), type: reader.type().text };
      if (indexOf(field.name) === -1) fields.push(field);
      else if (!ifNotExists) reader.fail(`a second field ${field.name}`, offset);
    });
  } else if (reader.accept('rename')) {
    const changes = new Map(renames(reader, (field) => indexOf(field) !== -1));
    fields = fields.map((field) => ({ ...field, name: changes.get(field.name) ?? field.name }));
  } else if (reader.accept('alter')) {
    const { offset } = reader.peek();
    const index = indexOf(reader.name('a field'));
    if (index === -1) reader.fail('there is no such field to alter', offset);
    reader.expect('type');
    fields[index] = { ...fields[index], type: reader.type().text };
  } else reader.fail(`ALTER TYPE ... ${reader.peek().text} is not known`);
  keyspace.types = new Map(keyspace.types).set(name.name, { fields });
}
