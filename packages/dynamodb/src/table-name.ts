// Names of target tables: a template, and an escape for what DynamoDB does not allow in a name.

import { qualifiedName } from '@aeneas/cassandra';
import type { TableMetadata } from '@aeneas/cassandra';
import { dynamodbError } from './errors.ts';

const MAX_KEY_ATTRIBUTE_BYTES = 255;
export const DEFAULT_TABLE_NAME = '{keyspace}.{table}';
const MIN_TABLE_NAME = 3;
const MAX_TABLE_NAME = 255;

/** The target name of a table: placeholders filled in, bytes outside A-Z a-z 0-9 _ . - as `-xHH`. Throws MAPPING_NAME_INVALID. */
export function targetTableName(table: { readonly keyspace: string; readonly name: string }, template: string = DEFAULT_TABLE_NAME): string {
  const unknown = /\{(?!(?:keyspace|table)\})[^}]*\}?/.exec(template);
  if (unknown) {
    throw dynamodbError('MAPPING_NAME_INVALID', `The name template "${template}" has ${unknown[0]}; known are {keyspace} and {table}`);
  }
  const filled = template.replaceAll(/\{(keyspace|table)\}/g, (_, part) => (part === 'keyspace' ? table.keyspace : table.name));
  const name = escapeTableName(filled);
  if (name.length < MIN_TABLE_NAME || name.length > MAX_TABLE_NAME) {
    throw dynamodbError('MAPPING_NAME_INVALID', `The target table name "${name}" of ${qualifiedName(table)} has ${name.length} characters, not 3 to 255`);
  }
  return name;
}

function escapeTableName(name: string): string {
  let escaped = '';
  for (const byte of new TextEncoder().encode(name)) {
    const character = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9_.-]/.test(character) ? character : `-x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

/** Throws MAPPING_NAME_INVALID for a key attribute's name that DynamoDB does not take. */
export function checkKeyName(name: string, table: TableMetadata): void {
  if (Buffer.byteLength(name) <= MAX_KEY_ATTRIBUTE_BYTES) return;
  throw dynamodbError('MAPPING_NAME_INVALID', `The key attribute "${name.slice(0, 40)}…" of ${qualifiedName(table)} has ${Buffer.byteLength(name)} bytes, not up to ${MAX_KEY_ATTRIBUTE_BYTES}`);
}
