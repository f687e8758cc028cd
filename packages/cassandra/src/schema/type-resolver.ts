// Types of one keyspace from their CQL text, user types resolved in the order of their dependencies.

import { CodedError, cassandraError } from '../errors.ts';
import { qualifiedName, quoteIdentifier } from '../model/table-metadata.ts';
import type { CqlType, UdtField, UdtType } from '../types/cql-type.ts';
import { parseCqlType } from '../types/parse-cql-type.ts';

/** A user type before its fields' types are understood. */
export interface UserTypeText {
  readonly fields: readonly { readonly name: string; readonly type: string }[];
}

/** The user types of a keyspace by name. */
export type UserTypes = ReadonlyMap<string, UserTypeText>;

/** Understands a type's text; `what` says whose type it is, for the error. Throws SCHEMA_INVALID. */
export type TypeResolver = (text: string, what: string) => CqlType;

// Types nest a few levels in life; the limit keeps a hostile schema from exhausting the stack.
const MAX_TYPE_DEPTH = 100;

/** A resolver over the user types of one keyspace: Cassandra has no types across keyspaces. */
export function typeResolver(keyspace: string, types: UserTypes): TypeResolver {
  const resolved = new Map<string, UdtType>();
  const inProgress = new Set<string>();

  const parse: TypeResolver = (text, what) => {
    try {
      return parseCqlType(text, userType);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      throw new CodedError(error.code, error.remedy, `${what}: ${error.message}`, {}, error);
    }
  };

  function userType(name: string, ofKeyspace?: string): UdtType | undefined {
    const definition = types.get(name);
    if (definition === undefined || (ofKeyspace !== undefined && ofKeyspace !== keyspace)) return undefined;
    const done = resolved.get(name);
    if (done !== undefined) return done;
    const qualified = qualifiedName({ keyspace, name });
    if (inProgress.has(name)) throw cassandraError('SCHEMA_INVALID', `Type ${qualified} contains itself`);
    if (inProgress.size === MAX_TYPE_DEPTH) throw cassandraError('SCHEMA_INVALID', `User types are nested deeper than ${MAX_TYPE_DEPTH}`);
    inProgress.add(name);
    const fields = definition.fields.map((field): UdtField => ({ name: field.name, type: parse(field.type, `field ${quoteIdentifier(field.name)} of type ${qualified}`) }));
    inProgress.delete(name);
    const type: UdtType = { kind: 'udt', keyspace, name, fields, frozen: false };
    resolved.set(name, type);
    return type;
  }

  return parse;
}
