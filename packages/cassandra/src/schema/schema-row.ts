// A row of a schema table, whose columns are checked as they are asked for: SSTables can be damaged, or of a node that lost some.

import { cassandraError } from '../errors.ts';
import type { CodedError } from '../errors.ts';

/** A live row by column name, values in the neutral encoding: text and uuid as string, numbers as decimal strings, lists and sets as arrays. */
export type NeutralRow = Readonly<Record<string, unknown>>;

/** A row of a schema table, its values checked as they are taken. */
export class SchemaRow {
  readonly table: string;
  readonly #keyspace: string;
  readonly #row: NeutralRow;

  constructor(keyspace: string, table: string, row: NeutralRow) {
    this.#keyspace = keyspace;
    this.table = table;
    this.#row = row;
  }

  has(column: string): boolean {
    return this.#row[column] !== undefined && this.#row[column] !== null;
  }

  text(column: string): string {
    const value = this.#row[column];
    if (typeof value !== 'string') throw this.invalid(`no ${column}`);
    return value;
  }

  texts(column: string): string[] {
    const value = this.#row[column];
    if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw this.invalid(`no ${column}`);
    return value;
  }

  integer(column: string): bigint {
    const value = this.#row[column];
    if (typeof value !== 'string' || !/^-?[0-9]{1,19}$/.test(value)) throw this.invalid(`no ${column}`);
    return BigInt(value);
  }

  flag(column: string): boolean | undefined {
    const value = this.#row[column];
    return typeof value === 'boolean' ? value : undefined;
  }

  /** A map of text to integers; of no pairs where there is none. */
  pairs(column: string): [string, string][] {
    if (!this.has(column)) return [];
    const value = this.#row[column];
    if (!Array.isArray(value) || !value.every((pair) => typeof pair[0] === 'string' && /^-?[0-9]{1,19}$/.test(pair[1]))) throw this.invalid(`no ${column}`);
    return value;
  }

  /** A value of a frozen map of text to text; undefined where it has none of that key. */
  option(column: string, key: string): string | undefined {
    const value = this.#row[column];
    if (!Array.isArray(value)) return undefined;
    const pair: unknown = value.find((one) => Array.isArray(one) && one[0] === key);
    return Array.isArray(pair) && typeof pair[1] === 'string' ? pair[1] : undefined;
  }

  invalid(what: string): CodedError {
    const key = Object.entries(this.#row).filter(([column, value]) => column.endsWith('_name') && typeof value === 'string').map(([, value]) => value);
    return cassandraError('SCHEMA_INVALID', `${this.#keyspace}.${this.table} has ${what} for ${key.join(', ')}`);
  }
}
