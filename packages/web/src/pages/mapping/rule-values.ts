// A mapping rule as a form has it, and back. What the form has no field for stays as it was.

import type { WireRule } from '@aeneas/protocol';

export interface ColumnChoice { readonly column: string; readonly name: string; readonly as: string; readonly exclude: boolean }
export interface IndexChoice { readonly from: string; readonly name: string; readonly partitionKey: string; readonly sortKey: string; readonly projection: string; readonly include: string; readonly read: string; readonly write: string }

export const NEW_INDEX: IndexChoice = { from: '', name: '', partitionKey: '', sortKey: '', projection: '', include: '', read: '', write: '' };

/** Empty choices: the rule says nothing of it, so that earlier rules or the defaults hold. Lists are JSON. */
export const NEW_RULE = {
  source: '', datacenter: '', target: '', keyspace: '', table: '', name: '', profile: '', keys: '', partitionKey: '', sortKey: '', ttl: '', ttlName: '', statics: '', onUnrepresentable: '', onEmpty: '',
  capacity: '', read: '', write: '', encryption: '', kmsKey: '', tags: '', columns: '[]', indexes: '[]',
};
export type RuleValues = typeof NEW_RULE;

interface FullRule extends WireRule {
  readonly name?: string;
  readonly profile?: string;
  readonly keys?: string;
  readonly partitionKey?: string;
  readonly sortKey?: string;
  readonly ttl?: string | false;
  readonly statics?: string;
  readonly onUnrepresentable?: string;
  readonly onEmpty?: string;
  readonly capacity?: { readonly mode: string; readonly read?: number; readonly write?: number };
  readonly encryption?: string | { readonly kmsKey: string };
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns?: Readonly<Record<string, { readonly name?: string; readonly as?: string; readonly exclude?: boolean }>>;
  readonly indexes?: readonly FullIndex[];
}
interface FullIndex {
  readonly name?: string;
  readonly from?: string;
  readonly partitionKey?: string;
  readonly sortKey?: string;
  readonly projection?: string | { readonly include: readonly string[] };
  readonly capacity?: { readonly read?: number; readonly write?: number };
}

export function columnsOf({ columns }: RuleValues): ColumnChoice[] {
  return JSON.parse(columns) as ColumnChoice[];
}

export function indexesOf({ indexes }: RuleValues): IndexChoice[] {
  return JSON.parse(indexes) as IndexChoice[];
}

export function valuesOf(wire: WireRule): RuleValues {
  const rule = wire as FullRule;
  const { table: pattern, capacity, encryption, ttl } = rule;
  const dot = pattern.indexOf('.');
  return {
    ...NEW_RULE,
    source: rule.source ?? '', datacenter: rule.datacenter ?? '', target: rule.target ?? '', keyspace: pattern.slice(0, Math.max(0, dot)), table: pattern.slice(dot + 1),
    name: rule.name ?? '', profile: rule.profile ?? '', keys: rule.keys ?? '', partitionKey: rule.partitionKey ?? '', sortKey: rule.sortKey ?? '',
    ttl: ttl === false ? 'none' : ttl === undefined ? '' : 'name', ttlName: typeof ttl === 'string' ? ttl : '', statics: rule.statics ?? '', onUnrepresentable: rule.onUnrepresentable ?? '', onEmpty: rule.onEmpty ?? '',
    capacity: capacity?.mode ?? '', read: text(capacity?.read), write: text(capacity?.write),
    encryption: typeof encryption === 'object' ? 'kms' : encryption ?? '', kmsKey: typeof encryption === 'object' ? encryption.kmsKey : '',
    tags: Object.entries(rule.tags ?? {}).map(([key, value]) => `${key}=${value}`).join('\n'),
    columns: JSON.stringify(Object.entries(rule.columns ?? {}).map(([column, { name = '', as = '', exclude = false }]): ColumnChoice => ({ column, name, as, exclude }))),
    indexes: JSON.stringify((rule.indexes ?? []).map((index): IndexChoice => ({
      from: index.from ?? '', name: index.name ?? '', partitionKey: index.partitionKey ?? '', sortKey: index.sortKey ?? '',
      projection: typeof index.projection === 'object' ? 'include' : index.projection ?? '', include: typeof index.projection === 'object' ? index.projection.include.join(', ') : '',
      read: text(index.capacity?.read), write: text(index.capacity?.write),
    }))),
  };
}

