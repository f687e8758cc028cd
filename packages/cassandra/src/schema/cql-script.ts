import { CqlReader } from './cql-reader.ts';
import type { CqlName } from './cql-reader.ts';
import type { CqlKeyspace, CqlTable } from './cql-schema.ts';

/** The state that statements read and change. */
export class CqlScript {
  readonly reader: CqlReader;
  readonly keyspaces = new Map<string, CqlKeyspace>();
  #current: string | undefined;

  constructor(text: string, keyspace: string | undefined) {
    this.reader = new CqlReader(text);
    this.#current = keyspace;
  }

  use(keyspace: string): void {
    this.#current = keyspace;
  }

  /** The keyspace of a name. Made when missing: DESCRIBE TABLE prints no CREATE KEYSPACE. */
  keyspaceOf(name: CqlName): CqlKeyspace {
    const keyspace = name.keyspace ?? this.#current;
    if (keyspace === undefined) this.reader.fail(`${name.name} names no keyspace, and there is no USE before it`, name.offset);
    return this.keyspace(keyspace);
  }

  keyspace(name: string): CqlKeyspace {
    let keyspace = this.keyspaces.get(name);
    if (keyspace === undefined) {
      keyspace = { name, types: new Map(), tables: new Map() };
      this.keyspaces.set(name, keyspace);
    }
    return keyspace;
  }

  /** The table of that name, which must be there. */
  table(name: CqlName): CqlTable {
    return this.keyspaceOf(name).tables.get(name.name) ?? this.reader.fail(`there is no table ${name.name} at this point`, name.offset);
  }
}
