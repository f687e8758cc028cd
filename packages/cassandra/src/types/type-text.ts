import { quoteIdentifier } from '../model/table-metadata.ts';
import type { CqlType } from './cql-type.ts';

/** A type as CQL writes it; a marshal class without a CQL name in single quotes. */
export function columnTypeText(type: CqlType): string {
  const frozen = (text: string, isFrozen: boolean): string => (isFrozen ? `frozen<${text}>` : text);
  switch (type.kind) {
    case 'list': case 'set': return frozen(`${type.kind}<${columnTypeText(type.element)}>`, type.frozen);
    case 'map': return frozen(`map<${columnTypeText(type.key)}, ${columnTypeText(type.value)}>`, type.frozen);
    case 'tuple': return frozen(`tuple<${type.elements.map(columnTypeText).join(', ')}>`, true);
    case 'vector': return `vector<${columnTypeText(type.element)}, ${type.dimension}>`;
    case 'udt': return frozen(quoteIdentifier(type.name), type.frozen);
    case 'composite': case 'custom': return `'${type.className}'`;
    default: return type.kind;
  }
}
