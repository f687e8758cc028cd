// CQL type names as the tests' own tree. Nothing in this folder imports from packages/: it is the other opinion.

export type Type =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'list' | 'set'; readonly element: Type; readonly frozen: boolean }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type; readonly frozen: boolean }
  | { readonly kind: 'vector'; readonly element: Type }
  | { readonly kind: 'tuple'; readonly fields: readonly Type[] }
  | { readonly kind: 'udt'; readonly names: readonly string[]; readonly fields: readonly Type[] };

/** Field names and types of the user types of one keyspace, in order. */
export type UserTypes = ReadonlyMap<string, readonly (readonly [name: string, type: string])[]>;

/** Parses `map<text, frozen<list<int>>>`. What is inside something frozen is frozen. */
export function parseType(text: string, userTypes: UserTypes, insideFrozen = false): Type {
  const open = text.indexOf('<');
  const name = unquote((open === -1 ? text : text.slice(0, open)).trim());
  const inner = open === -1 ? [] : splitTop(text.slice(open + 1, text.lastIndexOf('>')));
  if (name === 'frozen') return parseType(inner[0]!, userTypes, true);
  const parse = (part: string): Type => parseType(part, userTypes, insideFrozen);
  if (name === 'list' || name === 'set') return { kind: name, element: parse(inner[0]!), frozen: insideFrozen };
  if (name === 'map') return { kind: 'map', key: parse(inner[0]!), value: parse(inner[1]!), frozen: insideFrozen };
  if (name === 'vector') return { kind: 'vector', element: parseType(inner[0]!, userTypes, true) };
  if (name === 'tuple') return { kind: 'tuple', fields: inner.map((part) => parseType(part, userTypes, true)) };
  const user = userTypes.get(name);
  if (user !== undefined) return { kind: 'udt', names: user.map(([field]) => field), fields: user.map(([, type]) => parse(type)) };
  return { kind: 'scalar', name: name === 'varchar' ? 'text' : name };
}

/** The user types of a keyspace after all statements of a schema script. Refused statements are comments there. */
export function userTypesOf(script: string, keyspace: string): UserTypes {
  const types = new Map<string, [string, string][]>();
  for (const statement of script.split('\n').filter((line) => !line.startsWith('--')).join('\n').split(';')) {
    const match = /^\s*(CREATE|ALTER)\s+TYPE\s+(?:IF NOT EXISTS\s+)?("[^"]+"|\w+)\.("[^"]+"|\w+)\s*([\s\S]*)$/i.exec(statement);
    if (match === null || unquote(match[2]!) !== keyspace) continue;
    const name = unquote(match[3]!);
    const rest = match[4]!.trim();
    if (match[1]!.toUpperCase() === 'CREATE') types.set(name, splitTop(rest.slice(1, rest.lastIndexOf(')'))).map(fieldOf));
    else alter(types.get(name)!, rest);
  }
  return types;
}

function alter(fields: [string, string][], change: string): void {
  const add = /^ADD\s+([\s\S]+)$/i.exec(change);
  if (add !== null) {
    fields.push(fieldOf(add[1]!));
    return;
  }
  const rename = /^RENAME\s+([\s\S]+)$/i.exec(change);
  if (rename === null) throw new Error(`not a known ALTER TYPE: ${change}`);
  for (const part of rename[1]!.split(/\s+AND\s+/i)) {
    const [from, to] = part.split(/\s+TO\s+/i).map((side) => unquote(side.trim()));
    fields.find((field) => field[0] === from)![0] = to!;
  }
}

function fieldOf(text: string): [string, string] {
  const match = /^("(?:[^"])+"|\w+)\s+([\s\S]+)$/.exec(text.trim())!;
  return [unquote(match[1]!), match[2]!.trim()];
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1) : name;
}

/** Splits at the commas that are inside no brackets. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '<' || text[i] === '(') depth++;
    else if (text[i] === '>' || text[i] === ')') depth--;
    else if (text[i] === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}
