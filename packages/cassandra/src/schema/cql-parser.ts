// CQL DDL -> schema: the output of DESCRIBE SCHEMA, the schema.cql of a snapshot, or migration scripts in the order in which they
// ran. Statements that say nothing about tables are passed over; a DDL statement that is not understood is an error, never a guess.
//
//   script    := (statement ';' | cqlsh command '\n')*
//   statement := CREATE/ALTER/DROP of KEYSPACE, TABLE, TYPE, MATERIALIZED VIEW, INDEX (read) | USE (read) | anything else known (passed over)

import { createTable, createView } from './cql-create.ts';
import { alterTable, alterType } from './cql-alter.ts';
import { createIndex, dropIndex } from './cql-index.ts';
import type { CqlReader } from './cql-reader.ts';
import type { CqlSchema } from './cql-schema.ts';
import { CqlScript } from './cql-script.ts';

// Words behind CREATE, ALTER and DROP whose statements change no table's columns.
const PASSED_OVER = new Set(['search', 'function', 'aggregate', 'trigger', 'role', 'user', 'identity', 'or', 'service_level']);
const OTHER_STATEMENTS = new Set(['insert', 'update', 'delete', 'select', 'truncate', 'begin', 'apply', 'commit']);
// Their operands may be the words CREATE, ALTER and DROP.
const PERMISSION_STATEMENTS = new Set(['grant', 'revoke', 'list', 'add', 'attach', 'detach']);
const CQLSH_COMMANDS = new Set(['capture', 'clear', 'cls', 'consistency', 'copy', 'debug', 'desc', 'describe', 'elapsed', 'exit', 'expand', 'help', 'history', 'login', 'paging', 'quit', 'serial', 'show', 'source', 'tracing', 'unicode']);

/**
 * Understands CQL DDL text. `keyspace` is taken for names without a keyspace before the first USE. Throws SCHEMA_INVALID with line
 * and column.
 */
export function parseCqlSchema(text: string, keyspace?: string): CqlSchema {
  const script = new CqlScript(text, keyspace);
  const { reader } = script;
  while (reader.peek().kind !== 'end') {
    if (!reader.acceptSymbol(';')) statement(script);
  }
  return script.keyspaces;
}

function statement(script: CqlScript): void {
  const { reader } = script;
  const { kind, value, offset, text } = reader.peek();
  if (kind !== 'word') reader.fail(`a statement cannot begin with ${text}`);
  if (OTHER_STATEMENTS.has(value)) return reader.skipStatement();
  if (PERMISSION_STATEMENTS.has(value)) return reader.skipStatement(true);
  if (CQLSH_COMMANDS.has(value)) return reader.skipLine();
  reader.next();
  if (value === 'use') script.use(reader.name('a keyspace'));
  else if (value === 'create' || value === 'alter' || value === 'drop') {
    if (reader.peek().kind === 'word' && PASSED_OVER.has(reader.peek().value)) return reader.skipStatement();
    if (value === 'create') create(script);
    else if (value === 'alter') alter(script);
    else drop(script);
  } else reader.fail(`the statement ${text} is not known`, offset);
  reader.endOfStatement();
}

function acceptTable(reader: CqlReader): boolean {
  return reader.accept('table') || reader.accept('columnfamily');
}

function acceptKeyspace(reader: CqlReader): boolean {
  return reader.accept('keyspace') || reader.accept('schema');
}

function create(script: CqlScript): void {
  const { reader } = script;
  if (acceptTable(reader)) createTable(script, reader.accept('if', 'not', 'exists'));
  else if (reader.accept('materialized', 'view')) createView(script, reader.accept('if', 'not', 'exists'));
  else if (reader.accept('index')) createIndex(script, false);
  else if (reader.accept('custom', 'index')) createIndex(script, true);
  else if (reader.accept('type')) createType(script, reader.accept('if', 'not', 'exists'));
  else if (acceptKeyspace(reader)) {
    reader.accept('if', 'not', 'exists');
    script.keyspace(reader.name('a keyspace'));
    options(reader);
  } else reader.fail(`CREATE ${reader.peek().text} is not known`);
}

function alter(script: CqlScript): void {
  const { reader } = script;
  if (acceptTable(reader)) alterTable(script, reader.accept('if', 'exists'));
  else if (reader.accept('type')) alterType(script, reader.accept('if', 'exists'));
  else if (acceptKeyspace(reader)) {
    reader.accept('if', 'exists');
    reader.name('a keyspace');
    options(reader);
  } else if (reader.accept('materialized', 'view')) {
    reader.accept('if', 'exists');
    reader.qualifiedName('a view');
    options(reader);
  } else reader.fail(`ALTER ${reader.peek().text} is not known`);
}

/** WITH name = value AND ..., none of which matters. */
function options(reader: CqlReader): void {
  if (!reader.accept('with')) return;
  do {
    reader.name('an option');
    reader.expectSymbol('=');
    reader.optionValue();
  } while (reader.accept('and'));
}

function createType(script: CqlScript, ifNotExists: boolean): void {
  const { reader } = script;
  const name = reader.qualifiedName('a type');
  const keyspace = script.keyspaceOf(name);
  reader.expectSymbol('(');
  const fields = reader.list(() => ({ name: reader.name('a field'), type: reader.type().text }));
  reader.expectSymbol(')');
  if (!keyspace.types.has(name.name)) keyspace.types = new Map(keyspace.types).set(name.name, { fields });
  else if (!ifNotExists) reader.fail(`type ${name.name} is there already`, name.offset);
}

function drop(script: CqlScript): void {
  const { reader } = script;
  const isTable = acceptTable(reader);
  if (isTable || reader.accept('materialized', 'view')) {
    const ifExists = reader.accept('if', 'exists');
    const name = reader.qualifiedName('a table');
    if (!script.keyspaceOf(name).tables.delete(name.name) && !ifExists) reader.fail(`there is no ${name.name} to drop`, name.offset);
  } else if (reader.accept('index')) dropIndex(script);
  else if (reader.accept('type')) {
    const ifExists = reader.accept('if', 'exists');
    const name = reader.qualifiedName('a type');
    const keyspace = script.keyspaceOf(name);
    const types = new Map(keyspace.types);
    if (!types.delete(name.name) && !ifExists) reader.fail(`there is no type ${name.name} to drop`, name.offset);
    keyspace.types = types;
  } else if (acceptKeyspace(reader)) {
    const ifExists = reader.accept('if', 'exists');
    const { offset } = reader.peek();
    const name = reader.name('a keyspace');
    if (!script.keyspaces.delete(name) && !ifExists) reader.fail(`there is no keyspace ${name} to drop`, offset);
  } else reader.fail(`DROP ${reader.peek().text} is not known`);
}