/** @param before the rule that is edited. */
export function ruleOf(values: RuleValues, before?: WireRule): WireRule {
  const { oversize } = (before ?? {}) as { readonly oversize?: unknown };
  const columns = Object.fromEntries(columnsOf(values).flatMap(({ column, name, as, exclude }) => {
    const choice = { ...given('name', name), ...given('as', as), ...(exclude ? { exclude } : {}) };
    return Object.keys(choice).length === 0 ? [] : [[column, choice]];
  }));
  const indexes = indexesOf(values).map(indexOf);
  const tags = tagsOf(values.tags);
  return {
    ...given('source', values.source), ...given('datacenter', values.datacenter), table: `${values.keyspace.trim()}.${values.table.trim()}`, ...given('target', values.target),
    ...given('name', values.name), ...given('profile', values.profile), ...given('keys', values.keys), ...given('partitionKey', values.partitionKey), ...given('sortKey', values.sortKey),
    ...(values.ttl === 'none' ? { ttl: false } : values.ttl === 'name' ? { ttl: values.ttlName.trim() } : {}), ...given('statics', values.statics), ...given('onUnrepresentable', values.onUnrepresentable), ...given('onEmpty', values.onEmpty),
    ...(oversize === undefined ? {} : { oversize }),
    ...(values.capacity === '' ? {} : { capacity: { mode: values.capacity, ...units('read', values.read), ...units('write', values.write) } }),
    ...(values.encryption === '' ? {} : { encryption: values.encryption === 'kms' ? { kmsKey: values.kmsKey.trim() } : values.encryption }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }), ...(indexes.length === 0 ? {} : { indexes }), ...(Object.keys(columns).length === 0 ? {} : { columns }),
  };
}

function indexOf({ projection, include, read, write, ...names }: IndexChoice): object {
  const capacity = { ...units('read', read), ...units('write', write) };
  return {
    ...given('name', names.name), ...given('from', names.from), ...given('partitionKey', names.partitionKey), ...given('sortKey', names.sortKey),
    ...(projection === '' ? {} : { projection: projection === 'include' ? { include: include.split(',').map((one) => one.trim()).filter((one) => one !== '') } : projection }),
    ...(Object.keys(capacity).length === 0 ? {} : { capacity }),
  };
}

/** Lines of key=value. */
function tagsOf(lines: string): Record<string, string> {
  return Object.fromEntries(lines.split('\n').filter((line) => line.trim() !== '').map((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  }));
}

function given(key: string, value: string): object {
  return value.trim() === '' ? {} : { [key]: value.trim() };
}

/** What is no number is sent as it is: the server says what it should be. */
function units(key: string, value: string): object {
  if (value.trim() === '') return {};
  return { [key]: /^\d+$/.test(value.trim()) ? Number(value) : value.trim() };
}

function text(number: number | undefined): string {
  return number === undefined ? '' : String(number);
}

/** What a rule says beside its tables, in few words. */
export function choicesText(wire: WireRule): string {
  const { name, profile, keys, partitionKey, sortKey, ttl, statics, onUnrepresentable, onEmpty, capacity, encryption, tags, indexes, columns } = wire as FullRule;
  const number = (things: object | undefined, one: string, many: string): string[] => {
    const length = Object.keys(things ?? {}).length;
    return length === 0 ? [] : [`${length} ${length === 1 ? one : many}`];
  };
  const said = [
    ...(name === undefined ? [] : [`table "${name}"`]), ...(profile === undefined ? [] : [`profile ${profile}`]), ...(keys === undefined ? [] : [`keys ${keys}`]),
    ...(partitionKey === undefined && sortKey === undefined ? [] : [`key names ${[partitionKey, sortKey].filter((one) => one !== undefined).join(', ')}`]),
    ...(ttl === undefined ? [] : [ttl === false ? 'no TTL' : `TTL in "${ttl}"`]), ...(statics === undefined ? [] : [`statics: ${statics}`]), ...(onUnrepresentable === undefined ? [] : [`onUnrepresentable: ${onUnrepresentable}`]), ...(onEmpty === undefined ? [] : [`onEmpty: ${onEmpty}`]),
    ...(capacity === undefined ? [] : [capacity.mode]), ...(encryption === undefined ? [] : ['encryption']), ...number(tags, 'tag', 'tags'), ...number(indexes, 'index', 'indexes'), ...number(columns, 'column', 'columns'),
  ];
  return said.length === 0 ? 'the defaults' : said.join(', ');
}
